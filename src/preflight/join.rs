//! What `join` checks, in kubeadm's order, before it asks the cluster and after.

use std::net::IpAddr;

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;

use super::common::{self, Checked, Common};
use super::files::{self, Expected};
use super::proxy::{self, Proxies};
use super::runtime::Answers;
use super::tolerance::{Settings, Tolerance};
use super::{Finding, kubelet, network, system, verification};
use crate::config::JoinConfig;
use crate::config::net::split_host_port;
use crate::host::facts::{Ask, Facts};
use crate::versions::Version;
use crate::{kubeconfig, paths, yaml};

/// What `join` is checked against, beside the machine.
#[derive(Debug)]
pub struct Input<'a> {
    /// What was asked for.
    pub cfg: &'a JoinConfig,
    /// What the container runtime said.
    pub runtime: &'a Answers,
    /// The environment's proxies.
    pub proxies: &'a Proxies,
    /// This node is a member of the cluster that it is to join: see [`membership`].
    pub same_cluster: bool,
}

/// The cluster that a kubeconfig of this node's kubelet leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// The API server's URL.
    pub server: String,
    /// The cluster's CA, PEM.
    pub ca: Vec<u8>,
    /// A bootstrap token; `kubelet.conf` has none.
    pub token: String,
}

/// The cluster that this node has joined; the caller compares it with the one that it is to join.
#[must_use]
pub fn membership(facts: &Facts) -> Option<Membership> {
    read(facts, paths::KUBELET_CONF)
}

fn read(facts: &Facts, path: &str) -> Option<Membership> {
    let text = yaml::text(facts.at(Utf8Path::new(path)).content()?).ok()?;
    let document = yaml::document(&text).ok()?;
    let cluster = document.pointer("/clusters/0/cluster")?;
    let word = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    Some(Membership {
        server: word(cluster.get("server")),
        ca: kubeconfig::decode(&word(cluster.get("certificate-authority-data"))).unwrap_or_default(),
        token: word(document.pointer("/users/0/user/token")),
    })
}

/// What to look at for `join`.
#[must_use]
pub fn ask(cfg: &JoinConfig) -> Ask {
    let join = &cfg.join;
    let mut ask = common::common_ask(&join.node_registration.name);
    ask.paths.push(paths::BOOTSTRAP_KUBELET_CONF.into());
    ask.paths.push(Utf8PathBuf::from(&join.ca_cert_path));
    ask
}

/// The checks of `join` before it asks the cluster.
#[must_use]
pub fn checks(facts: &Facts, input: &Input<'_>) -> Checked {
    let join = &input.cfg.join;
    let interrupted = read(facts, paths::BOOTSTRAP_KUBELET_CONF).filter(|earlier| is_same_join(earlier, input));
    let ours = input.same_cluster || interrupted.is_some();
    let mut checked = Checked::default();
    checked.add(leftover(facts, paths::KUBELET_CONF, input.same_cluster, "this node has joined this cluster"));
    checked.add(leftover(facts, paths::BOOTSTRAP_KUBELET_CONF, ours, "an earlier run of this join left it"));

    let common = Common {
        runtime: input.runtime,
        node_name: &join.node_registration.name,
        version: None,
        settings: Settings { document: None, flags: &join.node_registration.kubelet_extra_args },
        kubelet_is_ours: ours && common::kubelet_is_ours(facts),
    };
    common.check(facts, &mut checked);

    if join.control_plane.is_none() {
        let path = Utf8Path::new(&join.ca_cert_path);
        let joined = membership(facts).filter(|_| input.same_cluster);
        let known = interrupted.iter().chain(&joined).map(|earlier| earlier.ca.as_slice());
        let same = known.into_iter().any(|ca| facts.at(path).content() == Some(ca));
        checked.add(leftover(facts, path.as_str(), same, "it is this cluster's CA"));
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

/// Whether a bootstrap kubeconfig is that of the join that is to be made: same token, or same API server.
fn is_same_join(earlier: &Membership, input: &Input<'_>) -> bool {
    let discovery = &input.cfg.join.discovery;
    let endpoint = discovery.bootstrap_token.as_ref().map(|token| format!("https://{}", token.api_server_endpoint));
    let same_token = !earlier.token.is_empty() && earlier.token == discovery.tls_bootstrap_token;
    same_token || endpoint.as_deref() == Some(&earlier.server)
}

fn leftover(facts: &Facts, path: &str, ours: bool, why: &str) -> Option<Finding> {
    let path = Utf8Path::new(path);
    let found = files::available(facts, path, &[] as &[Expected])?;
    if ours {
        return Some(Finding::ours(&found.name, format!("{path} stays: {why}")));
    }
    Some(found)
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
