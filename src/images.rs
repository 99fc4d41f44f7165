//! The images that a control plane needs, by name and tag.
//!
//! Knows repositories, their exceptions and the configuration's overrides; the tags themselves are rows of
//! [`crate::versions`]. Refuses to know whether an image is there: that is the container runtime's business.

use crate::config::defaults::IMAGE_REPOSITORY;
use crate::config::v1beta4::ClusterConfiguration;
use crate::versions::{COREDNS_IMAGE_LAST, IMAGE_TAGS, OFFICIAL_REPOSITORY, Version};

/// Where the images of a CI build come from, unless the configuration names a repository.
pub const CI_REPOSITORY: &str = "gcr.io/k8s-staging-ci-images";

/// All images that `init` pulls, in kubeadm's order; `ci` tells a build of the CI from a release.
#[must_use]
pub fn all(cluster: &ClusterConfiguration, version: &Version, ci: bool) -> Vec<String> {
    let mut images: Vec<String> = ["kube-apiserver", "kube-controller-manager", "kube-scheduler"]
        .into_iter()
        .map(|name| control_plane(name, cluster, version, ci))
        .collect();
    if !cluster.proxy.disabled {
        images.push(control_plane("kube-proxy", cluster, version, ci));
    }
    let coredns = (!cluster.dns.disabled).then(|| coredns(cluster, version));
    let mut others = vec![pause(cluster, version)];
    if cluster.etcd.external.is_none() {
        others.push(etcd(cluster, version));
    }
    if *COREDNS_IMAGE_LAST.at(version) {
        images.into_iter().chain(others).chain(coredns).collect()
    } else {
        images.into_iter().chain(coredns).chain(others).collect()
    }
}

/// One of Kubernetes' own images: `kube-apiserver`, `kube-controller-manager`, `kube-scheduler`, `kube-proxy`.
#[must_use]
pub fn control_plane(name: &str, cluster: &ClusterConfiguration, version: &Version, ci: bool) -> String {
    let repository = repository(cluster);
    let elsewhere = ci && is_default(repository, version);
    format!("{}/{name}:{}", if elsewhere { CI_REPOSITORY } else { repository }, version.image_tag())
}

/// The pause image.
#[must_use]
pub fn pause(cluster: &ClusterConfiguration, version: &Version) -> String {
    format!("{}/pause:{}", repository(cluster), IMAGE_TAGS.at(version).pause)
}

/// The etcd image of a local etcd.
#[must_use]
pub fn etcd(cluster: &ClusterConfiguration, version: &Version) -> String {
    let local = cluster.etcd.local.as_ref();
    let repository = local.map(|etcd| etcd.image_repository.as_str()).filter(set).unwrap_or(repository(cluster));
    format!("{repository}/etcd:{}", etcd_tag(cluster, version))
}

/// The tag of a local etcd's image.
#[must_use]
pub fn etcd_tag<'a>(cluster: &'a ClusterConfiguration, version: &Version) -> &'a str {
    let local = cluster.etcd.local.as_ref();
    local.map(|etcd| etcd.image_tag.as_str()).filter(set).unwrap_or(IMAGE_TAGS.at(version).etcd)
}

/// The CoreDNS image.
#[must_use]
pub fn coredns(cluster: &ClusterConfiguration, version: &Version) -> String {
    let repository = Some(cluster.dns.image_repository.as_str()).filter(set).unwrap_or(repository(cluster));
    let folder = if is_default(repository, version) { "/coredns" } else { "" };
    let tag = Some(cluster.dns.image_tag.as_str()).filter(set).unwrap_or(IMAGE_TAGS.at(version).coredns);
    format!("{repository}{folder}/coredns:{tag}")
}

fn repository(cluster: &ClusterConfiguration) -> &str {
    Some(cluster.image_repository.as_str()).filter(set).unwrap_or(IMAGE_REPOSITORY)
}

fn is_default(repository: &str, version: &Version) -> bool {
    [IMAGE_REPOSITORY, OFFICIAL_REPOSITORY.at(version)].contains(&repository)
}

fn set(text: &&str) -> bool {
    !text.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::v1beta4::{Etcd, LocalEtcd};

    fn list(repository: &str, version: &str) -> Vec<String> {
        let cluster = ClusterConfiguration { image_repository: repository.to_owned(), ..Default::default() };
        all(&cluster, &Version::parse(version).unwrap(), false)
    }

    #[test]
    fn lists_that_kubeadm_printed() {
        let latest = [
            "registry.k8s.io/kube-apiserver:v1.37.2",
            "registry.k8s.io/kube-controller-manager:v1.37.2",
            "registry.k8s.io/kube-scheduler:v1.37.2",
            "registry.k8s.io/kube-proxy:v1.37.2",
            "registry.k8s.io/coredns/coredns:v1.14.6",
            "registry.k8s.io/pause:3.10.2",
            "registry.k8s.io/etcd:3.7.0-0",
        ];
        assert_eq!(list("", "v1.37.2"), latest);
        let mirror = list("my.reg/x", "v1.37.0-rc.1+abc");
        assert_eq!(mirror[0], "my.reg/x/kube-apiserver:v1.37.0-rc.1_abc");
        assert_eq!(mirror[4..], ["my.reg/x/coredns:v1.14.6", "my.reg/x/pause:3.10.2", "my.reg/x/etcd:3.7.0-0"]);
        assert_eq!(list("k8s.gcr.io", "v1.37.2")[4], "k8s.gcr.io/coredns:v1.14.6");
        let first = ["k8s.gcr.io/pause:3.6", "k8s.gcr.io/etcd:3.5.1-0", "k8s.gcr.io/coredns/coredns:v1.8.6"];
        assert_eq!(list("k8s.gcr.io", "v1.23.1")[4..], first);
        assert_eq!(list("", "v1.23.1")[4], "registry.k8s.io/pause:3.6", "the old one is frozen");
    }

    #[test]
    fn a_ci_build_takes_only_kubernetes_own_images_from_elsewhere() {
        let mut cluster = ClusterConfiguration::default();
        let version = Version::parse("v1.38.0-alpha.1+22").unwrap();
        let images = all(&cluster, &version, true);
        assert_eq!(images[3], "gcr.io/k8s-staging-ci-images/kube-proxy:v1.38.0-alpha.1_22");
        assert_eq!(images[5], "registry.k8s.io/pause:3.10.2");
        cluster.image_repository = "my.reg".into();
        assert_eq!(all(&cluster, &version, true)[0], "my.reg/kube-apiserver:v1.38.0-alpha.1_22");
    }

    #[test]
    fn overrides_and_what_is_left_out() {
        let local = LocalEtcd { image_repository: "e.reg".into(), image_tag: "3.6.1".into(), ..Default::default() };
        let mut cluster =
            ClusterConfiguration { etcd: Etcd { local: Some(local), external: None }, ..Default::default() };
        cluster.dns.image_repository = "d.reg".into();
        cluster.dns.image_tag = "v9".into();
        cluster.proxy.disabled = true;
        let images = all(&cluster, &crate::versions::OWN, false);
        assert_eq!(images[3..], ["d.reg/coredns:v9", "registry.k8s.io/pause:3.10.2", "e.reg/etcd:3.6.1"]);
        cluster.dns.disabled = true;
        cluster.etcd = Etcd { local: None, external: Some(Default::default()) };
        assert_eq!(all(&cluster, &crate::versions::OWN, false).len(), 4);
    }
}
