//! `reset phase cleanup-node`: the kubelet, its pods, mounts and files; then what is left is named, or removed.

use camino::Utf8Path;

use super::Reset;
use crate::accounts::Accounts;
use crate::failure::Outcome;
use crate::manifests;
use crate::reset::node::{self, Plan};
use crate::reset::{cleanup, etcd, leftovers};

/// The user and group of root.
const ROOT: (u32, u32) = (0, 0);

/// Undoes what made this machine a node.
pub(super) async fn run(reset: &Reset) -> Outcome {
    let Reset { cfg, host, ui, cri, troubles, .. } = reset;
    let cluster = reset.cluster().await;
    let own_etcd = etcd::find(&**host, cluster).ok().flatten();
    let member = own_etcd.as_ref().filter(|_| reset.clears_etcd);
    let plan = Plan {
        certificates_dir: reset.certificates_dir().await,
        unmount_flags: &cfg.reset.unmount_flags,
        cleanup_tmp_dir: cfg.reset.cleanup_tmp_dir,
        etcd_data_dir: member.map(|member| member.data_dir.as_path()),
    };
    let cleaned = node::clean(&**host, cri, ui, &plan, troubles).await;
    // A cluster that does not answer, or no longer, as after a reset that was cut off, does not tell; the names do.
    let users = || troubles.note(ui, "Users and groups could not be read", Accounts::are_there(&**host));
    if cluster.map_or_else(|| users() == Some(true), manifests::is_rootless) {
        remove_users(reset, own_etcd.as_ref().map(|member| member.data_dir.as_path()));
    }
    node::forget(&**host, ui, troubles);
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

/// Removes the users that the control plane ran as, once nothing is theirs: their ids may become another's.
fn remove_users(reset: &Reset, etcd_data_dir: Option<&Utf8Path>) {
    let Reset { host, ui, troubles, .. } = reset;
    let what = "users and groups created for rootless control-plane";
    if host.is_dry_run() {
        ui.line(format_args!("[dryrun] Would remove {what}"));
    } else {
        ui.verbose(1, format_args!("[reset] Removing {what}"));
    }
    if let Some(dir) = etcd_data_dir {
        let failed = format!("Failed to give {dir:?} back to root");
        troubles.note(ui, &failed, host.ensure_tree_owner(dir, ROOT));
    }
    troubles.note(ui, "Failed to remove users and groups", Accounts::remove(&**host));
}
