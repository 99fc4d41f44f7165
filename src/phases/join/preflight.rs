//! `join phase preflight`: whether this machine can become a node, and of that cluster.

use camino::Utf8Path;

use super::Join;
use crate::failure::Outcome;
use crate::host::facts::{Facts, Own};
use crate::paths;
use crate::preflight::join::{Input, against_cluster, ask, checks, has_leftovers};
use crate::preflight::proxy::Proxies;
use crate::preflight::{judge, runtime, system};

/// Checks the machine, then asks the cluster and checks against it.
pub(super) async fn run(join: &Join) -> Outcome {
    let Join { cfg, host, ui, cri, options, .. } = join;
    let ignored = &cfg.join.node_registration.ignore_preflight_errors;
    ui.line("[preflight] Running pre-flight checks");
    let own = Own::observe()?;
    judge(ui, &system::privileged_user(own.uid), ignored)?;
    for path in [paths::KUBELET_CONF, paths::BOOTSTRAP_KUBELET_CONF, &cfg.join.ca_cert_path] {
        host.refuse_dangling(Utf8Path::new(path))?;
    }
    let facts = Facts::gather(&**host, own, &ask(cfg))?;
    // Whether files of an earlier run are in the way, only the cluster's CA tells.
    let earlier = if has_leftovers(&facts, cfg) { Some(join.cluster().await?) } else { None };
    let input = Input {
        cfg,
        runtime: &runtime::ask(cri).await,
        proxies: &Proxies::of(&options.proxies),
        ca: earlier.map(|cluster| cluster.discovered.endpoint.ca_pem.as_bytes()),
    };
    checks(&facts, &input).judge(ui, ignored)?;
    let cluster = join.cluster().await?;
    if cluster.made_up {
        return Ok(());
    }
    let kubelet = join.patched_kubelet_configuration(cluster)?;
    judge(ui, &against_cluster(&facts, cfg, &cluster.facts.version, &kubelet), ignored)?;
    Ok(())
}
