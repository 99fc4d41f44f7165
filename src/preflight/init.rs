//! What `init` checks, in kubeadm's order, and what an additional control-plane node checks of it.

use camino::{Utf8Path, Utf8PathBuf};
use ipnet::IpNet;
use serde_json::Value;

use super::common::{Checked, Common, MIB, check_room, common_ask, kubelet_is_ours, last_arg, node_room};
use super::files::{self, Expected, Room};
use super::network::{self, CONTROLLER_MANAGER, KUBELET, Port, SCHEDULER};
use super::proxy::{self, Proxies};
use super::runtime::Answers;
use super::tolerance::Settings;
use super::{Finding, etcd, kubelet, system};
use crate::config::InitConfig;
use crate::config::v1beta4::Arg;
use crate::host::facts::{Ask, Facts};
use crate::paths;
use crate::versions::Version;

/// What `init` is checked against, beside the machine.
#[derive(Debug)]
pub struct Input<'a> {
    /// What was asked for.
    pub cfg: &'a InitConfig,
    /// The static pods that the run will write.
    pub expected: &'a [Expected],
    /// What the container runtime said.
    pub runtime: &'a Answers,
    /// The environment's proxies.
    pub proxies: &'a Proxies,
    /// This node's KubeletConfiguration, patched.
    pub kubelet: &'a Value,
    /// The newest Kubernetes that this program knows.
    pub newest: &'a Version,
    /// What [`etcd::external_versions`] found; empty for a local etcd.
    pub external_etcd: &'a [Finding],
}

/// The path of a component's static pod.
pub(super) fn manifest(component: &str) -> Utf8PathBuf {
    Utf8Path::new(paths::MANIFESTS_DIR).join(format!("{component}.yaml"))
}

/// Components with a manifest, in kubeadm's order.
const COMPONENTS: [&str; 4] = ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "etcd"];

/// What to look at for `init`.
#[must_use]
pub fn ask(cfg: &InitConfig) -> Ask {
    let mut ask = common_ask(&cfg.init.node_registration.name);
    ask.ports.extend([
        cfg.network.bind_port,
        SCHEDULER,
        CONTROLLER_MANAGER,
        network::ETCD_CLIENTS,
        network::ETCD_PEERS,
    ]);
    ask.programs.push("conntrack");
    ask.paths.extend(COMPONENTS.map(manifest));
    ask.paths.extend(pki_files(cfg));
    if let Some(external) = &cfg.cluster.etcd.external {
        let files = [&external.ca_file, &external.cert_file, &external.key_file];
        ask.paths.extend(files.iter().filter(|path| !path.is_empty()).map(Utf8PathBuf::from));
    }
    if let Some(local) = &cfg.cluster.etcd.local {
        ask.paths.push(Utf8PathBuf::from(&local.data_dir));
        ask.volumes.push(Utf8PathBuf::from(&local.data_dir));
    }
    ask.volumes.push(Utf8PathBuf::from(&cfg.cluster.certificates_dir));
    ask
}

/// The checks of `init`.
#[must_use]
pub fn checks(facts: &Facts, input: &Input<'_>) -> Checked {
    let mut checked = Checked::default();
    checked.add(control_plane(facts, input));
    let cfg = input.cfg;
    let common = Common {
        runtime: input.runtime,
        node_name: cfg.node_name(),
        version: Some(&cfg.version),
        settings: Settings { document: Some(input.kubelet), flags: &cfg.init.node_registration.kubelet_extra_args },
        kubelet_is_ours: kubelet_is_ours(facts),
    };
    common.check(facts, &mut checked);
    checked.add(kubelet::cgroup_driver(input.runtime.cgroup_driver, cfg.components.user_cgroup_driver()));
    let (v4, v6) = families(cfg);
    checked.add(v4.then(|| network::forwarding(facts, false)).flatten());
    checked.add(v6.then(|| network::forwarding(facts, true)).flatten());
    checked.add(input.external_etcd.iter().cloned());
    checked.add(etcd_checks(facts, input));
    checked.add(room(facts, input));
    checked
}

/// The part about the control plane's own needs.
fn control_plane(facts: &Facts, input: &Input<'_>) -> Vec<Finding> {
    let Input { cfg, expected, proxies, .. } = input;
    let cluster = &cfg.cluster;
    let port = |number, args: &[Arg], program| {
        let address = last_arg(args, "bind-address").unwrap_or_default();
        let started_by_us = files::is_ours(facts, &manifest(program), expected);
        Port { number, address, program, started_by_us }.check(facts)
    };
    let mut findings = Vec::new();
    findings.extend(system::cpus(facts));
    findings.extend(system::memory(facts));
    findings.extend(known_version(&cfg.version, input.newest));
    findings.extend(network::firewalld(facts, [cfg.network.bind_port, KUBELET]));
    findings.extend(port(cfg.network.bind_port, &cluster.api_server.extra_args, "kube-apiserver"));
    findings.extend(port(SCHEDULER, &cluster.scheduler.extra_args, "kube-scheduler"));
    findings.extend(port(CONTROLLER_MANAGER, &cluster.controller_manager.extra_args, "kube-controller-manager"));
    findings.extend(COMPONENTS.iter().filter_map(|name| files::available(facts, &manifest(name), expected)));
    findings.extend(proxy::to_host(proxies, &cfg.init.local_api_endpoint.advertise_address));
    findings.extend(subnets(cfg).filter_map(|subnet| proxy::to_subnet(proxies, subnet)));
    findings
}

fn known_version(target: &Version, newest: &Version) -> Option<Finding> {
    let message = format!(
        "Kubernetes version is greater than kubeadm version. Please consider to upgrade kubeadm. Kubernetes version: \
         {}. Kubeadm version: 1.{}.x",
        target.to_string().trim_start_matches('v'),
        newest.minor()
    );
    target.is_newer_minor_than(newest).then(|| Finding::warning("KubernetesVersion", message))
}

fn subnets(cfg: &InitConfig) -> impl Iterator<Item = &IpNet> {
    cfg.network.service_subnets.iter().chain(&cfg.network.pod_subnets)
}

/// Which families of addresses the cluster uses.
fn families(cfg: &InitConfig) -> (bool, bool) {
    let v6_subnet = |net: &IpNet| matches!(net, IpNet::V6(_));
    let address = cfg.network.advertise_address;
    (!subnets(cfg).all(v6_subnet) || address.is_ipv4(), subnets(cfg).any(v6_subnet) || address.is_ipv6())
}

fn etcd_checks(facts: &Facts, input: &Input<'_>) -> Vec<Finding> {
    let etcd = &input.cfg.cluster.etcd;
    let mut findings = Vec::new();
    if let Some(local) = &etcd.local {
        findings.extend(etcd::local(facts, input.cfg, Utf8Path::new(&local.data_dir), input.expected));
    }
    if let Some(external) = &etcd.external {
        findings.extend(etcd::external_files(facts, external));
    }
    findings
}

/// The certificates and keys that a run leaves, CA keys aside (an external CA has none here).
fn pki_files(cfg: &InitConfig) -> Vec<Utf8PathBuf> {
    let mut names = vec![
        "ca.crt",
        "apiserver.crt",
        "apiserver.key",
        "apiserver-kubelet-client.crt",
        "apiserver-kubelet-client.key",
        "front-proxy-ca.crt",
        "front-proxy-client.crt",
        "front-proxy-client.key",
        "sa.key",
        "sa.pub",
    ];
    if cfg.cluster.etcd.local.is_some() {
        names.extend([
            "etcd/ca.crt",
            "etcd/server.crt",
            "etcd/server.key",
            "etcd/peer.crt",
            "etcd/peer.key",
            "etcd/healthcheck-client.crt",
            "etcd/healthcheck-client.key",
            "apiserver-etcd-client.crt",
            "apiserver-etcd-client.key",
        ]);
    }
    let dir = Utf8Path::new(&cfg.cluster.certificates_dir);
    names.into_iter().map(|name| dir.join(name)).collect()
}

/// Where the run will write, and how much at least.
fn room(facts: &Facts, input: &Input<'_>) -> Vec<Finding> {
    let cfg = input.cfg;
    let certificates = Room {
        dir: Utf8PathBuf::from(&cfg.cluster.certificates_dir),
        bytes: 4 * MIB,
        what: "certificates and keys",
        complete: pki_files(cfg).iter().all(|path| facts.at(path).exists()),
    };
    // etcd writes its first log of 64 MB in full before it starts.
    let data = cfg.cluster.etcd.local.as_ref().map(|local| Room {
        dir: Utf8PathBuf::from(&local.data_dir),
        bytes: 72 * MIB,
        what: "etcd's log and database",
        complete: facts.at(Utf8Path::new(&local.data_dir)).exists()
            && etcd::data_is_ours(facts, cfg, input.expected).is_some(),
    });
    check_room(facts, node_room().into_iter().chain([certificates]).chain(data))
}
