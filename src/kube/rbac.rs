//! Every role and binding that kubeadm's clusters have, as data.

use serde_json::{Value, json};

use super::{KUBE_PUBLIC, KUBE_SYSTEM};
use crate::config::token::DEFAULT_GROUP;
use crate::versions::{APISERVER_KUBELET_CLIENT_GROUP, CLUSTER_ADMINS, Version};

/// Group of nodes.
pub const NODES: &str = "system:nodes";

const API_GROUP: &str = "rbac.authorization.k8s.io";
const API_VERSION: &str = "rbac.authorization.k8s.io/v1";

/// A group as a binding's subject.
#[must_use]
pub fn group(name: &str) -> Value {
    json!({"kind": "Group", "name": name})
}

/// A user as a binding's subject.
#[must_use]
pub fn user(name: &str) -> Value {
    json!({"kind": "User", "name": name})
}

/// A service account of kube-system as a binding's subject.
#[must_use]
pub fn service_account(name: &str) -> Value {
    json!({"kind": "ServiceAccount", "name": name, "namespace": KUBE_SYSTEM})
}

/// A ClusterRoleBinding.
#[must_use]
pub fn cluster_role_binding(name: &str, role: &str, subject: &Value) -> Value {
    json!({
        "apiVersion": API_VERSION, "kind": "ClusterRoleBinding", "metadata": {"name": name},
        "roleRef": {"apiGroup": API_GROUP, "kind": "ClusterRole", "name": role},
        "subjects": [subject],
    })
}

/// A ClusterRole.
#[must_use]
pub fn cluster_role(name: &str, rules: &Value) -> Value {
    json!({"apiVersion": API_VERSION, "kind": "ClusterRole", "metadata": {"name": name}, "rules": rules})
}

/// The Role and RoleBinding of one name that let subjects get one object.
#[must_use]
pub fn may_get(name: &str, namespace: &str, resource: &str, object: &str, subjects: &[Value]) -> [Value; 2] {
    let metadata = json!({"name": name, "namespace": namespace});
    [
        json!({
            "apiVersion": API_VERSION, "kind": "Role", "metadata": metadata,
            "rules": [{"apiGroups": [""], "resources": [resource], "resourceNames": [object], "verbs": ["get"]}],
        }),
        json!({
            "apiVersion": API_VERSION, "kind": "RoleBinding", "metadata": metadata,
            "roleRef": {"apiGroup": API_GROUP, "kind": "Role", "name": name}, "subjects": subjects,
        }),
    ]
}

/// admin.conf's group may do everything.
#[must_use]
pub fn cluster_admins() -> Value {
    cluster_role_binding(CLUSTER_ADMINS, "cluster-admin", &group(CLUSTER_ADMINS))
}

/// Joining nodes and nodes read kubeadm-config.
#[must_use]
pub fn kubeadm_config_readers() -> [Value; 2] {
    let subjects = [group(DEFAULT_GROUP), group(NODES)];
    may_get("kubeadm:nodes-kubeadm-config", KUBE_SYSTEM, "configmaps", "kubeadm-config", &subjects)
}

/// Nodes and joining nodes read the kubelets' configuration. Its ConfigMap's name depends on the version, and so
/// does the role's.
#[must_use]
pub fn kubelet_config_readers(config_map: &str) -> [Value; 2] {
    let subjects = [group(NODES), group(DEFAULT_GROUP)];
    may_get(&format!("kubeadm:{config_map}"), KUBE_SYSTEM, "configmaps", config_map, &subjects)
}

/// Joining nodes read the sealed certificates.
#[must_use]
pub fn certs_readers() -> [Value; 2] {
    may_get("kubeadm:kubeadm-certs", KUBE_SYSTEM, "secrets", "kubeadm-certs", &[group(DEFAULT_GROUP)])
}

/// Everybody reads cluster-info.
#[must_use]
pub fn cluster_info_readers() -> [Value; 2] {
    let subjects = [user("system:anonymous")];
    may_get("kubeadm:bootstrap-signer-clusterinfo", KUBE_PUBLIC, "configmaps", "cluster-info", &subjects)
}

/// Everything that lets nodes join with a bootstrap token and keep their certificates.
#[must_use]
pub fn for_joining(version: &Version) -> Vec<Value> {
    let mut objects = Vec::from(get_nodes());
    objects.extend([kubelet_bootstrap(), autoapprove_bootstrap(), autoapprove_rotation()]);
    if APISERVER_KUBELET_CLIENT_GROUP.at(version).is_none() {
        objects.push(kubelet_api_admin());
    }
    objects
}

/// Joining nodes look whether their name is taken.
#[must_use]
pub fn get_nodes() -> [Value; 2] {
    let rules = json!([{"apiGroups": [""], "resources": ["nodes"], "verbs": ["get"]}]);
    [
        cluster_role("kubeadm:get-nodes", &rules),
        cluster_role_binding("kubeadm:get-nodes", "kubeadm:get-nodes", &group(DEFAULT_GROUP)),
    ]
}

/// Joining nodes ask for a certificate.
#[must_use]
pub fn kubelet_bootstrap() -> Value {
    cluster_role_binding("kubeadm:kubelet-bootstrap", "system:node-bootstrapper", &group(DEFAULT_GROUP))
}

/// The certificates that joining nodes ask for are approved.
#[must_use]
pub fn autoapprove_bootstrap() -> Value {
    let role = "system:certificates.k8s.io:certificatesigningrequests:nodeclient";
    cluster_role_binding("kubeadm:node-autoapprove-bootstrap", role, &group(DEFAULT_GROUP))
}

/// The certificates that nodes ask for in time are approved.
#[must_use]
pub fn autoapprove_rotation() -> Value {
    let role = "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient";
    cluster_role_binding("kubeadm:node-autoapprove-certificate-rotation", role, &group(NODES))
}

/// The API server's client certificate for kubelets may use their API.
#[must_use]
pub fn kubelet_api_admin() -> Value {
    let subject = user("kube-apiserver-kubelet-client");
    cluster_role_binding("kubeadm:apiserver-kubelet-client", "system:kubelet-api-admin", &subject)
}
