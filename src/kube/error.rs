//! How talking to the API server fails, and whether trying again may help.

mod remedy;

use std::error::Error;
use std::io;
use std::time::Duration;

use rustls::CertificateError;

use crate::host::HostError;
use crate::yaml::YamlError;

/// A failure of the cluster: always with the object and its address.
#[derive(Debug, thiserror::Error)]
pub enum KubeError {
    /// A call to the API server failed, or went on failing until its time was over.
    #[error("cannot {verb} {object} at {url}{}", tried_text(*tried))]
    Call {
        /// get, list, create, update, patch, delete.
        verb: &'static str,
        /// Kind, namespace and name.
        object: String,
        /// The whole URL.
        url: String,
        /// How long it was tried; zero when the first answer settled it.
        tried: Duration,
        /// The last answer.
        source: Cause,
    },
    /// A kubeconfig cannot be used.
    #[error("the kubeconfig {what} cannot be used")]
    Kubeconfig {
        /// A path, or what the kubeconfig is for.
        what: String,
        /// Why not.
        source: Box<dyn Error + Send + Sync>,
    },
    /// A kubeconfig that should be on this machine is not.
    #[error("the kubeconfig {path} does not exist")]
    NoKubeconfig {
        /// Where it should be.
        path: String,
    },
    /// admin.conf's group has no rights yet and nothing can give them.
    #[error("the ClusterRoleBinding for the {group} Group is missing but there is no {path} to create it")]
    NoSuperAdmin {
        /// The group.
        group: &'static str,
        /// The missing kubeconfig.
        path: String,
    },
    /// A document that describes no object that kinit knows.
    #[error("{api_version} {kind} {namespace}/{name} is no object that can be written to the cluster")]
    NotAnObject {
        /// As written.
        api_version: String,
        /// As written.
        kind: String,
        /// As written.
        namespace: String,
        /// As written.
        name: String,
    },
    /// An object on the server does not hold what it must.
    #[error("{object}: {problem}")]
    Content {
        /// Kind, namespace and name.
        object: String,
        /// What is wrong.
        problem: String,
    },
    /// A document inside an object could not be written or read.
    #[error("{what}")]
    Yaml {
        /// Which.
        what: String,
        /// Why not.
        source: YamlError,
    },
    /// The machine failed.
    #[error(transparent)]
    Host(#[from] HostError),
}

/// What one attempt ended with.
#[derive(Debug, thiserror::Error)]
pub enum Cause {
    /// The server said no.
    #[error("{}", refusal_text(*code, reason, message))]
    Refused {
        /// HTTP status.
        code: u16,
        /// `AlreadyExists`, `Forbidden`, …
        reason: String,
        /// The server's words.
        message: String,
    },
    /// No answer came.
    #[error("the API server cannot be reached")]
    Unreachable(#[source] Box<dyn Error + Send + Sync>),
    /// No answer came in time.
    #[error("the API server did not answer within {} s", .0.as_secs())]
    Silent(Duration),
    /// An answer that is not JSON.
    #[error("the API server's answer cannot be understood")]
    Garbled(#[source] serde_json::Error),
    /// A Secret of another type is in the way.
    #[error("it is of type {present}, not {wanted}, and no Secret's type can be changed")]
    OtherType {
        /// Its type.
        present: String,
        /// The type that it should be of.
        wanted: String,
    },
    /// The server answers, but what is waited for is not there yet.
    #[error("{0}")]
    NotYet(String),
}

/// How long trying again may help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hope {
    /// Not at all.
    None,
    /// Until the server's own caches have caught up: a binding or a token may be younger than they are.
    Brief,
    /// For as long as one is willing to wait.
    Lasting,
}

/// A server's caches lag by less than this.
pub(super) const BRIEF: Duration = Duration::from_secs(10);

impl Cause {
    /// Whether the object is there already, or may be: a Service whose address is taken is called invalid.
    pub(super) fn may_exist(&self) -> bool {
        matches!(self, Self::Refused { code: 409 | 422, .. })
    }

    /// Whether the object is not there.
    pub(super) fn not_found(&self) -> bool {
        matches!(self, Self::Refused { code: 404, .. })
    }

    pub(super) fn hope(&self) -> Hope {
        match self {
            Self::Refused { code: 408 | 409 | 429 | 500..=599, .. } | Self::Silent(_) | Self::NotYet(_) => {
                Hope::Lasting
            }
            Self::Refused { code: 401 | 403, .. } => Hope::Brief,
            Self::Refused { .. } | Self::Garbled(_) | Self::OtherType { .. } => Hope::None,
            Self::Unreachable(error) if untrusted(error.as_ref()) => Hope::None,
            Self::Unreachable(_) => Hope::Lasting,
        }
    }
}

impl KubeError {
    /// The server's answer, where there was one.
    #[must_use]
    pub fn cause(&self) -> Option<&Cause> {
        match self {
            Self::Call { source, .. } => Some(source),
            _ => None,
        }
    }

    /// The credentials do not suffice.
    #[must_use]
    pub fn is_forbidden(&self) -> bool {
        matches!(self.cause(), Some(Cause::Refused { code: 401 | 403, .. }))
    }

    /// No answer came at all.
    #[must_use]
    pub fn is_unreachable(&self) -> bool {
        matches!(self.cause(), Some(Cause::Unreachable(_) | Cause::Silent(_)))
    }

    /// The server's certificate is not to be trusted, at any time.
    #[must_use]
    pub fn is_untrusted(&self) -> bool {
        matches!(self.cause(), Some(Cause::Unreachable(error)) if untrusted(error.as_ref()))
    }

    /// The server's certificate is not valid yet, or not any more, by a clock that may be about to be set.
    #[must_use]
    pub fn is_out_of_time(&self) -> bool {
        matches!(self.cause(), Some(Cause::Unreachable(error)) if refused(error.as_ref()).is_some_and(out_of_time))
    }
}

fn untrusted(error: &(dyn Error + 'static)) -> bool {
    refused(error).is_some_and(|refused| !out_of_time(refused))
}

fn out_of_time(refused: &CertificateError) -> bool {
    use CertificateError::{Expired, ExpiredContext, NotValidYet, NotValidYetContext};
    matches!(refused, Expired | ExpiredContext { .. } | NotValidYet | NotValidYetContext { .. })
}

/// Why TLS refused a certificate, somewhere below. An io::Error hides what it wraps from `source()`.
fn refused<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a CertificateError> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(rustls::Error::InvalidCertificate(refused)) = error.downcast_ref() {
            return Some(refused);
        }
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = wrapped.map(|inner| inner as &(dyn Error + 'static)).or_else(|| error.source());
    }
    None
}

fn refusal_text(code: u16, reason: &str, message: &str) -> String {
    if message.is_empty() { format!("HTTP {code} {reason}") } else { message.to_owned() }
}

fn tried_text(tried: Duration) -> String {
    if tried.as_secs() == 0 { String::new() } else { format!(", tried for {} s", tried.as_secs()) }
}
