//! A configuration file, to what it says to a command.
//!
//! Knows which kinds a command takes and which it passes over with a warning; refuses to know defaults and what makes
//! a value valid.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::document::{GROUP, KUBE_PROXY_GROUP, KUBELET_GROUP, split};
use super::error::ConfigError;
use super::v1beta4::{ClusterConfiguration, InitConfiguration, JoinConfiguration, ResetConfiguration};

/// What a file says to `init`.
#[derive(Debug, Clone, Default)]
pub struct InitDocuments {
    /// InitConfiguration.
    pub init: Option<InitConfiguration>,
    /// ClusterConfiguration.
    pub cluster: Option<ClusterConfiguration>,
    /// KubeletConfiguration as written, without nulls.
    pub kubelet: Option<Value>,
    /// KubeProxyConfiguration as written, without nulls.
    pub kube_proxy: Option<Value>,
}

/// What a file says to `init`, `certs`, `config images` and the like: an InitConfiguration, a ClusterConfiguration or
/// both, and component configurations.
pub fn init(content: &[u8], warnings: &mut Vec<String>) -> Result<InitDocuments, ConfigError> {
    let mut found = InitDocuments::default();
    for document in split(content)? {
        if document.group == GROUP {
            document.check_version(false)?;
        }
        match (document.group.as_str(), document.kind.as_str()) {
            (GROUP, "InitConfiguration") => found.init = Some(document.decode("InitConfiguration", warnings)?),
            (GROUP, "ClusterConfiguration") => found.cluster = Some(document.decode("ClusterConfiguration", warnings)?),
            (KUBELET_GROUP, _) => found.kubelet = Some(document.component("v1beta1", "KubeletConfiguration")?),
            (KUBE_PROXY_GROUP, _) => found.kube_proxy = Some(document.component("v1alpha1", "KubeProxyConfiguration")?),
            _ => warnings.push(document.ignored()),
        }
    }
    if found.init.is_none() && found.cluster.is_none() {
        let missing = "no InitConfiguration or ClusterConfiguration kind was found in the configuration file";
        return Err(ConfigError::Missing(missing));
    }
    Ok(found)
}

/// What a file says to `join`.
pub fn join(content: &[u8], warnings: &mut Vec<String>) -> Result<JoinConfiguration, ConfigError> {
    let missing = "no JoinConfiguration found in the supplied config";
    only(content, "JoinConfiguration", missing, false, warnings)
}

/// What a file says to `reset`, which also takes the experimental version.
pub fn reset(content: &[u8], warnings: &mut Vec<String>) -> Result<ResetConfiguration, ConfigError> {
    let missing = "no ResetConfiguration found in the supplied config";
    only(content, "ResetConfiguration", missing, true, warnings)
}

/// The one document of a kind; all others are only looked at.
fn only<T: DeserializeOwned>(
    content: &[u8],
    kind: &'static str,
    missing: &'static str,
    experimental: bool,
    warnings: &mut Vec<String>,
) -> Result<T, ConfigError> {
    let mut found = None;
    for document in split(content)? {
        if document.group == GROUP && document.kind == kind {
            document.check_version(experimental)?;
            found = Some(document.decode(kind, warnings)?);
        } else {
            document.check_kind()?;
            warnings.push(document.ignored());
        }
    }
    found.ok_or(ConfigError::Missing(missing))
}
