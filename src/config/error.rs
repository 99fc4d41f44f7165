//! What can be wrong with a configuration, in kubeadm's words where tools look for them.

mod field;

use camino::Utf8PathBuf;

use field::at;
pub use field::{UnknownApi, UnknownField, UnknownFields, WrongField};

use super::duration::NotADuration;
use super::token::NotAToken;
use crate::host::HostError;
use crate::yaml::{Place, YamlError};

/// A configuration that can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file can't be read.
    #[error("unable to read config from {path:?}")]
    Unreadable {
        /// What `--config` names.
        path: Utf8PathBuf,
        /// Why.
        source: HostError,
    },
    /// There is no such file.
    #[error("unable to read config from {path:?}: no such file or directory")]
    NoFile {
        /// What `--config` names.
        path: Utf8PathBuf,
    },
    /// What a file says can't be used.
    #[error("cannot use the configuration file {path:?}")]
    InFile {
        /// What `--config` names.
        path: Utf8PathBuf,
        /// Why.
        source: Box<Self>,
    },
    /// Not YAML.
    #[error("the configuration is not valid YAML")]
    Yaml(#[source] YamlError),
    /// A document that is no map.
    #[error("document {number} of the configuration is not a map of fields but {found}")]
    NotAMap {
        /// From 1.
        number: usize,
        /// What it is.
        found: String,
    },
    /// A document without `apiVersion` or `kind`.
    #[error(
        "invalid configuration for GroupVersionKind {group}/{version}, Kind={kind}: kind and apiVersion is mandatory \
         information that must be specified (document {number}{})", at(*.place)
    )]
    NoKind {
        /// From 1.
        number: usize,
        /// Where it begins, if that is known.
        place: Option<Place>,
        /// Of `apiVersion`; may be empty.
        group: String,
        /// Of `apiVersion`; may be empty.
        version: String,
        /// `kind`; may be empty.
        kind: String,
    },
    /// An `apiVersion` with more in it than a group and a version.
    #[error("unexpected GroupVersion string: {0}")]
    ApiVersion(String),
    /// Kinds given more than once.
    #[error("{}", twice(.0))]
    Twice(Vec<String>),
    /// A version that isn't finished.
    #[error(
        "experimental API spec: {api_version:?} (kind: {kind:?}) is not allowed. You can use the \
         --allow-experimental-api flag if the command supports it."
    )]
    Experimental {
        /// As written.
        api_version: String,
        /// As written.
        kind: String,
    },
    /// A kind or version that never was.
    #[error("no kind {kind:?} is registered for version {api_version:?}; known are {known}")]
    Unknown {
        /// As written.
        api_version: String,
        /// As written.
        kind: String,
        /// What there is.
        known: &'static str,
    },
    /// A component configuration of another version.
    #[error(
        "unsupported apiVersion {found:?}, you may have to do manual conversion to {wanted:?} and run this command again"
    )]
    ComponentVersion {
        /// As written.
        found: String,
        /// The one that is read.
        wanted: String,
    },
    /// A kind that is no component's.
    #[error("--component-configs needs to contain some of [KubeProxyConfiguration KubeletConfiguration]")]
    ComponentConfigs,
    /// The kind that a command works with is missing.
    #[error("{0}")]
    Missing(&'static str),
    /// Fields of another type, and unknown ones where they are errors.
    #[error("{}", bracketed(.0.iter().map(ToString::to_string).chain(.1.iter().map(ToString::to_string))))]
    Fields(Vec<WrongField>, Vec<UnknownFields>),
    /// Types that never were.
    #[error("unknown configuration APIs: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
    UnknownApis(Vec<UnknownApi>),
    /// A field that should be a duration.
    #[error("{kind}: {path}")]
    Duration {
        /// The document's kind.
        kind: &'static str,
        /// `a.b`.
        path: String,
        /// What is wrong.
        source: NotADuration,
    },
    /// Everything that validation found.
    #[error("{}", aggregate(.0))]
    Invalid(Vec<Violation>),
    /// Flags that `--config` excludes.
    #[error("can not mix '--config' with arguments [{}]", .0.join(" "))]
    Mixed(Vec<String>),
    /// A feature gate without a value.
    #[error("missing bool value for feature-gate key:{0}")]
    GateWithoutValue(String),
    /// A feature gate that isn't.
    #[error("unrecognized feature-gate key: {0}")]
    UnknownGate(String),
    /// A feature gate with another value than true or false.
    #[error("invalid value {value} for feature-gate key: {key}, use true|false instead")]
    GateValue {
        /// The gate.
        key: String,
        /// As typed.
        value: String,
    },
    /// A flag's token.
    #[error(transparent)]
    Token(#[from] NotAToken),
    /// A flag's duration.
    #[error("invalid argument {value:?} for \"--{flag}\" flag")]
    Flag {
        /// Its name.
        flag: &'static str,
        /// As typed.
        value: String,
        /// What is wrong.
        source: NotADuration,
    },
    /// More than one container runtime answers.
    #[error(
        "found multiple CRI endpoints on the host. Please define which one do you wish to use by setting the \
         'criSocket' field in the kubeadm configuration file: {}", .0.join(", ")
    )]
    ManyRuntimes(Vec<String>),
    /// No host name.
    #[error("the host's name is empty; give the node's name with --node-name or nodeRegistration.name")]
    NoHostname,
    /// An advertise address that is no address.
    #[error("couldn't use {0:?} as \"apiserver-advertise-address\", must be ipv4 or ipv6 address")]
    AdvertiseAddress(String),
    /// A loopback address was asked for, and lo has no global one.
    #[error("unable to select an IP from lo network interface")]
    NoLoopbackAddress,
    /// An address that an API server can't be reached at.
    #[error("cannot use {0:?} as the bind address for the API Server")]
    BindAddress(String),
    /// `controlPlaneEndpoint` that is no `host[:port]`.
    #[error("hostport {endpoint}: {reason}")]
    HostPort {
        /// As written.
        endpoint: String,
        /// What is wrong.
        reason: String,
    },
    /// Neither a version nor a label.
    #[error("version {0:?} doesn't match patterns for neither semantic version nor labels (stable, latest, ...)")]
    Version(String),
    /// What a label stands for is no version.
    #[error("the label {label:?} stands for {found:?}, which is no Kubernetes version")]
    LabelContent {
        /// As written.
        label: String,
        /// What the server sent.
        found: String,
    },
    /// A version before all that kinit knows.
    #[error(
        "this version of the program only supports deploying clusters with the control plane version >= {minimum}. \
         Current version: {version}"
    )]
    TooOld {
        /// Without `v`.
        minimum: &'static str,
        /// With `v`.
        version: String,
    },
    /// The system has no randomness.
    #[error("couldn't generate a random {0}")]
    Random(&'static str),
    /// A phase without discovery flags runs before the file that it takes instead is there.
    #[error(
        "File {0} does not exists. Please use 'kubeadm join phase control-plane-prepare' subcommands to generate it."
    )]
    NoAdminConf(&'static str),
    /// A document can't be written.
    #[error("cannot write the {kind}")]
    Print {
        /// Its kind.
        kind: &'static str,
        /// Why.
        source: YamlError,
    },
}

/// The most letters of a wrong value that are shown.
const LONGEST: usize = 1_000;

/// One thing that is wrong, with the field's path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {what}")]
pub struct Violation {
    /// `networking.podSubnet`.
    pub path: String,
    /// `Invalid value: "x": why`, `Required value: why`.
    pub what: String,
}

impl Violation {
    /// A text with a wrong value.
    pub fn invalid(path: &str, value: &str, detail: impl std::fmt::Display) -> Self {
        let shown = match value.char_indices().nth(LONGEST) {
            Some((at, _)) => format!("{}…", &value[..at]),
            None => value.to_owned(),
        };
        Self { path: path.to_owned(), what: format!("Invalid value: {shown:?}: {detail}") }
    }

    /// Anything else with a wrong value, shown as JSON.
    pub fn invalid_json(path: &str, value: &serde_json::Value, detail: impl std::fmt::Display) -> Self {
        Self { path: path.to_owned(), what: format!("Invalid value: {value}: {detail}") }
    }

    /// A missing value.
    pub fn required(path: &str, detail: impl std::fmt::Display) -> Self {
        Self { path: path.to_owned(), what: format!("Required value: {detail}") }
    }
}

/// As Go's aggregate prints: each once, in brackets when there are several.
fn aggregate(violations: &[Violation]) -> String {
    bracketed(violations.iter().map(ToString::to_string))
}

fn twice(kinds: &[String]) -> String {
    bracketed(kinds.iter().map(|kind| format!("invalid configuration: kind {kind:?} is specified twice in YAML file")))
}

fn bracketed(texts: impl Iterator<Item = String>) -> String {
    let mut once: Vec<String> = Vec::new();
    for text in texts {
        if !once.contains(&text) {
            once.push(text);
        }
    }
    match once.as_slice() {
        [only] => only.clone(),
        several => format!("[{}]", several.join(", ")),
    }
}
