//! The checks of `init`: kubeadm's order, what is left of them on a finished node, and after a foreign cluster.

use camino::Utf8PathBuf;

use super::*;
use crate::config::InitConfig;
use crate::config::resolve::{self, FetchError, InitFlags};
use crate::cri::CriError;
use crate::host::FakeHost;
use crate::preflight::files::Expected;
use crate::preflight::init;
use crate::preflight::proxy::Proxies;
use crate::versions;

struct Offline;

impl resolve::Fetch for Offline {
    async fn fetch(&self, url: &str) -> Result<String, FetchError> {
        Err(FetchError { url: url.to_owned(), reason: "offline".to_owned() })
    }
}

async fn init_config() -> InitConfig {
    let flags = InitFlags {
        kubernetes_version: Some("v1.37.2".to_owned()),
        pod_network_cidr: Some("10.244.0.0/16".to_owned()),
        ..InitFlags::default()
    };
    resolve::init(&flags, &FakeHost::new(), &machine(), &Offline, &mut Vec::new()).await.unwrap()
}

fn expected() -> Vec<Expected> {
    ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "etcd"]
        .map(|name| (init::manifest(name), format!("metadata: {{name: {name}}}\n").into_bytes()))
        .into()
}

/// As `init` leaves a machine.
fn finished() -> Facts {
    let mut facts = good();
    for (path, content) in expected() {
        facts.paths.insert(path, Found::File(content));
    }
    for (port, program) in [
        (6443, "kube-apiserver"),
        (10259, "kube-scheduler"),
        (10257, "kube-controller-manager"),
        (10250, "kubelet"),
        (2379, "etcd"),
        (2380, "etcd"),
    ] {
        listen(&mut facts, port, program);
    }
    put(&mut facts, "/var/lib/kubelet/config.yaml", "");
    put(&mut facts, "/var/lib/kubelet/kubeadm-flags.env", "");
    facts.paths.insert("/var/lib/etcd".into(), Found::Dir(vec!["member".to_owned()]));
    facts
}

async fn init_findings(facts: &Facts, runtime: &Answers, proxy: &str) -> Vec<Finding> {
    let cfg = &init_config().await;
    let input = init::Input {
        cfg,
        expected: &expected(),
        runtime,
        proxies: &Proxies { https: proxy.to_owned(), exceptions: String::new() },
        kubelet: &cfg.components.kubelet.document,
        newest: &versions::OWN,
        external_etcd: &[],
    };
    init::checks(facts, &input).findings
}

#[tokio::test]
async fn a_good_machine_has_no_findings() {
    assert_eq!(init_findings(&good(), &runtime(), "").await, []);
}

/// What kubeadm v1.37.2 printed on a machine with everything wrong.
#[tokio::test]
async fn the_order_is_kubeadms() {
    let mut facts = finished();
    for listener in &mut facts.listeners {
        listener.process = None;
    }
    for path in expected().iter().map(|(path, _)| path) {
        facts.paths.insert(path.clone(), Found::File(b"x".to_vec()));
    }
    facts.init_system = None;
    facts.services = Some(Err("no supported init system detected, skipping checking for services".to_owned()));
    facts.kubelet = Some(Err("cannot execute 'kubelet --version': executable file not found in $PATH".to_owned()));
    facts.missing_programs = ["losetup", "mount", "cp"].map(str::to_owned).into();
    facts.unresolved = ["cp1".to_owned()].into();
    put(&mut facts, "/proc/sys/net/ipv4/ip_forward", "0\n");
    let absent = || CriError::Absent { socket: "unix:///none".to_owned() };
    let runtime = Answers {
        conditions: Err(absent()),
        tells_cgroup_driver: Err(absent()),
        cgroup_driver: None,
        elsewhere: Vec::new(),
    };
    let findings = init_findings(&facts, &runtime, "http://p:1").await;
    assert_eq!(
        names(&findings, Severity::Warning),
        ["Firewalld", "HTTPProxy", "HTTPProxyCIDR", "HTTPProxyCIDR", "Hostname", "Hostname", "Service-kubelet"]
    );
    assert_eq!(
        names(&findings, Severity::Error),
        [
            "Port-6443",
            "Port-10259",
            "Port-10257",
            "FileAvailable--etc-kubernetes-manifests-kube-apiserver.yaml",
            "FileAvailable--etc-kubernetes-manifests-kube-controller-manager.yaml",
            "FileAvailable--etc-kubernetes-manifests-kube-scheduler.yaml",
            "FileAvailable--etc-kubernetes-manifests-etcd.yaml",
            "CRI",
            "ContainerRuntimeVersion",
            "FileExisting-losetup",
            "FileExisting-mount",
            "FileExisting-cp",
            "SystemVerification",
            "KubeletVersion",
            "Port-10250",
            "FileContent--proc-sys-net-ipv4-ip_forward",
            "Port-2379",
            "Port-2380",
            "DirAvailable--var-lib-etcd",
        ]
    );
}

#[tokio::test]
async fn a_finished_node_is_no_obstacle_to_itself() {
    let findings = init_findings(&finished(), &runtime(), "").await;
    assert_eq!(findings.len(), 11, "{findings:?}");
    assert!(findings.iter().all(|finding| finding.severity == Severity::Ours), "{findings:?}");
}

#[tokio::test]
async fn data_of_an_old_cluster_is_never_taken_over() {
    let mut facts = good();
    facts.paths.insert("/var/lib/etcd".into(), Found::Dir(vec!["member".to_owned()]));
    // A user's own CA is no sign that the data is this cluster's.
    put(&mut facts, "/etc/kubernetes/pki/etcd/ca.crt", "");
    let findings = init_findings(&facts, &runtime(), "").await;
    assert_eq!(names(&findings, Severity::Error), ["DirAvailable--var-lib-etcd"]);
    for name in ["server.crt", "peer.crt"] {
        put(&mut facts, &format!("/etc/kubernetes/pki/etcd/{name}"), "");
    }
    assert!(names(&init_findings(&facts, &runtime(), "").await, Severity::Error).is_empty());
}

#[tokio::test]
async fn another_cluster_on_this_machine_stops_init() {
    let mut facts = finished();
    put(&mut facts, "/etc/kubernetes/manifests/kube-apiserver.yaml", "metadata: {name: other}\n");
    let findings = init_findings(&facts, &runtime(), "").await;
    assert_eq!(
        names(&findings, Severity::Error),
        ["Port-6443", "FileAvailable--etc-kubernetes-manifests-kube-apiserver.yaml"]
    );
}

#[tokio::test]
async fn a_full_disk_is_told_once() {
    let mut facts = good();
    let full = Volume { free: 0, free_files: None, refusal: None };
    facts.volumes.values_mut().for_each(|volume| *volume = Ok(full.clone()));
    let findings = init_findings(&facts, &runtime(), "").await;
    let told = ["DiskSpace--etc-kubernetes", "DiskSpace--var-lib-kubelet", "DiskSpace--var-lib-etcd"];
    assert_eq!(names(&findings, Severity::Error), told);
}

#[tokio::test]
async fn what_is_asked_is_enough_for_what_is_checked() {
    let ask = init::ask(&init_config().await);
    let facts = finished();
    let missing = |path: &&Utf8PathBuf| !ask.paths.contains(path);
    assert_eq!(facts.paths.keys().filter(missing).collect::<Vec<_>>(), [] as [&Utf8PathBuf; 0]);
    assert!(facts.listeners.iter().all(|listener| ask.ports.contains(&listener.port)));
    assert!(facts.volumes.keys().all(|dir| ask.volumes.contains(dir)));
}
