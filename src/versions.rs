//! Kubernetes versions: parsing, and everything that differs between them, as rows looked up by name.

use std::fmt;

/// A Kubernetes version, as `v1.37.2` or `v1.38.0-alpha.1+abc`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(semver::Version);

/// Text that is no version.
#[derive(Debug, thiserror::Error)]
#[error("{text:?} is not a Kubernetes version such as v1.37.2")]
pub struct NotAVersion {
    text: String,
}

impl Version {
    /// Reads `1.37.2`, `v1.37.2`, `v1.37.0-rc.1+abc`.
    pub fn parse(text: &str) -> Result<Self, NotAVersion> {
        semver::Version::parse(text.strip_prefix('v').unwrap_or(text))
            .map(Self)
            .map_err(|_| NotAVersion { text: text.to_owned() })
    }

    /// A release.
    #[must_use]
    pub const fn new(major: u64, minor: u64, patch: u64) -> Self {
        Self(semver::Version::new(major, minor, patch))
    }

    /// The minor number.
    #[must_use]
    pub fn minor(&self) -> u64 {
        self.0.minor
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{}", self.0)
    }
}

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
