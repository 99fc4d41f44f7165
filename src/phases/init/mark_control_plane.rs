//! `init phase mark-control-plane`: labels and taints of a control-plane node.

use super::upload_config::failure;
use super::{Init, staged};
use crate::failure::Outcome;
use crate::kube::resource::{NODE, Reference};
use crate::kube::{Api, node};
use crate::kubelet;
use crate::versions::CONTROL_PLANE_LABELS;

/// Marks the node, once its kubelet has registered it.
pub(super) async fn run(init: &Init) -> Outcome {
    let name = init.cfg.node_name();
    let labels = *CONTROL_PLANE_LABELS.at(&init.cfg.version);
    let taints = init.cfg.init.node_registration.taints.as_deref().unwrap_or_default();
    init.ui.line(format_args!(
        "[mark-control-plane] Marking the node {name} as control-plane by adding the labels: [{}]",
        labels.join(" ")
    ));
    if !taints.is_empty() {
        let taints: Vec<String> = taints.iter().map(node::taint_text).collect();
        init.ui.line(format_args!(
            "[mark-control-plane] Marking the node {name} as control-plane by adding the taints [{}]",
            taints.join(" ")
        ));
    }
    staged::in_turn(init, "mark-control-plane", async |api| mark(init, api).await).await.map(drop)
}

pub(super) async fn mark(init: &Init, api: &Api) -> Outcome {
    register_again(init, api).await?;
    let labels = *CONTROL_PLANE_LABELS.at(&init.cfg.version);
    let taints = init.cfg.init.node_registration.taints.as_deref().unwrap_or_default();
    node::mark(api, init.cfg.node_name(), labels, taints).await.map_err(failure(init))?;
    Ok(())
}

/// A kubelet registers its Node when it starts, and no more: one that was left alone does not notice that somebody has
/// deleted it.
async fn register_again(init: &Init, api: &Api) -> Outcome {
    if !init.kubelet_left_alone.get() {
        return Ok(());
    }
    let node = Reference::new(&NODE, "", init.cfg.node_name());
    if api.get(&node).await.map_err(failure(init))?.is_none() {
        init.kubelet_left_alone.set(false);
        kubelet::keep_running(true, &*init.host, &init.ui)?;
    }
    Ok(())
}
