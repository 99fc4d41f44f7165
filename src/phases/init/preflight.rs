//! `init phase preflight`: nothing is begun on a machine that can't carry it.

use super::Init;
use crate::accounts::Accounts;
use crate::failure::Outcome;
use crate::host::facts::{Facts, Own};
use crate::preflight::files::Expected;
use crate::preflight::init::{Input, ask, checks};
use crate::preflight::proxy::Proxies;
use crate::preflight::{etcd, images as pulls, judge, runtime, system};
use crate::{images, manifests, versions};

/// Checks the machine, and pulls the images.
pub(super) async fn run(init: &Init) -> Outcome {
    let Init { cfg, host, ui, cri, options, .. } = init;
    let ignored = &cfg.init.node_registration.ignore_preflight_errors;
    ui.line("[preflight] Running pre-flight checks");
    let own = Own::observe()?;
    judge(ui, &system::privileged_user(own.uid), ignored)?;
    let external_etcd = match &cfg.cluster.etcd.external {
        Some(external) => etcd::external_versions(&**host, external, &cfg.version).await,
        None => Vec::new(),
    };
    let input = Input {
        cfg,
        expected: &expected(init)?,
        runtime: &runtime::ask(cri).await,
        proxies: &Proxies::of(&options.proxies),
        kubelet: &init.patched_kubelet_configuration()?,
        newest: &versions::OWN,
        external_etcd: &external_etcd,
    };
    let facts = Facts::gather(&**host, own, &ask(cfg))?;
    checks(&facts, &input).judge(ui, ignored)?;
    pull_images(init).await
}

/// The static pods that this run will write, or finds to be as it would write them.
fn expected(init: &Init) -> Outcome<Vec<Expected>> {
    let Init { cfg, host, options, patches, .. } = init;
    let proxies = manifests::proxy_environment(options.proxies.iter().cloned());
    let rootless = manifests::is_rootless(&cfg.cluster);
    let accounts = rootless.then(|| Accounts::look(&**host)).transpose()?;
    let facts = manifests::Facts { accounts, ..manifests::Facts::gather(&**host, cfg, &proxies)? };
    Ok(manifests::expected(cfg, &facts, patches, &**host)?)
}

async fn pull_images(init: &Init) -> Outcome {
    let Init { cfg, host, ui, cri, .. } = init;
    let node = &cfg.init.node_registration;
    let command = format!("'{} config images pull'", ui.program);
    if host.is_dry_run() {
        ui.line(format_args!("[preflight] Would pull the required images (like {command})"));
        return Ok(());
    }
    ui.line("[preflight] Pulling images required for setting up a Kubernetes cluster");
    ui.line("[preflight] This might take a minute or two, depending on the speed of your internet connection");
    ui.line(format_args!("[preflight] You can also perform this action beforehand using {command}"));
    let pause = images::pause(&cfg.cluster, &cfg.version);
    // A runtime that does not tell its pause image may have the right one.
    let told = cri.sandbox_image().await.unwrap_or_default();
    pulls::sandbox_mismatch(told.as_deref(), &pause).iter().for_each(|warning| ui.warn(warning));
    let findings = pulls::pull(cri, ui, node, &images::all(&cfg.cluster, &cfg.version, cfg.ci)).await;
    Ok(judge(ui, &findings, &node.ignore_preflight_errors)?)
}
