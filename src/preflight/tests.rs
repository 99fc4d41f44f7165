//! The checks as a whole: kubeadm's order, what is left of them on a finished node, and after a foreign cluster.

use camino::Utf8PathBuf;
use time::macros::datetime;

use super::files::Expected;
use super::proxy::Proxies;
use super::runtime::Answers;
use super::{Finding, Severity, init, join};
use crate::config::resolve::{self, FetchError, InitFlags, JoinFlags, Machine};
use crate::config::v1beta4::Arg;
use crate::config::{InitConfig, JoinConfig};
use crate::cri::{Condition, CriError};
use crate::host::facts::{Facts, Found, Own};
use crate::host::init_system::InitSystem;
use crate::host::kernel::{CgroupVersion, Cgroups, Kernel};
use crate::host::net::Interface;
use crate::host::ports::{Listener, Process};
use crate::host::services::Service;
use crate::host::{FakeHost, Volume};
use crate::versions;

struct Offline;

impl resolve::Fetch for Offline {
    async fn fetch(&self, url: &str) -> Result<String, FetchError> {
        Err(FetchError { url: url.to_owned(), reason: "offline".to_owned() })
    }
}

fn machine() -> Machine {
    Machine {
        hostname: "cp1".to_owned(),
        default_addresses: vec!["192.0.2.2".parse().unwrap()],
        loopback_addresses: Vec::new(),
        cri_sockets: Vec::new(),
        registered_cri_socket: None,
        now: datetime!(2026-11-23 14:00 UTC),
    }
}

async fn init_config() -> InitConfig {
    let flags = InitFlags {
        kubernetes_version: Some("v1.37.2".to_owned()),
        pod_network_cidr: Some("10.244.0.0/16".to_owned()),
        ..InitFlags::default()
    };
    resolve::init(&flags, &FakeHost::new(), &machine(), &Offline).await.unwrap().value
}

fn join_config() -> JoinConfig {
    let flags = JoinFlags {
        endpoint: Some("192.0.2.9:6443".to_owned()),
        token: Some("abcdef.0123456789abcdef".to_owned()),
        discovery_token_unsafe_skip_ca_verification: true,
        ..JoinFlags::default()
    };
    resolve::join(&flags, &FakeHost::new(), &machine()).unwrap().value
}

fn expected() -> Vec<Expected> {
    ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "etcd"]
        .map(|name| (init::manifest(name), format!("metadata: {{name: {name}}}\n").into_bytes()))
        .into()
}

fn runtime() -> Answers {
    let ready = Condition { r#type: "RuntimeReady".to_owned(), status: true, ..Condition::default() };
    Answers { conditions: Ok(vec![ready]), tells_cgroup_driver: Ok(true), cgroup_driver: None, elsewhere: Vec::new() }
}

/// A machine that everything is right with.
fn good() -> Facts {
    let services = [("kubelet".to_owned(), Service { exists: true, enabled: true, active: false })];
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

fn names(findings: &[Finding], severity: Severity) -> Vec<&str> {
    findings.iter().filter(|finding| finding.severity == severity).map(|finding| finding.name.as_str()).collect()
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

fn join_findings(facts: &Facts, same_cluster: bool) -> Vec<Finding> {
    let cfg = join_config();
    let (runtime, proxies) = (runtime(), Proxies::default());
    join::checks(facts, &join::Input { cfg: &cfg, runtime: &runtime, proxies: &proxies, same_cluster }).findings
}

fn kubeconfig(server: &str, token: &str) -> String {
    format!(
        "clusters:\n- cluster:\n    certificate-authority-data: Q0E=\n    server: {server}\nusers:\n- user:\n    token: \
         {token}\n"
    )
}

/// A node that has joined a cluster whose CA is `CA`.
fn joined() -> Facts {
    let mut facts = good();
    put(&mut facts, "/etc/kubernetes/kubelet.conf", &kubeconfig("https://192.0.2.9:6443", "''"));
    put(&mut facts, "/etc/kubernetes/pki/ca.crt", "CA");
    put(&mut facts, "/var/lib/kubelet/config.yaml", "");
    put(&mut facts, "/var/lib/kubelet/kubeadm-flags.env", "");
    listen(&mut facts, 10250, "kubelet");
    facts
}

#[test]
fn join_refuses_a_member_of_another_cluster() {
    assert_eq!(join_findings(&good(), false), []);
    let foreign = join_findings(&joined(), false);
    assert_eq!(
        names(&foreign, Severity::Error),
        ["FileAvailable--etc-kubernetes-kubelet.conf", "Port-10250", "FileAvailable--etc-kubernetes-pki-ca.crt",]
    );
    let same = join_findings(&joined(), true);
    assert!(same.len() == 3 && names(&same, Severity::Ours).len() == 3, "{same:?}");
    let member = join::membership(&joined()).unwrap();
    assert_eq!((member.server.as_str(), member.ca.as_slice()), ("https://192.0.2.9:6443", b"CA".as_slice()));
}

#[test]
fn join_goes_on_from_an_interrupted_one() {
    let mut facts = joined();
    facts.paths.remove(camino::Utf8Path::new("/etc/kubernetes/kubelet.conf"));
    let path = "/etc/kubernetes/bootstrap-kubelet.conf";
    // The token has expired meanwhile, and there is a new one.
    put(&mut facts, path, &kubeconfig("https://192.0.2.9:6443", "zzzzzz.0123456789abcdef"));
    assert!(names(&join_findings(&facts, false), Severity::Error).is_empty());
    put(&mut facts, path, &kubeconfig("https://elsewhere:6443", "zzzzzz.0123456789abcdef"));
    assert_eq!(names(&join_findings(&facts, false), Severity::Error).len(), 3);
}

#[test]
fn the_clusters_word_on_control_groups_v1_counts_for_a_joining_node() {
    let mut facts = good();
    let controllers = "cpu cpuacct cpuset devices freezer memory pids hugetlb blkio".split(' ').map(str::to_owned);
    facts.cgroups = Some(Cgroups { version: CgroupVersion::V1, controllers: controllers.collect() });
    let check = |facts: &Facts, cfg: &JoinConfig, document| {
        let findings = join::against_cluster(facts, cfg, &versions::OWN, &document);
        findings.iter().map(|finding| (finding.name.clone(), finding.severity)).collect::<Vec<_>>()
    };
    let (name, accepts) = ("SystemVerification".to_owned(), serde_json::json!({"failCgroupV1": false}));
    assert_eq!(join_findings(&facts, false), [], "nobody knows yet");
    assert_eq!(check(&facts, &join_config(), serde_json::json!({})), [(name.clone(), Severity::Error)]);
    assert_eq!(check(&facts, &join_config(), accepts), [(name, Severity::Warning)]);

    let mut told = join_config();
    let flag = Arg { name: "fail-cgroupv1".to_owned(), value: "false".to_owned(), ..Arg::default() };
    told.join.node_registration.kubelet_extra_args.push(flag);
    assert_eq!(check(&facts, &told, serde_json::json!({})), [], "it was told before");
    facts.kubelet = Some(Ok("Kubernetes v1.34.9".to_owned()));
    assert_eq!(check(&facts, &join_config(), serde_json::json!({})), [], "this kubelet does not mind");
}

#[test]
fn join_checks_against_the_cluster_what_kubeadm_does_not() {
    let mut facts = good();
    facts.swap = true;
    facts.kubelet = Some(Ok("Kubernetes v1.38.0".to_owned()));
    let check = |document| join::against_cluster(&facts, &join_config(), &versions::OWN, &document);
    assert_eq!(names(&check(serde_json::json!({})), Severity::Error), ["Swap", "KubeletVersion"]);
    assert_eq!(names(&check(serde_json::json!({"failSwapOn": false})), Severity::Error), ["KubeletVersion"]);
}
