//! What differs in the static pods of the control plane.

use super::super::{History, Version};

/// The paths of a component's health probes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Probes {
    /// Alive.
    pub liveness: &'static str,
    /// Ready; not every component says so.
    pub readiness: Option<&'static str>,
    /// Started.
    pub startup: &'static str,
}

/// kube-scheduler's probes.
pub static SCHEDULER_PROBES: History<Probes> = History(&[
    (23, 0, Probes { liveness: "/healthz", readiness: None, startup: "/healthz" }),
    (32, 0, Probes { liveness: "/livez", readiness: Some("/readyz"), startup: "/livez" }),
]);

/// etcd's probes.
pub static ETCD_PROBES: History<Probes> = History(&[
    (23, 0, Probes { liveness: "/health", readiness: None, startup: "/health" }),
    (
        25,
        0,
        Probes {
            liveness: "/health?exclude=NOSPACE&serializable=true",
            readiness: None,
            startup: "/health?serializable=false",
        },
    ),
    (31, 0, Probes { liveness: "/livez", readiness: Some("/readyz"), startup: "/readyz" }),
]);

/// How the probes of static pods and of CoreDNS name their port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProbePort {
    /// By number; the container declares no port.
    Number,
    /// By the name `probe-port`, which the container declares.
    Name,
}

/// How the probes of static pods and of CoreDNS name their port.
pub static PROBE_PORT: History<ProbePort> = History(&[(23, 0, ProbePort::Number), (34, 0, ProbePort::Name)]);

/// Whether a static pod says its priority as a number beside the name of its class.
pub static POD_PRIORITY: History<bool> = History(&[(23, 0, false), (25, 14, true), (26, 0, false), (26, 15, true)]);

/// Host directories that kube-apiserver and kube-controller-manager get too, where they exist: certificates in
/// /etc/ssl/certs may be links into them.
pub static EXTRA_CA_DIRS: History<&[&str]> = History(&[
    (23, 0, &["/etc/pki", "/usr/share/ca-certificates", "/usr/local/share/ca-certificates", "/etc/ca-certificates"]),
    (
        31,
        0,
        &[
            "/etc/pki/ca-trust",
            "/etc/pki/tls/certs",
            "/etc/ca-certificates",
            "/usr/share/ca-certificates",
            "/usr/local/share/ca-certificates",
        ],
    ),
]);

/// Whether kube-controller-manager gets the directory of FlexVolume plugins.
pub static FLEXVOLUME_DIR: History<bool> = History(&[(23, 0, true), (36, 0, false)]);

/// Where a user's flags stand in a command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExtraArgs {
    /// Among the default ones, all sorted.
    Sorted,
    /// After the default ones, in the user's order.
    Appended,
}

/// Where a user's flags stand in a command line.
pub static EXTRA_ARGS: History<ExtraArgs> = History(&[
    (23, 0, ExtraArgs::Sorted),
    (32, 12, ExtraArgs::Appended),
    (33, 0, ExtraArgs::Sorted),
    (33, 8, ExtraArgs::Appended),
    (34, 0, ExtraArgs::Sorted),
    (34, 4, ExtraArgs::Appended),
    (35, 0, ExtraArgs::Sorted),
    (35, 1, ExtraArgs::Appended),
]);

/// Flags, as name and value.
pub type Flags = &'static [(&'static str, &'static str)];

const CORRUPT_CHECK: Flags = &[("experimental-initial-corrupt-check", "true")];

pub(super) const EXPERIMENTAL: Flags =
    &[("experimental-initial-corrupt-check", "true"), ("experimental-watch-progress-notify-interval", "5s")];

pub(super) const GRADUATED: Flags =
    &[("feature-gates", "InitialCorruptCheck=true"), ("watch-progress-notify-interval", "5s")];

/// etcd's flags for its corruption check and watch progress: for etcd before 3.6, and since.
pub(super) static ETCD_FLAGS: History<(Flags, Flags)> = History(&[
    (23, 0, (&[], &[])),
    (23, 14, (CORRUPT_CHECK, CORRUPT_CHECK)),
    (25, 0, (EXPERIMENTAL, EXPERIMENTAL)),
    (34, 0, (EXPERIMENTAL, GRADUATED)),
    (36, 0, (GRADUATED, GRADUATED)),
]);

/// etcd's flags for its corruption check and watch progress, by the tag of its image: a tag that is no version counts
/// as one before 3.6.
#[must_use]
pub fn etcd_flags(version: &Version, etcd_tag: &str) -> Flags {
    let (before, since) = *ETCD_FLAGS.at(version);
    let new = Version::parse(etcd_tag).is_ok_and(|etcd| (etcd.major(), etcd.minor()) >= (3, 6));
    if new { since } else { before }
}

/// Which authorization modes kube-apiserver gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthorizationModes {
    /// Those of the user that kubeadm knows, else the default ones; they become part of the cluster's configuration.
    Configured,
    /// Exactly the user's; the default ones where he names neither modes nor a file of them.
    AsGiven,
}

/// Which authorization modes kube-apiserver gets.
pub static AUTHORIZATION_MODES: History<AuthorizationModes> =
    History(&[(23, 0, AuthorizationModes::Configured), (30, 0, AuthorizationModes::AsGiven)]);
