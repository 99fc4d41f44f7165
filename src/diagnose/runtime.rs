//! The container runtime went away while something was waited for.

use std::time::Duration;

use super::{Seen, Signature, Verdict};

/// How long a runtime may be away: longer than a restart takes.
const AWAY: Duration = Duration::from_secs(15);

pub(super) const DOWN: Signature = Signature {
    code: "KI-RUNTIME-DOWN",
    cause: "the container runtime does not answer",
    remedy: "see why it is not running, and start it",
    commands: &["systemctl status containerd", "journalctl -u containerd"],
    ..Signature::ROW
};

pub(super) fn judge(seen: &Seen) -> Option<Verdict> {
    let (since, words) = seen.runtime_trouble.as_ref()?;
    let diagnosis = DOWN.diagnosis("", vec![words.clone()]);
    Some(Verdict { diagnosis, certain: seen.elapsed.saturating_sub(*since) >= AWAY })
}
