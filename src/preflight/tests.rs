//! The checks as a whole, on a machine that everything is right with until a test changes it.

mod inits;
mod joins;

use time::macros::datetime;

use super::runtime::Answers;
use super::{Finding, Severity};
use crate::config::resolve::Machine;
use crate::cri::Condition;
use crate::host::Volume;
use crate::host::facts::{Facts, Found, Own};
use crate::host::init_system::InitSystem;
use crate::host::kernel::{CgroupVersion, Cgroups, Kernel};
use crate::host::net::Interface;
use crate::host::ports::{Listener, Process};
use crate::host::services::Service;

fn machine() -> Machine {
    Machine {
        hostname: "cp1".to_owned(),
        default_addresses: vec!["192.0.2.2".parse().unwrap()],
        loopback_addresses: Vec::new(),
        cri_sockets: Vec::new(),
        now: datetime!(2026-11-23 14:00 UTC),
    }
}

fn runtime() -> Answers {
    let ready = Condition { r#type: "RuntimeReady".to_owned(), status: true, ..Condition::default() };
    Answers { conditions: Ok(vec![ready]), tells_cgroup_driver: Ok(true), cgroup_driver: None, elsewhere: Vec::new() }
}

/// A machine that everything is right with.
fn good() -> Facts {
    let environment_files = vec!["/var/lib/kubelet/kubeadm-flags.env".to_owned()];
    let kubelet = Service { exists: true, enabled: true, active: false, environment_files };
    let services = [("kubelet".to_owned(), kubelet)];
    let controllers = "cpu cpuset devices freezer memory pids hugetlb io".split(' ').map(str::to_owned).collect();
    let mut facts = Facts {
        own: Own { interfaces: vec![interface()], ..Own::default() },
        cpus: 2,
        memory_mib: 4096,
        kernel: Kernel {
            os: "Linux".to_owned(),
            release: "6.1.0".to_owned(),
            options: Some(super::verification::all()),
        },
        cgroups: Some(Cgroups { version: CgroupVersion::V2, controllers }),
        init_system: Some(InitSystem::Systemd),
        services: Some(Ok(services.into())),
        kubelet: Some(Ok("Kubernetes v1.37.2".to_owned())),
        ..Facts::default()
    };
    put(&mut facts, "/proc/sys/net/ipv4/ip_forward", "1\n");
    let room = Volume { free: 1 << 40, free_files: None, refusal: None };
    for dir in ["/etc/kubernetes", "/etc/kubernetes/pki", "/var/lib/kubelet", "/var/lib/etcd"] {
        facts.volumes.insert(dir.into(), Ok(room.clone()));
    }
    facts
}

fn interface() -> Interface {
    Interface {
        name: "eth0".to_owned(),
        up: true,
        addresses: vec!["192.0.2.2".parse().unwrap()],
        ..Interface::default()
    }
}

fn put(facts: &mut Facts, path: &str, content: &str) {
    facts.paths.insert(path.into(), Found::File(content.as_bytes().to_vec()));
}

fn listen(facts: &mut Facts, port: u16, program: &str) {
    let process = Process { pid: 7, name: program.to_owned(), command: program.to_owned() };
    let listener = Listener { address: "0.0.0.0".parse().unwrap(), port, inode: port.into(), process: Some(process) };
    facts.listeners.push(listener);
}

fn names(findings: &[Finding], severity: Severity) -> Vec<&str> {
    findings.iter().filter(|finding| finding.severity == severity).map(|finding| finding.name.as_str()).collect()
}
