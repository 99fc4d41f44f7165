//! `init phase mark-control-plane`: labels and taints of a control-plane node.

use super::Init;
use super::upload_config::failure;
use crate::failure::Outcome;
use crate::kube::node;
use crate::versions::CONTROL_PLANE_LABELS;

/// Marks the node, once its kubelet has registered it.
pub(super) async fn run(init: &Init) -> Outcome {
    let api = init.cluster.admin().await.map_err(failure(init))?;
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
    node::mark(&api, name, labels, taints).await.map_err(failure(init))?;
    Ok(())
}
