//! A configuration file's text, to the documents in it.
//!
//! Knows groups, versions and kinds, and how a document becomes a type; refuses to know which command takes which.
//! Unknown fields are warnings, as in kubeadm; a key given twice is an error, where kubeadm only warns.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::error::ConfigError;
use super::v1beta4;
use crate::yaml;

/// The group of kubeadm's own kinds.
pub(super) const GROUP: &str = "kubeadm.k8s.io";
/// The group of KubeletConfiguration.
pub(super) const KUBELET_GROUP: &str = "kubelet.config.k8s.io";
/// The group of KubeProxyConfiguration.
pub(super) const KUBE_PROXY_GROUP: &str = "kubeproxy.config.k8s.io";

const KINDS: [&str; 5] =
    ["InitConfiguration", "ClusterConfiguration", "JoinConfiguration", "ResetConfiguration", "UpgradeConfiguration"];
const KNOWN_KINDS: &str = "known are InitConfiguration, ClusterConfiguration, JoinConfiguration, ResetConfiguration \
                           and UpgradeConfiguration of kubeadm.k8s.io/v1beta4";

/// Versions of the past, each with the last kubeadm that reads it.
const OLD: [(&str, &str); 6] = [
    ("v1alpha1", "v1.11"),
    ("v1alpha2", "v1.12"),
    ("v1alpha3", "v1.14"),
    ("v1beta1", "v1.15"),
    ("v1beta2", "v1.22"),
    ("v1beta3", "v1.36"),
];

/// One document, with its type taken off.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Document {
    pub(super) group: String,
    version: String,
    pub(super) kind: String,
    fields: Map<String, Value>,
}

/// Every document of a file, sorted by group, version and kind.
pub(super) fn split(content: &[u8]) -> Result<Vec<Document>, ConfigError> {
    let text = yaml::text(content).map_err(ConfigError::Yaml)?;
    let mut documents: Vec<Document> = Vec::new();
    let mut twice = Vec::new();
    for (index, value) in yaml::documents(text).map_err(ConfigError::Yaml)?.into_iter().enumerate() {
        let document = Document::read(index + 1, yaml::without_nulls(value))?;
        if documents.iter().any(|other| other.kind == document.kind) {
            twice.push(document.kind);
        } else {
            documents.push(document);
        }
    }
    if !twice.is_empty() {
        return Err(ConfigError::Twice(twice));
    }
    documents.sort_by(|a, b| (&a.group, &a.version, &a.kind).cmp(&(&b.group, &b.version, &b.kind)));
    Ok(documents)
}

impl Document {
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

    fn api_version(&self) -> String {
        format!("{}/{}", self.group, self.version)
    }

    /// kubeadm's own kinds: old, experimental and invented ones are errors.
    pub(super) fn check_version(&self, experimental: bool) -> Result<(), ConfigError> {
        let (api_version, kind) = (self.api_version(), self.kind.clone());
        if let Some((_, reader)) = OLD.iter().find(|(version, _)| *version == self.version) {
            return Err(ConfigError::OldVersion { api_version, kind, reader });
        }
        if self.version == "v1" && !experimental {
            return Err(ConfigError::Experimental { api_version, kind });
        }
        self.check_kind()?;
        if api_version != v1beta4::API_VERSION && self.version != "v1" {
            return Err(ConfigError::Unknown { api_version, kind, known: KNOWN_KINDS });
        }
        Ok(())
    }

    /// A kind that kubeadm's group never had is a slip of the pen, not a foreign document.
    pub(super) fn check_kind(&self) -> Result<(), ConfigError> {
        let old = ["MasterConfiguration", "NodeConfiguration", "ClusterStatus"];
        let known = KINDS.contains(&self.kind.as_str()) || old.contains(&self.kind.as_str());
        if self.group == GROUP && !known {
            let (api_version, kind) = (self.api_version(), self.kind.clone());
            return Err(ConfigError::Unknown { api_version, kind, known: KNOWN_KINDS });
        }
        Ok(())
    }

    pub(super) fn decode<T: DeserializeOwned>(
        self,
        kind: &'static str,
        warnings: &mut Vec<String>,
    ) -> Result<T, ConfigError> {
        let gvk = self.go_type();
        let mut unknown = Vec::new();
        let mut track = serde_path_to_error::Track::new();
        let source = Value::Object(self.fields);
        let tracked = serde_path_to_error::Deserializer::new(source, &mut track);
        let decoded = serde_ignored::deserialize(tracked, |path| unknown.push(path_text(&path)));
        let decoded = decoded.map_err(|error| ConfigError::Field {
            kind,
            path: bracket_indices(&track.path().to_string()),
            reason: with_quoting_hint(&error.to_string()),
        })?;
        if !unknown.is_empty() {
            unknown.sort();
            let fields: Vec<String> = unknown.iter().map(|path| format!("unknown field {path:?}")).collect();
            let fields = fields.join(", ");
            warnings.push(format!("error unmarshaling configuration {gvk}: strict decoding error: {fields}"));
        }
        Ok(decoded)
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

/// `a.b[0].c`.
fn path_text(path: &serde_ignored::Path<'_>) -> String {
    use serde_ignored::Path;
    match path {
        Path::Root => String::new(),
        Path::Seq { parent, index } => format!("{}[{index}]", path_text(parent)),
        Path::Map { parent, key } => match path_text(parent) {
            above if above.is_empty() => key.clone(),
            above => format!("{above}.{key}"),
        },
        Path::Some { parent } | Path::NewtypeStruct { parent } | Path::NewtypeVariant { parent } => path_text(parent),
    }
}

/// The other library's `a[0].b` is already so; a path that ends at the top is ".".
fn bracket_indices(path: &str) -> String {
    if path == "." { "the document".to_owned() } else { path.to_owned() }
}

/// YAML reads `n`, `yes` and `1` as what they are not meant to be.
fn with_quoting_hint(reason: &str) -> String {
    let bare = ["boolean", "integer", "floating point"].iter().any(|kind| reason.contains(kind));
    if bare && reason.contains("expected a string") {
        format!("{reason}; put it in quotes if it is meant as text")
    } else {
        reason.to_owned()
    }
}

fn short(value: &Value) -> String {
    let text = value.to_string();
    let cut = text.char_indices().nth(40).map_or(text.len(), |(at, _)| at);
    if cut < text.len() { format!("{}…", &text[..cut]) } else { text }
}
