//! Waiting, with an eye on the causes.
//!
//! Knows goals and time: a goal is any future, and [`until`] ends as soon as the outcome is certain, either way. Why
//! something does not come up is [`diagnose`](crate::diagnose)'s to know.

mod bootstrap;
mod control_plane;
mod endpoint;
mod kubelet;

use std::error::Error;
use std::fmt::Write;
use std::pin::pin;
use std::time::Duration;

use camino::Utf8PathBuf;
use tokio::time::{Instant, sleep, sleep_until};

use crate::config::duration::GoDuration;
use crate::diagnose::{Diagnosis, Watch, likeliest};
use crate::failure::Failure;
use crate::host::HostError;
use crate::ui::Ui;
pub use bootstrap::Bootstrap;
pub use control_plane::{ControlPlane, Place, StartingApiServer};
pub use endpoint::{Endpoint, Identity, Trust};
pub use kubelet::{Kubelet, healthy_kubelet};

/// How often the causes are looked at.
const LOOK: Duration = Duration::from_secs(1);

/// A wait that ended without its goal.
#[derive(Debug, thiserror::Error)]
pub enum WaitError {
    /// Further waiting was in vain.
    #[error("{0}")]
    Diagnosed(Diagnosis),
    /// The time is over.
    #[error("{}", timed_out(what, *after, last, cause.as_deref(), seen))]
    TimedOut {
        /// What was waited for.
        what: String,
        /// For how long.
        after: Duration,
        /// How each goal stood at the end.
        last: Vec<String>,
        /// The likeliest cause.
        cause: Option<Box<Diagnosis>>,
        /// Everything that was seen.
        seen: Vec<String>,
    },
    /// The client that asks the endpoint cannot be made.
    #[error("cannot prepare requests to {url}")]
    Client {
        /// The endpoint.
        url: String,
        /// Why not.
        source: reqwest::Error,
    },
    /// A kubeconfig cannot be used to ask with.
    #[error("cannot use the credentials of {path}")]
    Credentials {
        /// The kubeconfig.
        path: Utf8PathBuf,
        /// Why not.
        source: Box<dyn Error>,
    },
    /// A static pod's manifest tells no command line.
    #[error("could not parse the address and port of {component} in {path}")]
    Manifest {
        /// The component.
        component: String,
        /// Its manifest.
        path: Utf8PathBuf,
        /// What is wrong with it.
        source: Box<dyn Error>,
    },
    /// A file could not be read.
    #[error(transparent)]
    Host(#[from] HostError),
}

impl WaitError {
    /// The cause, certain or the likeliest.
    #[must_use]
    pub fn diagnosis(&self) -> Option<&Diagnosis> {
        match self {
            Self::Diagnosed(diagnosis) => Some(diagnosis),
            Self::TimedOut { cause, .. } => cause.as_deref(),
            _ => None,
        }
    }

    /// As a failure whose hints say what to do, with commands of `program` to type.
    #[must_use]
    pub fn into_failure(self, program: &str) -> Failure {
        let hints = match (self.diagnosis(), &self) {
            (Some(diagnosis), _) => diagnosis.hints(program),
            (None, Self::TimedOut { .. }) => {
                vec!["systemctl status kubelet".to_owned(), "journalctl -xeu kubelet".to_owned()]
            }
            _ => Vec::new(),
        };
        hints.into_iter().fold(Failure::from(self), Failure::hint)
    }
}

fn timed_out(what: &str, after: Duration, last: &[String], cause: Option<&Diagnosis>, seen: &[String]) -> String {
    let mut text = format!("timed out after {} waiting for {what}", GoDuration::from(after));
    // Writing to a String cannot fail.
    if let Some(cause) = cause {
        let _ = write!(text, "; the likeliest cause: {} [{}]", cause.cause, cause.code);
    }
    let evidence = cause.iter().flat_map(|cause| &cause.evidence);
    for line in last.iter().chain(evidence).chain(seen) {
        let _ = write!(text, "\n    {line}");
    }
    text
}

/// What is waited for, besides the future itself: words for people.
pub struct Goal<'a> {
    /// `a healthy kubelet`.
    pub what: &'a str,
    /// At most so long.
    pub timeout: Duration,
    /// How it stands: the last answer of each endpoint.
    pub last: &'a dyn Fn() -> Vec<String>,
}

/// Waits for `reached`, watching the causes meanwhile. Ends with its value, with a diagnosis as soon as one is
/// certain, or when the time is over with everything that was seen.
pub async fn until<T>(
    goal: &Goal<'_>,
    reached: impl Future<Output = T>,
    watch: &Watch<'_>,
    ui: &Ui,
) -> Result<T, WaitError> {
    let mut reached = pin!(reached);
    let deadline = Instant::now() + goal.timeout;
    let spinner = ui.spinner(format_args!("Waiting for {}", goal.what));
    loop {
        tokio::select! {
            biased;
            value = &mut reached => return Ok(value),
            () = sleep_until(deadline) => return Err(over(goal, watch)),
            certain = watch.look() => if let Some(diagnosis) = certain {
                return Err(WaitError::Diagnosed(diagnosis));
            },
        }
        match watch.progress() {
            doing if doing.is_empty() => spinner.set(format_args!("Waiting for {}", goal.what)),
            doing => spinner.set(format_args!("Waiting for {} ({doing})", goal.what)),
        }
        tokio::select! {
            biased;
            value = &mut reached => return Ok(value),
            () = sleep_until(deadline) => return Err(over(goal, watch)),
            () = sleep(LOOK) => {},
        }
    }
}

fn over(goal: &Goal<'_>, watch: &Watch<'_>) -> WaitError {
    WaitError::TimedOut {
        what: goal.what.to_owned(),
        after: goal.timeout,
        last: (goal.last)(),
        cause: likeliest(&watch.seen()).map(Box::new),
        seen: watch.summary(),
    }
}

#[cfg(test)]
mod tests;
