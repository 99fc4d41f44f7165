//! kube-apiserver's static pod.

use serde_json::{Value, json};

use super::args::{self, arg};
use super::pod::{Component, Endpoint, pod, probe_host};
use super::volumes::Mounts;
use super::{ETCD_CLIENT_PORT, Facts, envs, loopback};
use crate::config::v1beta4::Arg;
use crate::config::{InitConfig, authorization, host_port, last_arg};
use crate::images;
use crate::versions::{EXTRA_ARGS, Probes};

const NAME: &str = "kube-apiserver";
/// By which other nodes, `upgrade` and `reset` learn this API server's own address.
const ENDPOINT_ANNOTATION: &str = "kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint";

pub(super) fn apiserver(cfg: &InitConfig, facts: &Facts) -> Value {
    let component = &cfg.cluster.api_server;
    let mounts = Mounts::apiserver(cfg, facts);
    let network = &cfg.network;
    let order = *EXTRA_ARGS.at(&cfg.version);
    let component = Component {
        name: NAME,
        image: images::control_plane(NAME, &cfg.cluster, &cfg.version, cfg.ci),
        command: args::command(NAME, defaults(cfg), &component.extra_args, order),
        requests: json!({ "cpu": "250m" }),
        env: envs::merged(&facts.proxy_env, &component.extra_envs),
        probes: Probes { liveness: "/livez", readiness: Some("/readyz"), startup: "/livez" },
        endpoint: Endpoint {
            host: probe_host(&network.advertise_address.to_string()),
            port: network.bind_port,
            scheme: "HTTPS",
        },
        volume_mounts: mounts.volume_mounts(),
        mounts: &mounts,
        annotation: Some((ENDPOINT_ANNOTATION, network.local_endpoint())),
    };
    pod(component, cfg)
}

/// What a person should know about the flags he gives.
#[must_use]
pub fn warnings(cfg: &InitConfig) -> Vec<String> {
    let Some(modes) = last_arg(&cfg.cluster.api_server.extra_args, authorization::FLAG) else {
        return Vec::new();
    };
    let unknown = modes.split(',').filter(|mode| !mode.is_empty() && !authorization::is_known(mode));
    let mut warnings: Vec<String> =
        unknown.map(|mode| format!("unknown kube-apiserver authorization-mode {mode:?}")).collect();
    if modes != authorization::DEFAULT {
        let default = authorization::DEFAULT;
        warnings.push(format!("the default kube-apiserver authorization-mode is {default:?}; using {modes:?}"));
    }
    warnings
}

fn defaults(cfg: &InitConfig) -> Vec<Arg> {
    let pki = |file: &str| super::file_in(&cfg.cluster.certificates_dir, file);
    let networking = &cfg.cluster.networking;
    let mut args = vec![
        arg("advertise-address", cfg.network.advertise_address.to_string()),
        arg("allow-privileged", "true"),
        arg("client-ca-file", pki("ca.crt")),
        arg("enable-admission-plugins", "NodeRestriction"),
        arg("enable-bootstrap-token-auth", "true"),
        arg("kubelet-client-certificate", pki("apiserver-kubelet-client.crt")),
        arg("kubelet-client-key", pki("apiserver-kubelet-client.key")),
        arg("kubelet-preferred-address-types", "InternalIP,ExternalIP,Hostname"),
        arg("proxy-client-cert-file", pki("front-proxy-client.crt")),
        arg("proxy-client-key-file", pki("front-proxy-client.key")),
        arg("requestheader-allowed-names", "front-proxy-client"),
        arg("requestheader-client-ca-file", pki("front-proxy-ca.crt")),
        arg("requestheader-extra-headers-prefix", "X-Remote-Extra-"),
        arg("requestheader-group-headers", "X-Remote-Group"),
        arg("requestheader-username-headers", "X-Remote-User"),
        arg("secure-port", cfg.network.bind_port.to_string()),
        arg("service-account-issuer", format!("https://kubernetes.default.svc.{}", networking.dns_domain)),
        arg("service-account-key-file", pki("sa.pub")),
        arg("service-account-signing-key-file", pki("sa.key")),
        arg("service-cluster-ip-range", networking.service_subnet.clone()),
        arg("tls-cert-file", pki("apiserver.crt")),
        arg("tls-private-key-file", pki("apiserver.key")),
    ];
    if last_arg(&cfg.cluster.api_server.extra_args, "authorization-config").is_none() {
        args.push(arg(authorization::FLAG, authorization::DEFAULT));
    }
    args.extend(etcd(cfg));
    args
}

fn etcd(cfg: &InitConfig) -> Vec<Arg> {
    let Some(external) = &cfg.cluster.etcd.external else {
        let pki = |file: &str| super::file_in(&cfg.cluster.certificates_dir, file);
        let local = cfg.cluster.etcd.local.as_ref();
        let servers = local.and_then(|etcd| last_arg(&etcd.extra_args, "advertise-client-urls"));
        let servers =
            servers.map_or_else(|| format!("https://{}", host_port(loopback(cfg), ETCD_CLIENT_PORT)), Into::into);
        return vec![
            arg("etcd-servers", servers),
            arg("etcd-cafile", pki("etcd/ca.crt")),
            arg("etcd-certfile", pki("apiserver-etcd-client.crt")),
            arg("etcd-keyfile", pki("apiserver-etcd-client.key")),
        ];
    };
    let mut args = vec![arg("etcd-servers", external.endpoints.join(","))];
    if !external.ca_file.is_empty() {
        args.push(arg("etcd-cafile", &*external.ca_file));
    }
    if !external.cert_file.is_empty() && !external.key_file.is_empty() {
        args.push(arg("etcd-certfile", &*external.cert_file));
        args.push(arg("etcd-keyfile", &*external.key_file));
    }
    args
}
