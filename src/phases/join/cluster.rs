//! The cluster that is joined, as the phases know it. A dry run whose cluster does not answer goes on with one that is
//! made up, and says so.

use super::Join;
use crate::config::usual;
use crate::discovery::{self, Discovered, DiscoveryError};
use crate::failure::{Failure, Outcome, chain};
use crate::kube::dry_run::Memory;
use crate::kube::read_back::{self, ClusterFacts};
use crate::kube::{Api, KubeError};
use crate::kubelet;
use crate::paths;
use crate::versions::{self, Version};

/// The cluster that is joined.
#[derive(Debug)]
pub struct Cluster {
    /// Where it is, why it is trusted, and the credentials for joining it.
    pub discovered: Discovered,
    /// Its API as the joining node.
    pub api: Api,
    /// Its configuration.
    pub facts: ClusterFacts,
    /// This node is a member of it: its kubelet has a certificate, and that is good now.
    pub joined: bool,
    /// It did not answer: what is said here of it was made up.
    pub made_up: bool,
}

/// Finds the cluster, makes sure of it and asks for its configuration.
pub(super) async fn find(join: &Join) -> Outcome<Cluster> {
    let member = discovery::membership(&*join.host, join.options.now)?;
    let discovered = match discovery::discover(&join.cfg, member.as_ref(), &*join.host, &join.ui).await {
        Err(error) if join.host.is_dry_run() && error.is_silence() => return made_up(join, &error).await,
        found => found.map_err(|error| not_found(join, error, member.as_ref()))?,
    };
    discovered.warnings.iter().for_each(|warning| join.ui.warn(warning));
    join.ui.line(
        "[preflight] Reading configuration from the \"kubeadm-config\" ConfigMap in namespace \"kube-system\"...",
    );
    join.ui.line(format_args!(
        "[preflight] Use '{} init phase upload-config kubeadm --config your-config-file' to re-upload it.",
        join.ui.program
    ));
    let api = discovered.api()?.patience(join.cfg.timeouts.kubernetes_api_call);
    let server = &discovered.endpoint.server;
    let facts = read_back::read(&api).await.map_err(|error| not_read(join, error, server, member.as_ref()))?;
    let member = member.filter(|member| member.endpoint.ca_pem == discovered.endpoint.ca_pem);
    let joined = member.is_some();
    if let Some(name) = member.and_then(|member| member.node()) {
        refuse_another_name(join, &name)?;
    }
    Ok(Cluster { discovered, api, facts, joined, made_up: false })
}

/// Why there is no cluster to join; a member of one is told so, for then nothing need be wrong with the node.
fn not_found(join: &Join, error: DiscoveryError, member: Option<&Discovered>) -> Failure {
    of_member(error.into_failure(&join.ui.program), member)
}

fn of_member(failure: Failure, member: Option<&Discovered>) -> Failure {
    let Some(member) = member else { return failure };
    let server = &member.endpoint.server;
    failure.hint(format!("this node is a member of the cluster at {server} already: {}", paths::KUBELET_CONF))
}

/// A kubelet whose certificate is for another name may not register: its pods would be lost.
pub(super) fn refuse_another_name(join: &Join, name: &str) -> Outcome {
    let wanted = kubelet::node_name(&join.cfg.join.node_registration);
    if wanted == name {
        return Ok(());
    }
    let message = format!("this machine is a member of the cluster as the node {name:?} already, not as {wanted:?}");
    let naming = kubelet::naming(&join.cfg.join.node_registration);
    Err(Failure::text(message).hint(format!("to go on with that node, give its name, {name}, with {naming}")).hint(
        format!("for another name: kubectl delete node {name}, then `{} reset` here, and join again", join.ui.program),
    ))
}

/// Why its configuration is not known, though the cluster is.
fn not_read(join: &Join, error: KubeError, server: &str, member: Option<&Discovered>) -> Failure {
    let unreachable = error.is_unreachable() && !error.is_untrusted() && !error.is_out_of_time();
    let failure = if unreachable {
        Failure::from(error).hint(format!("look whether this machine reaches it: curl -k {server}/livez"))
    } else {
        error.into_failure(&join.ui.program)
    };
    of_member(failure, member)
}

/// A cluster with the usual configuration and no node of this one's name.
async fn made_up(join: &Join, why: &DiscoveryError) -> Outcome<Cluster> {
    let Join { cfg, host, ui, .. } = join;
    let into_failure = |error: DiscoveryError| error.into_failure(&ui.program);
    let discovered = discovery::imagine(cfg, &**host).await.map_err(into_failure)?;
    let (version, whose) = match kubelets_version(join) {
        Some(version) => (version, "of this machine's kubelet"),
        None => (versions::OWN, "the newest one known"),
    };
    let (cluster, kubelet) = usual::cluster(&version).map_err(|error| error.into_failure(&ui.program))?;
    let server = &discovered.endpoint.server;
    let ca = if discovered.has_example_ca() { "an example" } else { "that of the discovery file" };
    ui.warn(format_args!(
        "[dryrun] The cluster does not answer, this dry run goes on with made-up answers in its place: {}",
        chain(why)
    ));
    for answer in [
        format!("cluster-info: the cluster is at {server}, its CA is {ca}"),
        format!("kubeadm-config: Kubernetes {version} ({whose}), all settings as init has them by default"),
        "kubelet-config: the kubelets' settings as init has them by default".to_owned(),
        format!("nodes: none is called {:?}", kubelet::node_name(&cfg.join.node_registration)),
    ] {
        ui.line(format_args!("[dryrun] Made up: {answer}"));
    }
    ui.line("[dryrun] Neither the credentials nor the API server's identity have been checked");
    let effects = join.options.effects.clone().unwrap_or_default();
    let facts = ClusterFacts { cluster, version, kubelet, kube_proxy: None };
    Ok(Cluster { discovered, api: Memory::dry_run(effects, None), facts, joined: false, made_up: true })
}

fn kubelets_version(join: &Join) -> Option<Version> {
    // A kubelet that can't be asked is a finding of the pre-flight checks.
    let output = join.host.query(&["kubelet", "--version"]).ok()?;
    Version::parse(output.stdout.trim().strip_prefix("Kubernetes ")?).ok()
}
