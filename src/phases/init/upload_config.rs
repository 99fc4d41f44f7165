//! `init phase upload-config`: the cluster keeps its own configuration.

use super::{Init, staged};
use crate::config::stored;
use crate::failure::{Failure, Outcome};
use crate::kube::{Api, KubeError, config_maps, node};
use crate::versions;

/// Keeps the ClusterConfiguration in kubeadm-config.
pub(super) async fn kubeadm(init: &Init) -> Outcome {
    init.ui.line(
        "[upload-config] Storing the configuration used in ConfigMap \"kubeadm-config\" in the \"kube-system\" Namespace",
    );
    let left_out = stored::cluster(&init.cfg)?.left_out;
    if !left_out.is_empty() {
        init.ui.warn(format_args!(
            "the configuration that a cluster of {} keeps has no place for {}: it counts now, but has to be given again \
             to whatever renews this control plane",
            init.cfg.version,
            left_out.join(", ")
        ));
    }
    staged::in_turn(init, "upload-config/kubeadm", async |api| store_kubeadm(init, api).await).await.map(drop)
}

pub(super) async fn store_kubeadm(init: &Init, api: &Api) -> Outcome {
    let stored = stored::cluster(&init.cfg)?;
    config_maps::upload_kubeadm_config(api, &stored.document)
        .await
        .map_err(|error| failure(init)(error).within("error uploading the kubeadm ClusterConfiguration"))?;
    Ok(())
}

/// Keeps the kubelets' configuration, and where this node's container runtime is.
pub(super) async fn kubelet(init: &Init) -> Outcome {
    init.ui.line(format_args!(
        "[kubelet] Creating a ConfigMap {:?} in namespace kube-system with the configuration for the kubelets in the \
         cluster",
        config_map(init)
    ));
    staged::in_turn(init, "upload-config/kubelet", async |api| store_kubelet(init, api).await).await.map(drop)
}

pub(super) async fn store_kubelet(init: &Init, api: &Api) -> Outcome {
    let version = &init.cfg.version;
    config_maps::upload_kubelet_config(api, &config_map(init), &init.cfg.components.kubelet)
        .await
        .map_err(|error| failure(init)(error).within("error creating kubelet configuration ConfigMap"))?;
    if versions::has_cri_socket_annotation(version, &init.cfg.cluster.feature_gates) {
        let node = &init.cfg.init.node_registration;
        node::annotate_cri_socket(api, &node.name, &node.cri_socket)
            .await
            .map_err(|error| failure(init)(error).within("error writing CRISocket for this node"))?;
    }
    Ok(())
}

/// The name of the kubelets' ConfigMap.
fn config_map(init: &Init) -> String {
    versions::kubelet_config_map(&init.cfg.version, &init.cfg.cluster.feature_gates)
}

/// A failure of the cluster on its way to the person.
pub(super) fn failure(init: &Init) -> impl Fn(KubeError) -> Failure + '_ {
    |error| error.into_failure(&init.ui.program)
}
