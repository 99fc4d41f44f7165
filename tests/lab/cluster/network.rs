//! The pod network: on each machine a point-to-point link for every pod with an address of the node's podCIDR, and a route to each other
//! machine's podCIDR. (Not a bridge: two pods on one bridge would answer each other behind the service rules' back unless the kernel has
//! br_netfilter, and kernels of small virtual machines have no modules.)

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::interrupt::wait_for;
use crate::machine::Machine;

/// The API's address among the services, the first of the default range.
pub(crate) const SERVICE: &str = "10.96.0.1";

/// Gives every machine its pod network.
pub(crate) fn apply_all(machines: &[Machine]) -> Result<()> {
    let names: Vec<&str> = machines.iter().map(|machine| machine.name.as_str()).collect();
    apply(machines, &names)
}

/// Gives the machines of these names their pod network, once the cluster has given them their ranges, and routes to each other.
pub(crate) fn apply(machines: &[Machine], names: &[&str]) -> Result<()> {
    let asked = machines.iter().find(|machine| machine.name == "cp1").context("the lab has no cp1")?;
    let ranges = wait_for("the nodes' podCIDRs", Duration::from_secs(60), || {
        let ranges = ranges(asked)?;
        Ok(names.iter().all(|name| ranges.contains_key(*name)).then_some(ranges))
    })?;
    let service = asked.check(["kubectl", "get", "service", "kubernetes", "-o", "jsonpath={.spec.clusterIP}"])?;
    let members = || machines.iter().filter(|machine| names.contains(&machine.name.as_str()));
    for machine in members() {
        let own = ranges.get(&machine.name).context("a range went away")?;
        for other in members().filter(|other| other.name != machine.name) {
            let range = ranges.get(&other.name).context("a range went away")?;
            machine.check(["ip", "route", "replace", range, "via", &other.address])?;
        }
        machine.check_in_lab(["ip", "route", "replace", own, "via", &machine.address])?;
        // CoreDNS starts as soon as there is a network; one that starts before the service rules hangs on its first connection for half a minute.
        wait_for(&format!("the API's service on {}", machine.name), Duration::from_secs(60), || {
            let asked = machine.run(["curl", "-skfm", "2", &format!("https://{}/version", service.trim())])?;
            Ok(asked.status.success().then_some(()))
        })?;
        machine.push("/etc/cni/net.d/10-lab.conflist", conflist(own).to_string().as_bytes(), 0o644)?;
    }
    Ok(())
}

fn conflist(range: &str) -> Value {
    json!({
        "cniVersion": "1.0.0",
        "name": "lab",
        "plugins": [
            {
                "type": "ptp",
                "ipMasq": false,
                "ipam": { "type": "host-local", "ranges": [[{ "subnet": range }]], "routes": [{ "dst": "0.0.0.0/0" }] },
            },
            { "type": "portmap", "capabilities": { "portMappings": true } },
        ],
    })
}

fn ranges(machine: &Machine) -> Result<BTreeMap<String, String>> {
    let path = "jsonpath={range .items[*]}{.metadata.name} {.spec.podCIDR}{\"\\n\"}{end}";
    let text = machine.check(["kubectl", "get", "nodes", "-o", path])?;
    let pairs = text.lines().filter_map(|line| line.split_once(' ')).filter(|pair| !pair.1.is_empty());
    Ok(pairs.map(|(name, range)| (name.to_owned(), range.to_owned())).collect())
}
