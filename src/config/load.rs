//! A configuration file, to what it says to a command.
//!
//! Knows which kinds a command takes and which it passes over with a warning; refuses to know defaults and what makes
//! a value valid.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::convert::{self, Lost};
use super::document::{Document, File, GROUP, KUBE_PROXY_GROUP, KUBELET_GROUP, in_order};
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
    /// KubeletConfiguration as written, checked.
    pub kubelet: Option<Map<String, Value>>,
    /// KubeProxyConfiguration as written, checked.
    pub kube_proxy: Option<Map<String, Value>>,
}

const INIT: &str = "InitConfiguration";
const CLUSTER: &str = "ClusterConfiguration";

/// What a file says to `init`, `certs`, `config images` and the like: an InitConfiguration, a ClusterConfiguration or
/// both, and component configurations.
pub fn init(content: &[u8], warnings: &mut Vec<String>) -> Result<InitDocuments, ConfigError> {
    let mut found = InitDocuments::default();
    let reading = Reading { kinds: &[INIT, CLUSTER], components: true, experimental: false };
    for document in reading.current(content, warnings)? {
        match (document.group.as_str(), document.kind.as_str()) {
            (GROUP, INIT) => found.init = Some(document.decode()?),
            (GROUP, CLUSTER) => found.cluster = Some(document.decode()?),
            (KUBELET_GROUP, _) => found.kubelet = Some(document.fields),
            (KUBE_PROXY_GROUP, _) => found.kube_proxy = Some(document.fields),
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
    let reading = Reading { kinds: &["JoinConfiguration"], components: false, experimental: false };
    reading.only(content, warnings)?.ok_or(ConfigError::Missing(missing))
}

/// What a file says to `reset`, which also takes the experimental version.
pub fn reset(content: &[u8], warnings: &mut Vec<String>) -> Result<ResetConfiguration, ConfigError> {
    let missing = "no ResetConfiguration found in the supplied config";
    let reading = Reading { kinds: &["ResetConfiguration"], components: false, experimental: true };
    reading.only(content, warnings)?.ok_or(ConfigError::Missing(missing))
}

/// What a command takes of a file.
struct Reading<'a> {
    /// Kinds of the current version.
    kinds: &'a [&'a str],
    /// Configurations of components, too.
    components: bool,
    /// The experimental version, too.
    experimental: bool,
}

impl Reading<'_> {
    /// The one document of the one kind; all others are only looked at.
    fn only<T: DeserializeOwned>(&self, content: &[u8], warnings: &mut Vec<String>) -> Result<Option<T>, ConfigError> {
        let mut found = None;
        for document in self.current(content, warnings)? {
            if document.group == GROUP && self.kinds.contains(&document.kind.as_str()) {
                found = Some(document.decode()?);
            } else {
                warnings.push(document.ignored());
            }
        }
        Ok(found)
    }

    /// The documents of a file. Those that are wanted are checked and of the current version.
    fn current(&self, content: &[u8], warnings: &mut Vec<String>) -> Result<Vec<Document>, ConfigError> {
        let (file, documents) = File::open(content)?;
        let (mut wanted, mut others) = (Vec::new(), Vec::new());
        for document in documents {
            if self.wants(&document)? { wanted.push(document) } else { others.push(document) }
        }
        check(&file, wanted.iter_mut(), warnings)?;
        let mut current = converted(&file, wanted, warnings);
        // A component's configuration that was a field is checked when it is a document.
        let made = current.iter_mut().filter(|document| !document.within.is_empty());
        check(&file, made, warnings)?;
        current.append(&mut others);
        in_order(current)
    }

    fn wants(&self, document: &Document) -> Result<bool, ConfigError> {
        if document.group != GROUP {
            return Ok(self.components && document.is_component());
        }
        if !document.known()?.1.becomes.iter().any(|kind| self.kinds.contains(kind)) {
            return Ok(false);
        }
        if document.version == ApiVersion::V1.name() && !self.experimental {
            let (api_version, kind) = (document.api_version(), document.kind.clone());
            return Err(ConfigError::Experimental { api_version, kind });
        }
        Ok(true)
    }
}

/// All wrong fields of all documents at once.
fn check<'a>(
    file: &File<'_>,
    documents: impl Iterator<Item = &'a mut Document>,
    warnings: &mut Vec<String>,
) -> Result<(), ConfigError> {
    let (mut wrong, mut unknown) = (Vec::new(), Vec::new());
    for document in documents {
        let found = document.check(file)?;
        wrong.extend(found.0);
        unknown.extend(found.1);
    }
    if !wrong.is_empty() {
        return Err(ConfigError::Fields(wrong));
    }
    warnings.extend(unknown.iter().map(ToString::to_string));
    Ok(())
}

/// Documents of the current version, with words about those that are older.
fn converted(file: &File<'_>, documents: Vec<Document>, warnings: &mut Vec<String>) -> Vec<Document> {
    warnings.extend(old_version(&documents));
    let numbers: Vec<_> = documents.iter().map(|document| (document.kind.clone(), document.number)).collect();
    let (current, lost) = convert::to_current(documents);
    for Lost { kind, field, instead } in lost {
        let number = numbers.iter().find(|(known, _)| known == kind).and_then(|(_, number)| *number);
        let place = file.place(number, &field).map(|place| format!(" at {place}")).unwrap_or_default();
        let new = v1beta4::API_VERSION;
        warnings.push(format!("{kind}: {field}{place} is not carried over to {new}: {instead}"));
    }
    current
}

/// kubeadm refuses documents of old versions.
fn old_version(documents: &[Document]) -> Option<String> {
    let old = |document: &&Document| {
        ApiVersion::named(&document.version).is_some_and(|version| version < ApiVersion::CURRENT)
    };
    let old = documents.iter().filter(|document| document.group == GROUP).find(old)?;
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
