//! Firewalls, ports and forwarding.

use std::net::IpAddr;

use camino::Utf8Path;

use super::{Finding, path_name};
use crate::failure::PROGRAM;
use crate::host::facts::{Facts, Found};
use crate::host::ports::Listener;

/// The kubelet's port.
pub const KUBELET: u16 = 10250;
/// The scheduler's port.
pub const SCHEDULER: u16 = 10259;
/// The controller manager's port.
pub const CONTROLLER_MANAGER: u16 = 10257;
/// etcd's port for clients.
pub const ETCD_CLIENTS: u16 = 2379;
/// etcd's port for other members.
pub const ETCD_PEERS: u16 = 2380;

pub(super) const FORWARDING_V4: &str = "/proc/sys/net/ipv4/ip_forward";
pub(super) const FORWARDING_V6: &str = "/proc/sys/net/ipv6/conf/default/forwarding";

/// An init system that does not answer is told with the kubelet's service.
pub(super) fn firewalld(facts: &Facts, ports: [u16; 2]) -> Option<Finding> {
    let services = match facts.services.as_ref()? {
        Ok(services) => services,
        Err(why) if facts.init_system.is_none() => return Some(Finding::warning("Firewalld", why.clone())),
        Err(_) => return None,
    };
    services.get("firewalld").filter(|service| service.exists && service.active)?;
    let [api, kubelet] = ports;
    let message = format!(
        "firewalld is active, please ensure ports [{api} {kubelet}] are open or your cluster may not function correctly"
    );
    let remedy =
        format!("firewall-cmd --permanent --add-port={api}/tcp --add-port={kubelet}/tcp && firewall-cmd --reload");
    Some(Finding::warning("Firewalld", message).fix(remedy))
}

/// A port that a component will listen on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Port<'a> {
    pub(super) number: u16,
    /// Where; empty means everywhere.
    pub(super) address: &'a str,
    /// The component's program.
    pub(super) program: &'static str,
    /// Whether an earlier run of ours started that component.
    pub(super) started_by_us: bool,
}

impl Port<'_> {
    pub(super) fn check(self, facts: &Facts) -> Option<Finding> {
        let name = format!("Port-{}", self.number);
        let number = self.number;
        let wanted: Option<IpAddr> = self.address.parse().ok();
        if let Some(address) = wanted.filter(|address| !is_local(facts, *address)) {
            let message = format!("Port {number} cannot be opened on {address}: it is not an address of this machine");
            return Some(Finding::error(&name, message).fix("name an address that 'ip address' lists"));
        }
        let in_the_way = |listener: &&Listener| listener.port == number && listener.excludes(wanted);
        let mut listeners: Vec<&Listener> = facts.listeners.iter().filter(in_the_way).collect();
        listeners.sort_by_key(|listener| listener.process.is_none());
        let Some(process) = &listeners.first()?.process else {
            let remedy = format!("find out who holds it: ss -ltnp 'sport = :{number}'");
            return Some(Finding::error(&name, format!("Port {number} is in use")).fix(remedy));
        };
        if self.started_by_us && process.name == self.program {
            return Some(Finding::ours(
                &name,
                format!("Port {number} is held by {process}, which an earlier run started"),
            ));
        }
        let finding = Finding::error(&name, format!("Port {number} is in use by {process}"));
        Some(if process.name == self.program {
            finding.fix(format!("this machine is or was part of a cluster: `{PROGRAM} reset` undoes that"))
        } else {
            finding.fix(format!("stop it; its command line: {}", process.command))
        })
    }
}

fn is_local(facts: &Facts, address: IpAddr) -> bool {
    let mut known = facts.own.interfaces.iter().flat_map(|interface| &interface.addresses);
    address.is_unspecified() || address.is_loopback() || known.any(|local| *local == address)
}

pub(super) fn forwarding(facts: &Facts, v6: bool) -> Option<Finding> {
    let (path, key) =
        if v6 { (FORWARDING_V6, "net.ipv6.conf.default.forwarding") } else { (FORWARDING_V4, "net.ipv4.ip_forward") };
    let path = Utf8Path::new(path);
    let message = match facts.at(path) {
        Found::File(content) if content.first() == Some(&b'1') => return None,
        Found::File(_) => format!("{path} contents are not set to 1"),
        Found::Unreadable(why) => format!("{path} could not be read: {why}"),
        Found::Nothing | Found::Dir(_) => format!("{path} does not exist"),
    };
    let remedy = format!("sysctl -w {key}=1, and to keep it: echo '{key} = 1' >> /etc/sysctl.d/k8s.conf");
    Some(Finding::error(&path_name("FileContent", path), message).fix(remedy))
}

#[cfg(test)]
mod tests {
    use super::super::Severity;
    use super::*;
    use crate::host::net::Interface;
    use crate::host::ports::Process;

    fn facts(address: &str, program: Option<&str>) -> Facts {
        let process = program.map(|name| Process { pid: 123, name: name.to_owned(), command: format!("{name} -x") });
        let eth0 = Interface { addresses: vec!["192.0.2.2".parse().unwrap()], ..Interface::default() };
        let mut facts = Facts {
            listeners: vec![Listener { address: address.parse().unwrap(), port: 6443, inode: 1, process }],
            ..Facts::default()
        };
        facts.own.interfaces = vec![eth0];
        facts
    }

    fn check(facts: &Facts, address: &str, started_by_us: bool) -> Option<Finding> {
        Port { number: 6443, address, program: "kube-apiserver", started_by_us }.check(facts)
    }

    #[test]
    fn names_the_holder_of_a_port() {
        let nginx = check(&facts("0.0.0.0", Some("nginx")), "", true).unwrap();
        assert_eq!(nginx.message, "Port 6443 is in use by nginx (pid 123)");
        assert_eq!(nginx.remedy.unwrap(), "stop it; its command line: nginx -x");
        let foreign = check(&facts("::", Some("kube-apiserver")), "", false).unwrap();
        assert_eq!((foreign.name.as_str(), foreign.severity), ("Port-6443", Severity::Error));
        let ours = check(&facts("::", Some("kube-apiserver")), "", true).unwrap();
        assert_eq!(ours.severity, Severity::Ours);
        assert_eq!(check(&facts("::", None), "", true).unwrap().message, "Port 6443 is in use");
    }

    #[test]
    fn addresses_matter() {
        assert_eq!(check(&facts("127.0.0.1", Some("nginx")), "192.0.2.2", false), None);
        let elsewhere = check(&facts("127.0.0.1", None), "203.0.113.9", false).unwrap();
        assert!(elsewhere.message.ends_with("not an address of this machine"));
    }

    #[test]
    fn forwarding_has_kubeadms_words() {
        let mut facts = Facts::default();
        let finding = forwarding(&facts, false).unwrap();
        assert_eq!(finding.name, "FileContent--proc-sys-net-ipv4-ip_forward");
        assert_eq!(finding.message, "/proc/sys/net/ipv4/ip_forward does not exist");
        facts.paths.insert(FORWARDING_V4.into(), Found::File(b"0\n".to_vec()));
        assert_eq!(
            forwarding(&facts, false).unwrap().message,
            "/proc/sys/net/ipv4/ip_forward contents are not set to 1"
        );
        facts.paths.insert(FORWARDING_V4.into(), Found::File(b"1\n".to_vec()));
        assert_eq!(forwarding(&facts, false), None);
    }

    #[test]
    fn forwarding_is_kept_beside_what_the_file_says_already() {
        for v6 in [false, true] {
            let remedy = forwarding(&Facts::default(), v6).unwrap().remedy.unwrap();
            let (command, file) = remedy.split_once(" >> ").unwrap();
            assert!(command.contains("echo 'net.ipv") && file == "/etc/sysctl.d/k8s.conf", "{remedy}");
        }
    }
}
