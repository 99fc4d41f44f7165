//! Why a cluster is not trusted, each in its own words.

use std::error::Error;

use crate::config::token::{NotAToken, PIN_COMMAND};
use crate::download::DownloadError;
use crate::failure::Failure;
use crate::kube::KubeError;
use crate::yaml::YamlError;

/// A cluster that was not found, or is not to be trusted.
#[derive(Debug, thiserror::Error)]
pub enum DiscoveryError {
    /// Neither a token nor a file.
    #[error("couldn't find a valid discovery configuration")]
    NotConfigured,
    /// The cluster is found, but nothing says who the node is.
    #[error(
        "could not find authentication credentials for the TLS bootstrap process. Please use Token discovery, a \
         discovery file with embedded authentication credentials or a discovery file without authentication \
         credentials but with the TLSBootstrapToken flag"
    )]
    NoCredentials,
    /// Not of a token's form.
    #[error(transparent)]
    Token(#[from] NotAToken),
    /// A pin that is none.
    #[error("invalid discovery token CA certificate hash {pin:?}: {reason}")]
    BadPin {
        /// As given.
        pin: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Nobody answers, or not with cluster-info.
    #[error("failed to request the cluster-info ConfigMap from {server}")]
    Unreachable {
        /// `https://host:port`.
        server: String,
        /// The last answer.
        source: KubeError,
    },
    /// An API server without cluster-info.
    #[error(
        "the API server {server} has no cluster-info ConfigMap in the namespace kube-public: it was not set up for \
         joining by token, or it is still being set up"
    )]
    NoClusterInfo {
        /// `https://host:port`.
        server: String,
    },
    /// cluster-info without a kubeconfig.
    #[error(
        "there is no kubeconfig key in the cluster-info ConfigMap. This API Server isn't set up for token \
         bootstrapping, can't connect"
    )]
    NoKubeconfig,
    /// cluster-info is not signed with the token.
    #[error(
        "token id {id:?} is invalid for this cluster or it has expired. Use \"{program} init phase bootstrap-token\" \
         on the control-plane node to create a new valid token"
    )]
    UnknownToken {
        /// The token's public half.
        id: String,
        /// What this program calls itself.
        program: String,
    },
    /// cluster-info is signed with another secret.
    #[error(
        "failed to verify JWS signature of received cluster info object, can't trust this API Server: cluster-info is \
         signed with a token of id {id:?}, but with another secret than the given one"
    )]
    ForeignSignature {
        /// The token's public half.
        id: String,
    },
    /// The cluster's CA is not the pinned one.
    #[error(
        "cluster CA found in cluster-info ConfigMap is invalid: none of the public keys {} are pinned; expected {}",
        quoted(found),
        quoted(expected)
    )]
    WrongPin {
        /// The pins of the CAs that the cluster has.
        found: Vec<String>,
        /// The given ones.
        expected: Vec<String>,
    },
    /// The server at that address has no certificate of the CA that it told, or one for other names.
    #[error("the API server {server} cannot prove with its certificate that it is the one its cluster-info tells of")]
    Untrusted {
        /// `https://host:port`.
        server: String,
        /// What TLS said.
        source: KubeError,
    },
    /// What was read without trust is not what was read with it.
    #[error("the second kubeconfig from the cluster-info ConfigMap (using validated TLS) was different from the first")]
    Different,
    /// cluster-info's kubeconfig holds no usable CA or server.
    #[error("malformed kubeconfig in the cluster-info ConfigMap")]
    Malformed(#[source] Box<dyn Error + Send + Sync>),
    /// A discovery file that is not there.
    #[error("the discovery file {path} does not exist")]
    NoFile {
        /// Where it should be.
        path: String,
    },
    /// A discovery file that says too little.
    #[error("the discovery file {path} cannot be used: {problem}")]
    BadFile {
        /// Path or URL.
        path: String,
        /// What is missing.
        problem: String,
    },
    /// A discovery file that is no YAML.
    #[error("the discovery file {path} cannot be read")]
    Unreadable {
        /// Path or URL.
        path: String,
        /// Why not.
        source: YamlError,
    },
    /// A discovery URL that yields nothing.
    #[error("cannot get the discovery file from {url}")]
    Download {
        /// The URL.
        url: String,
        /// Why not.
        source: DownloadError,
    },
    /// Reading what trust rests on failed.
    #[error(transparent)]
    Kube(#[from] KubeError),
}

impl DiscoveryError {
    /// Nobody answers at the API server's address.
    #[must_use]
    pub fn is_silence(&self) -> bool {
        matches!(self, Self::Unreachable { source, .. } if source.is_unreachable() && !source.is_untrusted())
    }

    /// What to do about it, as sentences with commands of `program` to type.
    #[must_use]
    pub fn remedies(&self, program: &str) -> Vec<String> {
        let pin = format!("print the pin of the cluster's CA, on a control-plane node: {PIN_COMMAND}");
        match self {
            Self::WrongPin { .. } => {
                vec!["if this is not your cluster, do not join it".to_owned(), pin]
            }
            Self::BadPin { .. } => vec![pin],
            Self::ForeignSignature { .. } | Self::Token(_) => vec![format!(
                "make a new token, on a control-plane node, and join with it: {program} init phase bootstrap-token"
            )],
            Self::Unreachable { server, .. } => {
                vec![format!("look whether this machine reaches it: curl -k {server}/livez")]
            }
            Self::NoClusterInfo { .. } | Self::NoKubeconfig => vec![format!(
                "set the cluster up for joining, on a control-plane node: {program} init phase bootstrap-token"
            )],
            Self::Untrusted { source, .. } if source.is_out_of_time() => source.remedies(program),
            Self::Untrusted { .. } => {
                vec![
                    "use one of the names or addresses that the certificate is for, or check whose server it is"
                        .to_owned(),
                ]
            }
            Self::Kube(error) => error.remedies(program),
            _ => Vec::new(),
        }
    }

    /// On its way to the person, in kubeadm's words.
    #[must_use]
    pub fn into_failure(self, program: &str) -> Failure {
        let remedies = self.remedies(program);
        let failure = Failure::from(self).within("couldn't validate the identity of the API Server");
        remedies.into_iter().fold(failure, Failure::hint)
    }
}

fn quoted(pins: &[String]) -> String {
    let quoted: Vec<String> = pins.iter().map(|pin| format!("{pin:?}")).collect();
    quoted.join(", ")
}
