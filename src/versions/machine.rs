//! What the kubelet and the machine have to be for a version.

use super::Version;

/// What the kubelet and the machine have to be for a version.
impl Version {
    /// The oldest kubelet that a control plane of this version works with: three minors older, two before v1.28.
    #[must_use]
    pub fn oldest_kubelet(&self) -> Self {
        let minors = if self.0.minor < 28 { 2 } else { 3 };
        Self::new(self.0.major, self.0.minor.saturating_sub(minors), 0)
    }

    /// The oldest kubelet that the oldest supported control plane works with.
    #[must_use]
    pub fn oldest_kubelet_at_all() -> Self {
        Self::new(1, 23, 0).oldest_kubelet()
    }

    /// Whether a kubelet of this version refuses to start on control groups v1 unless told not to.
    #[must_use]
    pub fn kubelet_refuses_cgroup_v1(&self) -> bool {
        self.0.minor >= 35
    }

    /// Whether kube-proxy of this version runs `conntrack`.
    #[must_use]
    pub fn needs_conntrack(&self) -> bool {
        self.0.minor < 32
    }

    /// The oldest etcd that may be run by somebody else for it.
    #[must_use]
    pub fn oldest_external_etcd(&self) -> Self {
        let text = super::OLDEST_EXTERNAL_ETCD.at(self);
        Self::parse(text).unwrap_or_else(|_| Self::new(3, 5, 24))
    }

    /// Whether the minor is newer than another version's, pre-releases of it included.
    #[must_use]
    pub fn is_newer_minor_than(&self, other: &Self) -> bool {
        (self.0.major, self.0.minor) > (other.0.major, other.0.minor)
    }
}
