//! The order in which a whole `init` makes things, where it is not the order of the phases.
//!
//! Nothing waits for what it does not need. The kubelet starts with the keys of the CA, of its kubeconfig and of what it
//! serves with, and takes as long to get well as etcd's keys take to be made; etcd needs half a second for its first
//! election, in which the others are made. So the kubelet starts first, and the manifests of etcd and of the API server
//! are written when all that they read is there. The controller manager and the scheduler follow when the API server
//! answers: before, their start would slow down its own. Each phase says its lines in its turn; a run that is cut off is
//! finished by the next, which finds what is missing by looking.
//!
//! An API server that answers waits for a second before it stores its roles, and is well only then. What the phases
//! after that write into the cluster is written meanwhile; when their turn comes, they find it there.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::future::pending;

use super::upload_config::failure;
use super::{
    Init, addon, bootstrap_token, certs, control_plane, finished, kubeconfig, mark_control_plane, upload_config,
};
use crate::failure::Outcome;
use crate::kube::Api;
use crate::manifests::Component;
use crate::phases::checkpoint::checkpoint;

/// The certificate that the kubelet starts with.
const KUBELETS_CERTIFICATE: &str = "ca";
/// The kubeconfig file that the kubelet starts with.
const KUBELETS_KUBECONFIG: &str = "kubelet";
/// The certificates that etcd starts with.
const ETCDS_CERTIFICATES: [&str; 3] = ["etcd-ca", "etcd-server", "etcd-peer"];
/// The certificate that nothing starts with: people and reset speak to etcd with it.
const LAST_CERTIFICATE: &str = "etcd-healthcheck-client";

/// The phases whose work a whole run does in another place than their turn, in the order in which it is done. The crash
/// tests kill it after each of them.
pub const OUT_OF_TURN: [&str; 24] = [
    "certs/etcd-ca",
    "certs/etcd-server",
    "certs/etcd-peer",
    "etcd/local",
    "certs/apiserver",
    "certs/apiserver-kubelet-client",
    "certs/front-proxy-ca",
    "certs/front-proxy-client",
    "certs/apiserver-etcd-client",
    "certs/sa",
    "control-plane/apiserver",
    "certs/etcd-healthcheck-client",
    "kubeconfig/admin",
    "kubeconfig/super-admin",
    "kubeconfig/controller-manager",
    "kubeconfig/scheduler",
    "control-plane/controller-manager",
    "control-plane/scheduler",
    "upload-config/kubeadm",
    "upload-config/kubelet",
    "mark-control-plane",
    "bootstrap-token",
    "addon/coredns",
    "addon/kube-proxy",
];

/// Where the crash tests kill a run that has done what they wait for.
pub(super) fn done(phase: &str) {
    checkpoint("done", phase);
}

/// Whether a certificate is made only when the kubelet runs.
pub(super) fn puts_off_certificate(init: &Init, name: &str) -> bool {
    init.options.staged && name != KUBELETS_CERTIFICATE
}

/// Whether a kubeconfig file is made only when the kubelet runs.
pub(super) fn puts_off_kubeconfig(init: &Init, name: &str) -> bool {
    init.options.staged && name != KUBELETS_KUBECONFIG
}

/// Makes what was put off until the kubelet runs, and starts etcd and the API server.
pub fn kubelet_runs(init: &Init) -> Outcome {
    if init.cfg.cluster.etcd.local.is_some() {
        certs::make(init, |certificate| ETCDS_CERTIFICATES.contains(&certificate.name))?;
        control_plane::write_now(init, Component::Etcd)?;
    }
    certs::make(init, |certificate| certificate.name != LAST_CERTIFICATE)?;
    certs::make_service_account_key(init)?;
    control_plane::write_now(init, Component::Apiserver)?;
    certs::make(init, |certificate| certificate.name == LAST_CERTIFICATE)?;
    kubeconfig::make_all(init)
}

/// Starts what asks the API server, which has time for it now: it pauses before it stores its roles.
pub fn api_server_answers(init: &Init) -> Outcome {
    control_plane::write_now(init, Component::ControllerManager)?;
    control_plane::write_now(init, Component::Scheduler)
}

/// What was done before its turn, by phase.
#[derive(Debug, Default)]
pub struct Ahead(RefCell<BTreeSet<&'static str>>);

/// Writes into the cluster what the phases after wait-control-plane do, as the user whose rights need no roles, and
/// never ends. What fails here is tried again in its own phase, and told of there.
pub(super) async fn head_start(init: &Init) -> Infallible {
    if let Ok(api) = init.cluster.super_admin().await
        // Before anything is written: what was finished stays only in the cluster that it was written into.
        && (init.finished.is_empty() || finished::cluster_is_there(init, &api).await.is_ok())
    {
        let (_connected, ..) = futures::join!(
            init.cluster.admin(),
            before_its_turn(init, "upload-config/kubeadm", upload_config::store_kubeadm(init, &api)),
            before_its_turn(init, "upload-config/kubelet", upload_config::store_kubelet(init, &api)),
            before_its_turn(init, "mark-control-plane", mark_control_plane::mark(init, &api)),
            before_its_turn(init, "bootstrap-token", bootstrap_token::store(init, &api)),
            before_its_turn(init, "addon/coredns", addon::apply_coredns(init, &api)),
            before_its_turn(init, "addon/kube-proxy", addon::apply_kube_proxy(init, &api)),
        );
    }
    pending().await
}

async fn before_its_turn(init: &Init, phase: &'static str, work: impl Future<Output = Outcome>) {
    // Whether what was finished before is still there is looked at in its turn.
    let due = init.options.selection.takes(phase) && !init.finished.leaves(phase);
    if due && work.await.is_ok() {
        init.ahead.0.borrow_mut().insert(phase);
        done(phase);
    }
}

/// Does a phase's work in the cluster in its turn, as the administrator, unless it was done before. Answers whether it
/// is done: what an earlier init has finished stays.
pub(super) async fn in_turn(init: &Init, phase: &str, work: impl AsyncFnOnce(&Api) -> Outcome) -> Outcome<bool> {
    let api = init.cluster.admin().await.map_err(failure(init))?;
    if finished::stays(init, &api, phase).await? {
        return Ok(false);
    }
    if !init.ahead.0.borrow().contains(phase) {
        work(&api).await?;
        done(phase);
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::OUT_OF_TURN;
    use crate::phases::{init::INIT, leaves};

    #[test]
    fn what_is_done_out_of_turn_is_a_phases_work() {
        let phases = leaves(INIT);
        assert!(OUT_OF_TURN.iter().all(|phase| phases.iter().any(|leaf| leaf == phase)));
    }
}
