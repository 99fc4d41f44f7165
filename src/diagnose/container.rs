//! A static pod's container ends, or cannot be started.

mod signatures;

use std::time::Duration;

pub(super) use self::signatures::TABLE;
use super::seen::times;
use super::{Component, Diagnosis, Exit, Seen, Signature, Verdict, text};

/// A component that ended must be back after this long: the kubelet's first pauses are shorter.
const BACK: Duration = Duration::from_secs(15);
/// etcd, which nobody asks whether it is well, counts as up when it has been running for so long.
const ETCD_UP: Duration = Duration::from_secs(60);

/// Who needs whom: a component ends, and is started again, as long as the other is not up.
const NEEDS: [(&str, &str); 3] =
    [("kube-apiserver", "etcd"), ("kube-controller-manager", "kube-apiserver"), ("kube-scheduler", "kube-apiserver")];

/// Last words of a component that waits for another. No cause of their own while the other is not up.
const WAITING: [&str; 14] = [
    "connection refused",
    "connection reset",
    "deadline exceeded",
    "etcd grpc connection not ready",
    "no route to host",
    "i/o timeout",
    "TLS handshake timeout",
    "timed out waiting for the condition",
    "waiting for apiserver",
    "apiserver being healthy",
    "leaderelection lost",
    "extension-apiserver-authentication",
    "request-header-client-ca-file",
    "the server is currently unable to handle the request",
];

/// `{}` is what is waited for.
pub(super) const WAITS: Signature = Signature {
    code: "KI-POD-WAITS",
    cause: "COMPONENT waits for {}, and gives up",
    remedy: "see why {} is not up",
    commands: &["ls -l /etc/kubernetes/manifests/{}.yaml"],
    ..Signature::ROW
};
/// Who waits.
const WAITER: &str = "COMPONENT";

pub(super) const EXITS: Signature = Signature {
    code: "KI-POD-EXITS",
    cause: "{} starts and ends, again and again",
    remedy: "mend what its last words complain of, then run the same command again",
    ..Signature::ROW
};

/// The runtime made the sandbox and cannot start the container in it.
pub(super) const START: Signature = Signature {
    code: "KI-POD-START",
    cause: "the container runtime cannot start the container of {}",
    remedy: "mend what the runtime complains of, then run the same command again",
    commands: &["journalctl -xeu kubelet"],
    ..Signature::ROW
};

pub(super) fn judge(seen: &Seen) -> Option<Verdict> {
    let verdicts: Vec<Verdict> = seen.components.iter().filter_map(|component| of(seen, component)).collect();
    let certain = verdicts.iter().find(|verdict| verdict.certain).cloned();
    certain.or_else(|| verdicts.into_iter().next()).or_else(|| cannot_start(seen))
}

fn of(seen: &Seen, component: &Component) -> Option<Verdict> {
    if component.healthy.is_some() {
        return None;
    }
    let last = component.exits.last()?;
    let waits = |exit: &&Exit| waits_for_another(seen, component, exit);
    let own: Vec<&Exit> = component.exits.iter().filter(|exit| !exit.old && !waits(exit)).collect();
    let down = component.running.is_none();
    let again = own.len() >= 3 || own.len() == 2 && down;
    let gone =
        down && !last.old && !component.created && !waits(&last) && seen.elapsed.saturating_sub(last.seen) >= BACK;
    let told = own.last().copied().unwrap_or(last);
    let (signature, telling) = match told_by(told) {
        Some((signature, line)) => (Some(signature), line),
        None => (None, None),
    };
    let once = signature.is_some_and(|signature| signature.once) && !told.old;
    let mut evidence = evidence(seen, component, told);
    evidence.extend(telling.map(|line| format!("{}: {}", component.name, text::plain(line))));
    let mut diagnosis = match (signature, needs(seen, component)) {
        (Some(signature), _) => signature.diagnosis(&component.name, evidence),
        (None, Some(other)) if own.is_empty() && !told.old => waiting(component, other, evidence),
        (None, _) => EXITS.diagnosis(&component.name, evidence),
    };
    let socket = &seen.socket;
    diagnosis.commands.push(format!("crictl --runtime-endpoint {socket} logs {}", short(&told.id)));
    Some(Verdict { diagnosis, certain: once || again || gone })
}

/// The signature of an exit, with the line that shows it where that is not the last words.
fn told_by(exit: &Exit) -> Option<(&'static Signature, Option<&str>)> {
    if let Some(signature) = Signature::of(TABLE, &exit.last_words()) {
        return Some((signature, None));
    }
    // Some programs tell before the end: warnings, then a stack trace or a general word.
    let before = exit.log.iter().map(String::as_str).chain([exit.reason.as_str(), exit.message.as_str()]);
    before.rev().find_map(|line| Some((Signature::of(TABLE, line)?, Some(line))))
}

/// It ended because another component is not up yet, which is how the whole starts.
fn waits_for_another(seen: &Seen, component: &Component, exit: &Exit) -> bool {
    let words = exit.last_words().to_lowercase();
    let Some(other) = needs(seen, component) else { return false };
    WAITING.iter().any(|text| words.contains(&text.to_lowercase())) && !up_before(other, exit.seen)
}

/// The component that this one needs. etcd may be another machine's: then nothing here tells whether it is up.
fn needs<'a>(seen: &'a Seen, component: &Component) -> Option<&'a Component> {
    let (_, other) = NEEDS.iter().find(|(name, _)| *name == component.name)?;
    seen.component(other)
}

fn up_before(component: &Component, moment: Duration) -> bool {
    let etcd = component.running.as_ref().filter(|_| component.name == "etcd");
    etcd.is_some_and(|(_, since)| moment.saturating_sub(*since) >= ETCD_UP)
        || component.healthy.is_some_and(|since| since + Duration::from_secs(2) <= moment)
}

fn evidence(seen: &Seen, component: &Component, exit: &Exit) -> Vec<String> {
    let count = component.exits.iter().filter(|exit| !exit.old).count();
    let ago = seen.elapsed.saturating_sub(exit.seen).as_secs();
    let mut lines = vec![format!(
        "{} exited {} while kinit waited, last {ago} s ago with {}{}{}",
        component.name,
        times(u32::try_from(count).unwrap_or(u32::MAX)),
        exit.code,
        if exit.reason.is_empty() { String::new() } else { format!(" ({})", exit.reason) },
        if component.running.is_some() { "" } else { ", and is to be started again" },
    )];
    lines.push(format!("{}: {}", component.name, exit.last_words()));
    lines
}

fn waiting(component: &Component, other: &Component, mut evidence: Vec<String>) -> Diagnosis {
    evidence.push(format!("{}: {}", other.name, other.doing()));
    let diagnosis = WAITS.diagnosis(&other.name, evidence);
    Diagnosis { cause: diagnosis.cause.replace(WAITER, &component.name), ..diagnosis }
}

/// The runtime made the sandbox and cannot start the container in it.
fn cannot_start(seen: &Seen) -> Option<Verdict> {
    let kinds = ["RunContainerError", "CreateContainerError", "CreateContainerConfigError"];
    let mut errors = seen.pod_errors(&kinds);
    errors.retain(|error| seen.component(&error.component).is_some_and(|it| it.running.is_none()));
    let last = errors.last()?;
    let name = &last.component;
    let evidence = vec![format!("kubelet, of {name}: {}", text::shorten(&last.error))];
    let signature = Signature::of(TABLE, &last.error);
    let diagnosis = signature.unwrap_or(&START).diagnosis(name, evidence);
    let again = errors.iter().filter(|error| error.component == *name).count() >= 2;
    Some(Verdict { diagnosis, certain: again || signature.is_some_and(|signature| signature.once) })
}

fn short(id: &str) -> &str {
    id.get(..13).unwrap_or(id)
}
