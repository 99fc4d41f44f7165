//! What the kubelet and the machine have to be for a version.

use super::{KUBELET_BEHIND, OLDEST_CONTROL_PLANE, OLDEST_EXTERNAL_ETCD, Version};

/// What the kubelet and the machine have to be for a version.
impl Version {
    /// The oldest kubelet that a control plane of this version works with.
    #[must_use]
    pub fn oldest_kubelet(&self) -> Self {
        Self::new(self.major(), self.minor().saturating_sub(*KUBELET_BEHIND.at(self)), 0)
    }

    /// The oldest kubelet that the oldest supported control plane works with.
    #[must_use]
    pub fn oldest_kubelet_at_all() -> Self {
        OLDEST_CONTROL_PLANE.oldest_kubelet()
    }

    /// The oldest etcd that may be run by somebody else for it.
    #[must_use]
    pub fn oldest_external_etcd(&self) -> Self {
        let text = OLDEST_EXTERNAL_ETCD.at(self);
        Self::parse(text).unwrap_or_else(|_| Self::new(3, 5, 24))
    }

    /// Whether the minor is newer than another version's, pre-releases of it included.
    #[must_use]
    pub fn is_newer_minor_than(&self, other: &Self) -> bool {
        (self.0.major, self.0.minor) > (other.0.major, other.0.minor)
    }
}
