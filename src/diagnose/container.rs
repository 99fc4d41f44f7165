//! A static pod's container ends, or cannot be started.

use std::time::Duration;

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

/// What a component's last words tell; `{}` is its name.
pub(super) const TABLE: &[Signature] = &[
    Signature {
        code: "KI-POD-FLAG",
        words: &["unknown flag"],
        cause: "{} does not know one of its flags",
        remedy: "take the flag out of extraArgs of {} in the ClusterConfiguration (or out of the patch to its manifest)",
        once: true,
        ..Signature::ROW
    },
    Signature {
        code: "KI-POD-FLAG",
        words: &["flag provided but not defined"],
        cause: "{} does not know one of its flags",
        remedy: "take the flag out of extraArgs of {} in the ClusterConfiguration (or out of the patch to its manifest)",
        once: true,
        ..Signature::ROW
    },
    Signature {
        code: "KI-POD-FLAG",
        words: &["invalid argument", "for \"--"],
        cause: "{} refuses the value of one of its flags",
        remedy: "correct extraArgs of {} in the ClusterConfiguration (or the patch to its manifest)",
        once: true,
        ..Signature::ROW
    },
    Signature {
        code: "KI-POD-FEATURE-GATE",
        words: &["unrecognized feature gate"],
        cause: "{} does not know one of the feature gates that it was given",
        remedy: "take it out of the feature-gates among the extraArgs of {}",
        once: true,
        ..Signature::ROW
    },
    Signature {
        code: "KI-POD-PORT",
        words: &["address already in use"],
        cause: "another process holds a port of {}",
        remedy: "stop the process that holds it, or choose another port",
        commands: &["ss -tlnp"],
        ..Signature::ROW
    },
    Signature {
        code: "KI-ETCD-ADDRESS",
        words: &["cannot assign requested address"],
        cause: "{} cannot listen on an address that this host does not have",
        remedy: "correct localAPIEndpoint.advertiseAddress, and remove the manifests that were made with the wrong one",
        commands: &["ip address"],
        ..Signature::ROW
    },
    Signature {
        code: "KI-ETCD-MEMBER",
        words: &["has already been bootstrapped"],
        cause: "etcd's data does not belong to the cluster that this member is to start or join",
        remedy: "remove the member from the cluster that it belongs to, and reset this node",
        commands: &["ls -l /var/lib/etcd/member"],
        once: true,
    },
    Signature {
        code: "KI-ETCD-MEMBER",
        words: &["cluster ID mismatch"],
        cause: "etcd's data belongs to another cluster",
        remedy: "empty etcd's data directory, if the data is of no use any more, with reset",
        commands: &["ls -l /var/lib/etcd/member"],
        ..Signature::ROW
    },
    Signature {
        code: "KI-ETCD-DATA",
        words: &["crc mismatch"],
        cause: "etcd's data is damaged",
        remedy: "restore it from a snapshot, or remove the member and join this node again",
        ..Signature::ROW
    },
    Signature {
        code: "KI-POD-FILE",
        words: &["no such file or directory"],
        cause: "{} misses a file",
        remedy: "make the file that it names (certificates: the phase certs), or mount it with extraVolumes",
        commands: &["ls -lR /etc/kubernetes/pki"],
        ..Signature::ROW
    },
    Signature {
        code: "KI-POD-PERMISSION",
        words: &["permission denied"],
        cause: "{} may not read or write a file that it needs",
        remedy: "correct the owner or mode of the file that it names",
        ..Signature::ROW
    },
    Signature {
        code: "KI-POD-CERTIFICATE",
        words: &["authentication handshake failed", "x509:"],
        cause: "{} does not trust the certificate of a server that it needs",
        remedy: "compare the server's certificate with the CA that {} is given; those of another cluster must be \
                 removed and made anew",
        commands: &["openssl verify -CAfile /etc/kubernetes/pki/etcd/ca.crt /etc/kubernetes/pki/etcd/server.crt"],
        once: true,
    },
    Signature {
        code: "KI-POD-CERTIFICATE",
        words: &["command failed", "x509:"],
        cause: "{} does not trust a certificate, or is not trusted",
        remedy: "compare the certificates with their CA; those of another cluster must be removed and made anew",
        commands: &["openssl x509 -noout -text -in /etc/kubernetes/pki/apiserver.crt"],
        ..Signature::ROW
    },
    Signature {
        code: "KI-POD-CERTIFICATE",
        words: &["private key does not match public key"],
        cause: "a certificate of {} does not match its key",
        remedy: "remove both files of the pair that it names and make them anew with the phase certs",
        once: true,
        ..Signature::ROW
    },
    Signature {
        code: "KI-POD-ARCHITECTURE",
        words: &["exec format error"],
        cause: "the image of {} is for another machine architecture",
        remedy: "remove the image from the runtime and pull the right one",
        once: true,
        ..Signature::ROW
    },
    Signature {
        code: "KI-POD-CPU",
        words: &["CPU does not support x86-64"],
        cause: "the image of {} needs a newer CPU than this machine has (or shows to its guest)",
        remedy: "give the virtual machine the host's CPU model, or use images for older CPUs",
        once: true,
        ..Signature::ROW
    },
    Signature {
        code: "KI-POD-COMMAND",
        words: &["executable file not found"],
        cause: "the image of {} does not hold the program that its manifest starts",
        remedy: "correct the image or the patch to the manifest",
        once: true,
        ..Signature::ROW
    },
    Signature {
        code: "KI-POD-MEMORY",
        words: &["OOMKilled"],
        cause: "{} was killed for want of memory",
        remedy: "give the machine more memory, or lift the limit that a patch set",
        commands: &["free -m"],
        ..Signature::ROW
    },
    Signature {
        code: "KI-DISK-FULL",
        words: &["no space left on device"],
        cause: "{} cannot write, because a disk is full",
        remedy: "make room",
        commands: &["df -h /var/lib/etcd /var/log"],
        ..Signature::ROW
    },
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
    let gone = down && !component.created && !waits(&last) && seen.elapsed.saturating_sub(last.seen) >= BACK;
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
