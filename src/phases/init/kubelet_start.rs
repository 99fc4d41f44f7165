//! `init phase kubelet-start`: the kubelet's files, and the kubelet.

use super::Init;
use crate::failure::Outcome;
use crate::host::Changed;
use crate::kubelet::{self, Node, Order};

/// Configures the kubelet and starts it.
pub(super) async fn run(init: &Init) -> Outcome {
    let node = Node {
        registration: &init.cfg.init.node_registration,
        cluster: &init.cfg.cluster,
        version: &init.cfg.version,
        config: &init.cfg.components.kubelet.document,
        // mark-control-plane puts on the taints of this node.
        taints_by_flag: false,
    };
    kubelet::start(&node, Order::FlagsFirst, Changed::No, &init.patches, &*init.host, &init.ui)?;
    Ok(())
}
