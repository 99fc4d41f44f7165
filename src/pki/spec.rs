//! What a certificate should be: the rules that turn a configuration into subjects, names and dates.
//!
//! Knows what Kubernetes wants; refuses to know keys, signatures and files.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use time::OffsetDateTime;

use super::Usage;
use super::error::PkiError;
use super::tree::{Definition, Names, Subject};
use crate::config::InitConfig;
use crate::config::duration::GoDuration;
use crate::config::net;
use crate::config::v1beta4::LocalEtcd;

/// How far certificates are dated back, so that a clock that is a little behind still takes them.
const BACKDATE: Duration = Duration::from_secs(5 * 60);

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
    /// What it should be for this configuration when it is made now.
    pub fn spec(&self, cfg: &InitConfig, now: OffsetDateTime) -> Result<Spec, PkiError> {
        let (common_name, organization) = match &self.subject {
            Subject::Fixed(name) => (*name, None),
            Subject::Of(name, organization) => (*name, *organization.at(&cfg.version)),
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
    match net::parse_ip(name) {
        Some(address) => addresses.push(address),
        None if name.is_empty() => {}
        None => names.push(name.to_owned()),
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
