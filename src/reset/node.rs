//! The node: its kubelet, its pods, mounts and files.

use camino::{Utf8Path, Utf8PathBuf};

use super::{Troubles, go_list};
use crate::cri::{Cri, CriError};
use crate::failure::chain;
use crate::host::init_system::InitSystem;
use crate::host::{Host, HostError, mounts, unfinished};
use crate::paths;
use crate::ui::Ui;

/// How often a pod is tried to be stopped and removed.
const REMOVALS: usize = 5;
const KUBECONFIGS: [&str; 6] = [
    paths::ADMIN_CONF,
    paths::SUPER_ADMIN_CONF,
    paths::KUBELET_CONF,
    paths::BOOTSTRAP_KUBELET_CONF,
    paths::CONTROLLER_MANAGER_CONF,
    paths::SCHEDULER_CONF,
];

/// What to clean beside what every node has.
#[derive(Debug, Clone)]
pub struct Plan<'a> {
    /// Where certificates are.
    pub certificates_dir: &'a Utf8Path,
    /// Flags of umount2 by name.
    pub unmount_flags: &'a [String],
    /// Clear /etc/kubernetes/tmp too.
    pub cleanup_tmp_dir: bool,
    /// The data of the etcd that ran here, when it is to go: cleaned (again) once etcd is stopped for certain, since
    /// a member that still ran when its data was deleted may have written some anew.
    pub etcd_data_dir: Option<&'a Utf8Path>,
}

/// Something is still mounted where the kubelet mounted it: with kubeadm too, the one failure of a reset.
#[derive(Debug, thiserror::Error)]
#[error("encountered the following errors while unmounting directories in {dir:?}: [{}]", failed.join(", "))]
pub struct StillMounted {
    /// The kubelet's directory.
    pub dir: Utf8PathBuf,
    /// Each mount and why it stays.
    pub failed: Vec<String>,
}

/// Undoes what makes the machine a node, all but its manifests ([`forget`]). Pods are stopped before their volumes are
/// unmounted, so that nothing is busy.
pub async fn clean(
    host: &dyn Host,
    cri: &Cri,
    ui: &Ui,
    plan: &Plan<'_>,
    troubles: &Troubles,
) -> Result<(), StillMounted> {
    stop_kubelet(host, ui, troubles);
    remove_pods(host, cri, ui, troubles).await;
    if let Some(dir) = plan.etcd_data_dir {
        troubles.note(ui, &format!("Failed to delete contents of the etcd directory: {dir:?}"), clean_dir(host, dir));
    }
    let unmounted = unmount(host, ui, plan.unmount_flags, troubles);
    let mut dirs: Vec<Utf8PathBuf> = unmounted.iter().map(|(dir, _)| dir.clone()).collect();
    if plan.certificates_dir != paths::PKI_DIR {
        ui.warn(format_args!("[reset] Cleaning a non-default certificates directory: {:?}", plan.certificates_dir));
    }
    dirs.push(plan.certificates_dir.to_owned());
    if plan.cleanup_tmp_dir {
        dirs.push(paths::TMP_DIR.into());
    }
    delete(host, ui, &dirs, troubles);
    match unmounted {
        Some((dir, failed)) if !failed.is_empty() => Err(StillMounted { dir, failed }),
        _ => Ok(()),
    }
}

fn stop_kubelet(host: &dyn Host, ui: &Ui, troubles: &Troubles) {
    let by_hand = "Please ensure kubelet is stopped manually";
    match InitSystem::detect(host) {
        Ok(Some(init_system)) => {
            say(host, ui, "[reset] Stopping the kubelet service", "Would stop the kubelet service");
            let stopped = init_system.ensure_stopped(host, "kubelet");
            let what = format!("The kubelet service could not be stopped ({by_hand})");
            troubles.note(ui, &what, stopped);
        }
        Ok(None) => troubles.say(
            ui,
            &format!("The kubelet service could not be stopped: no supported init system was found. {by_hand}"),
        ),
        Err(error) => {
            troubles.note::<(), _>(ui, &format!("The init system could not be told ({by_hand})"), Err(error));
        }
    }
}

/// Stops and removes every pod, all at once.
async fn remove_pods(host: &dyn Host, cri: &Cri, ui: &Ui, troubles: &Troubles) {
    let what = "Failed to remove containers";
    if host.is_dry_run() {
        ui.line("[dryrun] Would remove Kubernetes-managed containers");
    }
    let sandboxes = match cri.sandboxes().await {
        Err(_) if host.is_dry_run() => return,
        Ok(sandboxes) => sandboxes,
        Err(error) => {
            troubles.note::<(), _>(ui, what, Err(error));
            return;
        }
    };
    ui.verbose(1, format_args!("[reset] Removing {} Kubernetes-managed pods", sandboxes.len()));
    let removals = sandboxes.iter().map(|sandbox| remove_pod(cri, &sandbox.id));
    for removed in futures::future::join_all(removals).await {
        troubles.note(ui, what, removed);
    }
}

async fn remove_pod(cri: &Cri, id: &str) -> Result<(), CriError> {
    let once = async || {
        cri.stop_sandbox(id).await?;
        cri.remove_sandbox(id).await
    };
    let mut outcome = once().await;
    for _ in 1..REMOVALS {
        if outcome.is_ok() {
            break;
        }
        outcome = once().await;
    }
    outcome
}

/// Unmounts everything below the kubelet's directory, wherever that is a link to. Answers the directory, to be
/// emptied (what is still mounted there is spared by [`clean_dir`]), and what could not be unmounted.
fn unmount(host: &dyn Host, ui: &Ui, flags: &[String], troubles: &Troubles) -> Option<(Utf8PathBuf, Vec<String>)> {
    let known = Utf8Path::new(paths::KUBELET_DIR);
    let skipped = format!("Skipping unmount of directories in {known:?}");
    let Some(dir) = troubles.note(ui, &skipped, mounts::resolve(host, known))? else {
        ui.verbose(1, format_args!("[reset] {skipped}: there is no such directory"));
        return None;
    };
    let line = format!("[reset] Unmounting mounted directories in {known:?}");
    say(host, ui, &line, &format!("Would unmount mounted directories in {known:?}"));
    let failed = troubles.note(ui, "The mounts could not be read", unmount_below(host, ui, &dir, flags))?;
    failed.iter().for_each(|text| troubles.say(ui, text));
    Some((dir, failed))
}

/// Takes mounts off until none is left or nothing helps; answers those that stay, and why.
fn unmount_below(host: &dyn Host, ui: &Ui, dir: &Utf8Path, flags: &[String]) -> Result<Vec<String>, HostError> {
    let mut before = usize::MAX;
    loop {
        let table = mounts::read(host)?;
        let targets = mounts::below(&table, dir);
        let last = targets.is_empty() || targets.len() >= before || host.is_dry_run();
        before = targets.len();
        let mut failed = Vec::new();
        for target in targets {
            ui.verbose(5, format_args!("[reset] Unmounting {target:?}"));
            match host.unmount(target, flags) {
                Ok(()) => {}
                // A mount that stood twice in the table and went with its shared peer.
                Err(error) if error.io_kind() == Some(std::io::ErrorKind::InvalidInput) => {}
                Err(HostError::Io { source, .. }) => failed.push(format!("failed to unmount {target:?}: {source}")),
                Err(error) => failed.push(format!("failed to unmount {target:?}: {}", chain(&error))),
            }
        }
        if last {
            return Ok(failed);
        }
    }
}

fn delete(host: &dyn Host, ui: &Ui, dirs: &[Utf8PathBuf], troubles: &Troubles) {
    let manifests = Utf8PathBuf::from(paths::MANIFESTS_DIR);
    let list = go_list(&[&[manifests], dirs].concat());
    let real = format!("[reset] Deleting contents of directories: {list}");
    say(host, ui, &real, &format!("Would delete contents of directories: {list}"));
    for dir in dirs {
        empty(host, ui, dir, troubles);
    }
    let list = go_list(&KUBECONFIGS);
    say(host, ui, &format!("[reset] Deleting files: {list}"), &format!("Would delete files: {list}"));
    for path in KUBECONFIGS.into_iter().map(Utf8Path::new) {
        for path in [path.to_owned(), unfinished(path)] {
            troubles.note(ui, &format!("Failed to remove file: {path:?}"), host.ensure_absent(&path));
        }
    }
}

/// Deletes the manifests. They go last: they tell a reset that comes after one that was cut off which data and
/// certificates are this node's. A kubelet that is started before that runs none of them: its configuration is gone.
pub fn forget(host: &dyn Host, ui: &Ui, troubles: &Troubles) {
    empty(host, ui, Utf8Path::new(paths::MANIFESTS_DIR), troubles);
}

fn empty(host: &dyn Host, ui: &Ui, dir: &Utf8Path, troubles: &Troubles) {
    troubles.note(ui, &format!("Failed to delete contents of {dir:?} directory"), clean_dir(host, dir));
}

/// Removes everything in a directory, and goes on past what can't be removed; answers the first failure. What is
/// mounted somewhere in it is left, with the directories on the way to it.
pub(super) fn clean_dir(host: &dyn Host, dir: &Utf8Path) -> Result<(), HostError> {
    let Some(real) = mounts::resolve(host, dir)? else { return Ok(()) };
    let table = mounts::read(host)?;
    // In a dry run everything was unmounted only in words.
    let mounted = if host.is_dry_run() { Vec::new() } else { mounts::below(&table, &real) };
    clean_around(host, &real, &mounted)
}

fn clean_around(host: &dyn Host, dir: &Utf8Path, mounted: &[&Utf8Path]) -> Result<(), HostError> {
    let mut outcome = Ok(());
    for entry in host.list(dir)? {
        let removed = if mounted.contains(&entry.as_path()) {
            let source = std::io::Error::other("something is mounted there");
            Err(HostError::Io { verb: "remove", path: entry, source })
        } else if mounted.iter().any(|target| target.starts_with(&entry)) {
            clean_around(host, &entry, mounted)
        } else {
            host.remove(&entry)
        };
        outcome = outcome.and(removed);
    }
    outcome
}

/// kubeadm's line, or what it says in a dry run.
pub(super) fn say(host: &dyn Host, ui: &Ui, real: &str, would: &str) {
    if host.is_dry_run() {
        ui.line(format_args!("[dryrun] {would}"));
    } else {
        ui.line(real);
    }
}

#[cfg(test)]
mod tests;
