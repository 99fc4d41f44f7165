//! What to do about it when the cluster fails.

use super::{Cause, KubeError};
use crate::failure::Failure;
use crate::paths;

impl KubeError {
    /// What to do about it, as sentences with commands of `program` to type.
    #[must_use]
    pub fn remedies(&self, program: &str) -> Vec<String> {
        match self {
            Self::NoKubeconfig { path } if path == paths::ADMIN_CONF => {
                vec![format!("make it with: {program} init phase kubeconfig admin")]
            }
            Self::NoKubeconfig { .. } => vec!["name one that exists with --kubeconfig".to_owned()],
            Self::NoSuperAdmin { .. } => {
                vec![format!("make it with: {program} init phase kubeconfig super-admin")]
            }
            Self::Call { .. } if self.is_out_of_time() => vec![
                "set this machine's clock if it is wrong (timedatectl shows it), or renew the API server's certificate \
                 on the control plane"
                    .to_owned(),
            ],
            Self::Call { url, .. } if self.is_unreachable() && !self.is_untrusted() => vec![format!(
                "look whether the API server runs where it should: curl -k {}/livez; crictl ps -a --name \
                 kube-apiserver; journalctl -u kubelet",
                url.split("/api").next().unwrap_or(url)
            )],
            Self::Call { .. } if self.is_forbidden() => {
                vec![format!("use a kubeconfig with more rights: --kubeconfig {}", paths::ADMIN_CONF)]
            }
            Self::Call { source: Cause::OtherType { .. }, object, .. } => {
                let (namespace, name) = object.trim_start_matches("Secret ").split_once('/').unwrap_or_default();
                vec![format!(
                    "if nothing needs it: kubectl --kubeconfig {} -n {namespace} delete secret {name}; then run the same \
                     command again",
                    paths::ADMIN_CONF
                )]
            }
            Self::Call { source: Cause::NotYet(_), object, .. } if object.starts_with("Node ") => {
                vec!["the kubelet has not registered this node, see what it says: journalctl -u kubelet".to_owned()]
            }
            Self::Content { object, .. } if object.ends_with("/kubeadm-config") => vec![format!(
                "upload it again, on a control-plane node: {program} init phase upload-config kubeadm --config \
                 your-config-file"
            )],
            _ => Vec::new(),
        }
    }

    /// On its way to the person.
    #[must_use]
    pub fn into_failure(self, program: &str) -> Failure {
        let remedies = self.remedies(program);
        remedies.into_iter().fold(Failure::from(self), Failure::hint)
    }
}
