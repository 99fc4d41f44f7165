//! `init phase control-plane`: the static pods of the control plane.

use super::Init;
use crate::failure::Outcome;
use crate::manifests::{self, Component, Facts};
use crate::paths::MANIFESTS_DIR;

/// The line before the group's own.
pub(super) fn announce(init: &Init) {
    init.ui.line(format_args!("[control-plane] Using manifest folder {MANIFESTS_DIR:?}"));
}

/// Writes kube-apiserver's manifest.
pub(super) async fn apiserver(init: &Init) -> Outcome {
    for warning in manifests::warnings(&init.cfg) {
        init.ui.warn(warning);
    }
    component(init, Component::Apiserver)
}

/// Writes kube-controller-manager's manifest.
pub(super) async fn controller_manager(init: &Init) -> Outcome {
    component(init, Component::ControllerManager)
}

/// Writes kube-scheduler's manifest.
pub(super) async fn scheduler(init: &Init) -> Outcome {
    component(init, Component::Scheduler)
}

fn component(init: &Init, component: Component) -> Outcome {
    init.ui.line(format_args!("[control-plane] Creating static Pod manifest for {:?}", component.name()));
    write(init, component)
}

/// Makes a component's manifest be there, patched. That of a new one waits until it is time to start it.
pub(super) fn write(init: &Init, component: Component) -> Outcome {
    let content = render(init, component, &|line| init.ui.line(line))?;
    if init.options.staged && !init.host.exists(&component.path())? {
        manifests::ensure_dir(component, &*init.host)?;
        return Ok(());
    }
    put(init, component, &content)
}

/// Writes a manifest that was put off. Its patches were told of when its own phase ran.
pub(super) fn write_now(init: &Init, component: Component) -> Outcome {
    put(init, component, &render(init, component, &|_| ())?)
}

fn render(init: &Init, component: Component, say: &dyn Fn(&str)) -> Outcome<String> {
    let host = &*init.host;
    let facts = Facts::gather(host, &init.cfg, &init.options.proxies)?;
    Ok(manifests::render(component, &init.cfg, &facts, &init.patches, host, say)?)
}

fn put(init: &Init, component: Component, content: &str) -> Outcome {
    let host = &*init.host;
    if !manifests::ensure(component, content, host)?.yes() {
        init.ui.verbose(1, format_args!("the manifest {:?} is unchanged", component.path()));
    }
    Ok(())
}
