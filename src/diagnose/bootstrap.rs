//! The kubelet of a joining node does not get its certificate, or may not register.

use std::time::Duration;

use super::{Line, Role, Seen, Signature, Verdict, text};

/// How long a worker's kubelet may fail to reach an API server that kinit itself has just spoken to.
const LASTING: Duration = Duration::from_secs(10);

/// What the kubelet complained of longer ago is over.
const RECENT: Duration = Duration::from_secs(40);

pub(super) const TABLE: &[Signature] = &[
    Signature {
        code: "KI-JOIN-TOKEN",
        words: &["cannot create certificate signing request", "Unauthorized"],
        cause: "the API server rejects the kubelet's bootstrap token",
        remedy: "make a new token on a control plane and join with it",
        commands: &["{program} init phase bootstrap-token"],
        ..Signature::ROW
    },
    Signature {
        code: "KI-JOIN-RBAC",
        words: &["cannot create certificate signing request", "is forbidden"],
        cause: "the bootstrap token may not ask for a certificate",
        remedy: "run init's phase bootstrap-token on a control plane; the token must be in the group \
                 system:bootstrappers:kubeadm:default-node-token",
        commands: &["{program} init phase bootstrap-token"],
        ..Signature::ROW
    },
    Signature {
        code: "KI-JOIN-CSR-DENIED",
        words: &["certificate signing request is denied"],
        cause: "the kubelet's certificate signing request was denied",
        remedy: "see who denied it and why, then join again",
        commands: &["kubectl get csr"],
        once: true,
    },
    Signature {
        code: "KI-JOIN-CLOCK",
        words: &["x509: certificate has expired or is not yet valid"],
        cause: "the clocks of this node and of the control plane disagree, or the API server's certificate has expired",
        remedy: "set this node's clock (chrony, systemd-timesyncd), or renew the certificate on the control plane",
        commands: &["timedatectl", "date"],
        ..Signature::ROW
    },
    Signature {
        code: "KI-JOIN-CA",
        words: &["x509:"],
        cause: "the kubelet does not trust the API server's certificate",
        remedy: "remove what an earlier cluster left on this node with reset, and join again",
        commands: &["openssl x509 -noout -subject -fingerprint -in /etc/kubernetes/pki/ca.crt"],
        ..Signature::ROW
    },
    Signature {
        code: "KI-JOIN-REGISTER",
        words: &["Unable to register node with API server", "forbidden", "system:node:"],
        cause: "the API server does not let the kubelet register its node",
        remedy: "the node's name must be that of its certificate; a node of that name must not belong to another machine",
        commands: &["kubectl get nodes", "cat /var/lib/kubelet/kubeadm-flags.env"],
        ..Signature::ROW
    },
    Signature {
        code: "KI-JOIN-UNREACHABLE",
        words: &["dial tcp"],
        cause: "the kubelet cannot reach the API server",
        remedy: "mend the way from this node to the address that the kubelet uses (firewall, proxy, load balancer)",
        commands: &["grep server: /etc/kubernetes/bootstrap-kubelet.conf"],
        ..Signature::ROW
    },
];

pub(super) const PENDING: Signature = Signature {
    code: "KI-JOIN-CSR-PENDING",
    cause: "the kubelet waits for its certificate: its signing request is not approved, or not signed",
    remedy: "on a control plane see whether the request is there and approve it; if none is signed, see whether \
             kube-controller-manager runs",
    commands: &["kubectl get csr", "kubectl certificate approve NAME"],
    ..Signature::ROW
};

pub(super) fn judge(seen: &Seen) -> Option<Verdict> {
    if seen.role == Role::ControlPlane {
        return None;
    }
    let alive = seen.unit.as_ref().map(|unit| unit.main_pid);
    let recent = seen.elapsed.saturating_sub(RECENT);
    let current = |line: &&Line| alive.is_none_or(|pid| pid == line.pid) && line.seen >= recent;
    // Until it has its certificate the kubelet calls as nobody, and is refused: that is how every join begins.
    let as_nobody = |line: &&Line| line.text.contains("system:anonymous");
    let errors = seen.kubelet_lines().filter(|line| text::severity(&line.text) == Some('E'));
    let errors: Vec<&Line> = errors.filter(current).filter(|line| !as_nobody(line)).collect();
    // What an earlier run reached still holds.
    let registered = seen.journal.iter().any(|line| line.text.contains("Successfully registered node"));
    // Later rows are symptoms of earlier ones.
    let shows = |signature: &'static Signature| {
        let same: Vec<&Line> = errors.iter().copied().filter(|line| signature.matches(&line.text)).collect();
        Some((signature, *same.first()?, *same.last()?, same.len()))
    };
    let found = TABLE.iter().filter(|_| !registered).find_map(shows);
    let Some((signature, first, last, count)) = found else { return pending(seen, registered) };
    let lasts = seen.elapsed.saturating_sub(first.seen) >= LASTING;
    // The API server of a control plane that joins is its own, and starts at the same time.
    let patient = signature.code == "KI-JOIN-UNREACHABLE" && seen.role == Role::JoiningControlPlane;
    let certain = signature.once || count >= 3 && lasts && !patient;
    let mut diagnosis = signature.diagnosis("", vec![format!("kubelet: {}", text::plain(&last.text))]);
    diagnosis.commands.push("journalctl -xeu kubelet".to_owned());
    Some(Verdict { diagnosis, certain })
}

/// The kubelet lives and complains of nothing: it waits for somebody to approve or sign.
fn pending(seen: &Seen, registered: bool) -> Option<Verdict> {
    if registered || !seen.unit.as_ref().is_some_and(|unit| unit.running()) {
        return None;
    }
    Some(Verdict { diagnosis: PENDING.diagnosis("", seen.unit_line().into_iter().collect()), certain: false })
}
