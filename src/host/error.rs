//! What can go wrong with the machine.

use std::io;

use camino::Utf8PathBuf;

/// A failure of the machine: always with the path or the command.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// A file or directory could not be used.
    #[error("cannot {verb} {path}")]
    Io {
        /// What was tried: read, write, list, create, remove, lock, unmount, change the owner of.
        verb: &'static str,
        /// On what.
        path: Utf8PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file or directory is elsewhere, and that is not there.
    #[error("{link} is a link to {target}, which is not there: mount what holds it, or remove the link: rm {link}")]
    Dangling {
        /// The link.
        link: Utf8PathBuf,
        /// Where it points.
        target: Utf8PathBuf,
    },
    /// A command could not be started.
    #[error("cannot run {command:?}")]
    Spawn {
        /// The command line.
        command: String,
        /// Why not.
        source: io::Error,
    },
    /// A command that had to succeed did not.
    #[error("{command:?} {}: {}", status_text(*status), last_lines(stderr))]
    Command {
        /// The command line.
        command: String,
        /// Exit status; `None` when killed by a signal.
        status: Option<i32>,
        /// Its standard error.
        stderr: String,
    },
}

impl HostError {
    /// The kind of the input/output error, where there is one.
    #[must_use]
    pub fn io_kind(&self) -> Option<io::ErrorKind> {
        match self {
            Self::Io { source, .. } | Self::Spawn { source, .. } => Some(source.kind()),
            Self::Dangling { .. } | Self::Command { .. } => None,
        }
    }
}

fn status_text(status: Option<i32>) -> String {
    status.map_or_else(|| "was killed by a signal".to_owned(), |code| format!("exited with {code}"))
}

fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.trim().lines().collect();
    let from = lines.len().saturating_sub(5);
    lines[from..].join("; ")
}
