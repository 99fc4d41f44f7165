use camino::Utf8Path;

use super::*;
use crate::config::Timeouts;
use crate::config::v1beta4::ResetConfiguration;
use crate::host::{Effect, FakeHost, mounts};
use crate::paths;

const APISERVER: &str = "/etc/kubernetes/manifests/kube-apiserver.yaml";
const ETCD: &str = "/etc/kubernetes/manifests/etcd.yaml";

/// A machine on which nothing is mounted.
fn machine() -> FakeHost {
    FakeHost::new().with_file(mounts::TABLE, "")
}

fn control_plane() -> FakeHost {
    machine()
        .with_file(ETCD, "spec:\n  volumes:\n  - {name: etcd-data, hostPath: {path: /srv/etcd}}\n")
        .with_file("/etc/kubernetes/controller-manager.conf", "")
        .with_file("/etc/kubernetes/pki/ca.key", "")
        .with_file("/srv/etcd/member/snap/db", "")
        .with_file("/var/lib/etcd/member/snap/db", "")
}

/// What a reset removes, in order.
async fn removed(host: FakeHost) -> Vec<Utf8PathBuf> {
    removed_from(host, None).await
}

async fn removed_from(host: FakeHost, cert_dir: Option<&str>) -> Vec<Utf8PathBuf> {
    let host = Rc::new(host);
    let certificates_dir = cert_dir.unwrap_or(paths::PKI_DIR).to_owned();
    let reset = ResetConfiguration { certificates_dir, ..ResetConfiguration::default() };
    let cfg = ResetConfig { reset, certificates_dir_given: cert_dir.is_some(), timeouts: Timeouts::default() };
    let ui = Ui::into_writers(Box::new(std::io::sink()), Box::new(std::io::sink()));
    let cri = Cri::new("/nowhere.sock", None);
    let reset = Reset::new(cfg, "/etc/kubernetes/admin.conf".into(), false, true, host.clone(), cri, ui);
    remove_etcd_member::run(&reset).await.unwrap();
    cleanup_node::run(&reset).await.unwrap();
    let of = |effect| if let Effect::Remove(path) = effect { Some(path) } else { None };
    host.effects().into_iter().filter_map(of).collect()
}

/// So a reset that is killed before that finds the data again.
#[tokio::test]
async fn the_manifest_goes_when_nothing_else_of_the_node_is_left() {
    let removed = removed(control_plane()).await;
    assert_eq!(removed.first().unwrap(), "/srv/etcd/member");
    assert_eq!(removed.last().unwrap(), ETCD);
    assert!(removed.contains(&"/etc/kubernetes/pki/ca.key".into()));
}

#[tokio::test]
async fn data_of_an_etcd_that_is_not_this_nodes_stays() {
    let outside = |path: &Utf8PathBuf| path.starts_with("/srv") || path.starts_with("/var/lib/etcd");
    let external = machine().with_file("/var/lib/etcd/member/snap/db", "").with_file(paths::KUBELET_CONF, "");
    assert!(!removed(external).await.iter().any(outside));
    let nothing_left = machine().with_file("/var/lib/etcd/member/snap/db", "");
    assert!(removed(nothing_left).await.is_empty());
    let etcd = Utf8Path::new("/var/lib/etcd");
    assert!(!removed(control_plane()).await.iter().any(|path| path.starts_with(etcd)));
}

/// As of a control plane that is dead, or was stopped by a reset that was cut off.
#[tokio::test]
async fn keys_go_from_where_the_api_server_had_them_when_no_cluster_tells() {
    let pod = "spec:\n  volumes:\n  - {name: k8s-certs, hostPath: {path: /srv/pki}}\n";
    let keys = ["/srv/pki/ca.key", "/etc/kubernetes/pki/ca.key", "/opt/pki/ca.key"];
    let host =
        |manifest| keys.iter().fold(machine(), |host, key| host.with_file(key, "")).with_file(APISERVER, manifest);
    assert_eq!(removed(host(pod)).await, ["/srv/pki/ca.key", APISERVER]);
    assert_eq!(removed_from(host(pod), Some("/opt/pki")).await, ["/opt/pki/ca.key", APISERVER]);
    assert_eq!(removed(host("spec: {}\n")).await, ["/etc/kubernetes/pki/ca.key", APISERVER]);
}
