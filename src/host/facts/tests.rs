//! What is seen of a machine.

use super::super::FakeHost;
use super::*;

fn own() -> Own {
    Own { search_path: "/usr/sbin:/usr/bin".to_owned(), ..Own::default() }
}

#[test]
fn gathers_what_is_asked() {
    let host = FakeHost::new()
        .with_file("/proc/self/status", "Name:\tx\nCpus_allowed:\tff,0000000f\nCpus_allowed_list:\t0-3\n")
        .with_file("/proc/meminfo", "MemTotal:       24684092 kB\nMemFree: 1 kB\n")
        .with_file("/proc/swaps", "Filename Type\n/dev/sda2 partition\n")
        .with_file("/proc/sys/kernel/osrelease", "6.1.0-18-amd64\n")
        .with_file("/proc/config.gz", "")
        .with_file("/boot/config-6.1.0-18-amd64", "CONFIG_NET_NS=n\n")
        .with_file("/etc/hosts", "127.0.0.1 localhost # lost\n192.0.2.2 Cp1\n")
        .with_file("/var/lib/etcd/member/wal", "x")
        .with_answer("kubelet --version", 0, "Kubernetes v1.37.2\n")
        .with_answer("zcat /proc/config.gz", 0, "CONFIG_NET_NS=y\n")
        .with_answer("getent ahosts lost", 2, "");
    let ask = Ask {
        paths: vec!["/var/lib/etcd".into(), "/none".into()],
        names: vec!["cp1".to_owned(), "lost".to_owned(), "unasked".to_owned()],
        programs: vec!["mount"],
        ..Ask::default()
    };
    let facts = Facts::gather(&host, own(), &ask).unwrap();
    assert_eq!((facts.cpus, facts.memory_mib, facts.swap), (12, 24105, true));
    assert_eq!(facts.kernel.options.as_ref().unwrap()["CONFIG_NET_NS"], 'y');
    assert_eq!(facts.kubelet.as_ref().unwrap().as_deref(), Ok("Kubernetes v1.37.2"));
    assert_eq!(facts.unresolved.iter().collect::<Vec<_>>(), ["lost"]);
    assert_eq!(*facts.at(Utf8Path::new("/var/lib/etcd")), Found::Dir(vec!["member".to_owned()]));
    assert!(!facts.at(Utf8Path::new("/none")).exists());
    assert!(facts.missing_programs.contains("mount"));
    assert_eq!(facts.init_system, None);
    assert!(host.effects().is_empty());
}

#[test]
fn looks_elsewhere_for_the_kernel_configuration() {
    let host = FakeHost::new()
        .with_file("/proc/sys/kernel/osrelease", "6.1.0\n")
        .with_file("/usr/lib/modules/6.1.0/config", "CONFIG_INET=y\n");
    let facts = Facts::gather(&host, own(), &Ask::default()).unwrap();
    assert!(facts.kernel.options.unwrap().contains_key("CONFIG_INET"));
    assert_eq!(facts.kubelet.unwrap().unwrap_err(), "cannot execute 'kubelet --version': exit status 127");
}
