//! What a certificate should be: the tree as a list, and the rules that turn a configuration into subjects, names
//! and dates.
//!
//! Knows what Kubernetes wants; refuses to know keys, signatures and files.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use time::OffsetDateTime;

use super::Usage;
use super::error::PkiError;
use crate::config::InitConfig;
use crate::config::duration::GoDuration;
use crate::config::v1beta4::LocalEtcd;
use crate::versions::Version;

/// How far certificates are dated back, so that a clock that is a little behind still takes them.
const BACKDATE: Duration = Duration::from_secs(5 * 60);

/// One certificate of the tree.
#[derive(Debug)]
pub struct Definition {
    /// The phase and the argument of `certs renew`: `etcd-server`.
    pub name: &'static str,
    /// The path below the certificates directory, without an ending: `etcd/server`.
    pub base_name: &'static str,
    /// What it is for, after "the".
    pub long_name: &'static str,
    /// The name of the authority that signs it; an authority signs itself.
    pub parent: Option<&'static str>,
    subject: Subject,
    names: Names,
    usages: &'static [Usage],
}

/// Who a certificate is for.
#[derive(Debug)]
enum Subject {
    /// The common name.
    Fixed(&'static str),
    /// The common name, and the organisation where the version has one.
    Of(&'static str, fn(&Version) -> Option<&'static str>),
    /// The node's name.
    Node,
}

/// The names and addresses that a certificate is good for.
#[derive(Debug, Clone, Copy)]
enum Names {
    /// Its own common name.
    Own,
    None,
    ApiServer,
    EtcdServer,
    EtcdPeer,
}

/// The whole tree, each authority before what it signs, in kubeadm's order.
pub static CERTIFICATES: &[Definition] = &[
    authority(
        "ca",
        "ca",
        "self-signed Kubernetes CA to provision identities for other Kubernetes components",
        KUBERNETES,
    ),
    Definition {
        name: "apiserver",
        base_name: "apiserver",
        long_name: "certificate for serving the Kubernetes API",
        parent: Some("ca"),
        subject: Subject::Fixed("kube-apiserver"),
        names: Names::ApiServer,
        usages: &[Usage::Server],
    },
    client(
        "apiserver-kubelet-client",
        "apiserver-kubelet-client",
        "certificate for the API server to connect to kubelet",
        "ca",
        Subject::Of("kube-apiserver-kubelet-client", Version::apiserver_kubelet_client_organization),
    ),
    authority(
        "front-proxy-ca",
        "front-proxy-ca",
        "self-signed CA to provision identities for front proxy",
        "front-proxy-ca",
    ),
    client(
        "front-proxy-client",
        "front-proxy-client",
        "certificate for the front proxy client",
        "front-proxy-ca",
        Subject::Fixed("front-proxy-client"),
    ),
    authority(ETCD_CA, "etcd/ca", "self-signed CA to provision identities for etcd", "etcd-ca"),
    Definition {
        name: "etcd-server",
        base_name: "etcd/server",
        long_name: "certificate for serving etcd",
        parent: Some(ETCD_CA),
        subject: Subject::Node,
        names: Names::EtcdServer,
        usages: &[Usage::Server, Usage::Client],
    },
    Definition {
        name: "etcd-peer",
        base_name: "etcd/peer",
        long_name: "certificate for etcd nodes to communicate with each other",
        parent: Some(ETCD_CA),
        subject: Subject::Node,
        names: Names::EtcdPeer,
        usages: &[Usage::Server, Usage::Client],
    },
    client(
        "etcd-healthcheck-client",
        "etcd/healthcheck-client",
        "certificate for liveness probes to healthcheck etcd",
        ETCD_CA,
        Subject::Of("kube-etcd-healthcheck-client", Version::etcd_client_organization),
    ),
    client(
        "apiserver-etcd-client",
        "apiserver-etcd-client",
        "certificate the apiserver uses to access etcd",
        ETCD_CA,
        Subject::Of("kube-apiserver-etcd-client", Version::etcd_client_organization),
    ),
];

const KUBERNETES: &str = "kubernetes";
const ETCD_CA: &str = "etcd-ca";

const fn authority(
    name: &'static str,
    base_name: &'static str,
    long_name: &'static str,
    common_name: &'static str,
) -> Definition {
    let subject = Subject::Fixed(common_name);
    Definition { name, base_name, long_name, parent: None, subject, names: Names::Own, usages: &[] }
}

const fn client(
    name: &'static str,
    base_name: &'static str,
    long_name: &'static str,
    parent: &'static str,
    subject: Subject,
) -> Definition {
    let usages = &[Usage::Client];
    Definition { name, base_name, long_name, parent: Some(parent), subject, names: Names::None, usages }
}

/// What one certificate should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spec {
    /// The subject's common name.
    pub common_name: String,
    /// The subject's organisation.
    pub organization: Option<String>,
    /// Sorted, each once.
    pub dns_names: Vec<String>,
    /// In order, each once.
    pub ip_addresses: Vec<IpAddr>,
    /// What it may be used for.
    pub usages: Vec<Usage>,
    /// Whether it may sign others.
    pub is_authority: bool,
    /// Not valid before.
    pub not_before: OffsetDateTime,
    /// Not valid after.
    pub not_after: OffsetDateTime,
}

impl Definition {
    /// The row of a name of the tree.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        CERTIFICATES.iter().find(|definition| definition.name == name)
    }

    /// The authority that signs it.
    #[must_use]
    pub fn authority(&self) -> Option<&'static Self> {
        self.parent.and_then(Self::named)
    }

    /// Whether it serves etcd, or is signed by etcd's authority: somebody else's when etcd is external.
    #[must_use]
    pub fn is_etcd(&self) -> bool {
        self.name == ETCD_CA || self.parent == Some(ETCD_CA)
    }

    /// Whether a cluster of this configuration has it.
    #[must_use]
    pub fn applies(&self, cfg: &InitConfig) -> bool {
        cfg.cluster.etcd.external.is_none() || !self.is_etcd()
    }

    /// What it should be for this configuration when it is made now.
    pub fn spec(&self, cfg: &InitConfig, now: OffsetDateTime) -> Result<Spec, PkiError> {
        let (common_name, organization) = match &self.subject {
            Subject::Fixed(name) => (*name, None),
            Subject::Of(name, organization) => (*name, organization(&cfg.version)),
            Subject::Node => (cfg.node_name(), None),
        };
        let (mut dns_names, mut ip_addresses) = self.names.of(cfg, common_name);
        dns_names.sort();
        dns_names.dedup();
        let mut seen = Vec::new();
        ip_addresses.retain(|address| {
            !seen.contains(address) && {
                seen.push(*address);
                true
            }
        });
        Ok(Spec {
            common_name: common_name.to_owned(),
            organization: organization.map(str::to_owned),
            dns_names,
            ip_addresses,
            usages: self.usages.to_vec(),
            is_authority: self.parent.is_none(),
            not_before: now - BACKDATE,
            not_after: self.expiry(cfg, now)?,
        })
    }

    fn expiry(&self, cfg: &InitConfig, now: OffsetDateTime) -> Result<OffsetDateTime, PkiError> {
        match self.parent {
            None => expiry(now, &cfg.cluster.ca_certificate_validity_period),
            Some(_) => leaf_expiry(cfg, now),
        }
    }
}

/// When a leaf that is made now expires.
pub fn leaf_expiry(cfg: &InitConfig, now: OffsetDateTime) -> Result<OffsetDateTime, PkiError> {
    expiry(now, &cfg.cluster.certificate_validity_period)
}

fn expiry(now: OffsetDateTime, period: &str) -> Result<OffsetDateTime, PkiError> {
    let invalid = || PkiError::Validity { period: period.to_owned() };
    let length: GoDuration = period.parse().map_err(|_| invalid())?;
    now.checked_add(time::Duration::nanoseconds(length.nanos())).ok_or_else(invalid)
}

impl Names {
    fn of(self, cfg: &InitConfig, common_name: &str) -> (Vec<String>, Vec<IpAddr>) {
        let node = cfg.node_name().to_owned();
        match self {
            Self::None => (Vec::new(), Vec::new()),
            Self::Own => (vec![common_name.to_owned()], Vec::new()),
            Self::ApiServer => api_server_names(cfg, node),
            Self::EtcdServer => etcd_names(cfg, node, |etcd| &etcd.server_cert_sans),
            Self::EtcdPeer => etcd_names(cfg, node, |etcd| &etcd.peer_cert_sans),
        }
    }
}

fn api_server_names(cfg: &InitConfig, node: String) -> (Vec<String>, Vec<IpAddr>) {
    let mut names = vec![node];
    names.extend(["kubernetes", "kubernetes.default", "kubernetes.default.svc"].map(str::to_owned));
    names.push(format!("kubernetes.default.svc.{}", cfg.cluster.networking.dns_domain));
    let mut addresses: Vec<IpAddr> = cfg.network.api_service_address().into_iter().collect();
    addresses.push(cfg.network.advertise_address);
    let endpoint = &cfg.cluster.control_plane_endpoint;
    add(host(endpoint), &mut names, &mut addresses);
    cfg.cluster.api_server.cert_sans.iter().for_each(|name| add(name, &mut names, &mut addresses));
    (names, addresses)
}

fn etcd_names(cfg: &InitConfig, node: String, more: fn(&LocalEtcd) -> &Vec<String>) -> (Vec<String>, Vec<IpAddr>) {
    let mut names = vec![node, "localhost".to_owned()];
    let mut addresses = vec![cfg.network.advertise_address, Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
    let more = cfg.cluster.etcd.local.iter().flat_map(more);
    more.for_each(|name| add(name, &mut names, &mut addresses));
    (names, addresses)
}

/// Sorts a name of either kind into its list.
fn add(name: &str, names: &mut Vec<String>, addresses: &mut Vec<IpAddr>) {
    match name.parse() {
        Ok(address) => addresses.push(address),
        Err(_) if name.is_empty() => {}
        Err(_) => names.push(name.to_owned()),
    }
}

/// The host of `host`, `host:port`, `[address]`, `[address]:port` or a bare IPv6 address.
fn host(endpoint: &str) -> &str {
    if let Some(bracketed) = endpoint.strip_prefix('[') {
        return bracketed.split_once(']').map_or(bracketed, |(host, _)| host);
    }
    match endpoint.split_once(':') {
        Some((host, port)) if !port.contains(':') => host,
        _ => endpoint,
    }
}
