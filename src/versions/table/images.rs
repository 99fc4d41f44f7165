//! What differs in images: where they come from, their tags, and the order in which they are listed.

use super::super::History;

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
    (25, 4, tags("3.5.5-0", "v1.9.3", "3.8")),
    (25, 5, tags("3.5.6-0", "v1.9.3", "3.8")),
    (25, 15, tags("3.5.9-0", "v1.9.3", "3.8")),
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
    (36, 0, tags("3.6.8-0", "v1.14.2", "3.10.2")),
    (37, 0, tags("3.7.0-0", "v1.14.6", "3.10.2")),
]);

/// The repository that the kubeadm of the minor takes for the official one, in which CoreDNS has a folder of its own.
/// Only who names the old one gets images from there: it has been frozen since.
pub static OFFICIAL_REPOSITORY: History<&str> =
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

/// Whether CoreDNS is listed last, after etcd.
pub static COREDNS_IMAGE_LAST: History<bool> = History(&[(23, 0, true), (29, 0, false)]);
