//! The phases of `join` on a machine in memory: what is asked of whom, and what becomes of the kubelet.

use std::time::Duration;

use camino::Utf8Path;
use serde_json::json;
use time::OffsetDateTime;

use super::*;
use crate::config::resolve::{self, JoinFlags, Machine};
use crate::config::usual;
use crate::config::v1beta4::Arg;
use crate::discovery::Discovered;
use crate::host::{Effect, FakeHost, NewFile};
use crate::kube::dry_run::Memory;
use crate::kube::read_back::ClusterFacts;
use crate::phases::Selection;
use crate::pki::tests::{config, ensure_all, keys, now};
use crate::{discovery, kubeconfig, paths, versions};

const SOCKET: &str = "unix:///run/containerd/containerd.sock";

/// A node that has joined a cluster, at [`now`].
fn member() -> FakeHost {
    let host = FakeHost::new()
        .with_file("/usr/bin/systemctl", "")
        .with_file("/proc/sys/kernel/hostname", "worker1\n")
        .with_answer("systemctl is-active systemd-resolved", 3, "inactive\n")
        .with_answer("systemctl is-active kubelet", 0, "active\n")
        .with_answer("systemctl show --property=NeedDaemonReload --value kubelet", 0, "no\n");
    ensure_all(&host, &config(), now()).unwrap();
    let kubelet = kubeconfig::KUBECONFIGS.iter().find(|row| row.name == "kubelet").unwrap();
    kubeconfig::ensure(&host, kubelet, Utf8Path::new(paths::KUBERNETES_DIR), &config(), now(), &keys()).unwrap();
    let _ = host.effects();
    host
}

/// What `kubelet.conf` says of the cluster.
fn discovered(host: &FakeHost) -> Discovered {
    discovery::membership(host, now()).unwrap().unwrap()
}

fn join(host: Rc<FakeHost>, now: OffsetDateTime) -> Join {
    let flags = JoinFlags {
        // Nobody listens there.
        endpoint: Some("127.0.0.1:1".to_owned()),
        token: Some("abcdef.0123456789abcdef".to_owned()),
        discovery_token_ca_cert_hash: vec![format!("sha256:{}", "5".repeat(64))],
        cri_socket: Some(SOCKET.to_owned()),
        ..JoinFlags::default()
    };
    let machine = Machine {
        hostname: "worker1".to_owned(),
        default_addresses: vec!["192.0.2.2".parse().unwrap()],
        loopback_addresses: Vec::new(),
        cri_sockets: Vec::new(),
        now,
    };
    let mut cfg = resolve::join(&flags, &*host, &machine, &mut Vec::new()).unwrap();
    cfg.timeouts.discovery = Duration::ZERO;
    let options = Options { allow_cgroup_v1: false, proxies: Vec::new(), effects: None, now };
    let ui = Ui::into_writers(Box::new(std::io::sink()), Box::new(std::io::sink()));
    Join::new(cfg, options, Finished::default(), None, host, Cri::new(SOCKET, None), ui)
}

/// A join that has found the cluster.
fn found(host: Rc<FakeHost>, discovered: Discovered, joined: bool, memory: &Memory) -> Join {
    let join = join(host, now());
    let (cluster, kubelet) = usual::cluster(&versions::OWN).unwrap();
    let facts = ClusterFacts { cluster, version: versions::OWN, kubelet, kube_proxy: None };
    join.cluster.set(Cluster { discovered, api: memory.api(), facts, joined, made_up: false }).unwrap();
    join
}

fn restarted(effects: &[Effect]) -> bool {
    effects.contains(&Effect::Act(["systemctl", "restart", "kubelet"].map(str::to_owned).to_vec()))
}

#[tokio::test]
async fn a_member_needs_no_new_credentials_and_one_without_a_certificate_does() {
    let host = Rc::new(member());
    let (cluster, memory) = (discovered(&host), Memory::new());
    let run = async |joined| {
        let join = found(host.clone(), cluster.clone(), joined, &memory);
        kubelet_start::run(&join).await.unwrap();
        host.effects()
    };
    let bootstrap = || host.stat(Utf8Path::new(paths::BOOTSTRAP_KUBELET_CONF)).unwrap().is_some();
    let node = json!({"metadata": {"name": "worker1"}});
    memory.put("/api/v1/nodes/worker1", node);
    run(true).await;
    assert!(!bootstrap());
    assert_eq!(run(true).await, [], "it runs with all this already");
    let effects = run(false).await;
    assert!(bootstrap() && restarted(&effects), "a kubelet that runs has read other credentials: {effects:?}");
    assert!(restarted(&run(false).await), "a run that was cut off may have written these");
}

#[tokio::test]
async fn what_was_changed_since_the_join_was_finished_stays() {
    let (host, memory) = (Rc::new(member()), Memory::new());
    memory.put("/api/v1/nodes/worker1", json!({"metadata": {"name": "worker1"}}));
    let mut join = found(host.clone(), discovered(&host), true, &memory);
    kubelet_start::run(&join).await.unwrap();
    let ca = Utf8Path::new("/etc/kubernetes/pki/ca.crt");
    let whole = Selection::default();
    Finished::default().record(&LEFT, &whole, &*host, ca).unwrap();
    let path = Utf8Path::new(paths::KUBELET_CONFIG);
    host.write(&NewFile { path, content: b"maxPods: 250\n", mode: 0o600, secret: false }).unwrap();
    let _ = host.effects();
    join.finished = Finished::before(&whole, &*host, ca).unwrap();
    kubelet_start::run(&join).await.unwrap();
    assert_eq!(host.effects(), []);
    join.finished = Finished::default();
    kubelet_start::run(&join).await.unwrap();
    assert!(restarted(&host.effects()), "a phase alone writes it anew");
}

#[test]
fn a_member_does_not_join_under_another_name() {
    let host = Rc::new(member());
    let mut join = join(host, now());
    cluster::refuse_another_name(&join, "worker1").unwrap();
    let failure = cluster::refuse_another_name(&join, "old").unwrap_err();
    assert!(failure.to_string().contains("as the node \"old\" already, not as \"worker1\""), "{failure}");
    assert_eq!(failure.hints()[0], "to go on with that node, give its name, old, with --node-name");
    let flag = Arg { name: "hostname-override".to_owned(), value: "other".to_owned(), ..Arg::default() };
    join.cfg.join.node_registration.kubelet_extra_args.push(flag);
    let failure = cluster::refuse_another_name(&join, "old").unwrap_err();
    assert!(failure.hints()[0].ends_with("with hostname-override in kubeletExtraArgs"), "{failure:?}");
}

#[tokio::test]
async fn a_member_whose_node_was_deleted_registers_anew() {
    let host = Rc::new(member());
    let run = async |memory: &Memory| {
        kubelet_start::run(&found(host.clone(), discovered(&host), true, memory)).await.unwrap();
        host.effects()
    };
    let there = Memory::new();
    there.put("/api/v1/nodes/worker1", json!({"metadata": {"name": "worker1"}}));
    run(&there).await;
    assert_eq!(run(&there).await, []);
    assert!(restarted(&run(&Memory::new()).await));
}

#[tokio::test]
async fn the_kubelets_own_flag_names_the_node() {
    let memory = Memory::new();
    memory.put("/api/v1/nodes/other", json!({"status": {"conditions": [{"type": "Ready", "status": "True"}]}}));
    // Nobody asks for the health of a kubelet whose port is 0.
    let host = Rc::new(member().with_file("/patches/kubeletconfiguration.yaml", "healthzPort: 0\n"));
    let mut join = found(host.clone(), discovered(&host), false, &memory);
    kubelet_start::run(&join).await.unwrap();
    let flag = Arg { name: "hostname-override".to_owned(), value: "Other".to_owned(), ..Arg::default() };
    join.cfg.join.node_registration.kubelet_extra_args.push(flag);
    let told = kubelet_start::run(&join).await.unwrap_err().to_string();
    assert!(told.starts_with("a Node with name \"other\""), "{told}");

    let host: &dyn Host = &*host;
    let path = Utf8Path::new(paths::KUBELET_CONF);
    let conf = host.read_text(path).unwrap().unwrap().replace("192.0.2.10:6443", "127.0.0.1:1");
    host.write(&NewFile { path, content: conf.as_bytes(), mode: 0o600, secret: true }).unwrap();
    join.patches = Patches::in_directory("/patches");
    join.cfg.timeouts.tls_bootstrap = Duration::from_secs(1);
    let told = kubelet_wait_bootstrap::kubelet_wait_bootstrap(&join).await.unwrap_err().to_string();
    assert!(told.contains("GET https://127.0.0.1:1/api/v1/nodes/other as the kubelet"), "{told}");
}

#[tokio::test]
async fn the_kubelet_is_asked_where_its_patches_put_it() {
    let host = Rc::new(member().with_file("/patches/kubeletconfiguration.yaml", "healthzPort: 1\n"));
    let mut join = found(host.clone(), discovered(&host), true, &Memory::new());
    join.patches = Patches::in_directory("/patches");
    join.cfg.timeouts.kubelet_health_check = Duration::from_millis(200);
    let told = kubelet_wait_bootstrap::kubelet_wait_bootstrap(&join).await.unwrap_err().to_string();
    assert!(told.contains("http://127.0.0.1:1/healthz"), "{told}");
}

#[tokio::test]
async fn a_member_is_told_why_the_cluster_is_not_found_and_that_it_is_one() {
    let failure = join(Rc::new(member()), now()).cluster().await.unwrap_err();
    let told = failure.to_string();
    assert!(told.contains("failed to request the cluster-info ConfigMap from https://127.0.0.1:1"), "{told}");
    let last = failure.hints().last().unwrap();
    assert!(last.starts_with("this node is a member of the cluster at https://192.0.2.10:6443 already"), "{last}");

    let years_later = now() + time::Duration::days(800);
    let failure = join(Rc::new(member()), years_later).cluster().await.unwrap_err();
    assert!(failure.hints().iter().all(|hint| !hint.contains("member")), "{failure:?}");
}
