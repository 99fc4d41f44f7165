//! The etcd member of this node: where its data is, and how it leaves its cluster.

use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;

use super::Troubles;
use super::node::{clean_dir, say};
use super::static_pod::{ManifestError, StaticPod};
use crate::config::duration::GoDuration;
use crate::config::v1beta4::ClusterConfiguration;
use crate::etcd::{Credentials, Etcd, EtcdError, Removal};
use crate::failure::chain;
use crate::host::{Host, HostError};
use crate::ui::Ui;

/// The volume of etcd's static pod that holds its data.
const DATA_VOLUME: &str = "etcd-data";
/// What the API server's etcd pods say of where they are reached.
const CLIENT_URLS_ANNOTATION: &str = "/metadata/annotations/kubeadm.kubernetes.io~1etcd.advertise-client-urls";

/// An etcd that is none of ours, and is left alone.
#[derive(Debug, thiserror::Error)]
pub enum ForeignEtcd {
    /// The cluster says so.
    #[error("the cluster's etcd is external")]
    External,
    /// Its static pod does not tell where its data is.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
}

/// The etcd member of this node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Where its data is.
    pub data_dir: Utf8PathBuf,
    /// How other members know it, if its static pod tells.
    pub peer_url: Option<String>,
    /// Where it is asked.
    pub client_urls: Vec<String>,
    /// It began as the only member of its cluster.
    pub first: bool,
}

/// The etcd member of this node, as its static pod tells; `None` when there is no such pod.
///
/// Then this is a worker, or no node, or its etcd is elsewhere: what lies in the usual place may be that of an etcd that
/// runs here without Kubernetes. The manifest goes last in a reset, so one that was cut off finds it again.
pub fn find(host: &dyn Host, cluster: Option<&ClusterConfiguration>) -> Result<Option<Member>, ForeignEtcd> {
    if cluster.is_some_and(|cluster| cluster.etcd.external.is_some()) {
        return Err(ForeignEtcd::External);
    }
    let Some(etcd) = StaticPod::read(host, "etcd")? else { return Ok(None) };
    Ok(Some(described(&etcd.pod, etcd.host_path(DATA_VOLUME)?)))
}

/// What the flags of etcd's static pod say of the member.
fn described(pod: &Value, data_dir: Utf8PathBuf) -> Member {
    let words = pod.pointer("/spec/containers/0/command").and_then(Value::as_array);
    let words: Vec<&str> = words.into_iter().flatten().filter_map(Value::as_str).collect();
    let flag =
        |name: &str| words.iter().rev().find_map(|word| word.strip_prefix("--")?.strip_prefix(name)?.strip_prefix('='));
    Member {
        peer_url: flag("initial-advertise-peer-urls").and_then(|urls| urls.split(',').next()).map(str::to_owned),
        client_urls: flag("advertise-client-urls").map(urls).unwrap_or_default(),
        first: flag("initial-cluster").is_some_and(|members| !members.contains(',')),
        data_dir,
    }
}

fn urls(list: &str) -> Vec<String> {
    list.split(',').filter(|url| !url.is_empty()).map(str::to_owned).collect()
}

/// Where the etcd pods of a cluster are reached.
#[must_use]
pub fn endpoints(pods: &[Value]) -> Vec<String> {
    pods.iter().filter_map(|pod| pod.pointer(CLIENT_URLS_ANNOTATION)?.as_str()).flat_map(urls).collect()
}

/// Makes the member leave, unless it is the last one. `known` are the endpoints of its cluster, where that has told them;
/// it gets as long as `patience` for it.
pub async fn leave(
    host: &dyn Host,
    ui: &Ui,
    member: &Member,
    certificates_dir: &Utf8Path,
    known: Option<Vec<String>>,
    patience: Duration,
    troubles: &Troubles,
) {
    let Some(peer_url) = &member.peer_url else { return };
    // A cluster that does not tell may have other members: `kubeadm upgrade` takes them out of the flags of each.
    let perhaps_alone = member.first && known.is_none();
    let others = known.into_iter().flatten().filter(|url| !member.client_urls.contains(url));
    let endpoints: Vec<String> = member.client_urls.iter().cloned().chain(others).collect();
    let outcome = async {
        let credentials = credentials(host, certificates_dir).map_err(|error| chain(&error))?;
        let etcd = Etcd::new(&endpoints, Some(&credentials)).map_err(|error| chain(&error))?;
        let waiting = |error: &EtcdError| {
            ui.line(format_args!(
                "[reset] Waiting up to {} for etcd, which can't remove its member now: {}",
                GoDuration::from(patience),
                chain(error)
            ));
        };
        etcd.ensure_removed(peer_url, patience, waiting).await.map_err(|error| chain(&error))
    };
    match outcome.await {
        Ok(Removal::Removed) => ui.verbose(1, format_args!("[etcd] removed the member {peer_url}")),
        Ok(Removal::Absent) => ui.verbose(1, format_args!("[etcd] the member {peer_url} was removed already")),
        Ok(Removal::Last) => {
            ui.verbose(1, "[etcd] This is the only remaining etcd member in the etcd cluster, skip removing it");
        }
        // As of a cluster with this one control plane, which ends with it.
        Err(why) if perhaps_alone => ui.line(format_args!(
            "[reset] The etcd member of this node was not removed from its cluster: {why}. If there are other control-plane \
             nodes, please remove it there using etcdctl (its peer URL is {peer_url})"
        )),
        Err(why) => troubles.say(
            ui,
            &format!(
                "Failed to remove etcd member: {why}, please manually remove this etcd member using etcdctl (its peer \
                 URL is {peer_url})"
            ),
        ),
    }
}

/// The credentials of this node for etcd.
fn credentials(host: &dyn Host, certificates_dir: &Utf8Path) -> Result<Credentials, HostError> {
    let read = |name: &str| {
        let path = certificates_dir.join("etcd").join(name);
        let source = || std::io::ErrorKind::NotFound.into();
        host.read(&path)?.ok_or_else(|| HostError::Io { verb: "read", path, source: source() })
    };
    Ok(Credentials {
        ca: read("ca.crt")?,
        certificate: read("healthcheck-client.crt")?,
        key: read("healthcheck-client.key")?,
    })
}

/// Empties the data directory.
pub fn clean_data(host: &dyn Host, ui: &Ui, dir: &Utf8Path, troubles: &Troubles) {
    let failed = format!("Failed to delete contents of the etcd directory: {dir:?}");
    if troubles.note(ui, &failed, clean_dir(host, dir)).is_some() {
        let real = format!("[reset] Deleted contents of the etcd data directory: {dir}");
        say(host, ui, &real, &format!("Would delete contents of the etcd data directory: {dir}"));
    }
}

/// Says that somebody else's etcd is left alone.
pub fn assume_external(ui: &Ui, error: &ForeignEtcd) {
    ui.verbose(1, format_args!("[reset] {}", chain(error)));
    ui.line("[reset] No etcd config found. Assuming external etcd");
    ui.line("[reset] Please, manually reset etcd to prevent further issues");
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::config::v1beta4::{Etcd as EtcdConfig, ExternalEtcd, LocalEtcd};
    use crate::host::FakeHost;
    use crate::paths;

    const POD: &str = "spec:\n  containers:\n  - command:\n    - etcd\n    - --advertise-client-urls=https://192.0.2.2:2379\n    \
                       - --initial-advertise-peer-urls=https://192.0.2.2:2380\n    \
                       - --initial-cluster=cp1=https://192.0.2.2:2380\n  volumes:\n  - name: etcd-certs\n    \
                       hostPath: {path: /x}\n  - name: etcd-data\n    hostPath: {path: /srv/etcd}\n";

    fn cluster(etcd: EtcdConfig) -> ClusterConfiguration {
        ClusterConfiguration { etcd, ..ClusterConfiguration::default() }
    }

    fn local(dir: &str) -> ClusterConfiguration {
        cluster(EtcdConfig { local: Some(LocalEtcd { data_dir: dir.into(), ..LocalEtcd::default() }), external: None })
    }

    #[test]
    fn the_static_pod_describes_the_member() {
        let host = FakeHost::new().with_file("/etc/kubernetes/manifests/etcd.yaml", POD);
        let member = find(&host, None).unwrap().unwrap();
        assert_eq!(member.data_dir, "/srv/etcd");
        assert_eq!(member.peer_url.as_deref(), Some("https://192.0.2.2:2380"));
        assert_eq!((member.client_urls, member.first), (vec!["https://192.0.2.2:2379".to_owned()], true));
        assert_eq!(find(&host, Some(&local("/data/etcd"))).unwrap().unwrap().data_dir, "/srv/etcd");
        let external = cluster(EtcdConfig { local: None, external: Some(ExternalEtcd::default()) });
        assert!(matches!(find(&host, Some(&external)), Err(ForeignEtcd::External)));
        let odd = FakeHost::new().with_file("/etc/kubernetes/manifests/etcd.yaml", "spec: {}\n");
        assert!(matches!(find(&odd, None), Err(ForeignEtcd::Manifest(ManifestError::NoVolume { .. }))));
    }

    /// kubeadm empties /var/lib/etcd on every one of these.
    #[test]
    fn without_the_static_pod_there_is_no_member() {
        let node = || FakeHost::new().with_file("/var/lib/etcd/member/snap/db", "");
        let machines = [
            node(),
            node().with_file(paths::BOOTSTRAP_KUBELET_CONF, ""),
            node().with_file(paths::KUBELET_CONF, ""),
            node().with_file("/etc/kubernetes/manifests/kube-apiserver.yaml", ""),
        ];
        for host in machines {
            for cluster in [None, Some(local("/var/lib/etcd"))] {
                assert_eq!(find(&host, cluster.as_ref()).unwrap(), None, "{host:?}");
            }
        }
    }

    #[test]
    fn endpoints_are_told_by_the_pods() {
        let annotations = json!({"kubeadm.kubernetes.io/etcd.advertise-client-urls": "https://192.0.2.3:2379"});
        let pods = [json!({"metadata": {"annotations": annotations}}), json!({"metadata": {}})];
        assert_eq!(endpoints(&pods), ["https://192.0.2.3:2379"]);
    }
}
