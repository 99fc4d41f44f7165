//! The network of a lab: a bridge in a network namespace of its own. The host's addresses, routes and firewall are neither used nor changed,
//! every lab can have the same addresses, and removing the namespace removes the bridge.

use std::path::Path;

use anyhow::Result;

use crate::command::{check, command, run};

/// The bridge's name, inside the namespace.
pub(crate) const BRIDGE: &str = "lab0";
/// The bridge's address: the machines' default route, and the name server that answers nothing, at once.
pub(crate) const GATEWAY: &str = "10.77.0.1";

/// Makes the namespace and its bridge, unless they are there.
pub(crate) fn create(namespace: &str) -> Result<()> {
    if Path::new("/run/netns").join(namespace).exists() {
        return Ok(());
    }
    check(&mut command("ip", &["netns", "add", namespace]))?;
    let address = format!("{GATEWAY}/24");
    for words in [
        ["link", "set", "lo", "up"].as_slice(),
        &["link", "add", BRIDGE, "type", "bridge"],
        &["addr", "add", &address, "dev", BRIDGE],
        &["link", "set", BRIDGE, "up"],
    ] {
        check(command("ip", &["-n", namespace]).args(words))?;
    }
    // What leads out of the lab is refused at once: a router without a route says so, and clients need no timeout to notice.
    for setting in ["net/ipv4/ip_forward=1", "net/ipv4/icmp_ratelimit=0"] {
        let (path, value) = setting.split_once('=').unwrap_or((setting, ""));
        let write = format!("echo {value} > /proc/sys/{path}");
        check(&mut command("ip", &["netns", "exec", namespace, "sh", "-c", &write]))?;
    }
    Ok(())
}

/// Removes the link with this index, unless it went by itself.
pub(crate) fn unlink(namespace: &str, index: &str) -> Result<()> {
    let links = check(&mut command("ip", &["-n", namespace, "-oneline", "link"]))?;
    let found = links.lines().find_map(|line| line.strip_prefix(&format!("{index}: ")));
    if let Some(name) = found.and_then(|rest| rest.split(['@', ':']).next()) {
        let gone = run(&mut command("ip", &["-n", namespace, "link", "delete", name]))?;
        anyhow::ensure!(gone.status.success() || gone.both().contains("Cannot find"), "{}", gone.both());
    }
    Ok(())
}

/// Removes the namespace.
pub(crate) fn remove(namespace: &str) -> Result<()> {
    if Path::new("/run/netns").join(namespace).exists() {
        check(&mut command("ip", &["netns", "delete", namespace]))?;
    }
    Ok(())
}
