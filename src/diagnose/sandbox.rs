//! A pod's sandbox cannot be made: the runtime or runc refuses.

use std::collections::BTreeSet;
use std::time::Duration;

use super::seen::PodError;
use super::{Seen, Signature, Verdict, image, text};

/// Failures must last this long: a runtime that is only just starting fails too.
const LASTING: Duration = Duration::from_secs(5);

pub(super) const TABLE: &[Signature] = &[
    Signature {
        code: "KI-SANDBOX-CGROUP-DRIVER",
        words: &["expected cgroupsPath to be of format", "for systemd cgroups"],
        cause: "the container runtime makes cgroups through systemd, and the kubelet does not (cgroupDriver: cgroupfs)",
        remedy: "set cgroupDriver: systemd in the KubeletConfiguration document, or SystemdCgroup = false in the \
                 runtime's configuration",
        once: true,
        ..Signature::ROW
    },
    Signature {
        code: "KI-SANDBOX-OOM-SCORE",
        words: &["can't get final child's PID from pipe"],
        cause: "runc cannot start any process here; in a container or a restricted machine it may not lower a \
                process's out-of-memory score",
        remedy: "in containerd's CRI plugin set restrict_oom_score_adj = true, or give the machine CAP_SYS_RESOURCE",
        commands: &["systemctl restart containerd"],
        ..Signature::ROW
    },
    Signature {
        code: "KI-SANDBOX-RUNC",
        words: &["runc did not terminate successfully"],
        cause: "runc itself fails, so that the container runtime cannot make pod sandboxes",
        remedy: "install runc anew; it must run on this machine",
        commands: &["runc --version"],
        ..Signature::ROW
    },
    Signature {
        code: "KI-SANDBOX-CGROUPS-READ-ONLY",
        words: &["cgroup", "read-only file system"],
        cause: "the container runtime cannot make cgroups, because /sys/fs/cgroup is mounted read-only",
        remedy: "mount the cgroup file systems writable",
        commands: &["mount | grep cgroup"],
        ..Signature::ROW
    },
    Signature {
        code: "KI-SANDBOX-NO-RUNC",
        words: &["runc", "executable file not found"],
        cause: "the container runtime cannot find runc",
        remedy: "install runc",
        commands: &["runc --version"],
        ..Signature::ROW
    },
    Signature {
        code: "KI-SANDBOX-NO-SHIM",
        words: &["shim", "executable file not found"],
        cause: "the container runtime cannot find its shim",
        remedy: "install the shim (containerd-shim-runc-v2) beside containerd",
        ..Signature::ROW
    },
    Signature {
        code: "KI-SANDBOX-NO-HANDLER",
        words: &["no runtime for", "is configured"],
        cause: "the container runtime has no OCI runtime configured",
        remedy: "configure runc in the runtime (containerd config default shows how)",
        commands: &["containerd config dump"],
        ..Signature::ROW
    },
    Signature {
        code: "KI-SANDBOX-APPARMOR",
        words: &["apparmor"],
        cause: "the container runtime cannot load its AppArmor profile",
        remedy: "install apparmor's tools, or disable AppArmor in the runtime",
        commands: &["aa-status"],
        ..Signature::ROW
    },
    Signature {
        code: "KI-SANDBOX-OVERLAY",
        words: &["overlay", "invalid argument"],
        cause: "the container runtime cannot mount its overlay (overlay on overlay does not work)",
        remedy: "put the runtime's data on a file system such as ext4 or xfs, or choose another snapshotter",
        commands: &["df -hT /var/lib/containerd"],
        ..Signature::ROW
    },
    Signature {
        code: "KI-DISK-FULL",
        words: &["no space left on device"],
        cause: "the container runtime cannot write, because a disk is full",
        remedy: "make room",
        commands: &["df -h /var/lib/containerd /var/lib/kubelet /run"],
        ..Signature::ROW
    },
    Signature {
        code: "KI-SANDBOX-NETWORK",
        words: &["failed to setup network for sandbox"],
        cause: "the pod network's plugin fails",
        remedy: "look at the CNI configuration",
        commands: &["ls -l /etc/cni/net.d"],
        ..Signature::ROW
    },
];

pub(super) const UNKNOWN: Signature = Signature {
    code: "KI-SANDBOX",
    cause: "the container runtime cannot make pod sandboxes",
    remedy: "mend what the runtime complains of, then run the same command again",
    ..Signature::ROW
};

pub(super) fn judge(seen: &Seen) -> Option<Verdict> {
    let made = |error: &PodError| seen.component(&error.component).is_some_and(|it| it.sandbox || it.healthy.is_some());
    let mut errors = seen.pod_errors(&["CreatePodSandboxError"]);
    errors.retain(|error| !made(error));
    let last = errors.last()?;
    let reason = last.error.as_str();
    let pods: BTreeSet<&str> = errors.iter().map(|error| error.component.as_str()).collect();
    let mut evidence = vec![format!("kubelet, of {}: {}", last.component, text::shorten(reason))];
    evidence.push(format!("no sandbox for {} after {} failures", join(&pods), errors.len()));
    let mut diagnosis = match image::of_sandbox(reason) {
        Some(signature) => signature.diagnosis("of the runtime's pause container", evidence),
        None => Signature::of(TABLE, reason).unwrap_or(&UNKNOWN).diagnosis("", evidence),
    };
    diagnosis.commands.push("journalctl -u containerd".to_owned());
    diagnosis.commands.push("journalctl -xeu kubelet".to_owned());
    let once = Signature::of(TABLE, reason).is_some_and(|signature| signature.once);
    Some(Verdict { diagnosis, certain: once && lasting(seen, &errors) || repeated(seen, &errors) })
}

/// The same pod failed again, seconds apart; or several pods failed, none was made, and it has lasted.
fn repeated(seen: &Seen, errors: &[PodError]) -> bool {
    let again = errors.iter().any(|first| {
        let later = |other: &PodError| {
            other.component == first.component && other.at.saturating_sub(first.at) >= LASTING.as_micros() as u64
        };
        errors.iter().any(later)
    });
    let several = errors.iter().any(|error| error.component != errors[0].component);
    let none = !seen.components.iter().any(|component| component.sandbox);
    again || several && none && lasting(seen, errors)
}

fn lasting(seen: &Seen, errors: &[PodError]) -> bool {
    errors.first().is_some_and(|first| seen.elapsed.saturating_sub(first.seen) >= LASTING)
}

fn join(names: &BTreeSet<&str>) -> String {
    names.iter().copied().collect::<Vec<_>>().join(", ")
}
