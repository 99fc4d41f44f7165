//! `init phase control-plane`: the static pods of the control plane.

use super::{Init, staged};
use crate::accounts::{Accounts, AccountsError};
use crate::failure::{Failure, Outcome};
use crate::manifests::{self, Component, Facts, ManifestError};
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
    let facts = facts(init)?;
    let content = render(init, component, &facts, &|line| init.ui.line(line))?;
    // In a staged run its files may be put off, too, and they have to be there when they are given to its user.
    if init.options.staged && (facts.accounts.is_some() || !init.host.exists(&component.path())?) {
        manifests::ensure_dir(component, &*init.host)?;
        return Ok(());
    }
    if facts.accounts.is_some() && init.host.is_dry_run() {
        announce_users(init, component);
    }
    put(init, component, &facts, &content)
}

/// Writes a manifest that was put off. Its patches were told of when its own phase ran.
pub(super) fn write_now(init: &Init, component: Component) -> Outcome {
    let facts = facts(init)?;
    put(init, component, &facts, &render(init, component, &facts, &|_| ())?)?;
    staged::done(match component {
        Component::Etcd => "etcd/local",
        Component::Apiserver => "control-plane/apiserver",
        Component::ControllerManager => "control-plane/controller-manager",
        Component::Scheduler => "control-plane/scheduler",
    });
    Ok(())
}

/// What the machine tells, once it has the users that components are to run as.
fn facts(init: &Init) -> Outcome<Facts> {
    let host = &*init.host;
    let failed = |error| Failure::from(error).within("failed to create users and groups");
    let rootless = manifests::is_rootless(&init.cfg.cluster);
    let accounts = rootless.then(|| Accounts::ensure(host)).transpose().map_err(failed)?;
    Ok(Facts { accounts, ..Facts::gather(host, &init.cfg, &init.options.proxies)? })
}

fn render(init: &Init, component: Component, facts: &Facts, say: &dyn Fn(&str)) -> Outcome<String> {
    Ok(manifests::render(component, &init.cfg, facts, &init.patches, &*init.host, say)?)
}

/// A component can only be given files that are there.
fn what_to_make_first(init: &Init, error: ManifestError) -> Failure {
    let missing = matches!(&error, ManifestError::Rootless { source: AccountsError::Host(error), .. }
        if error.io_kind() == Some(std::io::ErrorKind::NotFound));
    let failure = Failure::from(error);
    if !missing {
        return failure;
    }
    let program = &init.ui.program;
    failure.hint(format!(
        "'{program} init phase certs all' makes keys, '{program} init phase kubeconfig all' kubeconfig files"
    ))
}

/// kubeadm's lines of a dry run.
fn announce_users(init: &Init, component: Component) {
    let name = component.name();
    let (group, named) = if component == Component::Etcd {
        ("etcd", format!("{name:?}"))
    } else {
        ("control-plane", format!("[{name}]"))
    };
    init.ui.line(format_args!("[{group}] Would create users and groups for {named} to run as non-root"));
    init.ui.line(format_args!("[{group}] Would update static pod manifest for {name:?} to run run as non-root"));
}

fn put(init: &Init, component: Component, facts: &Facts, content: &str) -> Outcome {
    let host = &*init.host;
    manifests::give_files(component, &init.cfg, facts, host).map_err(|error| what_to_make_first(init, error))?;
    if !manifests::ensure(component, content, host)?.yes() {
        init.ui.verbose(1, format_args!("the manifest {:?} is unchanged", component.path()));
    }
    Ok(())
}
