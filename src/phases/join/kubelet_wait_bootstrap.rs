//! `join phase kubelet-wait-bootstrap`: until the kubelet has its certificate, its node is registered, and it has
//! stayed up.

use camino::Utf8Path;

use super::Join;
use crate::diagnose::{Role, Watch};
use crate::failure::{Failure, Outcome};
use crate::kube::{Api, node};
use crate::kubelet;
use crate::paths;
use crate::versions::has_cri_socket_annotation;
use crate::wait::{Bootstrap, Kubelet, healthy_kubelet};

/// Waits for the kubelet, its certificate and its node; then, also on failure, the bootstrap kubeconfig is removed.
pub(super) async fn kubelet_wait_bootstrap(join: &Join) -> Outcome {
    if join.host.is_dry_run() {
        join.ui.line("[kubelet-wait] Would wait for the kubelet to be bootstrapped");
        return Ok(());
    }
    let outcome = bootstrapped(join).await;
    join.host.ensure_absent(Utf8Path::new(paths::BOOTSTRAP_KUBELET_CONF))?;
    outcome
}

async fn bootstrapped(join: &Join) -> Outcome {
    let Join { cfg, host, ui, cri, .. } = join;
    let (role, components): (_, &[&str]) = match cfg.join.control_plane {
        None => (Role::Worker, &[]),
        Some(_) => (Role::JoiningControlPlane, &["etcd", "kube-apiserver"]),
    };
    let watch = Watch::new(&**host, cri, role, components, join.options.now);
    let kubelet = Kubelet::of(&join.patched_kubelet_configuration(join.cluster().await?)?);
    healthy_kubelet(&kubelet, cfg.timeouts.kubelet_health_check, &watch, ui)
        .await
        .map_err(|error| error.into_failure(&ui.program).within("failed while waiting for the kubelet to start"))?;
    ui.line("[kubelet-start] Waiting for the kubelet to perform the TLS Bootstrap");
    let kubelet_conf = Utf8Path::new(paths::KUBELET_CONF);
    let node = &kubelet::node_name(&cfg.join.node_registration);
    let bootstrap = Bootstrap { host: &**host, kubelet_conf, node };
    bootstrap
        .done(cfg.timeouts.tls_bootstrap, &watch, ui, || kubelet::register_now(&**host, ui))
        .await
        .map_err(|error| error.into_failure(&ui.program).within("failed while waiting for TLS bootstrap"))?;
    note_runtime(join).await
}

/// Says on the node where its container runtime is, where that is how the version's kubeadm finds it; as the kubelet,
/// which may change its own node.
async fn note_runtime(join: &Join) -> Outcome {
    let facts = &join.cluster().await?.facts;
    if !has_cri_socket_annotation(&facts.version, &facts.cluster.feature_gates) {
        return Ok(());
    }
    let node = &join.cfg.join.node_registration;
    let kubeconfig = join.host.read_text(Utf8Path::new(paths::KUBELET_CONF))?.unwrap_or_default();
    let api = Api::from_kubeconfig(paths::KUBELET_CONF, &kubeconfig, None)?;
    let api = api.patience(join.cfg.timeouts.kubernetes_api_call);
    node::annotate_cri_socket(&api, &kubelet::node_name(node), &node.cri_socket)
        .await
        .map_err(|error| Failure::from(error).within("error writing CRISocket for this node"))?;
    Ok(())
}
