//! `init phase wait-control-plane`: until the kubelet and the components that it starts are well.

use camino::Utf8Path;

use super::{Init, staged};
use crate::diagnose::{Role, Watch};
use crate::failure::Outcome;
use crate::paths;
use crate::wait::{ControlPlane, Kubelet, Place, StartingApiServer, WaitError, healthy_kubelet};

/// Waits for the kubelet, then for the control plane's components, watching the causes throughout.
pub(super) async fn wait_control_plane(init: &Init) -> Outcome {
    let Init { cfg, host, ui, cri, options, .. } = init;
    let kubelet = Kubelet::of(&init.patched_kubelet_configuration()?);
    let dir = Utf8Path::new(paths::MANIFESTS_DIR);
    ui.line(format_args!(
        "[wait-control-plane] Waiting for the kubelet to boot up the control plane as static Pods from directory {:?}",
        dir.as_str()
    ));
    if host.is_dry_run() {
        ui.line(format_args!("[dryrun] Would make sure the kubelet returns 'ok' at {}", kubelet.url()));
        ui.line("[dryrun] Would wait for the control plane components to be healthy");
        return Ok(());
    }
    if options.staged {
        staged::kubelet_runs(init)?;
    }
    let local_etcd = cfg.cluster.etcd.local.as_ref().map(|_| "etcd");
    let components = local_etcd.into_iter().chain(["kube-apiserver", "kube-controller-manager", "kube-scheduler"]);
    let watch = Watch::new(&**host, cri, Role::ControlPlane, &components.collect::<Vec<_>>(), init.once.now);
    healthy_kubelet(&kubelet, cfg.timeouts.kubelet_health_check, &watch, ui)
        .await
        .map_err(|error| error.into_failure(&ui.program).within("failed while waiting for the kubelet to start"))?;
    let address = cfg.network.advertise_address.to_string();
    let place = Place { host: &**host, dir, address: &address, admin: &options.kubeconfig, version: &cfg.version };
    let timeout = cfg.timeouts.control_plane_component_health_check;
    let failed = |error: WaitError| {
        error.into_failure(&ui.program).within("failed while waiting for the control plane to start")
    };
    if options.staged {
        let api_server = StartingApiServer::read(&place).map_err(failed)?;
        api_server.answers(timeout, &watch, ui).await.map_err(failed)?;
        staged::api_server_answers(init)?;
    }
    let components = ControlPlane::read(&place).map_err(failed)?;
    let healthy = components.healthy(timeout, &watch, ui);
    if !options.staged {
        return healthy.await.map_err(failed);
    }
    tokio::select! {
        outcome = healthy => outcome.map_err(failed),
        never = staged::head_start(init) => match never {},
    }
}
