//! What differs in the kubelet's files, and in what the kubelet itself wants.

use super::super::{Gated, History};

/// Flags that the kubelet is given beside the user's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KubeletFlags {
    /// `--network-plugin=cni` in place of the runtime's flags when the socket is dockershim's.
    pub dockershim: bool,
    /// `--container-runtime=remote`.
    pub container_runtime: bool,
    /// `--pod-infra-container-image`.
    pub pause_image: bool,
}

const fn kubelet_flags(dockershim: bool, container_runtime: bool, pause_image: bool) -> KubeletFlags {
    KubeletFlags { dockershim, container_runtime, pause_image }
}

/// Flags that the kubelet is given beside the user's.
pub static KUBELET_FLAGS: History<KubeletFlags> = History(&[
    (23, 0, kubelet_flags(true, true, true)),
    (24, 0, kubelet_flags(false, true, true)),
    (26, 0, kubelet_flags(false, false, true)),
    (35, 0, kubelet_flags(false, false, false)),
]);

/// Whether the node's own /var/lib/kubelet/instance-config.yaml says where the container runtime is, and not the flag
/// `--container-runtime-endpoint`.
pub static KUBELET_INSTANCE_CONFIG: Gated =
    Gated { gate: "NodeLocalCRISocket", minors: 32..=36, default: History(&[(23, 0, false), (34, 0, true)]) };

/// Whether the `resolvConf` that the first node's systemd-resolved asks for goes to all nodes, in the cluster's
/// configuration, or is each node's own matter.
pub static RESOLV_CONF_IN_CLUSTER: History<bool> = History(&[(23, 0, true), (37, 0, false)]);

/// How many minors a kubelet may be behind its control plane.
pub static KUBELET_BEHIND: History<u64> = History(&[(23, 0, 2), (28, 0, 3)]);

/// Whether the kubelet's configuration has `failCgroupV1`.
pub static KUBELET_HAS_FAIL_CGROUP_V1: History<bool> = History(&[(23, 0, false), (31, 0, true)]);

/// Whether the kubelet refuses to start on control groups v1 unless told not to.
pub static KUBELET_REFUSES_CGROUP_V1: History<bool> = History(&[(23, 0, false), (35, 0, true)]);
