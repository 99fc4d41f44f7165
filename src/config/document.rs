//! A configuration file's text, to the documents in it.
//!
//! Knows groups, versions and kinds, and how a document becomes a type; refuses to know which command takes which.
//! A key given twice is an error, where kubeadm only warns.

use std::borrow::Cow;
use std::cell::OnceCell;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::error::{ConfigError, UnknownApi, UnknownField, UnknownFields, WrongField};
use super::fields::{Fields, KUBE_PROXY, KUBELET};
use super::findings::{Findings, closest};
use super::form;
use super::schema::{self, ApiVersion, Kind};
use super::shape::short;
use crate::yaml::{self, Place, Places};

/// The group of kubeadm's own kinds.
pub(super) const GROUP: &str = "kubeadm.k8s.io";
/// The group of KubeletConfiguration.
pub(super) const KUBELET_GROUP: &str = "kubelet.config.k8s.io";
/// The group of KubeProxyConfiguration.
pub(super) const KUBE_PROXY_GROUP: &str = "kubeproxy.config.k8s.io";

/// The types that are written, as people say them.
const TYPES: [&str; 7] = [
    "InitConfiguration of kubeadm.k8s.io/v1beta4",
    "ClusterConfiguration of kubeadm.k8s.io/v1beta4",
    "JoinConfiguration of kubeadm.k8s.io/v1beta4",
    "ResetConfiguration of kubeadm.k8s.io/v1beta4",
    "UpgradeConfiguration of kubeadm.k8s.io/v1beta4",
    "KubeletConfiguration of kubelet.config.k8s.io/v1beta1",
    "KubeProxyConfiguration of kubeproxy.config.k8s.io/v1alpha1",
];
pub(super) const KNOWN_KINDS: &str = "InitConfiguration, ClusterConfiguration, JoinConfiguration, ResetConfiguration and \
                                      UpgradeConfiguration of kubeadm.k8s.io/v1beta4";
pub(super) const KNOWN_COMPONENTS: &str = "KubeletConfiguration of kubelet.config.k8s.io/v1beta1 and \
                                           KubeProxyConfiguration of kubeproxy.config.k8s.io/v1alpha1";

/// One document, with its type taken off.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Document {
    pub(super) group: String,
    pub(super) version: String,
    pub(super) kind: String,
    pub(super) fields: Map<String, Value>,
    /// Its number in the file, from 0; `None` for one that was made of some of another's fields.
    pub(super) number: Option<usize>,
    /// The one field of that document that it was, `a.b`; empty for a document of its own.
    pub(super) within: &'static str,
}

/// A file's text, to find fields in.
pub(super) struct File<'a> {
    text: Cow<'a, str>,
    places: OnceCell<Vec<Places>>,
}

impl<'a> File<'a> {
    /// The file, and every document in it, sorted by group, version and kind.
    pub(super) fn open(content: &'a [u8]) -> Result<(Self, Vec<Document>), ConfigError> {
        let text = yaml::text(content).map_err(ConfigError::Yaml)?;
        let values = yaml::documents(&text).map_err(ConfigError::Yaml)?.into_iter().enumerate();
        let file = Self { text, places: OnceCell::new() };
        let documents: Result<_, _> = values.map(|(number, value)| Document::read(number, value, &file)).collect();
        Ok((file, in_order(documents?)?))
    }

    /// Where a document begins.
    pub(super) fn start(&self, document: Option<usize>) -> Option<Place> {
        self.places().get(document?)?.start()
    }

    fn places(&self) -> &[Places] {
        self.places.get_or_init(|| yaml::places(&self.text))
    }

    /// Where a field stands.
    pub(super) fn place(&self, document: Option<usize>, path: &str) -> Option<Place> {
        self.places().get(document?)?.of(path)
    }
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
    /// A document of kubeadm's own group, made of another's fields; whoever knows its version sets it.
    pub(super) fn of_kubeadm(kind: &str, fields: Map<String, Value>) -> Self {
        let (group, version, kind) = (GROUP.to_owned(), String::new(), kind.to_owned());
        Self { group, version, kind, fields, number: None, within: "" }
    }

    fn read(number: usize, value: Value, file: &File<'_>) -> Result<Self, ConfigError> {
        let Value::Object(mut fields) = value else {
            let found = short(&value);
            return Err(ConfigError::NotAMap { number: number + 1, found });
        };
        // To Go's reader of types capitals are all the same; its reader of fields then finds an unknown one.
        let mut take = |key: &str| match fields.remove(key) {
            Some(Value::String(text)) => text,
            Some(_) => String::new(),
            None => {
                let alike = fields.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
                alike.and_then(|(_, value)| value.as_str()).unwrap_or_default().to_owned()
            }
        };
        let (api_version, kind) = (take("apiVersion"), take("kind"));
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version.as_str()));
        if version.contains('/') {
            return Err(ConfigError::ApiVersion(api_version));
        }
        let (group, version) = (group.to_owned(), version.to_owned());
        if group.is_empty() || version.is_empty() || kind.is_empty() {
            let place = file.start(Some(number));
            return Err(ConfigError::NoKind { number: number + 1, place, group, version, kind });
        }
        Ok(Self { group, version, kind, fields, number: Some(number), within: "" })
    }

    pub(super) fn api_version(&self) -> String {
        format!("{}/{}", self.group, self.version)
    }

    /// A component's configuration.
    pub(super) fn is_component(&self) -> bool {
        self.group == KUBELET_GROUP || self.group == KUBE_PROXY_GROUP
    }

    /// Its fields go to one of these kinds of the current version.
    pub(super) fn becomes(&self, kinds: &[&str]) -> bool {
        let goes_to = |kind: &Kind| kind.becomes.iter().any(|kind| kinds.contains(kind));
        self.known().is_ok_and(|(_, kind)| goes_to(kind))
    }

    /// Its type is one that is read.
    pub(super) fn is_known(&self) -> bool {
        if self.group == GROUP { self.known().is_ok() } else { self.component().is_ok() }
    }

    /// With its type.
    pub(super) fn whole(&self) -> Value {
        let mut fields = self.fields.clone();
        fields.insert("apiVersion".to_owned(), self.api_version().into());
        fields.insert("kind".to_owned(), self.kind.clone().into());
        Value::Object(fields)
    }

    /// What its version knows of its kind; invented versions and kinds are errors.
    pub(super) fn known(&self) -> Result<(ApiVersion, &'static Kind), ConfigError> {
        let version = ApiVersion::named(&self.version).filter(|_| self.group == GROUP);
        let kind = version.and_then(|version| Some((version, schema::kind(version, &self.kind)?)));
        kind.ok_or_else(|| self.unknown(KNOWN_KINDS))
    }

    /// Checks the fields against those of its own version; what is unknown is dropped by kubeadm, and kept by components.
    pub(super) fn check(&mut self, file: &File<'_>) -> Result<(Vec<WrongField>, Option<UnknownFields>), ConfigError> {
        let found = if self.is_component() {
            let table = self.component()?;
            form::check(table, &mut self.fields)
        } else {
            let (version, kind) = self.known()?;
            schema::check(version, kind.fields, &mut self.fields)
        };
        Ok(self.report(found, file))
    }

    fn report(&self, found: Findings, file: &File<'_>) -> (Vec<WrongField>, Option<UnknownFields>) {
        let place = |path: &str| match self.within {
            "" => file.place(self.number, path),
            within => file.place(self.number, &format!("{within}.{path}")),
        };
        let wrong = found.wrong.into_iter().map(|(path, reason)| WrongField {
            kind: self.kind.clone(),
            place: place(&path),
            path,
            reason,
        });
        let fields = found.unknown.into_iter();
        let fields: Vec<_> = fields.map(|(path, meant)| UnknownField { place: place(&path), path, meant }).collect();
        let unknown = (!fields.is_empty()).then(|| UnknownFields { gvk: self.go_type(), fields });
        (wrong.collect(), unknown)
    }

    /// The type that stands for a document of the current version whose fields were checked.
    pub(super) fn decode<T: DeserializeOwned>(self) -> Result<T, ConfigError> {
        let kind = self.kind;
        serde_json::from_value(Value::Object(self.fields)).map_err(|error| {
            let path = "the document".to_owned();
            ConfigError::Fields(vec![WrongField { kind, path, place: None, reason: error.to_string() }], Vec::new())
        })
    }

    /// The fields of a component's configuration, if it is of the version that is read.
    fn component(&self) -> Result<&'static [Fields], ConfigError> {
        const READ: [(&str, &str, &str, &[Fields]); 2] = [
            (KUBELET_GROUP, "v1beta1", "KubeletConfiguration", KUBELET),
            (KUBE_PROXY_GROUP, "v1alpha1", "KubeProxyConfiguration", KUBE_PROXY),
        ];
        let row = READ.iter().find(|(group, _, kind, _)| *group == self.group && *kind == self.kind);
        let Some((group, version, _, fields)) = row else { return Err(self.unknown(KNOWN_COMPONENTS)) };
        if self.version != *version {
            return Err(ConfigError::ComponentVersion {
                found: self.api_version(),
                wanted: format!("{group}/{version}"),
            });
        }
        Ok(fields)
    }

    fn unknown(&self, known: &'static str) -> ConfigError {
        ConfigError::Unknown { api_version: self.api_version(), kind: self.kind.clone(), known }
    }

    /// What its type is, where nobody knows it.
    pub(super) fn unknown_api(&self, file: &File<'_>) -> UnknownApi {
        let (api_version, kind) = (self.api_version(), self.kind.clone());
        let meant = closest(&format!("{kind} of {api_version}"), TYPES.into_iter());
        UnknownApi { place: file.start(self.number), meant, api_version, kind }
    }

    pub(super) fn ignored(&self) -> String {
        let Self { group, version, kind, .. } = self;
        format!("Ignored configuration document with GroupVersionKind {group}/{version}, Kind={kind}")
    }

    /// The type as Go prints it.
    pub(super) fn go_type(&self) -> String {
        let Self { group, version, kind, .. } = self;
        format!("schema.GroupVersionKind{{Group:{group:?}, Version:{version:?}, Kind:{kind:?}}}")
    }
}
