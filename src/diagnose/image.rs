//! An image cannot be pulled: a component's, or that of the runtime's pause container.

use std::time::Duration;

use super::seen::PodError;
use super::{Seen, Signature, Verdict, text};

/// What will not mend itself must still be so after this long.
const LASTING: Duration = Duration::from_secs(5);

/// `{}` is whose image: `of etcd`.
pub(super) const TABLE: &[Signature] = &[
    Signature {
        code: "KI-IMAGE-NEVER",
        words: &["is not present with pull policy of Never"],
        cause: "the image {} is not on this node, and its pull policy forbids pulling it",
        remedy: "load the image into the runtime, or set nodeRegistration.imagePullPolicy to IfNotPresent",
        commands: &["ctr -n k8s.io images import FILE.tar"],
        once: true,
    },
    Signature {
        code: "KI-IMAGE-NAME",
        words: &["Failed to apply default image tag"],
        cause: "the image {} has a name that is none",
        remedy: "correct imageRepository or imageTag in the ClusterConfiguration",
        once: true,
        ..Signature::ROW
    },
    Signature {
        code: "KI-IMAGE-RATE-LIMIT",
        words: &["toomanyrequests"],
        cause: "the image {} cannot be pulled, because the registry limits this address",
        remedy: "wait, log in, or use a mirror (--image-repository, or the runtime's registry configuration)",
        ..Signature::ROW
    },
    Signature {
        code: "KI-IMAGE-DNS",
        words: &["dial tcp: lookup"],
        cause: "the image {} cannot be pulled, because its registry's name does not resolve",
        remedy: "mend this host's DNS, or pull from a registry that it can reach (--image-repository; for the pause \
                 image, the runtime's sandbox_image)",
        commands: &["cat /etc/resolv.conf"],
        ..Signature::ROW
    },
    Signature {
        code: "KI-IMAGE-HTTP",
        words: &["server gave HTTP response to HTTPS client"],
        cause: "the image {} cannot be pulled, because its registry speaks plain HTTP",
        remedy: "tell the runtime that this registry speaks HTTP (containerd: hosts.toml under certs.d)",
        ..Signature::ROW
    },
    Signature {
        code: "KI-IMAGE-TLS",
        words: &["x509:"],
        cause: "the image {} cannot be pulled, because the registry's certificate is not trusted",
        remedy: "give the runtime the registry's CA (containerd: hosts.toml under certs.d), and check this host's clock",
        ..Signature::ROW
    },
    Signature {
        code: "KI-IMAGE-PLATFORM",
        words: &["no match for platform"],
        cause: "the image {} does not exist for this machine's architecture",
        remedy: "use a repository that has it for this architecture",
        once: true,
        ..Signature::ROW
    },
    Signature {
        code: "KI-IMAGE-DENIED",
        words: &["unauthorized"],
        cause: "the image {} cannot be pulled, because the registry wants other credentials",
        remedy: "give the runtime credentials for the registry, or correct imageRepository",
        once: true,
        ..Signature::ROW
    },
    Signature {
        code: "KI-IMAGE-DENIED",
        words: &["denied"],
        cause: "the image {} cannot be pulled, because the registry denies it",
        remedy: "give the runtime credentials for the registry, or correct imageRepository",
        once: true,
        ..Signature::ROW
    },
    Signature {
        code: "KI-IMAGE-DENIED",
        words: &["403 Forbidden"],
        cause: "the image {} cannot be pulled, because the registry (or a proxy before it) denies it",
        remedy: "correct imageRepository, or the proxy that the runtime uses",
        once: true,
        ..Signature::ROW
    },
    Signature {
        code: "KI-DISK-FULL",
        words: &["no space left on device"],
        cause: "the image {} cannot be unpacked, because a disk is full",
        remedy: "make room",
        commands: &["df -h /var/lib/containerd"],
        ..Signature::ROW
    },
    Signature {
        code: "KI-IMAGE-UNREACHABLE",
        words: &["failed to do request"],
        cause: "the image {} cannot be pulled, because its registry cannot be reached",
        remedy: "mend the way to the registry (network, proxy, firewall), or load the images by hand",
        ..Signature::ROW
    },
    Signature {
        code: "KI-IMAGE-NOT-FOUND",
        words: &["not found"],
        cause: "the image {} does not exist in its registry",
        remedy: "correct kubernetesVersion, imageRepository or imageTag in the ClusterConfiguration (for the pause \
                 image, the runtime's sandbox_image)",
        once: true,
        ..Signature::ROW
    },
];

pub(super) const UNKNOWN: Signature = Signature {
    code: "KI-IMAGE",
    cause: "the image {} cannot be pulled",
    remedy: "see what the runtime complains of, or load the image by hand",
    ..Signature::ROW
};

const KINDS: [&str; 5] =
    ["ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName", "ImageInspectError"];

pub(super) fn judge(seen: &Seen) -> Option<Verdict> {
    let runs = |error: &PodError| {
        seen.component(&error.component).is_some_and(|it| it.running.is_some() || it.created || !it.exits.is_empty())
    };
    let mut errors = seen.pod_errors(&KINDS);
    errors.retain(|error| !runs(error));
    let last = errors.last()?;
    // The first failure of a pod says most; later ones only that the kubelet pauses before the next try.
    let told = errors.iter().rfind(|error| error.kind != "ImagePullBackOff").unwrap_or(last);
    let signature = Signature::of(TABLE, &told.error).unwrap_or(&UNKNOWN);
    let component = &told.component;
    let evidence = vec![format!("kubelet, of {component}: {}", text::shorten(&told.error))];
    let mut diagnosis = signature.diagnosis(&format!("of {component}"), evidence);
    diagnosis.commands.push(format!("crictl --runtime-endpoint {} images", seen.socket));
    let lasting = seen.elapsed.saturating_sub(errors[0].seen) >= LASTING;
    let again = errors.iter().filter(|error| error.component == *component).count() >= 2;
    let several = errors.iter().any(|error| error.component != *component);
    Some(Verdict { diagnosis, certain: lasting && (again || several || signature.once) })
}

/// What to do about a pull that failed so, where the cause is a known one.
#[must_use]
pub fn pull_remedy(reason: &str) -> Option<&'static str> {
    Signature::of(TABLE, reason).map(|signature| signature.remedy)
}

/// The cause when it is the pause container's image that a sandbox lacks.
pub(super) fn of_sandbox(reason: &str) -> Option<&'static Signature> {
    let image = reason.contains("failed to get sandbox image") || reason.contains("failed to pull image");
    image.then(|| Signature::of(TABLE, reason).unwrap_or(&UNKNOWN))
}
