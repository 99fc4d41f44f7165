//! What an init that came to its end has left to the administrator of what it wrote into the cluster.

use super::Init;
use super::upload_config::failure;
use crate::failure::Outcome;
use crate::kube::resource::{CONFIG_MAP, NODE, Reference};
use crate::kube::{Api, KUBE_SYSTEM, config_maps};
use crate::phases::finished::{KUBELET_START, tell};
use crate::versions::CONTROL_PLANE_LABELS;

const MARK: &str = "mark-control-plane";
/// The phases whose work is the administrator's from then on.
pub const LEFT: [&str; 6] =
    [KUBELET_START, "upload-config/kubeadm", "upload-config/kubelet", MARK, "addon/coredns", "addon/kube-proxy"];

/// Whether what a phase wrote into the cluster stays as it is; said in that case. A dry run asks no cluster.
pub(super) async fn stays(init: &Init, api: &Api, phase: &str) -> Outcome<bool> {
    let dry_run = init.options.effects.is_some();
    let stays = init.finished.leaves(phase)
        && (dry_run || cluster_is_there(init, api).await? && (phase != MARK || is_marked(init, api).await?));
    if stays {
        tell("init", phase, "What it wrote into the cluster stays", &init.ui);
    }
    Ok(stays)
}

/// Whether the cluster is the one that was written to, and no new one after its data was lost. To be asked before
/// anything is written.
pub(super) async fn cluster_is_there(init: &Init, api: &Api) -> Outcome<bool> {
    let look = async || {
        let target = Reference::new(&CONFIG_MAP, KUBE_SYSTEM, config_maps::KUBEADM_CONFIG);
        Ok(api.get(&target).await.map_err(failure(init))?.is_some())
    };
    init.finished.cluster.get_or_try_init(look).await.copied()
}

/// Whether the Node has its labels: one that was deleted and is registered anew has neither them nor its taints.
async fn is_marked(init: &Init, api: &Api) -> Outcome<bool> {
    let node = api.get(&Reference::new(&NODE, "", init.cfg.node_name())).await.map_err(failure(init))?;
    let labels = *CONTROL_PLANE_LABELS.at(&init.cfg.version);
    Ok(node.is_some_and(|node| labels.iter().all(|label| node["metadata"]["labels"][*label].is_string())))
}
