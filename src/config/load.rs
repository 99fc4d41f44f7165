//! A configuration file, to what it says to a command.
//!
//! Knows which kinds a command takes and which it passes over with a warning; refuses to know defaults and what makes
//! a value valid.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::convert::{self, Lost};
use super::document::{Document, GROUP, KUBE_PROXY_GROUP, KUBELET_GROUP, in_order, split};
use super::error::ConfigError;
use super::schema::ApiVersion;
use super::v1beta4::{self, ClusterConfiguration, InitConfiguration, JoinConfiguration, ResetConfiguration};

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
    for document in current(content, &["InitConfiguration", "ClusterConfiguration"], false, warnings)? {
        match (document.group.as_str(), document.kind.as_str()) {
            (GROUP, "InitConfiguration") => found.init = Some(document.decode("InitConfiguration")?),
            (GROUP, "ClusterConfiguration") => found.cluster = Some(document.decode("ClusterConfiguration")?),
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
    for document in current(content, &[kind], experimental, warnings)? {
        if document.group == GROUP && document.kind == kind {
            found = Some(document.decode(kind)?);
        } else {
            warnings.push(document.ignored());
        }
    }
    found.ok_or(ConfigError::Missing(missing))
}

/// The documents of a file; those that become one of `kinds` are checked and of the current version.
fn current(
    content: &[u8],
    kinds: &[&str],
    experimental: bool,
    warnings: &mut Vec<String>,
) -> Result<Vec<Document>, ConfigError> {
    let (mut wanted, mut others) = (Vec::new(), Vec::new());
    for mut document in split(content)? {
        if document.group != GROUP || !document.known()?.1.becomes.iter().any(|kind| kinds.contains(kind)) {
            others.push(document);
            continue;
        }
        if document.version == ApiVersion::V1.name() && !experimental {
            let (api_version, kind) = (document.api_version(), document.kind);
            return Err(ConfigError::Experimental { api_version, kind });
        }
        document.check(warnings)?;
        wanted.push(document);
    }
    warnings.extend(old_version(&wanted));
    let (mut current, lost) = convert::to_current(wanted);
    for Lost { kind, field, instead } in lost {
        warnings.push(format!("{kind}: {field} is not carried over to {}: {instead}", v1beta4::API_VERSION));
    }
    current.append(&mut others);
    in_order(current)
}

/// kubeadm refuses documents of old versions.
fn old_version(documents: &[Document]) -> Option<String> {
    let old = |document: &&Document| {
        ApiVersion::named(&document.version).is_some_and(|version| version < ApiVersion::CURRENT)
    };
    let old = documents.iter().find(old)?;
    Some(format!(
        "the configuration file is of an old version of the API: {:?} (kind: {:?}); it is read as {}. To have it \
         written so, run 'kinit config migrate --old-config old-config-file --new-config new-config-file'",
        old.api_version(),
        old.kind,
        v1beta4::API_VERSION
    ))
}

#[cfg(test)]
mod tests;
