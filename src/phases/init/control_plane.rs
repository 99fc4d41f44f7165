//! `init phase control-plane`: the static pods of the control plane.

use super::Init;
use crate::failure::Outcome;
use crate::manifests::{self, Component, Facts};
use crate::paths::MANIFESTS_DIR;

/// The line before the group's own.
pub fn announce(init: &Init) {
    init.ui.line(format_args!("[control-plane] Using manifest folder {MANIFESTS_DIR:?}"));
}

/// Writes kube-apiserver's manifest.
pub async fn apiserver(init: &Init) -> Outcome {
    for warning in manifests::warnings(&init.cfg) {
        init.ui.warn(warning);
    }
    component(init, Component::Apiserver)
}

/// Writes kube-controller-manager's manifest.
pub async fn controller_manager(init: &Init) -> Outcome {
    component(init, Component::ControllerManager)
}

/// Writes kube-scheduler's manifest.
pub async fn scheduler(init: &Init) -> Outcome {
    component(init, Component::Scheduler)
}

fn component(init: &Init, component: Component) -> Outcome {
    init.ui.line(format_args!("[control-plane] Creating static Pod manifest for {:?}", component.name()));
    write(init, component)
}

/// Makes a component's manifest be there, patched.
pub(super) fn write(init: &Init, component: Component) -> Outcome {
    let host = &*init.host;
    let facts = Facts::gather(host, &init.cfg, &init.options.proxy_env)?;
    let say = |line: &str| init.ui.line(line);
    let content = manifests::render(component, &init.cfg, &facts, &init.patches, host, &say)?;
    if !manifests::ensure(component, &content, host)?.yes() {
        init.ui.verbose(1, format_args!("the manifest {:?} is unchanged", component.path()));
    }
    Ok(())
}
