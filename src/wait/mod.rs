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
mod tests {
    use serde_json::json;
    use time::OffsetDateTime;
    use time::macros::datetime;

    use super::*;
    use crate::cri::Cri;
    use crate::diagnose::Role;
    use crate::failure::chain;
    use crate::host::FakeHost;

    const SHOW: &str = "systemctl show --property=LoadState,ActiveState,SubState,Result,NRestarts,ExecMainCode,\
                        ExecMainStatus,MainPID,ExecMainStartTimestamp,ExecMainStartTimestampMonotonic,FragmentPath kubelet";
    const JOURNAL: &str = "journalctl --quiet --no-pager --output=json --output-fields=MESSAGE,_PID --lines=1000 \
                           --unit=kubelet --since=Mon 2026-11-23 13:56:17 UTC";

    /// The start of the run; the kubelet runs since before.
    const BEGAN: OffsetDateTime = datetime!(2026-11-23 14:00:00 UTC);

    fn machine(unit: &str, journal: &str) -> FakeHost {
        let started = "ExecMainStartTimestamp=Mon 2026-11-23 13:56:17 UTC\n";
        FakeHost::new().with_answer(SHOW, 0, &format!("{unit}\n{started}")).with_answer(JOURNAL, 0, journal)
    }

    async fn wait_on(host: &FakeHost, components: &[&str], goal: impl Future<Output = ()>) -> Result<(), WaitError> {
        let cri = Cri::new("/nowhere.sock", None);
        let watch = Watch::new(host, &cri, Role::ControlPlane, components, BEGAN);
        let ui = Ui::into_writers(Box::new(std::io::sink()), Box::new(std::io::sink()));
        let last = || vec!["it said no".to_owned()];
        let what = Goal { what: "a healthy kubelet", timeout: Duration::from_millis(1500), last: &last };
        until(&what, goal, &watch, &ui).await
    }

    const RUNNING: &str = "LoadState=loaded\nActiveState=active\nSubState=running\nMainPID=77";

    #[tokio::test]
    async fn a_goal_that_is_reached_ends_the_wait() {
        wait_on(&machine(RUNNING, ""), &[], async {}).await.unwrap();
    }

    const UNKNOWN_FLAG: &str = r#"E1123 13:56:17.675599   25304 run.go:72] "command failed" err="failed to parse kubelet flag: unknown flag: --x""#;
    const MANIFEST: &str = r#"E1123 14:09:38.209364    7778 file.go:186] "Could not process manifest file" err="/etc/kubernetes/manifests/etcd.yaml: couldn't parse as pod" path="/etc/kubernetes/manifests/etcd.yaml""#;

    /// A line of the journal, so many seconds after the start of the run.
    fn line(second: i64, text: &str) -> String {
        let at = (BEGAN.unix_timestamp() + second) * 1_000_000;
        json!({"__CURSOR": "a", "__REALTIME_TIMESTAMP": at.to_string(), "_PID": "25304", "MESSAGE": text}).to_string()
    }

    #[tokio::test]
    async fn a_cause_of_before_the_run_is_none() {
        let ended = async |second| {
            let error = wait_on(&machine(RUNNING, &line(second, MANIFEST)), &["etcd"], std::future::pending()).await;
            error.unwrap_err()
        };
        let error = ended(1).await;
        assert!(matches!(&error, WaitError::Diagnosed(cause) if cause.code == "KI-MANIFEST"), "{error}");
        let mended = ended(-1).await;
        assert!(matches!(&mended, WaitError::TimedOut { .. }), "{mended}");
        assert!(!mended.to_string().contains("manifest"), "{mended}");
    }

    #[tokio::test]
    async fn a_certain_cause_ends_the_wait_at_once() {
        let unit = "LoadState=loaded\nActiveState=activating\nSubState=auto-restart\nMainPID=0\nExecMainCode=1\n\
                    ExecMainStatus=1";
        let start = Instant::now();
        let error = wait_on(&machine(unit, &line(1, UNKNOWN_FLAG)), &[], std::future::pending()).await.unwrap_err();
        assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
        assert_eq!(
            chain(&error),
            "the kubelet does not know one of its flags [KI-KUBELET-FLAG]\n    \
             kubelet.service: activating (auto-restart), last exit status 1, died once while kinit waited\n    \
             kubelet: command failed: failed to parse kubelet flag: unknown flag: --x"
        );
        assert!(error.into_failure("kinit").hints().iter().any(|hint| hint == "systemctl cat kubelet"));
    }

    #[tokio::test]
    async fn a_wait_that_times_out_tells_everything() {
        let error = wait_on(&machine(RUNNING, ""), &["etcd"], std::future::pending()).await.unwrap_err();
        assert_eq!(
            chain(&error),
            "timed out after 1.5s waiting for a healthy kubelet; the likeliest cause: the container runtime does not answer \
             [KI-RUNTIME-DOWN]\n    it said no\n    no container runtime at unix:///nowhere.sock: the socket does not \
             exist\n    kubelet.service: active (running)\n    runtime: no container runtime at unix:///nowhere.sock: the \
             socket does not exist\n    etcd: no sandbox yet"
        );
    }
}
