//! `init phase upload-config`: the cluster keeps its own configuration.

use super::Init;
use crate::config::print;
use crate::failure::{Failure, Outcome};
use crate::kube::{KubeError, config_maps};
use crate::versions;

/// Keeps the ClusterConfiguration in kubeadm-config.
pub(super) async fn kubeadm(init: &Init) -> Outcome {
    let api = init.cluster.admin().await.map_err(failure(init))?;
    init.ui.line(
        "[upload-config] Storing the configuration used in ConfigMap \"kubeadm-config\" in the \"kube-system\" Namespace",
    );
    let document = print::stored_cluster(&init.cfg)?;
    config_maps::upload_kubeadm_config(&api, &document)
        .await
        .map_err(|error| failure(init)(error).within("error uploading the kubeadm ClusterConfiguration"))?;
    Ok(())
}

/// Keeps the kubelets' configuration.
pub(super) async fn kubelet(init: &Init) -> Outcome {
    let api = init.cluster.admin().await.map_err(failure(init))?;
    let version = &init.cfg.version;
    init.ui.line(format_args!(
        "[kubelet] Creating a ConfigMap {:?} in namespace kube-system with the configuration for the kubelets in the \
         cluster",
        versions::kubelet_config_map(version)
    ));
    config_maps::upload_kubelet_config(&api, version, &init.cfg.components.kubelet)
        .await
        .map_err(|error| failure(init)(error).within("error creating kubelet configuration ConfigMap"))?;
    Ok(())
}

/// A failure of the cluster on its way to the person.
pub(super) fn failure(init: &Init) -> impl Fn(KubeError) -> Failure + '_ {
    |error| error.into_failure(&init.ui.program)
}
