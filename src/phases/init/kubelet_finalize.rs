//! `init phase kubelet-finalize`: the kubelet goes on with the certificate that it renews itself.

use super::Init;
use crate::failure::Outcome;
use crate::kubelet;

/// Points the kubelet's kubeconfig to its rotated certificate.
pub(super) async fn enable_client_cert_rotation(init: &Init) -> Outcome {
    kubelet::finalize(&init.cfg.init.node_registration, &*init.host, &init.ui)?;
    Ok(())
}
