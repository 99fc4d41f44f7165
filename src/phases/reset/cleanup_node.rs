//! `reset phase cleanup-node`: the kubelet, its pods, mounts and files; then what is left is named, or removed.

use super::Reset;
use crate::accounts::Accounts;
use crate::failure::Outcome;
use crate::manifests;
use crate::reset::node::{self, Plan};
use crate::reset::{cleanup, etcd, leftovers};

/// Undoes what made this machine a node.
pub(super) async fn run(reset: &Reset) -> Outcome {
    let Reset { cfg, host, ui, cri, troubles, .. } = reset;
    let cluster = reset.cluster().await;
    let member = etcd::find(&**host, cluster).ok().flatten().filter(|_| reset.clears_etcd);
    let plan = Plan {
        certificates_dir: &reset.certificates_dir().await,
        unmount_flags: &cfg.reset.unmount_flags,
        cleanup_tmp_dir: cfg.reset.cleanup_tmp_dir,
        etcd_data_dir: member.as_ref().map(|member| member.data_dir.as_path()),
    };
    let cleaned = node::clean(&**host, cri, ui, &plan, troubles).await;
    if cluster.is_some_and(manifests::is_rootless) {
        remove_users(reset);
    }
    if let Some(found) = troubles.note(ui, "What is left could not be told", leftovers::find(&**host)) {
        if reset.cleanup_network {
            cleanup::clean(&**host, ui, &found, troubles);
        }
        let left = if reset.cleanup_network { leftovers::find(&**host)? } else { found };
        leftovers::tell(ui, &left, reset.cleanup_network);
    }
    troubles.list(ui);
    Ok(cleaned?)
}

/// Removes the users that the control plane ran as.
fn remove_users(reset: &Reset) {
    let Reset { host, ui, troubles, .. } = reset;
    let what = "users and groups created for rootless control-plane";
    if host.is_dry_run() {
        ui.line(format_args!("[dryrun] Would remove {what}"));
    } else {
        ui.verbose(1, format_args!("[reset] Removing {what}"));
    }
    troubles.note(ui, "Failed to remove users and groups", Accounts::remove(&**host));
}
