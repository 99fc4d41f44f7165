//! What to do about a configuration that can't be used.
//!
//! Knows which flag stands for which field; refuses to know what makes a value valid.

use camino::Utf8Path;

use super::document::{KNOWN_COMPONENTS, KNOWN_KINDS};
use super::error::{ConfigError, Violation};
use super::resolve::goes_with_config;
use super::token::PIN_COMMAND;
use crate::failure::Failure;

/// Flags, each with the document and the field that say the same.
const FIELDS: [(&str, &str, &str); 22] = [
    ("apiserver-advertise-address", "InitConfiguration", "localAPIEndpoint.advertiseAddress"),
    ("apiserver-bind-port", "InitConfiguration", "localAPIEndpoint.bindPort"),
    ("apiserver-cert-extra-sans", "ClusterConfiguration", "apiServer.certSANs"),
    ("apiserver-extra-args", "ClusterConfiguration", "apiServer.extraArgs"),
    ("cert-dir", "ClusterConfiguration", "certificatesDir"),
    ("certificate-key", "InitConfiguration", "certificateKey"),
    ("control-plane-endpoint", "ClusterConfiguration", "controlPlaneEndpoint"),
    ("controller-manager-extra-args", "ClusterConfiguration", "controllerManager.extraArgs"),
    ("cri-socket", "InitConfiguration", "nodeRegistration.criSocket"),
    ("discovery-file", "JoinConfiguration", "discovery.file.kubeConfigPath"),
    ("discovery-token-ca-cert-hash", "JoinConfiguration", "discovery.bootstrapToken.caCertHashes"),
    ("feature-gates", "ClusterConfiguration", "featureGates"),
    ("image-repository", "ClusterConfiguration", "imageRepository"),
    ("kubernetes-version", "ClusterConfiguration", "kubernetesVersion"),
    ("node-name", "InitConfiguration", "nodeRegistration.name"),
    ("patches", "InitConfiguration", "patches.directory"),
    ("pod-network-cidr", "ClusterConfiguration", "networking.podSubnet"),
    ("scheduler-extra-args", "ClusterConfiguration", "scheduler.extraArgs"),
    ("service-cidr", "ClusterConfiguration", "networking.serviceSubnet"),
    ("service-dns-domain", "ClusterConfiguration", "networking.dnsDomain"),
    ("token", "InitConfiguration", "bootstrapTokens[0].token"),
    ("token-ttl", "InitConfiguration", "bootstrapTokens[0].ttl"),
];

/// What joining takes, by the field that lacks it; `{pin}` is what prints a pin.
const JOINING: [(&str, &str); 5] = [
    (
        "discovery",
        "give HOST:PORT of the API server with --token and --discovery-token-ca-cert-hash, as the end of init printed \
         them, or --discovery-file",
    ),
    ("discovery.bootstrapToken.apiServerEndpoint", "give the API server as HOST:PORT, such as 192.0.2.10:6443"),
    (
        "discovery.bootstrapToken.caCertHashes",
        "give the pin of the cluster's CA with --discovery-token-ca-cert-hash, as the end of init printed it, or as this \
         prints it on a control-plane node: {pin}",
    ),
    ("discovery.bootstrapToken.token", "give another --token; one looks like abcdef.0123456789abcdef"),
    ("discovery.tlsBootstrapToken", "give another --token; one looks like abcdef.0123456789abcdef"),
];

const REACHABLE: &str = "an address that other nodes reach this one at ('ip address' lists them)";

/// The command that a configuration was for: what can be done about it depends on that.
#[derive(Debug, Clone, Copy)]
pub struct Asking<'a> {
    /// What the program calls itself.
    pub program: &'a str,
    /// The command whose defaults show a whole configuration: `init`, `join` or `reset`; `None` where a file may be any's.
    pub defaults: Option<&'a str>,
    /// The long names of the flags that it takes.
    pub flags: &'a [String],
}

impl Asking<'_> {
    fn example(&self) -> String {
        let program = self.program;
        match self.defaults {
            Some(command) => format!("`{program} config print {command}-defaults` shows a whole one to compare with"),
            None => format!("`{program} config print --help` lists the commands that show whole ones to compare with"),
        }
    }

    fn takes(&self, flag: &str) -> bool {
        self.flags.iter().any(|taken| taken == flag)
    }
}

impl ConfigError {
    /// As a failure of a command that takes no flags about it, with what to do.
    #[must_use]
    pub fn into_failure(self, program: &str) -> Failure {
        self.into_failure_of(&Asking { program, defaults: None, flags: &[] })
    }

    /// As a failure of the command, with what to do.
    #[must_use]
    pub fn into_failure_of(self, asking: &Asking<'_>) -> Failure {
        let remedies = self.remedies(asking);
        remedies.into_iter().fold(Failure::from(self), Failure::hint)
    }

    /// What was found wrong when the file's values were filled in and checked: it is the file's, unless the machine
    /// lacks something.
    #[must_use]
    pub(super) fn in_file(self, path: &Utf8Path) -> Self {
        match self {
            Self::NoHostname | Self::ManyRuntimes(_) | Self::NoLoopbackAddress | Self::Random(_) => self,
            source => Self::InFile { path: path.to_owned(), source: Box::new(source) },
        }
    }

    fn remedies(&self, asking: &Asking<'_>) -> Vec<String> {
        let example = asking.example();
        match self {
            Self::InFile { source, .. } => match source.as_ref() {
                Self::Invalid(violations) => once(violations.iter().map(|violation| remedy_in_file(violation, asking))),
                Self::AdvertiseAddress(_) | Self::BindAddress(_) => {
                    vec![format!("give localAPIEndpoint.advertiseAddress {REACHABLE}")]
                }
                source => source.remedies(asking),
            },
            Self::NoFile { .. } | Self::Unreadable { .. } => {
                vec![format!("give the path of a configuration file; {example}")]
            }
            Self::Yaml(_) | Self::NotAMap { .. } | Self::Fields(..) | Self::Duration { .. } => {
                vec![format!("correct it there; {example}")]
            }
            Self::UnknownApis(_) => vec![format!("known are {KNOWN_KINDS}, and {KNOWN_COMPONENTS}")],
            Self::Missing(_) => {
                vec![format!("add a document of that kind, or give the file to the command that it is for; {example}")]
            }
            Self::NoKind { .. } | Self::ApiVersion(_) | Self::Unknown { .. } => {
                vec![format!("every document begins with its apiVersion and kind; {example}")]
            }
            Self::Twice(_) => vec!["keep one document of each kind; lines of \"---\" separate documents".to_owned()],
            Self::Mixed(flags) => flags.iter().map(|flag| instead(flag)).collect(),
            Self::Invalid(violations) => once(violations.iter().map(|violation| remedy(violation, asking))),
            Self::ComponentConfigs => vec!["give one of the kinds, or both with a comma between them".to_owned()],
            Self::Version(_) | Self::LabelContent { .. } => {
                vec!["give a version such as v1.37.2, or a label such as stable-1 or stable-1.37".to_owned()]
            }
            Self::TooOld { minimum, .. } => vec![format!("give v{minimum} or newer as kubernetesVersion")],
            Self::AdvertiseAddress(_) | Self::BindAddress(_) | Self::NoLoopbackAddress => {
                vec![format!("give --apiserver-advertise-address {REACHABLE}")]
            }
            Self::HostPort { .. } => vec!["give a host name or address, and a port if it is not 6443".to_owned()],
            Self::GateWithoutValue(_) | Self::UnknownGate(_) | Self::GateValue { .. } => {
                vec![
                    "the feature gates are kubeadm's own, not those of Kubernetes: RootlessControlPlane=true|false"
                        .to_owned(),
                ]
            }
            _ => Vec::new(),
        }
    }
}

/// What to do about a flag that `--config` excludes.
fn instead(flag: &str) -> String {
    match FIELDS.iter().find(|(known, ..)| *known == flag) {
        Some((_, kind, path)) => format!("write {path} of the {kind} into the file in place of --{flag}"),
        None => format!("leave --{flag} away, or --config"),
    }
}

/// Of the flags that stand for fields few go with a file.
fn remedy_in_file(violation: &Violation, asking: &Asking<'_>) -> String {
    let path = &violation.path;
    match FIELDS.iter().find(|(flag, _, known)| known == path && goes_with_config(flag) && asking.takes(flag)) {
        Some((flag, ..)) => format!("give another --{flag}, or {path} in the configuration file"),
        None => format!("correct {path} in the configuration file"),
    }
}

fn remedy(violation: &Violation, asking: &Asking<'_>) -> String {
    let path = &violation.path;
    if let Some((_, advice)) = JOINING.iter().find(|(known, _)| known == path) {
        return advice.replace("{pin}", PIN_COMMAND);
    }
    match FIELDS.iter().find(|(flag, _, known)| known == path && asking.takes(flag)) {
        Some((flag, ..)) => format!("give another --{flag}, or {path} in the configuration file"),
        None => format!("correct {path} in the configuration file, or the flag that stands for it"),
    }
}

fn once(remedies: impl Iterator<Item = String>) -> Vec<String> {
    let mut once = Vec::new();
    for remedy in remedies {
        if !once.contains(&remedy) {
            once.push(remedy);
        }
    }
    once
}
