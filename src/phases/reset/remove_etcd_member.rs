//! `reset phase remove-etcd-member`: this node's etcd leaves its cluster, and its data goes.

use super::Reset;
use crate::failure::Outcome;
use crate::reset::etcd;

/// Removes the member and empties its data directory. Somebody else's etcd is left alone.
pub(super) async fn run(reset: &Reset) -> Outcome {
    let Reset { cfg, host, ui, troubles, .. } = reset;
    let cluster = reset.cluster().await;
    let member = match etcd::find(&**host, cluster) {
        Ok(Some(member)) => member,
        Ok(None) => {
            ui.verbose(1, "[reset] This node has no static pod of etcd");
            return Ok(());
        }
        Err(error) => {
            etcd::assume_external(ui, &error);
            return Ok(());
        }
    };
    if member.peer_url.is_none() {
        ui.verbose(1, "[reset] The static pod of etcd does not tell its peer URL, so its member is not known");
    } else if host.is_dry_run() {
        ui.line("[dryrun] Would remove the etcd member on this node from the etcd cluster");
    } else {
        let known = reset.etcd_endpoints().await;
        let (certificates_dir, patience) = (reset.certificates_dir().await, cfg.timeouts.etcd_api_call);
        etcd::leave(&**host, ui, &member, certificates_dir, known, patience, troubles).await;
    }
    etcd::clean_data(&**host, ui, &member.data_dir, troubles);
    Ok(())
}
