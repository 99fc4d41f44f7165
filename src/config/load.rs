//! A configuration file, to what it says to a command.
//!
//! Knows which kinds a command takes and which it passes over with a warning; refuses to know defaults and what makes
//! a value valid.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::convert::{self, Lost};
use super::document::{Document, File, GROUP, KUBE_PROXY_GROUP, KUBELET_GROUP, in_order};
use super::error::{ConfigError, UnknownApi};
use super::schema::ApiVersion;
use super::v1beta4::{
    self, ClusterConfiguration, InitConfiguration, JoinConfiguration, ResetConfiguration, UpgradeConfiguration,
};

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

/// What a file says to all commands.
#[derive(Debug, Clone, Default)]
pub struct AllDocuments {
    /// To `init`: there is an InitConfiguration or a ClusterConfiguration.
    pub init: Option<InitDocuments>,
    /// To `join`.
    pub join: Option<JoinConfiguration>,
    /// To `reset`.
    pub reset: Option<ResetConfiguration>,
    /// To `upgrade`.
    pub upgrade: Option<UpgradeConfiguration>,
    /// Component configurations that were fields of a document of an old version.
    pub taken_out: Vec<Value>,
    /// The kinds of those that are documents of their own.
    pub components: Vec<String>,
}

/// What may be in a file without a word.
#[derive(Debug, Clone, Copy, Default)]
pub struct Allowed {
    /// The experimental version, which is an error.
    pub experimental: bool,
    /// An old version, which is a warning.
    pub deprecated: bool,
}

const INIT: &str = "InitConfiguration";
const CLUSTER: &str = "ClusterConfiguration";
const JOIN: &str = "JoinConfiguration";
const RESET: &str = "ResetConfiguration";
const UPGRADE: &str = "UpgradeConfiguration";

/// What a file says to `init`, `certs`, `config images` and the like: an InitConfiguration, a ClusterConfiguration or
/// both, and component configurations.
pub fn init(content: &[u8], warnings: &mut Vec<String>) -> Result<InitDocuments, ConfigError> {
    let mut found = InitDocuments::default();
    let reading = Reading { kinds: &[INIT, CLUSTER], allowed: Allowed::default(), strict: false };
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
    let reading = Reading { kinds: &[JOIN], allowed: Allowed::default(), strict: false };
    reading.only(content, warnings)?.ok_or(ConfigError::Missing(missing))
}

/// What a file says to `reset`, which also takes the experimental version.
pub fn reset(content: &[u8], warnings: &mut Vec<String>) -> Result<ResetConfiguration, ConfigError> {
    let missing = "no ResetConfiguration found in the supplied config";
    let allowed = Allowed { experimental: true, ..Allowed::default() };
    let reading = Reading { kinds: &[RESET], allowed, strict: false };
    reading.only(content, warnings)?.ok_or(ConfigError::Missing(missing))
}

/// What a file says to anybody. Unknown fields, kinds and versions are errors; no document need be there.
pub fn all(content: &[u8], allowed: Allowed, warnings: &mut Vec<String>) -> Result<AllDocuments, ConfigError> {
    let mut found = AllDocuments::default();
    let reading = Reading { kinds: &[INIT, CLUSTER, JOIN, RESET, UPGRADE], allowed, strict: true };
    // kubeadm's own kinds come first, so that it is known whether there is a cluster for the components.
    for document in reading.current(content, warnings)? {
        if document.is_component() {
            match document.within {
                "" => found.components.push(document.kind.clone()),
                _ => found.taken_out.push(document.whole()),
            }
        }
        match (document.group.as_str(), document.kind.as_str(), &mut found.init) {
            (GROUP, INIT, init) => init.get_or_insert_default().init = Some(document.decode()?),
            (GROUP, CLUSTER, init) => init.get_or_insert_default().cluster = Some(document.decode()?),
            (GROUP, JOIN, _) => found.join = Some(document.decode()?),
            (GROUP, RESET, _) => found.reset = Some(document.decode()?),
            (GROUP, UPGRADE, _) => found.upgrade = Some(document.decode()?),
            (KUBELET_GROUP, _, Some(init)) => init.kubelet = Some(document.fields),
            (KUBE_PROXY_GROUP, _, Some(init)) => init.kube_proxy = Some(document.fields),
            _ => {}
        }
    }
    Ok(found)
}

/// What is taken of a file.
struct Reading<'a> {
    /// Kinds of the current version.
    kinds: &'a [&'a str],
    allowed: Allowed,
    /// What is unknown is an error.
    strict: bool,
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
        if self.strict {
            known_apis(&file, &documents)?;
        }
        let cluster =
            self.kinds.contains(&CLUSTER) && documents.iter().any(|document| document.becomes(&[INIT, CLUSTER]));
        let (mut wanted, mut others) = (Vec::new(), Vec::new());
        for document in documents {
            let wants = if document.is_component() { cluster } else { self.wants(&document)? };
            if wants { wanted.push(document) } else { others.push(document) }
        }
        if !self.allowed.deprecated {
            warnings.extend(old_version(&wanted));
        }
        self.check(&file, wanted.iter_mut(), warnings)?;
        let mut current = converted(&file, wanted, warnings);
        // A component's configuration that was a field is checked when it is a document.
        self.check(&file, current.iter_mut().filter(|document| !document.within.is_empty()), warnings)?;
        current.append(&mut others);
        in_order(current)
    }

    fn wants(&self, document: &Document) -> Result<bool, ConfigError> {
        // A wanted kind is kubeadm's: in another group, that is misspelt.
        if document.group != GROUP && !self.kinds.contains(&document.kind.as_str()) {
            return Ok(false);
        }
        document.known()?;
        let wanted = document.becomes(self.kinds);
        if wanted && document.version == ApiVersion::V1.name() && !self.allowed.experimental {
            let (api_version, kind) = (document.api_version(), document.kind.clone());
            return Err(ConfigError::Experimental { api_version, kind });
        }
        Ok(wanted)
    }

    /// Checks the fields of documents.
    fn check<'d>(
        &self,
        file: &File<'_>,
        documents: impl Iterator<Item = &'d mut Document>,
        warnings: &mut Vec<String>,
    ) -> Result<(), ConfigError> {
        let (mut wrong, mut unknown) = (Vec::new(), Vec::new());
        for document in documents {
            let found = document.check(file)?;
            wrong.extend(found.0);
            unknown.extend(found.1);
        }
        if !self.strict {
            warnings.extend(unknown.drain(..).map(|fields| fields.to_string()));
        }
        if wrong.is_empty() && unknown.is_empty() { Ok(()) } else { Err(ConfigError::Fields(wrong, unknown)) }
    }
}

fn known_apis(file: &File<'_>, documents: &[Document]) -> Result<(), ConfigError> {
    let unknown = documents.iter().filter(|document| !document.is_known());
    let unknown: Vec<UnknownApi> = unknown.map(|document| document.unknown_api(file)).collect();
    if unknown.is_empty() { Ok(()) } else { Err(ConfigError::UnknownApis(unknown)) }
}

/// Documents of the current version, with words about what is lost.
fn converted(file: &File<'_>, documents: Vec<Document>, warnings: &mut Vec<String>) -> Vec<Document> {
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
        "the configuration file is of an old version of the API: {:?} (kind: {:?}); it is read as {}, and written so by \
         the command 'config migrate --old-config old-config-file --new-config new-config-file'",
        old.api_version(),
        old.kind,
        v1beta4::API_VERSION
    ))
}

#[cfg(test)]
mod tests;
