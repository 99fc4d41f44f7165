//! The kubelet dies and dies again, or does not run at all.

mod signatures;

use std::time::Duration;

pub(super) use self::signatures::TABLE;
use super::seen::times;
use super::{Seen, Signature, Verdict, text};

/// How long a kubelet may be stopped before nobody is going to start it.
const STOPPED: Duration = Duration::from_secs(6);

const LOOK: &str = "journalctl -xeu kubelet";

/// What a kubelet says that was given no kubeconfig.
const STANDALONE: &str = "Standalone mode, no API client";

/// The drop-in comes with the package kubeadm.
pub(super) const NO_DROP_IN: Signature = Signature {
    code: "KI-KUBELET-DROP-IN",
    cause: "the kubelet is started without the configuration that was made for it: its service lacks kubeadm's drop-in",
    remedy: "install the package kubeadm of the kubelet's version, which brings 10-kubeadm.conf, or write that file, and run \
             the same command again",
    commands: &["systemctl cat kubelet", "systemctl daemon-reload"],
    ..Signature::ROW
};

/// `{}` is how often it died, and how.
pub(super) const CRASHLOOP: Signature = Signature {
    code: "KI-KUBELET-CRASHLOOP",
    cause: "the kubelet dies again and again ({})",
    remedy: "mend what its last words complain of, then run the same command again",
    commands: &[LOOK, "systemctl status kubelet"],
    ..Signature::ROW
};

pub(super) const MASKED: Signature = Signature {
    code: "KI-KUBELET-STOPPED",
    cause: "the kubelet's service is masked",
    remedy: "unmask and enable it",
    commands: &["systemctl unmask kubelet", "systemctl enable --now kubelet", "systemctl status kubelet"],
    ..Signature::ROW
};

pub(super) const WRONG_UNIT: Signature = Signature {
    code: "KI-KUBELET-STOPPED",
    cause: "the kubelet's service file is wrong",
    remedy: "mend what systemctl status complains of",
    commands: &["systemctl enable --now kubelet", "systemctl status kubelet"],
    ..Signature::ROW
};

pub(super) const NOT_RUNNING: Signature = Signature {
    code: "KI-KUBELET-STOPPED",
    cause: "the kubelet's service is not running",
    remedy: "start it, and see why it stopped",
    commands: &["systemctl enable --now kubelet", "systemctl status kubelet"],
    ..Signature::ROW
};

pub(super) fn judge(seen: &Seen) -> Option<Verdict> {
    let unit = seen.unit.as_ref()?;
    if let Some(line) = seen.kubelet_lines().rev().find(|line| line.text.contains(STANDALONE)) {
        let diagnosis = NO_DROP_IN.diagnosis("", vec![format!("kubelet: {}", text::plain(&line.text))]);
        return Some(Verdict { diagnosis, certain: true });
    }
    if seen.deaths == 0 {
        return stopped(seen);
    }
    let words = last_words(seen);
    let mut evidence: Vec<String> = seen.unit_line().into_iter().collect();
    evidence.extend(words.iter().map(|line| format!("kubelet: {}", text::plain(line))));
    if let Some(signature) = words.as_deref().and_then(|line| Signature::of(TABLE, line)) {
        let certain = signature.once || again(seen);
        let mut diagnosis = signature.diagnosis("", evidence);
        diagnosis.commands.push(LOOK.to_owned());
        return Some(Verdict { diagnosis, certain });
    }
    let limit = unit.result == "start-limit-hit";
    let deaths = format!("it died {}, last with {}", times(seen.deaths), unit.ending());
    let diagnosis = CRASHLOOP.diagnosis(&deaths, evidence);
    Some(Verdict { diagnosis, certain: limit || again(seen) })
}

/// It died twice and is dead now, or died more often than bad luck explains.
fn again(seen: &Seen) -> bool {
    seen.deaths >= 3 || seen.deaths == 2 && seen.unit.as_ref().is_some_and(|unit| unit.died())
}

/// What the kubelet that died last said, or systemd about it when it never ran.
fn last_words(seen: &Seen) -> Option<String> {
    // A kubelet that runs again has not said its last words yet.
    let alive = seen.unit.as_ref().filter(|unit| unit.running()).map(|unit| unit.main_pid);
    let dead = seen.kubelet_lines().rev().map(|line| line.pid).find(|pid| Some(*pid) != alive);
    let own = seen.kubelet_lines().filter(|line| Some(line.pid) == dead).map(|line| line.text.as_str());
    let about = seen.journal.iter().filter(|line| line.pid <= 1 && !line.old).map(|line| line.text.as_str());
    text::last_words(own).or_else(|| about.rev().find(|line| line.contains("Failed to"))).map(str::to_owned)
}

fn stopped(seen: &Seen) -> Option<Verdict> {
    let unit = seen.unit.as_ref().filter(|unit| unit.load != "not-found")?;
    let since = seen.stopped.filter(|_| !seen.kubelet_answered)?;
    let signature = match unit.load.as_str() {
        "masked" => MASKED,
        "bad-setting" | "error" => WRONG_UNIT,
        _ => NOT_RUNNING,
    };
    let diagnosis = signature.diagnosis("", seen.unit_line().into_iter().collect());
    Some(Verdict { diagnosis, certain: seen.elapsed.saturating_sub(since) >= STOPPED })
}
