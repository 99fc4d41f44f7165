//! `init phase kubelet-start`: the kubelet's files, and the kubelet.

use camino::Utf8Path;

use super::Init;
use crate::cri::{Container, ContainerState};
use crate::failure::Outcome;
use crate::kube::KUBE_SYSTEM;
use crate::kubelet::serving::Supply;
use crate::kubelet::{self, Node, Order};
use crate::manifests::Component;
use crate::paths::MANIFESTS_DIR;

/// Configures the kubelet and starts it.
pub(super) async fn run(init: &Init) -> Outcome {
    let node = Node {
        registration: &init.cfg.init.node_registration,
        cluster: &init.cfg.cluster,
        version: &init.cfg.version,
        config: &init.cfg.components.kubelet.document,
        // mark-control-plane puts on the taints of this node.
        taints_by_flag: false,
        serving: init.options.staged.then_some(Supply { keys: &init.keys, now: init.once.now }),
    };
    let Init { host, ui, .. } = init;
    let anew = backs_off(init).await?;
    let changed = if init.finished.kubelet_stays("init", &**host, ui)? {
        kubelet::keep_running(anew, &**host, ui)?
    } else {
        kubelet::start(&node, Order::FlagsFirst, anew, &init.patches, &**host, ui)?
    };
    init.kubelet_left_alone.set(!changed.yes());
    Ok(())
}

/// Whether a component has ended and nothing has followed it. The kubelet pauses for up to five minutes before it starts
/// again what ended again and again, whatever has been mended since, and forgets that when it is itself started anew.
async fn backs_off(init: &Init) -> Outcome<bool> {
    // The first run on a machine asks nobody: the kubelet's start waits for this.
    if init.host.list(Utf8Path::new(MANIFESTS_DIR))?.is_empty() {
        return Ok(false);
    }
    // A runtime that can't be asked was a finding of the pre-flight checks.
    let Ok(containers) = init.cri.containers().await else { return Ok(false) };
    let ended = |component: Component| {
        let newest = Container::named(&containers, KUBE_SYSTEM, component.name()).pop();
        newest.is_some_and(|it| it.state() == ContainerState::Exited)
    };
    Ok(Component::ALL.into_iter().any(ended))
}
