//! `init phase upload-config`: the cluster keeps its own configuration.

use super::{Init, staged};
use crate::config::print;
use crate::failure::{Failure, Outcome};
use crate::kube::{Api, KubeError, config_maps};
use crate::versions;

/// Keeps the ClusterConfiguration in kubeadm-config.
pub(super) async fn kubeadm(init: &Init) -> Outcome {
    init.ui.line(
        "[upload-config] Storing the configuration used in ConfigMap \"kubeadm-config\" in the \"kube-system\" Namespace",
    );
    staged::in_turn(init, "upload-config/kubeadm", async |api| store_kubeadm(init, api).await).await
}

pub(super) async fn store_kubeadm(init: &Init, api: &Api) -> Outcome {
    let document = print::stored_cluster(&init.cfg)?;
    config_maps::upload_kubeadm_config(api, &document)
        .await
        .map_err(|error| failure(init)(error).within("error uploading the kubeadm ClusterConfiguration"))?;
    Ok(())
}

/// Keeps the kubelets' configuration.
pub(super) async fn kubelet(init: &Init) -> Outcome {
    init.ui.line(format_args!(
        "[kubelet] Creating a ConfigMap {:?} in namespace kube-system with the configuration for the kubelets in the \
         cluster",
        versions::kubelet_config_map(&init.cfg.version)
    ));
    staged::in_turn(init, "upload-config/kubelet", async |api| store_kubelet(init, api).await).await
}

pub(super) async fn store_kubelet(init: &Init, api: &Api) -> Outcome {
    config_maps::upload_kubelet_config(api, &init.cfg.version, &init.cfg.components.kubelet)
        .await
        .map_err(|error| failure(init)(error).within("error creating kubelet configuration ConfigMap"))?;
    Ok(())
}

/// A failure of the cluster on its way to the person.
pub(super) fn failure(init: &Init) -> impl Fn(KubeError) -> Failure + '_ {
    |error| error.into_failure(&init.ui.program)
}
