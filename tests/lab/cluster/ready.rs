//! Ready means: every machine's node is, and every pod that kube-system must have is there and is.

use std::time::Duration;

use anyhow::{Result, bail};
use serde_json::Value;

use crate::interrupt::wait_for;
use crate::lab;
use crate::machine::Machine;

/// Waits until the cluster of these machines is ready; the error names what is not.
pub(crate) fn wait(machines: &[Machine]) -> Result<()> {
    let asked = lab::find(machines, "cp1")?;
    wait_for("a ready cluster", Duration::from_secs(180), || {
        let missing = missing(asked, machines)?;
        if missing.is_empty() {
            return Ok(Some(()));
        }
        bail!("not ready: {}", missing.join(", "))
    })
}

fn missing(asked: &Machine, machines: &[Machine]) -> Result<Vec<String>> {
    let mut missing = Vec::new();
    let text =
        asked.check(["kubectl", "get", "nodes,pods", "-n", "kube-system", "-o", "json", "--request-timeout=10s"])?;
    let list: Value = serde_json::from_str(&text)?;
    let items = list["items"].as_array().cloned().unwrap_or_default();
    let of = |kind: &str| items.iter().filter(|item| item["kind"] == kind).collect::<Vec<_>>();
    let (nodes, pods) = (of("Node"), of("Pod"));
    for machine in machines {
        match nodes.iter().find(|node| node["metadata"]["name"] == *machine.name) {
            Some(node) if ready(node) => {}
            Some(_) => missing.push(format!("node {}", machine.name)),
            None => missing.push(format!("node {} (not registered)", machine.name)),
        }
    }
    let control_planes = machines.iter().filter(|machine| machine.name.starts_with("cp")).count();
    // Four static pods a control plane, a kube-proxy a node, two CoreDNS.
    let expected = 4 * control_planes + machines.len() + 2;
    if pods.len() < expected {
        missing.push(format!("{} of {expected} pods in kube-system", expected - pods.len()));
    }
    missing.extend(
        pods.iter()
            .filter(|pod| !ready(pod))
            .map(|pod| format!("pod {}", pod["metadata"]["name"].as_str().unwrap_or("?"))),
    );
    Ok(missing)
}

/// True when the object's condition `Ready` is.
pub(crate) fn ready(object: &Value) -> bool {
    let conditions = object["status"]["conditions"].as_array();
    conditions.is_some_and(|all| all.iter().any(|one| one["type"] == "Ready" && one["status"] == "True"))
}
