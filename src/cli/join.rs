//! `join`: arguments to configuration, configuration to pipeline, pipeline to its end.

use camino::Utf8PathBuf;
use serde_json::Value;

use super::args::JoinArgs;
use super::context::{Hosts, Invocation};
use super::failure;
use super::later;
use super::line::Line;
use super::phase_tree::takes_flag;
use crate::config::JoinConfig;
use crate::config::resolve::{self, JoinFlags};
use crate::cri::Cri;
use crate::failure::{Failure, Outcome};
use crate::host::Host;
use crate::kubelet::{self, serving};
use crate::phases::join::{JOIN, Join, LEFT, Options};
use crate::phases::{Finished, Selection, drive};
use crate::pki::{KeyAlgorithm, KeyPool};

/// Runs `join`, or one phase of it.
pub(super) async fn run(args: &JoinArgs, line: &Line<'_>, invocation: Invocation) -> Outcome {
    invocation.ui.nothing_done_yet(args.dry_run.unwrap_or_default());
    if args.endpoint.len() > 1 {
        return Err(Failure::text(format!("accepts at most 1 arg(s), received {}", args.endpoint.len()))
            .hint("give one API server, HOST:PORT, or a load balancer's"));
    }
    let only = line.phase();
    let machine = invocation.machine(true).await?;
    let mut warnings = Vec::new();
    let resolved = resolve::join(&flags(args, line), &*invocation.host, &machine, &mut warnings);
    let cfg = invocation.resolved(resolved, &warnings)?;
    if cfg.join.control_plane.is_some() {
        return Err(Failure::text("kinit can't yet join a node to the control plane").hint(
            "join it as a worker (leave --control-plane and controlPlane away), or with kubeadm, which finds all that it \
             needs in a cluster made by kinit",
        ));
    }
    let dry_run = cfg.join.dry_run;
    invocation.ui.fact("dryRun", dry_run);
    invocation.ui.fact("nodeName", kubelet::node_name(&cfg.join.node_registration));
    let _lock = invocation.lock(dry_run)?;
    let hosts = Hosts::new(&invocation.host, dry_run, &invocation.ui);
    let (host, effects) = (hosts.host.clone(), hosts.effects.clone());

    let selection = Selection::new(only.as_deref(), &later::skipped(&cfg.join.skip_phases));
    let program = &invocation.ui.program;
    selection.check(JOIN).map_err(|error| failure::selection(error, JOIN, "join", program))?;
    let cri = Cri::new(&cfg.join.node_registration.cri_socket, effects.clone());
    let options = Options {
        allow_cgroup_v1: args.allow_cgroup_v1,
        proxies: invocation.proxies.clone(),
        effects: effects.clone(),
        now: invocation.now,
    };
    let ca = Utf8PathBuf::from(&cfg.join.ca_cert_path);
    let finished = Finished::before(&selection, &*host, &ca)?;
    let whole = only.is_none() && !dry_run;
    let keys = if whole { keys(&*host, &cfg)? } else { None };
    let join = Join::new(cfg, options, finished, keys, host, cri, invocation.ui);
    let outcome = drive(JOIN, &join, &selection, &hosts.progress(&join.ui)).await;
    join.ui.fact("changed", !dry_run && join.host.changes() > 0);
    outcome?;
    if whole {
        let changed = join.host.changes() > 0;
        join.finished.record(&LEFT, &selection, &*join.host, &ca)?;
        end(&join, changed);
    }
    Ok(())
}

/// Starts making the keys that the kubelet would make for itself; what configures it is the cluster's, and not known yet.
fn keys(host: &dyn Host, cfg: &JoinConfig) -> Outcome<Option<KeyPool>> {
    let missing = serving::is_missing(&cfg.join.node_registration, &Value::Null, host)?;
    Ok(missing.then(|| KeyPool::start(KeyAlgorithm::Rsa2048, serving::KEYS)))
}

fn end(join: &Join, changed: bool) {
    if !changed {
        join.ui.line("[join] Nothing was changed: this node was already part of the cluster");
        return;
    }
    join.ui.line(
        "\nThis node has joined the cluster:\n\
         * Certificate signing request was sent to apiserver and a response was received.\n\
         * The Kubelet was informed of the new secure connection details.\n\n\
         Run 'kubectl get nodes' on the control-plane to see this node join the cluster.\n",
    );
}

fn flags(args: &JoinArgs, line: &Line<'_>) -> JoinFlags {
    let args = args.clone();
    JoinFlags {
        endpoint: args.endpoint.into_iter().next(),
        config: args.config,
        advertise_address: args.apiserver_advertise_address,
        bind_port: args.apiserver_bind_port,
        certificate_key: args.certificate_key,
        control_plane: args.control_plane.unwrap_or_default(),
        cri_socket: args.cri_socket,
        discovery_file: args.discovery_file,
        discovery_token: args.discovery_token,
        discovery_token_ca_cert_hash: args.discovery_token_ca_cert_hash,
        discovery_token_unsafe_skip_ca_verification: args
            .discovery_token_unsafe_skip_ca_verification
            .unwrap_or_default(),
        dry_run: args.dry_run,
        ignore_preflight_errors: args.ignore_preflight_errors,
        node_name: args.node_name,
        patches: args.patches,
        skip_phases: args.skip_phases,
        tls_bootstrap_token: args.tls_bootstrap_token,
        token: args.token,
        without_discovery_flags: line.phase().is_some_and(|only| !takes_flag(JOIN, &only, "discovery-token")),
        set: line.flags.clone(),
    }
}
