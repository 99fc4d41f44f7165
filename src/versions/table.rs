//! The table of differences: one [`History`] for each fact, read from the sources of kubeadm's releases.
//!
//! For the minors that kubeadm v1.37 installs (1.36 and 1.37) a row holds what v1.37.2 does, which differs from 1.36's
//! own kubeadm in image tags; for older minors, what the kubeadm of that minor does. A row starts at the first release
//! that is known to have it.

use super::{History, Version};

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

/// How a static pod's probes name their port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProbePort {
    /// By number; the container declares no port.
    Number,
    /// By the name `probe-port`, which the container declares.
    Name,
}

/// How a static pod's probes name their port.
pub static PROBE_PORT: History<ProbePort> = History(&[(23, 0, ProbePort::Number), (34, 0, ProbePort::Name)]);

/// Whether a static pod says its priority as a number beside the name of its class.
pub static POD_PRIORITY: History<bool> = History(&[(23, 0, false), (27, 0, true)]);

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
const EXPERIMENTAL: Flags =
    &[("experimental-initial-corrupt-check", "true"), ("experimental-watch-progress-notify-interval", "5s")];
const GRADUATED: Flags = &[("feature-gates", "InitialCorruptCheck=true"), ("watch-progress-notify-interval", "5s")];

/// etcd's flags for its corruption check and watch progress: for etcd before 3.6, and since.
static ETCD_FLAGS: History<(Flags, Flags)> = History(&[
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

/// Tags of the images that are not Kubernetes' own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImageTags {
    /// etcd.
    pub etcd: &'static str,
    /// CoreDNS.
    pub coredns: &'static str,
    /// The pause container.
    pub pause: &'static str,
}

const fn tags(etcd: &'static str, coredns: &'static str, pause: &'static str) -> ImageTags {
    ImageTags { etcd, coredns, pause }
}

/// Tags of the images that are not Kubernetes' own.
pub static IMAGE_TAGS: History<ImageTags> = History(&[
    (23, 0, tags("3.5.1-0", "v1.8.6", "3.6")),
    (23, 14, tags("3.5.5-0", "v1.8.6", "3.6")),
    (23, 15, tags("3.5.6-0", "v1.8.6", "3.6")),
    (24, 0, tags("3.5.3-0", "v1.8.6", "3.7")),
    (24, 9, tags("3.5.6-0", "v1.8.6", "3.7")),
    (25, 0, tags("3.5.4-0", "v1.9.3", "3.8")),
    (25, 16, tags("3.5.9-0", "v1.9.3", "3.8")),
    (26, 0, tags("3.5.6-0", "v1.9.3", "3.9")),
    (26, 15, tags("3.5.10-0", "v1.9.3", "3.9")),
    (27, 0, tags("3.5.7-0", "v1.10.1", "3.9")),
    (27, 16, tags("3.5.12-0", "v1.10.1", "3.9")),
    (28, 0, tags("3.5.9-0", "v1.10.1", "3.9")),
    (28, 15, tags("3.5.15-0", "v1.10.1", "3.9")),
    (29, 0, tags("3.5.10-0", "v1.11.1", "3.9")),
    (29, 6, tags("3.5.12-0", "v1.11.1", "3.9")),
    (29, 15, tags("3.5.16-0", "v1.11.1", "3.9")),
    (30, 0, tags("3.5.12-0", "v1.11.1", "3.9")),
    (30, 5, tags("3.5.15-0", "v1.11.3", "3.9")),
    (31, 0, tags("3.5.15-0", "v1.11.1", "3.10")),
    (31, 1, tags("3.5.15-0", "v1.11.3", "3.10")),
    (31, 14, tags("3.5.24-0", "v1.11.3", "3.10")),
    (32, 0, tags("3.5.16-0", "v1.11.3", "3.10")),
    (32, 10, tags("3.5.24-0", "v1.11.3", "3.10")),
    (33, 0, tags("3.5.21-0", "v1.12.0", "3.10")),
    (33, 6, tags("3.5.24-0", "v1.12.0", "3.10")),
    (34, 0, tags("3.6.4-0", "v1.12.1", "3.10.1")),
    (34, 2, tags("3.6.5-0", "v1.12.1", "3.10.1")),
    (35, 0, tags("3.6.6-0", "v1.13.1", "3.10.1")),
    (36, 0, tags("3.7.0-0", "v1.14.6", "3.10.2")),
]);

/// Where images come from unless the configuration says otherwise.
pub static IMAGE_REPOSITORY: History<&str> =
    History(&[(23, 0, "k8s.gcr.io"), (23, 15, "registry.k8s.io"), (24, 0, "k8s.gcr.io"), (24, 9, "registry.k8s.io")]);

/// The oldest external etcd that kubeadm takes.
pub static OLDEST_EXTERNAL_ETCD: History<&str> = History(&[
    (23, 0, "3.2.18"),
    (28, 0, "3.4.13-4"),
    (31, 0, "3.5.11-0"),
    (31, 14, "3.5.24-0"),
    (32, 0, "3.5.11-0"),
    (32, 13, "3.5.24-0"),
    (33, 0, "3.5.11-0"),
    (33, 13, "3.5.24-0"),
    (34, 0, "3.5.21-0"),
    (34, 2, "3.5.24-0"),
]);

const CONTROL_PLANE: &str = "node-role.kubernetes.io/control-plane";
const MASTER: &str = "node-role.kubernetes.io/master";
const NO_LOAD_BALANCER: &str = "node.kubernetes.io/exclude-from-external-load-balancers";

/// The labels of a control-plane node, all with an empty value.
pub static CONTROL_PLANE_LABELS: History<&[&str]> =
    History(&[(23, 0, &[MASTER, CONTROL_PLANE, NO_LOAD_BALANCER]), (24, 0, &[CONTROL_PLANE, NO_LOAD_BALANCER])]);

/// The keys of a control-plane node's default taints, all with effect NoSchedule.
pub static CONTROL_PLANE_TAINTS: History<&[&str]> =
    History(&[(23, 0, &[MASTER]), (24, 0, &[MASTER, CONTROL_PLANE]), (25, 0, &[CONTROL_PLANE])]);

/// The keys of the taints that CoreDNS tolerates, all with effect NoSchedule.
pub static COREDNS_TOLERATIONS: History<&[&str]> =
    History(&[(23, 0, &[MASTER, CONTROL_PLANE]), (26, 0, &[CONTROL_PLANE])]);

/// Whether CoreDNS is told not to cache the cluster's own domain: its Kubernetes plugin knows better.
pub static COREFILE_CACHE_DISABLED: History<bool> = History(&[(23, 0, false), (32, 0, true)]);

/// Whether the name of the kubelet's ConfigMap ends in the minor.
static KUBELET_CONFIG_MAP_BY_MINOR: History<bool> = History(&[(23, 0, true), (24, 0, false)]);

/// The name of the ConfigMap that holds the kubelets' configuration; its Role is named `kubeadm:` and this.
#[must_use]
pub fn kubelet_config_map(version: &Version) -> String {
    if *KUBELET_CONFIG_MAP_BY_MINOR.at(version) {
        format!("kubelet-config-{}.{}", version.major(), version.minor())
    } else {
        "kubelet-config".to_owned()
    }
}

/// The KubeProxyConfiguration's mode when the user gives none.
pub static KUBE_PROXY_MODE: History<&str> = History(&[(23, 0, ""), (36, 0, "iptables")]);

/// Flags that the kubelet is given beside the user's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KubeletFlags {
    /// `--network-plugin=cni` in place of the runtime's flags when the socket is dockershim's.
    pub dockershim: bool,
    /// `--container-runtime=remote`.
    pub container_runtime: bool,
    /// `--container-runtime-endpoint`; without it the endpoint stands in the node's instance configuration.
    pub runtime_endpoint: bool,
    /// `--pod-infra-container-image`.
    pub pause_image: bool,
}

const fn kubelet_flags(dockershim: bool, container_runtime: bool, endpoint: bool, pause_image: bool) -> KubeletFlags {
    KubeletFlags { dockershim, container_runtime, runtime_endpoint: endpoint, pause_image }
}

/// Flags that the kubelet is given beside the user's.
pub static KUBELET_FLAGS: History<KubeletFlags> = History(&[
    (23, 0, kubelet_flags(true, true, true, true)),
    (24, 0, kubelet_flags(false, true, true, true)),
    (26, 0, kubelet_flags(false, false, true, true)),
    (34, 0, kubelet_flags(false, false, false, true)),
    (35, 0, kubelet_flags(false, false, false, false)),
]);

/// Whether the node's own /var/lib/kubelet/instance-config.yaml says where the container runtime is.
pub static KUBELET_INSTANCE_CONFIG: History<bool> = History(&[(23, 0, false), (34, 0, true)]);

/// The server that the kubelet's kubeconfig names at `init`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KubeletServer {
    /// The control plane's shared endpoint.
    ControlPlane,
    /// This node's own API server.
    Local,
}

/// The server that the kubelet's kubeconfig names at `init`.
pub static KUBELET_SERVER: History<KubeletServer> =
    History(&[(23, 0, KubeletServer::ControlPlane), (33, 0, KubeletServer::Local)]);

/// The group that the API server itself gives every right.
pub const MASTERS: &str = "system:masters";
/// The group of administrators that the binding of this name gives its rights.
pub const CLUSTER_ADMINS: &str = "kubeadm:cluster-admins";

/// The administrator's group, in admin.conf.
pub static ADMIN_GROUP: History<&str> = History(&[(23, 0, MASTERS), (29, 0, CLUSTER_ADMINS)]);

/// Whether there is a super-admin.conf, and a binding that makes the administrator's group one of administrators.
pub static SUPER_ADMIN: History<bool> = History(&[(23, 0, false), (29, 0, true)]);

/// The group in kube-apiserver's client certificate for kubelets. Without one, the binding
/// `kubeadm:apiserver-kubelet-client` gives the rights.
pub static APISERVER_KUBELET_CLIENT_GROUP: History<Option<&str>> = History(&[
    (23, 0, Some(MASTERS)),
    (29, 0, Some(CLUSTER_ADMINS)),
    (33, 12, None),
    (34, 0, Some(CLUSTER_ADMINS)),
    (34, 8, None),
    (35, 0, Some(CLUSTER_ADMINS)),
    (35, 5, None),
]);

/// The group in the client certificates for etcd.
pub static ETCD_CLIENT_GROUP: History<Option<&str>> = History(&[(23, 0, Some(MASTERS)), (29, 0, None)]);

/// How many minors a kubelet may be behind its control plane.
pub static KUBELET_BEHIND: History<u64> = History(&[(23, 0, 2), (28, 0, 3)]);

/// Whether the kubelet's configuration has `failCgroupV1`.
pub static KUBELET_HAS_FAIL_CGROUP_V1: History<bool> = History(&[(23, 0, false), (31, 0, true)]);

/// Whether the kubelet refuses to start on control groups v1 unless told not to.
pub static KUBELET_REFUSES_CGROUP_V1: History<bool> = History(&[(23, 0, false), (35, 0, true)]);

/// Whether kube-proxy runs the program `conntrack`.
pub static KUBE_PROXY_RUNS_CONNTRACK: History<bool> = History(&[(23, 0, true), (32, 0, false)]);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::versions::{NEWEST_MINOR, OLDEST_MINOR, OWN};

    fn v(minor: u64, patch: u64) -> Version {
        Version::new(1, minor, patch)
    }

    #[test]
    fn rows_ascend_and_start_at_the_oldest() {
        fn check<T>(history: &History<T>) {
            let keys: Vec<(u64, u64)> = history.0.iter().map(|row| (row.0, row.1)).collect();
            assert!(keys.is_sorted_by(|a, b| a < b), "{keys:?}");
            assert_eq!(keys[0], (OLDEST_MINOR, 0));
            assert!(keys.iter().all(|key| key.0 <= NEWEST_MINOR));
        }
        check(&SCHEDULER_PROBES);
        check(&ETCD_PROBES);
        check(&PROBE_PORT);
        check(&POD_PRIORITY);
        check(&EXTRA_CA_DIRS);
        check(&FLEXVOLUME_DIR);
        check(&EXTRA_ARGS);
        check(&ETCD_FLAGS);
        check(&IMAGE_TAGS);
        check(&IMAGE_REPOSITORY);
        check(&OLDEST_EXTERNAL_ETCD);
        check(&CONTROL_PLANE_LABELS);
        check(&CONTROL_PLANE_TAINTS);
        check(&COREDNS_TOLERATIONS);
        check(&COREFILE_CACHE_DISABLED);
        check(&KUBELET_CONFIG_MAP_BY_MINOR);
        check(&KUBE_PROXY_MODE);
        check(&KUBELET_FLAGS);
        check(&KUBELET_INSTANCE_CONFIG);
        check(&KUBELET_SERVER);
        check(&ADMIN_GROUP);
        check(&SUPER_ADMIN);
        check(&APISERVER_KUBELET_CLIENT_GROUP);
        check(&ETCD_CLIENT_GROUP);
        check(&KUBELET_BEHIND);
        check(&KUBELET_HAS_FAIL_CGROUP_V1);
        check(&KUBELET_REFUSES_CGROUP_V1);
        check(&KUBE_PROXY_RUNS_CONNTRACK);
        assert_eq!((OWN.major(), OWN.minor()), (1, NEWEST_MINOR));
    }

    #[test]
    fn every_minor_has_a_way_to_name_the_runtime() {
        for minor in OLDEST_MINOR..=NEWEST_MINOR {
            let flags = KUBELET_FLAGS.at(&v(minor, 0));
            assert!(flags.runtime_endpoint != *KUBELET_INSTANCE_CONFIG.at(&v(minor, 0)), "1.{minor}");
        }
    }

    #[test]
    fn etcd_flags_follow_the_image_while_both_kinds_are_about() {
        assert_eq!(etcd_flags(&v(23, 0), "3.5.1-0"), &[] as Flags);
        assert_eq!(etcd_flags(&v(34, 1), "3.5.24-0"), EXPERIMENTAL);
        assert_eq!(etcd_flags(&v(34, 1), "3.6.4-0"), GRADUATED);
        assert_eq!(etcd_flags(&v(34, 1), "mine"), EXPERIMENTAL);
        assert_eq!(etcd_flags(&OWN, "mine"), GRADUATED);
    }

    #[test]
    fn names_of_the_kubelets_config_map() {
        assert_eq!(kubelet_config_map(&v(23, 4)), "kubelet-config-1.23");
        assert_eq!(kubelet_config_map(&OWN), "kubelet-config");
    }
}
