//! `init phase kubelet-start`: the kubelet's files, and the kubelet.

use super::Init;
use crate::cri::ContainerState;
use crate::failure::Outcome;
use crate::kube::KUBE_SYSTEM;
use crate::kubelet::{self, Node, Order};
use crate::manifests::Component;

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
    let anew = backs_off(init).await;
    if init.finished.kubelet_stays("init", &*init.host, &init.ui)? {
        let started = kubelet::keep_running(anew, &*init.host, &init.ui)?;
        init.kubelet_left_alone.set(!started.yes());
        return Ok(());
    }
    let changed = kubelet::start(&node, Order::FlagsFirst, anew, &init.patches, &*init.host, &init.ui)?;
    init.kubelet_left_alone.set(!changed.yes());
    Ok(())
}

/// Whether a component has ended and nothing has followed it. The kubelet pauses for up to five minutes before it starts
/// again what ended again and again, whatever has been mended since, and forgets that when it is itself started anew.
async fn backs_off(init: &Init) -> bool {
    // A runtime that can't be asked was a finding of the pre-flight checks.
    let Ok(containers) = init.cri.containers().await else { return false };
    let of = |component: Component| {
        containers.iter().filter(move |it| it.namespace() == KUBE_SYSTEM && it.name() == component.name())
    };
    let newest = |component| of(component).max_by_key(|it| (it.created_at, it.attempt()));
    Component::ALL.into_iter().filter_map(newest).any(|it| it.state() == ContainerState::Exited)
}
