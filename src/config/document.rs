//! A configuration file's text, to the documents in it.
//!
//! Knows groups, versions and kinds, and how a document becomes a type; refuses to know which command takes which.
//! A key given twice is an error, where kubeadm only warns.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::error::ConfigError;
use super::form::short;
use super::schema::{self, ApiVersion, Findings, Kind};
use crate::yaml;

/// The group of kubeadm's own kinds.
pub(super) const GROUP: &str = "kubeadm.k8s.io";
/// The group of KubeletConfiguration.
pub(super) const KUBELET_GROUP: &str = "kubelet.config.k8s.io";
/// The group of KubeProxyConfiguration.
pub(super) const KUBE_PROXY_GROUP: &str = "kubeproxy.config.k8s.io";

const KNOWN_KINDS: &str = "known are InitConfiguration, ClusterConfiguration, JoinConfiguration, ResetConfiguration \
                           and UpgradeConfiguration of kubeadm.k8s.io/v1beta4";

/// One document, with its type taken off.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Document {
    pub(super) group: String,
    pub(super) version: String,
    pub(super) kind: String,
    pub(super) fields: Map<String, Value>,
}

/// Every document of a file, sorted by group, version and kind.
pub(super) fn split(content: &[u8]) -> Result<Vec<Document>, ConfigError> {
    let text = yaml::text(content).map_err(ConfigError::Yaml)?;
    let values = yaml::documents(text).map_err(ConfigError::Yaml)?;
    let numbered = values.into_iter().enumerate();
    in_order(
        numbered
            .map(|(index, value)| Document::read(index + 1, yaml::without_nulls(value)))
            .collect::<Result<_, _>>()?,
    )
}

/// Sorted by group, version and kind; two of one kind are an error.
pub(super) fn in_order(mut documents: Vec<Document>) -> Result<Vec<Document>, ConfigError> {
    let again = |(index, document): &(usize, &Document)| documents[..*index].iter().any(|d| d.kind == document.kind);
    let twice: Vec<String> =
        documents.iter().enumerate().filter(again).map(|(_, document)| document.kind.clone()).collect();
    if !twice.is_empty() {
        return Err(ConfigError::Twice(twice));
    }
    documents.sort_by(|a, b| (&a.group, &a.version, &a.kind).cmp(&(&b.group, &b.version, &b.kind)));
    Ok(documents)
}

impl Document {
    /// A document of kubeadm's own group; its version is set by whoever knows it.
    pub(super) fn of_kubeadm(kind: &str, fields: Map<String, Value>) -> Self {
        Self { group: GROUP.to_owned(), version: String::new(), kind: kind.to_owned(), fields }
    }

    fn read(number: usize, value: Value) -> Result<Self, ConfigError> {
        let Value::Object(mut fields) = value else {
            let found = short(&value);
            return Err(ConfigError::NotAMap { number, found });
        };
        let mut take = |key: &str| match fields.remove(key) {
            Some(Value::String(text)) => text,
            _ => String::new(),
        };
        let (api_version, kind) = (take("apiVersion"), take("kind"));
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version.as_str()));
        let (group, version) = (group.to_owned(), version.to_owned());
        if group.is_empty() || version.is_empty() || kind.is_empty() {
            return Err(ConfigError::NoKind { group, version, kind });
        }
        Ok(Self { group, version, kind, fields })
    }

    pub(super) fn api_version(&self) -> String {
        format!("{}/{}", self.group, self.version)
    }

    /// What its version knows of its kind; invented versions and kinds are errors.
    pub(super) fn known(&self) -> Result<(ApiVersion, &'static Kind), ConfigError> {
        let version = ApiVersion::named(&self.version);
        let kind = version.and_then(|version| Some((version, schema::kind(version, &self.kind)?)));
        kind.ok_or_else(|| ConfigError::Unknown {
            api_version: self.api_version(),
            kind: self.kind.clone(),
            known: KNOWN_KINDS,
        })
    }

    /// Checks the fields against those of its own version, and leaves those that are known.
    pub(super) fn check(&mut self, warnings: &mut Vec<String>) -> Result<(), ConfigError> {
        let (version, kind) = self.known()?;
        let Findings { wrong, unknown } = schema::check(version, kind.fields, &mut self.fields);
        if let Some((path, reason)) = wrong.into_iter().next() {
            return Err(ConfigError::Field { kind: kind.name, path, reason });
        }
        if !unknown.is_empty() {
            let fields: Vec<String> = unknown.iter().map(|(path, _)| format!("unknown field {path:?}")).collect();
            let (gvk, fields) = (self.go_type(), fields.join(", "));
            warnings.push(format!("error unmarshaling configuration {gvk}: strict decoding error: {fields}"));
        }
        Ok(())
    }

    /// The type that stands for a document of the current version whose fields were checked.
    pub(super) fn decode<T: DeserializeOwned>(self, kind: &'static str) -> Result<T, ConfigError> {
        serde_json::from_value(Value::Object(self.fields)).map_err(|error| ConfigError::Field {
            kind,
            path: "the document".to_owned(),
            reason: error.to_string(),
        })
    }

    /// A component configuration as it stands.
    pub(super) fn component(self, version: &str, kind: &str) -> Result<Value, ConfigError> {
        let wanted = match kind {
            "KubeletConfiguration" => "kubelet.config.k8s.io/v1beta1",
            _ => "kubeproxy.config.k8s.io/v1alpha1",
        };
        if self.kind != kind {
            let (api_version, kind) = (self.api_version(), self.kind);
            let known = "known are KubeletConfiguration of kubelet.config.k8s.io/v1beta1 and KubeProxyConfiguration of \
                         kubeproxy.config.k8s.io/v1alpha1";
            return Err(ConfigError::Unknown { api_version, kind, known });
        }
        if self.version != version {
            return Err(ConfigError::ComponentVersion { found: self.api_version(), wanted });
        }
        Ok(Value::Object(self.fields))
    }

    pub(super) fn ignored(&self) -> String {
        let Self { group, version, kind, .. } = self;
        format!("[config] WARNING: Ignored configuration document with GroupVersionKind {group}/{version}, Kind={kind}")
    }

    /// The type as Go prints it.
    fn go_type(&self) -> String {
        let Self { group, version, kind, .. } = self;
        format!("schema.GroupVersionKind{{Group:{group:?}, Version:{version:?}, Kind:{kind:?}}}")
    }
}
