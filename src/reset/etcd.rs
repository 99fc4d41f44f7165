//! The etcd member of this node: where its data is, and how it leaves its cluster.

use camino::{Utf8Path, Utf8PathBuf};

use super::Troubles;
use super::node::{clean_dir, say};
use crate::config::v1beta4::ClusterConfiguration;
use crate::etcd::{Credentials, Etcd, EtcdError, Removal};
use crate::failure::chain;
use crate::host::{Host, HostError};
use crate::ui::Ui;
use crate::{paths, yaml};

/// The volume of etcd's static pod that holds its data.
const DATA_VOLUME: &str = "etcd-data";

/// A static pod that tells no data directory: somebody else's etcd, which is left alone.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// It can't be read.
    #[error(transparent)]
    Host(#[from] HostError),
    /// It is no YAML.
    #[error("{path} is not YAML")]
    Yaml {
        /// The manifest.
        path: Utf8PathBuf,
        /// What is wrong with it.
        source: yaml::YamlError,
    },
    /// It has no volume for data.
    #[error("invalid etcd pod manifest: {0} has no volume {DATA_VOLUME:?}")]
    NoVolume(Utf8PathBuf),
}

/// The static pod of etcd.
#[must_use]
pub fn manifest() -> Utf8PathBuf {
    Utf8Path::new(paths::MANIFESTS_DIR).join("etcd.yaml")
}

/// Where the data of this node's etcd is: as the cluster says, else as its static pod says, else where it usually is.
pub fn data_dir(host: &dyn Host, cluster: Option<&ClusterConfiguration>) -> Result<Utf8PathBuf, ManifestError> {
    if let Some(local) = cluster.and_then(|cluster| cluster.etcd.local.as_ref()) {
        return Ok(Utf8PathBuf::from(&local.data_dir));
    }
    let path = manifest();
    let Some(text) = host.read_text(&path)? else { return Ok(paths::ETCD_DATA_DIR.into()) };
    let pod = yaml::document(&text).map_err(|source| ManifestError::Yaml { path: path.clone(), source })?;
    let volumes = pod.pointer("/spec/volumes").and_then(serde_json::Value::as_array);
    let volume = volumes.into_iter().flatten().find(|volume| volume["name"] == DATA_VOLUME);
    let dir = volume.and_then(|volume| volume.pointer("/hostPath/path")?.as_str()).filter(|dir| !dir.is_empty());
    dir.map(Utf8PathBuf::from).ok_or(ManifestError::NoVolume(path))
}

/// The credentials of this node for etcd.
pub fn credentials(host: &dyn Host, certificates_dir: &Utf8Path) -> Result<Credentials, HostError> {
    let read = |name: &str| {
        let path = certificates_dir.join("etcd").join(name);
        let missing =
            || HostError::Io { verb: "read", path: path.clone(), source: std::io::ErrorKind::NotFound.into() };
        host.read(&path)?.ok_or_else(missing)
    };
    Ok(Credentials {
        ca: read("ca.crt")?,
        certificate: read("healthcheck-client.crt")?,
        key: read("healthcheck-client.key")?,
    })
}

/// Makes this node's member leave, unless it is the last one. Answers whether the data may go: a member that is
/// still in its cluster needs it.
pub async fn leave(ui: &Ui, etcd: Result<Etcd, String>, peer_url: &str, troubles: &Troubles) -> bool {
    let outcome = match etcd {
        Ok(etcd) => etcd.ensure_removed(peer_url).await.map_err(|error: EtcdError| chain(&error)),
        Err(why) => Err(why),
    };
    match outcome {
        Ok(removal) => {
            let word = match removal {
                Removal::Removed => "was removed",
                Removal::Absent => "was already removed",
                Removal::Last => "is the only one of its cluster, skip removing it",
            };
            ui.verbose(1, format_args!("[etcd] the member {peer_url} {word}"));
            true
        }
        Err(why) => {
            let text = format!(
                "Failed to remove etcd member: {why}, please manually remove this etcd member using etcdctl \
                 (its peer URL is {peer_url})"
            );
            troubles.say(ui, &text);
            false
        }
    }
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
pub fn assume_external(ui: &Ui, error: &ManifestError) {
    ui.verbose(1, format_args!("[reset] {}", chain(error)));
    ui.line("[reset] No etcd config found. Assuming external etcd");
    ui.line("[reset] Please, manually reset etcd to prevent further issues");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::v1beta4::{Etcd as EtcdConfig, LocalEtcd};
    use crate::host::FakeHost;

    #[test]
    fn the_data_directory_is_looked_up_in_three_places() {
        let cluster = ClusterConfiguration {
            etcd: EtcdConfig {
                local: Some(LocalEtcd { data_dir: "/data/etcd".into(), ..LocalEtcd::default() }),
                external: None,
            },
            ..ClusterConfiguration::default()
        };
        let pod = "spec:\n  volumes:\n  - name: etcd-certs\n    hostPath: {path: /x}\n  \
                   - name: etcd-data\n    hostPath: {path: /srv/etcd}\n";
        let host = FakeHost::new().with_file("/etc/kubernetes/manifests/etcd.yaml", pod);
        assert_eq!(data_dir(&host, Some(&cluster)).unwrap(), "/data/etcd");
        assert_eq!(data_dir(&host, None).unwrap(), "/srv/etcd");
        assert_eq!(data_dir(&FakeHost::new(), None).unwrap(), "/var/lib/etcd");
        let odd = FakeHost::new().with_file("/etc/kubernetes/manifests/etcd.yaml", "spec: {}\n");
        assert!(matches!(data_dir(&odd, None), Err(ManifestError::NoVolume(_))));
    }
}
