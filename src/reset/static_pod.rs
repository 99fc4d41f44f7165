//! The static pods of this node: where their manifests say that things are.
//!
//! Reads what is there; refuses to guess where nothing is.

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;

use crate::host::{Host, HostError};
use crate::{paths, yaml};

/// A manifest that tells nothing.
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
    /// It has no such volume.
    #[error("invalid manifest: {path} has no volume {volume:?} with an absolute hostPath")]
    NoVolume {
        /// The manifest.
        path: Utf8PathBuf,
        /// The volume's name.
        volume: &'static str,
    },
}

/// A static pod of this node.
#[derive(Debug)]
pub struct StaticPod {
    /// Its manifest.
    path: Utf8PathBuf,
    /// What the manifest says.
    pub pod: Value,
}

impl StaticPod {
    /// The pod that a component has here; `None` without a manifest.
    pub fn read(host: &dyn Host, component: &str) -> Result<Option<Self>, ManifestError> {
        let path = Utf8Path::new(paths::MANIFESTS_DIR).join(format!("{component}.yaml"));
        let Some(text) = host.read_text(&path)? else { return Ok(None) };
        match yaml::document(&text) {
            Ok(pod) => Ok(Some(Self { path, pod })),
            Err(source) => Err(ManifestError::Yaml { path, source }),
        }
    }

    /// Where on the machine a volume is.
    pub fn host_path(&self, volume: &'static str) -> Result<Utf8PathBuf, ManifestError> {
        let volumes = self.pod.pointer("/spec/volumes").and_then(Value::as_array);
        let named = volumes.into_iter().flatten().find(|entry| entry["name"] == volume);
        let path = named.and_then(|entry| entry.pointer("/hostPath/path")?.as_str()).map(Utf8Path::new);
        // A relative one would mean something else to each process.
        match path.filter(|path| path.is_absolute()) {
            Some(path) => Ok(path.to_owned()),
            None => Err(ManifestError::NoVolume { path: self.path.clone(), volume }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::FakeHost;

    fn pod(text: &str) -> Result<Option<StaticPod>, ManifestError> {
        StaticPod::read(&FakeHost::new().with_file("/etc/kubernetes/manifests/etcd.yaml", text), "etcd")
    }

    #[test]
    fn tells_where_a_volume_is() {
        let two = "spec:\n  volumes:\n  - {name: a, hostPath: {path: /x}}\n  - {name: b, hostPath: {path: /srv/b}}\n";
        assert_eq!(pod(two).unwrap().unwrap().host_path("b").unwrap(), "/srv/b");
        for text in ["spec: {}\n", "spec:\n  volumes:\n  - {name: b, hostPath: {path: srv}}\n"] {
            let said = pod(text).unwrap().unwrap().host_path("b").unwrap_err().to_string();
            let path = "/etc/kubernetes/manifests/etcd.yaml";
            assert_eq!(said, format!("invalid manifest: {path} has no volume \"b\" with an absolute hostPath"));
        }
        assert!(matches!(pod("a: [\n"), Err(ManifestError::Yaml { .. })));
        assert!(StaticPod::read(&FakeHost::new(), "etcd").unwrap().is_none());
    }
}
