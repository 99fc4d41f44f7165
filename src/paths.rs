//! Every path that kinit reads or writes, by name (kubeadm's constants).

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

/// kubeconfig files, manifests, PKI.
pub const KUBERNETES_DIR: &str = "/etc/kubernetes";
/// Static pods.
pub const MANIFESTS_DIR: &str = "/etc/kubernetes/manifests";
/// Scratch of kubeadm; `reset --cleanup-tmp-dir` clears it.
pub const TMP_DIR: &str = "/etc/kubernetes/tmp";
/// Default directory of certificates and keys.
pub const PKI_DIR: &str = "/etc/kubernetes/pki";
/// Administrator's kubeconfig, group `kubeadm:cluster-admins`.
pub const ADMIN_CONF: &str = "/etc/kubernetes/admin.conf";
/// Emergency kubeconfig, group `system:masters`.
pub const SUPER_ADMIN_CONF: &str = "/etc/kubernetes/super-admin.conf";
/// The kubelet's kubeconfig.
pub const KUBELET_CONF: &str = "/etc/kubernetes/kubelet.conf";
/// The kubelet's kubeconfig until it has a certificate.
pub const BOOTSTRAP_KUBELET_CONF: &str = "/etc/kubernetes/bootstrap-kubelet.conf";
/// The controller manager's kubeconfig.
pub const CONTROLLER_MANAGER_CONF: &str = "/etc/kubernetes/controller-manager.conf";
/// The scheduler's kubeconfig.
pub const SCHEDULER_CONF: &str = "/etc/kubernetes/scheduler.conf";
/// The kubelet's state.
pub const KUBELET_DIR: &str = "/var/lib/kubelet";
/// Default directory of the kubelet's own certificates and keys.
pub const KUBELET_PKI_DIR: &str = "/var/lib/kubelet/pki";
/// KubeletConfiguration.
pub const KUBELET_CONFIG: &str = "/var/lib/kubelet/config.yaml";
/// The node's own part of the KubeletConfiguration: the CRI socket.
pub const KUBELET_INSTANCE_CONFIG: &str = "/var/lib/kubelet/instance-config.yaml";
/// `KUBELET_KUBEADM_ARGS`.
pub const KUBELET_FLAGS_ENV: &str = "/var/lib/kubelet/kubeadm-flags.env";
/// etcd's data.
pub const ETCD_DATA_DIR: &str = "/var/lib/etcd";
/// Two runs can't trample each other.
pub const LOCK: &str = "/run/kinit.lock";

/// A path without what means nothing in it: `/srv//x/../pki/` is `/srv/pki`. So Go joins paths, whatever links there are.
#[must_use]
pub fn clean(path: &str) -> Utf8PathBuf {
    let mut clean = Utf8PathBuf::new();
    for part in Utf8Path::new(path).components() {
        match part {
            Utf8Component::ParentDir => {
                clean.pop();
            }
            Utf8Component::CurDir => {}
            part => clean.push(part),
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn what_means_nothing_in_a_path_is_left_out() {
        for (given, meant) in
            [("/srv//x/../pki/", "/srv/pki"), ("/a/./b", "/a/b"), ("/../a", "/a"), ("/", "/"), ("/a b/c", "/a b/c")]
        {
            assert_eq!(clean(given), meant);
        }
    }
}
