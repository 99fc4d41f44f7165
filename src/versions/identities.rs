//! What identities look like by minor: subjects of certificates and the shape of kubeconfig files.

use super::Version;

/// Subjects of certificates and the shape of kubeconfig files.
impl Version {
    /// The organisation of the certificate with which the API server talks to kubelets.
    #[must_use]
    pub fn apiserver_kubelet_client_organization(&self) -> Option<&'static str> {
        if self.binds_apiserver_kubelet_client() {
            return None;
        }
        Some(self.admin_organization())
    }

    /// Whether a ClusterRoleBinding, `kubeadm:apiserver-kubelet-client`, gives that client its rights. It came into
    /// four minors at once, as patches.
    #[must_use]
    pub fn binds_apiserver_kubelet_client(&self) -> bool {
        let since = match self.0.minor {
            ..33 => return false,
            33 => 12,
            34 => 8,
            35 => 5,
            36 => 1,
            37.. => 0,
        };
        self.0.patch >= since
    }

    /// The organisation of etcd's clients.
    #[must_use]
    pub fn etcd_client_organization(&self) -> Option<&'static str> {
        (self.0.minor <= 23).then_some("system:masters")
    }

    /// The organisation of `admin.conf`.
    #[must_use]
    pub fn admin_organization(&self) -> &'static str {
        if self.has_super_admin() { "kubeadm:cluster-admins" } else { "system:masters" }
    }

    /// Whether there is a `super-admin.conf` beside an `admin.conf` of lesser rights.
    #[must_use]
    pub fn has_super_admin(&self) -> bool {
        self.0.minor >= 29
    }

    /// Whether `kubelet.conf` of `init` names the node's own API server instead of the control plane endpoint.
    #[must_use]
    pub fn kubelet_conf_is_local(&self) -> bool {
        self.0.minor >= 33
    }
}
