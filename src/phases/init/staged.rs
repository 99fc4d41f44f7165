//! The order in which a whole `init` makes things, where it is not the order of the phases.
//!
//! Nothing waits for what it does not need. etcd needs a second for its first election, and the kubelet as long to
//! start it, and both need only a few of the keys: so the kubelet starts when those are made, and the others are made
//! meanwhile. The API server's manifest is written when all that it reads is there, and those of the components that need the
//! API server when it answers: before that they would only take the processors away from it. Each phase says its
//! lines in its turn; a run that is cut off is finished by the next, which finds what is missing by looking.
//!
//! An API server that answers waits for a second before it stores its roles, and is well only then. What the phases
//! after that write into the cluster is written meanwhile; when their turn comes, they find it there.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::future::pending;

use super::upload_config::failure;
use super::{Init, addon, bootstrap_token, certs, control_plane, kubeconfig, mark_control_plane, upload_config};
use crate::failure::Outcome;
use crate::kube::Api;
use crate::manifests::Component;

/// The certificates that etcd and the kubelet start with.
const FIRST_CERTIFICATES: [&str; 5] = ["ca", "etcd-ca", "etcd-server", "etcd-peer", "etcd-healthcheck-client"];
/// The kubeconfig file that the kubelet starts with.
const FIRST_KUBECONFIG: &str = "kubelet";

/// Whether a certificate is made only when the kubelet runs.
pub(super) fn puts_off_certificate(init: &Init, name: &str) -> bool {
    init.options.staged && !FIRST_CERTIFICATES.contains(&name)
}

/// Whether a kubeconfig file is made only when the kubelet runs.
pub(super) fn puts_off_kubeconfig(init: &Init, name: &str) -> bool {
    init.options.staged && name != FIRST_KUBECONFIG
}

/// Makes what was put off until the kubelet runs, and starts the API server.
pub(super) fn kubelet_runs(init: &Init) -> Outcome {
    certs::make_all(init)?;
    control_plane::write_now(init, Component::Apiserver)?;
    kubeconfig::make_all(init)
}

/// Starts what was put off until the API server answers.
pub(super) fn api_server_answers(init: &Init) -> Outcome {
    control_plane::write_now(init, Component::ControllerManager)?;
    control_plane::write_now(init, Component::Scheduler)
}

/// What was done before its turn, by phase.
#[derive(Debug, Default)]
pub struct Ahead(RefCell<BTreeSet<&'static str>>);

/// Writes into the cluster what the phases after wait-control-plane do, as the user whose rights need no roles, and
/// never ends. What fails here is tried again in its own phase, and told of there.
pub(super) async fn head_start(init: &Init) -> Infallible {
    if let Ok(api) = init.cluster.super_admin().await {
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
    if init.options.selection.takes(phase) && work.await.is_ok() {
        init.ahead.0.borrow_mut().insert(phase);
    }
}

/// Does a phase's work in the cluster in its turn, as the administrator, unless it was done before.
pub(super) async fn in_turn(init: &Init, phase: &str, work: impl AsyncFnOnce(&Api) -> Outcome) -> Outcome {
    let api = init.cluster.admin().await.map_err(failure(init))?;
    if init.ahead.0.borrow().contains(phase) { Ok(()) } else { work(&api).await }
}
