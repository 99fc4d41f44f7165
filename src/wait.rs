//! Waiting, with an eye on the causes.
//!
//! Knows goals and time: a goal is any future, and [`until`] ends as soon as the outcome is certain, either way. Why
//! something does not come up is [`diagnose`](crate::diagnose)'s to know.

use std::cell::RefCell;
use std::fmt::Write;
use std::pin::pin;
use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until};

use crate::diagnose::{Diagnosis, Watch, likeliest};
use crate::failure::{Failure, chain};
use crate::ui::Ui;

/// How often a local endpoint is asked.
const POLL: Duration = Duration::from_millis(100);
/// How long one question may take.
const ANSWER: Duration = Duration::from_secs(5);
/// How often the causes are looked at.
const LOOK: Duration = Duration::from_secs(1);

/// A wait that ended without its goal.
#[derive(Debug, thiserror::Error)]
pub enum WaitError {
    /// Further waiting was in vain.
    #[error("{0}")]
    Diagnosed(Diagnosis),
    /// The time is over.
    #[error("{}", timed_out(what, *after, last, cause.as_ref(), seen))]
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
}

impl WaitError {
    /// As a failure whose hints say what to do.
    #[must_use]
    pub fn into_failure(self) -> Failure {
        let hints = match &self {
            Self::Diagnosed(diagnosis) => diagnosis.hints(),
            Self::TimedOut { cause: Some(cause), .. } => cause.hints(),
            Self::TimedOut { .. } => {
                vec!["systemctl status kubelet".to_owned(), "journalctl -xeu kubelet".to_owned()]
            }
            Self::Client { .. } => Vec::new(),
        };
        hints.into_iter().fold(Failure::from(self), Failure::hint)
    }
}

fn timed_out(what: &str, after: Duration, last: &[String], cause: Option<&Box<Diagnosis>>, seen: &[String]) -> String {
    let mut text = format!("{what} not reached within {}", go_duration(after));
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

/// An HTTP endpoint that tells health by answering 200.
#[derive(Debug)]
pub struct Endpoint {
    /// Whose it is: `kube-scheduler`, `kubelet`.
    pub name: String,
    /// Its URL.
    pub url: String,
    client: reqwest::Client,
    last: RefCell<String>,
}

/// How an endpoint is spoken to.
#[derive(Debug, Clone, Copy)]
pub enum Trust<'a> {
    /// Any certificate will do: the endpoint's own, self-signed one on loopback.
    Anyone,
    /// The CA's, PEM, showing a client certificate and key, PEM one after the other.
    Mutual {
        /// The CA's certificate.
        ca: &'a [u8],
        /// Our certificate and key.
        identity: &'a [u8],
    },
}

impl Endpoint {
    /// An endpoint; nothing is sent yet.
    pub fn new(name: &str, url: &str, trust: Trust<'_>) -> Result<Self, WaitError> {
        let failed = |source| WaitError::Client { url: url.to_owned(), source };
        let builder = reqwest::Client::builder().no_proxy().timeout(ANSWER).connect_timeout(ANSWER);
        let builder = match trust {
            Trust::Anyone => builder.tls_danger_accept_invalid_certs(true),
            Trust::Mutual { ca, identity } => {
                let roots = reqwest::Certificate::from_pem_bundle(ca).map_err(failed)?;
                builder.tls_certs_only(roots).identity(reqwest::Identity::from_pem(identity).map_err(failed)?)
            }
        };
        let client = builder.build().map_err(failed)?;
        Ok(Self { name: name.to_owned(), url: url.to_owned(), client, last: RefCell::default() })
    }

    /// Asks until the answer is 200; answers how long that took.
    pub async fn answers(&self) -> Duration {
        let start = Instant::now();
        while !self.ask().await {
            sleep(POLL).await;
        }
        start.elapsed()
    }

    /// Asks once.
    pub async fn ask(&self) -> bool {
        let answer = self.client.get(&self.url).send().await;
        let text = match &answer {
            Ok(response) if response.status() == reqwest::StatusCode::OK => String::new(),
            Ok(response) => format!("status code: {}", response.status().as_u16()),
            Err(error) => format!("error: {}", innermost(error)),
        };
        let well = text.is_empty();
        self.last.replace(text);
        well
    }

    /// The last answer that was not 200, in words; empty after a 200.
    #[must_use]
    pub fn last(&self) -> String {
        self.last.borrow().clone()
    }
}

/// The layers of the HTTP client say the same in other words; what went wrong is at the bottom.
fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    chain(cause)
}

/// A duration as Go prints it, and so kubeadm: `4m0s`, `1.002163512s`, `501.4ms`.
#[must_use]
pub fn go_duration(duration: Duration) -> String {
    let nanos = duration.as_nanos();
    if nanos == 0 {
        return "0s".to_owned();
    }
    for (unit, size) in [("ns", 1_u128), ("µs", 1_000), ("ms", 1_000_000)] {
        if nanos < size * 1000 && nanos < 1_000_000_000 {
            return format!("{}{unit}", decimal(nanos, size));
        }
    }
    let seconds = duration.as_secs();
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    let rest = nanos - u128::from(seconds - seconds % 60) * 1_000_000_000;
    let rest = decimal(rest, 1_000_000_000);
    match (hours, minutes) {
        (0, 0) => format!("{rest}s"),
        (0, minutes) => format!("{minutes}m{rest}s"),
        (hours, minutes) => format!("{hours}h{minutes}m{rest}s"),
    }
}

fn decimal(value: u128, one: u128) -> String {
    let digits = one.ilog10() as usize;
    let fraction = format!("{:0digits$}", value % one);
    match fraction.trim_end_matches('0') {
        "" => (value / one).to_string(),
        fraction => format!("{}.{fraction}", value / one),
    }
}
