//! Where an object lives on the API server: its kind's row in a small table, its namespace, its name.
//!
//! Knows URL paths; refuses to know what is in an object.

use std::fmt;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::Value;

use super::KubeError;

/// A kind of object that kinit reads or writes.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// Group and version, as in an object.
    pub api_version: &'static str,
    /// As in an object.
    pub name: &'static str,
    /// As in a URL.
    pub plural: &'static str,
    /// Whether its objects are in namespaces.
    pub namespaced: bool,
}

macro_rules! kinds {
    ($($(#[$meta:meta])* $constant:ident = $api_version:literal $name:literal $plural:literal $namespaced:literal;)*) => {
        $($(#[$meta])* pub static $constant: Kind =
            Kind { api_version: $api_version, name: $name, plural: $plural, namespaced: $namespaced };)*
        static KINDS: &[&Kind] = &[$(&$constant),*];
    };
}

kinds! {
    /// ConfigMap.
    CONFIG_MAP = "v1" "ConfigMap" "configmaps" true;
    /// Secret.
    SECRET = "v1" "Secret" "secrets" true;
    /// Service.
    SERVICE = "v1" "Service" "services" true;
    /// ServiceAccount.
    SERVICE_ACCOUNT = "v1" "ServiceAccount" "serviceaccounts" true;
    /// Pod.
    POD = "v1" "Pod" "pods" true;
    /// Node.
    NODE = "v1" "Node" "nodes" false;
    /// Namespace.
    NAMESPACE = "v1" "Namespace" "namespaces" false;
    /// Deployment.
    DEPLOYMENT = "apps/v1" "Deployment" "deployments" true;
    /// DaemonSet.
    DAEMON_SET = "apps/v1" "DaemonSet" "daemonsets" true;
    /// Role.
    ROLE = "rbac.authorization.k8s.io/v1" "Role" "roles" true;
    /// RoleBinding.
    ROLE_BINDING = "rbac.authorization.k8s.io/v1" "RoleBinding" "rolebindings" true;
    /// ClusterRole.
    CLUSTER_ROLE = "rbac.authorization.k8s.io/v1" "ClusterRole" "clusterroles" false;
    /// ClusterRoleBinding.
    CLUSTER_ROLE_BINDING = "rbac.authorization.k8s.io/v1" "ClusterRoleBinding" "clusterrolebindings" false;
    /// CertificateSigningRequest.
    CERTIFICATE_SIGNING_REQUEST =
        "certificates.k8s.io/v1" "CertificateSigningRequest" "certificatesigningrequests" false;
    /// Lease.
    LEASE = "coordination.k8s.io/v1" "Lease" "leases" true;
}

impl Kind {
    /// The row of an `apiVersion` and `kind`.
    pub(super) fn find(api_version: &str, name: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.api_version == api_version && kind.name == name).copied()
    }

    /// Whether a URL's last segment is some kind's plural.
    pub(super) fn is_plural(segment: &str) -> bool {
        KINDS.iter().any(|kind| kind.plural == segment)
    }

    /// The URL path of all objects of this kind in a namespace.
    pub(super) fn collection(&self, namespace: &str) -> String {
        let root = if self.api_version.contains('/') { "apis" } else { "api" };
        if self.namespaced {
            format!("/{root}/{}/namespaces/{namespace}/{}", self.api_version, self.plural)
        } else {
            format!("/{root}/{}/{}", self.api_version, self.plural)
        }
    }
}

/// What a segment of a URL's path does not hold as it is (RFC 3986): a name may come from a flag of the kubelet's.
const NOT_IN_A_PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// One object, by kind, namespace and name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Its kind.
    pub kind: &'static Kind,
    /// Its namespace; empty for kinds without.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

impl Reference {
    /// An object of a kind with namespaces, or without: then the namespace is ignored.
    pub fn new(kind: &'static Kind, namespace: &str, name: &str) -> Self {
        let namespace = if kind.namespaced { namespace } else { "" };
        Self { kind, namespace: namespace.to_owned(), name: name.to_owned() }
    }

    /// The object that a document describes.
    pub fn of(object: &Value) -> Result<Self, KubeError> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (api_version, kind) = (text(&object["apiVersion"]), text(&object["kind"]));
        let (namespace, name) = (text(&object["metadata"]["namespace"]), text(&object["metadata"]["name"]));
        match Kind::find(&api_version, &kind) {
            Some(row) if !name.is_empty() && (!row.namespaced || !namespace.is_empty()) => {
                Ok(Self::new(row, &namespace, &name))
            }
            _ => Err(KubeError::NotAnObject { api_version, kind, namespace, name }),
        }
    }

    /// Its URL path.
    #[must_use]
    pub fn path(&self) -> String {
        format!("{}/{}", self.kind.collection(&self.namespace), utf8_percent_encode(&self.name, NOT_IN_A_PATH))
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, namespace, name } = self;
        if namespace.is_empty() {
            write!(f, "{} {name}", kind.name)
        } else {
            write!(f, "{} {namespace}/{name}", kind.name)
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths() {
        let binding = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding",
            "metadata": {"name": "kubeadm:get-nodes"}});
        let binding = Reference::of(&binding).unwrap();
        assert_eq!(binding.path(), "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/kubeadm:get-nodes");
        let map = Reference::new(&CONFIG_MAP, "kube-system", "kubeadm-config");
        assert_eq!(map.path(), "/api/v1/namespaces/kube-system/configmaps/kubeadm-config");
        assert_eq!(map.to_string(), "ConfigMap kube-system/kubeadm-config");
        assert_eq!(Reference::new(&NODE, "", "x y/z").path(), "/api/v1/nodes/x%20y%2Fz");
    }

    #[test]
    fn a_patched_kind_is_named() {
        let odd = json!({"apiVersion": "apps/v2", "kind": "Deployment", "metadata": {"name": "coredns"}});
        assert!(Reference::of(&odd).unwrap_err().to_string().contains("apps/v2 Deployment"));
    }
}
