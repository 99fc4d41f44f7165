//! What `join` checks, in kubeadm's order, before it asks the cluster and after.

use std::net::IpAddr;

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;

use super::common::{self, Checked, Common};
use super::files::{self, Expected};
use super::proxy::{self, Proxies};
use super::runtime::Answers;
use super::tolerance::{Settings, Tolerance};
use super::{Finding, kubelet, network, path_name, system, verification};
use crate::config::JoinConfig;
use crate::config::net::split_host_port;
use crate::failure::PROGRAM;
use crate::host::facts::{Ask, Facts};
use crate::kubeconfig::{Cluster, Source};
use crate::manifests::Component;
use crate::versions::Version;
use crate::{paths, yaml};

/// What `join` is checked against, beside the machine.
#[derive(Debug)]
pub struct Input<'a> {
    /// What was asked for.
    pub cfg: &'a JoinConfig,
    /// What the container runtime said.
    pub runtime: &'a Answers,
    /// The environment's proxies.
    pub proxies: &'a Proxies,
    /// The CA of the cluster that is to be joined, PEM; needed where there is something that [`has_leftovers`] finds.
    pub ca: Option<&'a [u8]>,
}

/// Whether there is a file that a join leaves. It is in the way unless it is of the cluster that is to be joined.
#[must_use]
pub fn has_leftovers(facts: &Facts, cfg: &JoinConfig) -> bool {
    let left = [paths::KUBELET_CONF, paths::BOOTSTRAP_KUBELET_CONF, &cfg.join.ca_cert_path];
    left.iter().any(|path| facts.at(Utf8Path::new(path)).exists())
}

/// What to look at for `join`.
#[must_use]
pub fn ask(cfg: &JoinConfig) -> Ask {
    let join = &cfg.join;
    let mut ask = common::common_ask(&join.node_registration.name);
    ask.paths.push(paths::BOOTSTRAP_KUBELET_CONF.into());
    ask.paths.push(Component::Apiserver.path());
    ask.paths.push(Utf8PathBuf::from(&join.ca_cert_path));
    ask
}

/// The checks of `join` before it asks the cluster.
#[must_use]
pub fn checks(facts: &Facts, input: &Input<'_>) -> Checked {
    let join = &input.cfg.join;
    let of_this_cluster = |ca: Option<&[u8]>| ca.is_some() && ca == input.ca;
    let ca_path = Utf8Path::new(&join.ca_cert_path);
    let has_conf = of_this_cluster(authority(facts, paths::KUBELET_CONF).as_deref());
    let has_bootstrap = of_this_cluster(authority(facts, paths::BOOTSTRAP_KUBELET_CONF).as_deref());
    let has_ca = of_this_cluster(facts.at(ca_path).content());
    let ours = has_conf || has_bootstrap || has_ca;
    let mut checked = Checked::default();
    checked.add(match control_plane_here(facts) {
        Some(finding) if has_conf && join.control_plane.is_none() => Some(finding),
        _ => leftover(facts, paths::KUBELET_CONF, has_conf, "this node has joined this cluster"),
    });
    checked.add(leftover(facts, paths::BOOTSTRAP_KUBELET_CONF, has_bootstrap, "an earlier run of this join left it"));

    let common = Common {
        runtime: input.runtime,
        node_name: &join.node_registration.name,
        version: None,
        settings: Settings { document: None, flags: &join.node_registration.kubelet_extra_args },
        kubelet_is_ours: ours && common::kubelet_is_ours(facts),
    };
    common.check(facts, &mut checked);

    if join.control_plane.is_none() {
        checked.add(leftover(facts, ca_path.as_str(), has_ca, "it is this cluster's CA"));
    }
    if let Some(token) = &join.discovery.bootstrap_token
        && let Some((host, _)) = split_host_port(&token.api_server_endpoint)
    {
        checked.add(proxy::to_host(input.proxies, host));
        if let Ok(address) = host.parse::<IpAddr>() {
            checked.add(network::forwarding(facts, address.is_ipv6()));
        }
    }
    checked.add(common::check_room(facts, common::node_room()));
    checked
}

/// The CA of the cluster that a kubeconfig leads to, PEM.
fn authority(facts: &Facts, path: &str) -> Option<Vec<u8>> {
    let text = yaml::text(facts.at(Utf8Path::new(path)).content()?).ok()?;
    match Cluster::parse(&text).ok()?.authority? {
        Source::Data(pem) => Some(pem.to_vec()),
        Source::File(path) => facts.at(&path).content().map(<[u8]>::to_vec),
    }
}

fn leftover(facts: &Facts, path: &str, ours: bool, why: &str) -> Option<Finding> {
    let path = Utf8Path::new(path);
    let found = files::available(facts, path, &[] as &[Expected])?;
    if ours {
        return Some(Finding::ours(&found.name, format!("{path} stays: {why}")));
    }
    Some(found)
}

/// The command was meant for another machine: the kubelet here would lose the settings that init gave it.
fn control_plane_here(facts: &Facts) -> Option<Finding> {
    let manifest = Component::Apiserver.path();
    let found = facts.at(&manifest).exists();
    found.then(|| {
        let name = path_name("FileAvailable", Utf8Path::new(paths::KUBELET_CONF));
        let message = format!("this machine is a control plane of this cluster already: {manifest} exists");
        Finding::error(&name, message).fix(format!(
            "run the command on the machine that is to become a worker; `{PROGRAM} reset` undoes the control plane here"
        ))
    })
}

/// What can be checked once the cluster's version is known, and this node's KubeletConfiguration, patched. kubeadm does
/// not.
#[must_use]
pub fn against_cluster(facts: &Facts, cfg: &JoinConfig, version: &Version, document: &Value) -> Vec<Finding> {
    let before = Settings { document: None, flags: &cfg.join.node_registration.kubelet_extra_args };
    let settings = Settings { document: Some(document), ..before };
    let certain = |finding: &Finding| finding.severity == super::Severity::Error;
    let mut findings: Vec<Finding> = system::swap(facts, settings.swap()).into_iter().filter(certain).collect();
    if let Ok(own) = kubelet::version(facts)
        && common::cgroup_v1(&own, before) == Tolerance::Unknown
    {
        findings.extend(verification::cgroup_v1(facts, common::cgroup_v1(&own, settings)));
    }
    findings.extend(kubelet::skew(facts, kubelet::ControlPlane::Running(version)).filter(certain));
    findings
}
