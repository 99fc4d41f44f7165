//! etcd's static pod.

use serde_json::{Value, json};

use super::args::{self, arg};
use super::pod::{Component, Endpoint, pod};
use super::volumes::Mounts;
use super::{ETCD_CLIENT_PORT, Facts, envs, loopback};
use crate::config::v1beta4::{Arg, LocalEtcd};
use crate::config::{InitConfig, host_port, last_arg};
use crate::images;
use crate::versions::{ETCD_PROBES, EXTRA_ARGS, etcd_flags};

const NAME: &str = "etcd";
const PEER_PORT: u16 = 2380;
const METRICS_PORT: u16 = 2381;
/// By which other nodes learn this member's client address.
const CLIENT_URLS_ANNOTATION: &str = "kubeadm.kubernetes.io/etcd.advertise-client-urls";

pub(super) fn etcd(cfg: &InitConfig, local: &LocalEtcd, facts: &Facts) -> Value {
    let mounts = Mounts::etcd(&local.data_dir, &cfg.cluster.certificates_dir);
    let component = Component {
        name: NAME,
        image: images::etcd(&cfg.cluster, &cfg.version),
        command: args::command(NAME, defaults(cfg, local, facts), &local.extra_args, *EXTRA_ARGS.at(&cfg.version)),
        requests: json!({ "cpu": "100m", "memory": "100Mi" }),
        env: envs::merged(&[], &local.extra_envs),
        probes: *ETCD_PROBES.at(&cfg.version),
        endpoint: metrics_endpoint(cfg, local),
        volume_mounts: mounts.volume_mounts_in(&["etcd-data", "etcd-certs"]),
        mounts: &mounts,
        annotation: Some((CLIENT_URLS_ANNOTATION, client_url(cfg))),
    };
    pod(component, cfg)
}

/// The URL at which this node's etcd serves clients on other nodes.
#[must_use]
pub fn client_url(cfg: &InitConfig) -> String {
    url(&cfg.network.advertise_address.to_string(), ETCD_CLIENT_PORT)
}

/// The URL at which this node's etcd talks with its peers.
#[must_use]
pub fn peer_url(cfg: &InitConfig) -> String {
    url(&cfg.network.advertise_address.to_string(), PEER_PORT)
}

fn url(host: &str, port: u16) -> String {
    format!("https://{}", host_port(host, port))
}

fn defaults(cfg: &InitConfig, local: &LocalEtcd, facts: &Facts) -> Vec<Arg> {
    let pki = |file: &str| super::file_in(&cfg.cluster.certificates_dir, file);
    let name = cfg.node_name();
    let mut args = vec![
        arg("advertise-client-urls", client_url(cfg)),
        arg("cert-file", pki("etcd/server.crt")),
        arg("client-cert-auth", "true"),
        arg("data-dir", &*local.data_dir),
        arg("initial-advertise-peer-urls", peer_url(cfg)),
        arg("key-file", pki("etcd/server.key")),
        arg("listen-client-urls", format!("{},{}", url(loopback(cfg), ETCD_CLIENT_PORT), client_url(cfg))),
        arg("listen-metrics-urls", format!("http://{}", host_port(loopback(cfg), METRICS_PORT))),
        arg("listen-peer-urls", peer_url(cfg)),
        arg("name", name),
        arg("peer-cert-file", pki("etcd/peer.crt")),
        arg("peer-client-cert-auth", "true"),
        arg("peer-key-file", pki("etcd/peer.key")),
        arg("peer-trusted-ca-file", pki("etcd/ca.crt")),
        arg("snapshot-count", "10000"),
        arg("trusted-ca-file", pki("etcd/ca.crt")),
    ];
    for (name, value) in etcd_flags(&cfg.version, images::etcd_tag(&cfg.cluster, &cfg.version)) {
        args.push(arg(name, *value));
    }
    if facts.etcd_members.is_empty() {
        args.push(arg("initial-cluster", format!("{name}={}", peer_url(cfg))));
    } else {
        let members: Vec<String> = facts.etcd_members.iter().map(|(name, peer)| format!("{name}={peer}")).collect();
        args.push(arg("initial-cluster", members.join(",")));
        args.push(arg("initial-cluster-state", "existing"));
    }
    args
}

/// Where etcd answers to probes: the first of a user's `listen-metrics-urls`, in part or whole.
fn metrics_endpoint(cfg: &InitConfig, local: &LocalEtcd) -> Endpoint {
    let mut endpoint = Endpoint { host: Some(loopback(cfg).to_owned()), port: METRICS_PORT, scheme: "HTTP" };
    let urls = last_arg(&local.extra_args, "listen-metrics-urls").unwrap_or_default();
    let Some(Ok(url)) = urls.split(',').next().map(str::parse::<http::Uri>) else { return endpoint };
    // A host and a port without more are a path to Go.
    if url.scheme().is_none() {
        return endpoint;
    }
    if url.scheme_str() == Some("https") {
        endpoint.scheme = "HTTPS";
    }
    if let Some(host) = url.host().map(|host| host.trim_matches(['[', ']'])).filter(|host| !host.is_empty()) {
        endpoint.host = Some(host.to_owned());
    }
    if let Some(port) = url.port_u16().filter(|port| *port != 0) {
        endpoint.port = port;
    }
    endpoint
}
