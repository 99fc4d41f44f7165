//! What differs in the objects that a cluster gets.

use std::collections::BTreeMap;

use super::super::{Gated, History, Version};
use super::kubelet::KUBELET_INSTANCE_CONFIG;

const CONTROL_PLANE: &str = "node-role.kubernetes.io/control-plane";
const MASTER: &str = "node-role.kubernetes.io/master";
const NO_LOAD_BALANCER: &str = "node.kubernetes.io/exclude-from-external-load-balancers";

/// The labels of a control-plane node, all with an empty value.
pub static CONTROL_PLANE_LABELS: History<&[&str]> =
    History(&[(23, 0, &[MASTER, CONTROL_PLANE, NO_LOAD_BALANCER]), (24, 0, &[CONTROL_PLANE, NO_LOAD_BALANCER])]);

/// Whether a Node is annotated where it has no instance configuration.
pub(super) static CRI_SOCKET_ANNOTATION: History<bool> = History(&[(23, 0, true), (36, 0, false)]);

/// Whether a Node's annotation `kubeadm.alpha.kubernetes.io/cri-socket` says where its container runtime is.
#[must_use]
pub fn has_cri_socket_annotation(version: &Version, gates: &BTreeMap<String, bool>) -> bool {
    *CRI_SOCKET_ANNOTATION.at(version) && !KUBELET_INSTANCE_CONFIG.at(version, gates)
}

/// The keys of a control-plane node's default taints, all with effect NoSchedule.
pub static CONTROL_PLANE_TAINTS: History<&[&str]> =
    History(&[(23, 0, &[MASTER]), (24, 0, &[MASTER, CONTROL_PLANE]), (25, 0, &[CONTROL_PLANE])]);

/// The keys of the taints that CoreDNS tolerates, all with effect NoSchedule.
pub static COREDNS_TOLERATIONS: History<&[&str]> =
    History(&[(23, 0, &[MASTER, CONTROL_PLANE]), (26, 0, &[CONTROL_PLANE])]);

/// Whether CoreDNS may get Nodes.
pub static COREDNS_GETS_NODES: History<bool> = History(&[(23, 0, true), (28, 0, false)]);

/// Whether CoreDNS's pods keep away from each other.
pub static COREDNS_SPREADS: History<bool> = History(&[(23, 0, false), (25, 0, true)]);

/// The word for all capabilities, which CoreDNS drops.
pub static COREDNS_DROPS: History<&str> = History(&[(23, 0, "all"), (29, 0, "ALL")]);

/// Whether CoreDNS is told not to cache the cluster's own domain: its Kubernetes plugin knows better.
pub static COREFILE_CACHE_DISABLED: History<bool> = History(&[(23, 0, false), (32, 0, true)]);

/// The API version in which the ConfigMap `kubeadm-config` holds the ClusterConfiguration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoredApi {
    /// `kubeadm.k8s.io/v1beta3`.
    V1beta3,
    /// `kubeadm.k8s.io/v1beta4`.
    V1beta4,
}

/// The API version in which the ConfigMap `kubeadm-config` holds the ClusterConfiguration: the newest that the kubeadm
/// of the minor reads.
pub static STORED_API: History<StoredApi> = History(&[(23, 0, StoredApi::V1beta3), (31, 0, StoredApi::V1beta4)]);

/// Fields of a `kubeadm.k8s.io/v1beta4` ClusterConfiguration that the kubeadm of the minor has no place for, as JSON
/// pointers.
pub static STORED_WITHOUT: History<&[&str]> = History(&[
    (
        23,
        0,
        &[
            HTTP_ENDPOINTS,
            "/apiServer/extraEnvs",
            "/controllerManager/extraEnvs",
            "/scheduler/extraEnvs",
            "/etcd/local/extraEnvs",
            "/dns/disabled",
            "/proxy",
            "/encryptionAlgorithm",
            "/certificateValidityPeriod",
            "/caCertificateValidityPeriod",
        ],
    ),
    (31, 0, &[HTTP_ENDPOINTS]),
    (35, 0, &[]),
]);

/// Values of other fields that the kubeadm of the minor does not take, each behind its JSON pointer.
pub static STORED_WITHOUT_VALUES: History<&[(&str, &str)]> =
    History(&[(23, 0, &[]), (31, 0, &[("/encryptionAlgorithm", "ECDSA-P384")]), (34, 0, &[])]);

const HTTP_ENDPOINTS: &str = "/etcd/external/httpEndpoints";

/// Whether the name of the kubelet's ConfigMap leaves out the minor.
pub(super) static UNVERSIONED_KUBELET_CONFIG_MAP: Gated =
    Gated { gate: "UnversionedKubeletConfigMap", minors: 22..=24, default: History(&[(23, 0, false), (24, 0, true)]) };

/// The name of the ConfigMap that holds the kubelets' configuration; its Role is named `kubeadm:` and this.
#[must_use]
pub fn kubelet_config_map(version: &Version, gates: &BTreeMap<String, bool>) -> String {
    if UNVERSIONED_KUBELET_CONFIG_MAP.at(version, gates) {
        "kubelet-config".to_owned()
    } else {
        format!("kubelet-config-{}.{}", version.major(), version.minor())
    }
}

/// The KubeProxyConfiguration's mode when the user gives none.
pub static KUBE_PROXY_MODE: History<&str> = History(&[(23, 0, ""), (37, 0, "iptables")]);

/// Whether kube-proxy runs the program `conntrack`.
pub static KUBE_PROXY_RUNS_CONNTRACK: History<bool> = History(&[(23, 0, true), (32, 0, false)]);

/// kubeadm's own feature gates (not those of Kubernetes), each with the first and the last minor that knows it.
pub const GATES: &[(&str, u64, u64)] = &[
    ("ControlPlaneKubeletLocalMode", 31, 35),
    ("EtcdLearnerMode", 27, 32),
    ("IPv6DualStack", 16, 23),
    ("NodeLocalCRISocket", 32, 36),
    (ECDSA_KEYS, 19, 36),
    (ROOTLESS, 22, u64::MAX),
    ("UnversionedKubeletConfigMap", 22, 25),
    ("UpgradeAddonsBeforeControlPlane", 28, 30),
    ("WaitForAllControlPlaneComponents", 30, 34),
];

/// The gate that lets the control plane run as other users than root.
pub const ROOTLESS: &str = "RootlessControlPlane";

/// The gate that says whether keys are of an elliptic curve or RSA's.
pub const ECDSA_KEYS: &str = "PublicKeysECDSA";
