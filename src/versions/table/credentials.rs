//! What differs in certificates and kubeconfig files.

use super::super::{Gated, History};

/// Whether the kubelet's kubeconfig names this node's own API server at `init`, and not the shared endpoint.
pub static KUBELET_SERVER_IS_LOCAL: Gated =
    Gated { gate: "ControlPlaneKubeletLocalMode", minors: 31..=34, default: History(&[(23, 0, false), (33, 0, true)]) };

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
