//! What can go wrong between kinit and a container runtime, each with its own words.

use std::io;

use tonic::{Code, Status};

use super::KNOWN_SOCKETS;

/// A failure of the container runtime or of the way to it.
#[derive(Debug, thiserror::Error)]
pub enum CriError {
    /// The configured address is no unix socket.
    #[error("{socket:?} is not a unix socket such as {}", KNOWN_SOCKETS[0])]
    NotASocket {
        /// As configured.
        socket: String,
    },
    /// There is no such socket.
    #[error("no container runtime at {socket}: the socket does not exist")]
    Absent {
        /// Where it was looked for.
        socket: String,
    },
    /// The socket may not be opened.
    #[error("the container runtime's socket {socket} may not be opened by this user")]
    Denied {
        /// Which one.
        socket: String,
    },
    /// The socket is there, and cannot be connected to.
    #[error("no container runtime answers at {socket}")]
    Unreachable {
        /// Which one.
        socket: String,
        /// Why not.
        source: io::Error,
    },
    /// An answer did not come in time.
    #[error("the container runtime at {socket} did not answer {call} within {seconds} s")]
    Slow {
        /// Which one.
        socket: String,
        /// What was asked.
        call: &'static str,
        /// How long was waited.
        seconds: u64,
    },
    /// The runtime is there and does not speak CRI v1.
    #[error("CRI v1 is disabled in the container runtime at {socket}: {message}")]
    Disabled {
        /// Which one.
        socket: String,
        /// The runtime's words.
        message: String,
    },
    /// The runtime refused.
    #[error("the container runtime at {socket} failed in {call}: {message}")]
    Call {
        /// Which one.
        socket: String,
        /// What was asked.
        call: &'static str,
        /// Its gRPC code.
        code: Code,
        /// Its words.
        message: String,
    },
    /// The runtime's configuration cannot be read.
    #[error("the configuration that the container runtime at {socket} tells of itself is not JSON")]
    Info {
        /// Which one.
        socket: String,
        /// What is wrong with it.
        source: serde_json::Error,
    },
}

impl CriError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NotASocket { .. } => {
                "set nodeRegistration.criSocket (or --cri-socket) to unix:// and an absolute path".to_owned()
            }
            Self::Absent { .. } => format!(
                "install and start a container runtime (systemctl enable --now containerd), or name its socket with \
                 --cri-socket; the usual ones are {}",
                KNOWN_SOCKETS.join(", ")
            ),
            Self::Denied { .. } => "run this as root".to_owned(),
            Self::Unreachable { .. } => {
                "see why the runtime is not running: systemctl status containerd; journalctl -u containerd".to_owned()
            }
            Self::Slow { .. } => "see what the runtime is doing: journalctl -u containerd".to_owned(),
            Self::Disabled { .. } => "containerd: take \"cri\" out of disabled_plugins in /etc/containerd/config.toml \
                                      (or write a new one: containerd config default > /etc/containerd/config.toml), \
                                      then: systemctl restart containerd; versions before 1.6 do not speak CRI v1 and \
                                      must be upgraded"
                .to_owned(),
            Self::Call { .. } | Self::Info { .. } => return None,
        })
    }

    /// The runtime says that trying again will end the same way: no such image, not allowed, not a name.
    #[must_use]
    pub fn is_definitive(&self) -> bool {
        let Self::Call { code, message, .. } = self else { return false };
        let words = ["not found", "unauthorized", "denied", "invalid reference", "no match for platform"];
        matches!(code, Code::NotFound | Code::InvalidArgument | Code::PermissionDenied | Code::Unauthenticated)
            || words.iter().any(|word| message.to_ascii_lowercase().contains(word))
    }

    /// The runtime has no such call, though it speaks CRI.
    #[must_use]
    pub fn is_unimplemented(&self) -> bool {
        matches!(self, Self::Call { code: Code::Unimplemented, .. })
    }

    /// Whether the runtime could be spoken to at all.
    #[must_use]
    pub fn is_answer(&self) -> bool {
        matches!(self, Self::Call { .. } | Self::Disabled { .. } | Self::Info { .. })
    }

    pub(super) fn from_status(socket: &str, call: &'static str, status: &Status) -> Self {
        let socket = socket.to_owned();
        if let Some(error) = io_cause(status) {
            return match error.kind() {
                io::ErrorKind::NotFound => Self::Absent { socket },
                io::ErrorKind::PermissionDenied => Self::Denied { socket },
                kind => Self::Unreachable { socket, source: io::Error::new(kind, error.to_string()) },
            };
        }
        let message = status.message().to_owned();
        if status.code() == Code::Unimplemented && message.contains("unknown service") {
            return Self::Disabled { socket, message };
        }
        Self::Call { socket, call, code: status.code(), message }
    }
}

fn io_cause(status: &Status) -> Option<&io::Error> {
    let mut cause = std::error::Error::source(status);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return Some(error);
        }
        cause = error.source();
    }
    None
}
