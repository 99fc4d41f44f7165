//! The container runtime went away while something was waited for.

use std::time::Duration;

use super::{Diagnosis, Seen, Verdict};

/// How long a runtime may be away: longer than a restart takes.
const AWAY: Duration = Duration::from_secs(15);

pub(super) fn judge(seen: &Seen) -> Option<Verdict> {
    let (since, words) = seen.runtime_trouble.as_ref()?;
    let diagnosis = Diagnosis {
        code: "KI-RUNTIME-DOWN",
        cause: "the container runtime does not answer".to_owned(),
        evidence: vec![words.clone()],
        remedy: "see why it is not running, and start it".to_owned(),
        commands: vec!["systemctl status containerd".to_owned(), "journalctl -u containerd".to_owned()],
    };
    Some(Verdict { diagnosis, certain: seen.elapsed.saturating_sub(*since) >= AWAY })
}
