//! `init`: arguments to configuration, configuration to pipeline, pipeline to its end.

use std::cell::Cell;

use camino::Utf8PathBuf;
use time::OffsetDateTime;

use super::args::InitArgs;
use super::context::{Hosts, Invocation};
use super::failure;
use super::line::Line;
use super::phase_tree::takes_flag;
use crate::config::resolve::{self, HereOrInternet, InitFlags};
use crate::config::{InitConfig, token};
use crate::cri::Cri;
use crate::failure::{Failure, Outcome};
use crate::host::Host;
use crate::kube::{AdminAccess, Clusters, tokens};
use crate::kubeconfig;
use crate::kubelet::{self, serving};
use crate::manifests;
use crate::patches::Patches;
use crate::paths;
use crate::phases::init::{Ahead, INIT, Init, LEFT, Once, Options};
use crate::phases::{Finished, Selection, drive};
use crate::pki::{self, KeyAlgorithm, KeyPool, PkiDir};
use crate::ui::Ui;
use crate::versions::{RESOLV_CONF_IN_CLUSTER, SUPER_ADMIN};

/// Phases that write or upload the kubelet's configuration, and so need what it takes over from this node.
const NEED_KUBELET_CONFIG: &[&str] = &["preflight", "kubelet-start", "upload-config", "upload-config/kubelet"];

/// When all of it runs, things are made when they are needed, not in the order of the phases.
const STAGED: &[&str] = &["certs", "kubeconfig", "etcd", "control-plane", "kubelet-start", "wait-control-plane"];

/// Runs `init`, or one phase of it.
pub(super) async fn run(args: &InitArgs, line: &Line<'_>, invocation: Invocation) -> Outcome {
    let only = line.phase();
    invocation.ui.nothing_done_yet(args.dry_run.unwrap_or_default());
    let takes_socket = only.as_deref().is_none_or(|only| takes_flag(INIT, only, "cri-socket"));
    let machine = invocation.machine(takes_socket).await?;
    let versions = HereOrInternet { here: manifests::version_here(&*invocation.host)? };
    let mut warnings = Vec::new();
    let resolved = resolve::init(&flags(args, line), &*invocation.host, &machine, &versions, &mut warnings).await;
    let mut cfg = invocation.resolved(resolved, &warnings)?;
    let selection = Selection::new(only.as_deref(), &cfg.init.skip_phases);
    let program = &invocation.ui.program;
    selection.check(INIT).map_err(|error| failure::selection(error, INIT, "init", program))?;

    let dry_run = cfg.init.dry_run;
    tell_facts(&cfg, args, &invocation.ui);
    let _lock = invocation.lock(dry_run)?;
    let hosts = Hosts::new(&invocation.host, dry_run, &invocation.ui);
    let (host, effects) = (hosts.host.clone(), hosts.effects.clone());
    let options = Options {
        staged: !dry_run && selection.takes_whole(STAGED),
        selection,
        ..options(args, &invocation, effects.clone())
    };
    check_existing(&*host, &cfg, &options, &invocation)?;
    let keys = keys(&*host, &cfg, &options)?;
    let cri = Cri::new(&cfg.init.node_registration.cri_socket, effects.clone());
    if only.as_deref().is_none_or(|only| NEED_KUBELET_CONFIG.contains(&only)) {
        follow_cgroup_driver(&mut cfg, &cri).await;
        follow_resolver(&mut cfg, &*host)?;
    }
    let certificate_key = match cfg.init.certificate_key.as_str() {
        "" if options.upload_certs => token::generate_certificate_key()?,
        given => given.to_owned(),
    };
    let cluster = Clusters::new(host.clone(), access(&cfg, &options), effects.clone());
    if only.is_none() && !dry_run {
        reuse_token(&mut cfg, &cluster, invocation.now).await;
    }
    let patches = Patches::in_directory(cfg.init.patches.as_ref().map_or("", |patches| &patches.directory));
    let once = Once { now: invocation.now, certificate_key };
    let ahead = Ahead::default();
    let ca = Utf8PathBuf::from(&cfg.cluster.certificates_dir).join("ca.crt");
    let finished = Finished::before(&options.selection, &*host, &ca)?;
    let kubelet_left_alone = Cell::default();
    let ui = invocation.ui;
    let init = Init { cfg, once, options, host, keys, cri, cluster, patches, ahead, finished, kubelet_left_alone, ui };

    if only.is_none() {
        init.ui.line(format_args!("[init] Using Kubernetes version: {}", init.cfg.version));
    }
    let outcome = drive(INIT, &init, &init.options.selection, &hosts.progress(&init.ui)).await;
    let changed = !dry_run && init.host.changes() + init.cluster.writes() > 0;
    init.ui.fact("changed", changed);
    outcome?;
    if only.is_none() && !dry_run {
        init.finished.record(&LEFT, &init.options.selection, &*init.host, &ca)?;
        if !changed {
            init.ui.line("[init] Nothing was changed: init was finished here before");
        }
    }
    Ok(())
}

/// What programs are told of the control plane that is made.
fn tell_facts(cfg: &InitConfig, args: &InitArgs, ui: &Ui) {
    ui.fact("dryRun", cfg.init.dry_run);
    ui.fact("nodeName", cfg.init.node_registration.name.as_str());
    ui.fact("kubernetesVersion", cfg.version.to_string());
    ui.fact("controlPlaneEndpoint", cfg.network.control_plane_endpoint.as_str());
    ui.fact("kubeconfig", args.kubeconfig.as_ref().map_or(paths::ADMIN_CONF, |path| path.as_str()));
}

/// Finds all that is wrong with certificates and kubeconfig files that exist and that a phase of this run looks at,
/// before anything is changed.
fn check_existing(host: &dyn Host, cfg: &InitConfig, options: &Options, invocation: &Invocation) -> Outcome {
    let program = &invocation.ui.program;
    let wrong = |error: pki::PkiError| error.into_failure(program);
    let within = |group: &str, name: &str| options.selection.takes(&format!("{group}/{name}"));
    pki::check_existing(host, cfg, invocation.now, |name| within("certs", name)).map_err(wrong)?;
    kubeconfig::check_existing(host, &options.kubeconfig_dir, cfg, invocation.now, |name| within("kubeconfig", name))
        .map_err(|error| error.into_failure(program))?;
    let keyless =
        pki::external_ca(host, cfg).map_err(wrong)? || pki::external_front_proxy_ca(host, cfg).map_err(wrong)?;
    if options.upload_certs && keyless {
        return Err(Failure::text("can't use upload-certs with an external CA or an external front-proxy CA")
            .hint("leave --upload-certs away and copy the certificates to the other control-plane nodes yourself"));
    }
    Ok(())
}

/// Starts making the keys that this run will need.
fn keys(host: &dyn Host, cfg: &InitConfig, options: &Options) -> Outcome<KeyPool> {
    let mut count = 0;
    if options.selection.takes("certs/sa") {
        count += pki::keys_to_make(&PkiDir::of(host, cfg), cfg)?;
    }
    if options.selection.takes("kubeconfig/scheduler") {
        count += kubeconfig::keys_to_make(host, &options.kubeconfig_dir, cfg)?;
    }
    let algorithm = KeyAlgorithm::parse(cfg.key_algorithm())?;
    let kubelet = &cfg.components.kubelet.document;
    if options.staged && serving::is_missing(&cfg.init.node_registration, kubelet, host)? {
        count += serving::KEYS;
    }
    Ok(KeyPool::start(algorithm, count))
}

fn access(cfg: &InitConfig, options: &Options) -> AdminAccess {
    AdminAccess {
        kubeconfig: options.kubeconfig.clone(),
        local_endpoint: cfg.network.local_endpoint(),
        bound_group: *SUPER_ADMIN.at(&cfg.version),
        patience: cfg.timeouts.kubernetes_api_call,
    }
}

fn flags(args: &InitArgs, line: &Line<'_>) -> InitFlags {
    let args = args.clone();
    InitFlags {
        config: args.config,
        advertise_address: args.apiserver_advertise_address,
        bind_port: args.apiserver_bind_port,
        cert_extra_sans: args.apiserver_cert_extra_sans,
        cert_dir: args.cert_dir,
        certificate_key: args.certificate_key,
        control_plane_endpoint: args.control_plane_endpoint,
        cri_socket: args.cri_socket,
        dry_run: args.dry_run,
        feature_gates: args.feature_gates,
        ignore_preflight_errors: args.ignore_preflight_errors,
        image_repository: args.image_repository,
        kubernetes_version: args.kubernetes_version,
        node_name: args.node_name,
        patches: args.patches,
        pod_network_cidr: args.pod_network_cidr,
        service_cidr: args.service_cidr,
        service_dns_domain: args.service_dns_domain,
        skip_phases: args.skip_phases,
        token: args.token,
        token_ttl: args.token_ttl,
        upload_certs: args.upload_certs.unwrap_or_default(),
        extra_args: args.extra_args.flags(),
        allow_cgroup_v1: args.allow_cgroup_v1,
        set: line.flags.clone(),
    }
}

fn options(args: &InitArgs, invocation: &Invocation, effects: Option<crate::host::Effects>) -> Options {
    let or = |path: &Option<Utf8PathBuf>, default: &str| path.clone().unwrap_or_else(|| default.into());
    // What a dry run prints goes into tickets and logs.
    let dry_run = effects.is_some();
    Options {
        kubeconfig: or(&args.kubeconfig, paths::ADMIN_CONF),
        kubeconfig_dir: or(&args.kubeconfig_dir, paths::KUBERNETES_DIR),
        upload_certs: args.upload_certs.unwrap_or_default(),
        skip_token_print: dry_run || args.skip_token_print.unwrap_or_default(),
        skip_certificate_key_print: dry_run || args.skip_certificate_key_print.unwrap_or_default(),
        print_manifest: args.print_manifest.unwrap_or_default(),
        selection: Selection::default(),
        staged: false,
        proxies: invocation.proxies.clone(),
        effects,
    }
}

/// The kubelet's cgroup driver is the container runtime's, where the configuration does not set one. Whether one that
/// it sets fits is a matter of the pre-flight checks, and so is a runtime that can't be reached.
async fn follow_cgroup_driver(cfg: &mut InitConfig, cri: &Cri) {
    if cfg.components.user_cgroup_driver().is_none()
        && let Ok(Some(driver)) = cri.cgroup_driver().await
    {
        cfg.components.with_cgroup_driver(driver.as_str());
    }
}

/// Where this node's systemd-resolved keeps its name servers is every node's business in older clusters.
fn follow_resolver(cfg: &mut InitConfig, host: &dyn Host) -> Outcome {
    if *RESOLV_CONF_IN_CLUSTER.at(&cfg.version) && kubelet::Facts::gather(host)?.resolved_active {
        cfg.components.with_resolv_conf(kubelet::RESOLVED_CONF);
    }
    Ok(())
}

/// A bootstrap token of an earlier run that is still good is used again, where none was asked for by name.
async fn reuse_token(cfg: &mut InitConfig, cluster: &Clusters, now: OffsetDateTime) {
    if !cfg.generated_token || cluster.admin_kubeconfig().is_err() {
        return;
    }
    // An API server that does not answer is waited for later; here it only means that no token is known.
    let Ok(api) = cluster.glance() else { return };
    if let Ok(Some(grant)) = tokens::find_own_default(&api, now).await
        && let Some(first) = cfg.init.bootstrap_tokens.first_mut()
    {
        first.token = grant.token.to_string();
    }
}
