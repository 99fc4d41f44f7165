//! kube-controller-manager's static pod.

use serde_json::{Value, json};

use super::args::{self, arg};
use super::pod::{Component, Endpoint, pod, probe_host};
use super::volumes::Mounts;
use super::{Facts, envs};
use crate::config::v1beta4::Arg;
use crate::config::{InitConfig, last_arg};
use crate::images;
use crate::paths::CONTROLLER_MANAGER_CONF;
use crate::versions::{EXTRA_ARGS, Probes};

const NAME: &str = "kube-controller-manager";
const PORT: u16 = 10257;

pub(super) fn controller_manager(cfg: &InitConfig, facts: &Facts) -> Value {
    let component = &cfg.cluster.controller_manager;
    let mounts = Mounts::controller_manager(cfg, facts);
    let address = last_arg(&component.extra_args, "bind-address").unwrap_or("127.0.0.1");
    let order = *EXTRA_ARGS.at(&cfg.version);
    let component = Component {
        name: NAME,
        image: images::control_plane(NAME, &cfg.cluster, &cfg.version, cfg.ci),
        command: args::command(NAME, defaults(cfg, facts), &component.extra_args, order),
        requests: json!({ "cpu": "200m" }),
        env: envs::merged(&facts.proxy_env, &component.extra_envs),
        probes: Probes { liveness: "/healthz", readiness: None, startup: "/healthz" },
        endpoint: Endpoint { host: probe_host(address), port: PORT, scheme: "HTTPS" },
        volume_mounts: mounts.volume_mounts(),
        mounts: &mounts,
        annotation: None,
    };
    pod(component, cfg)
}

fn defaults(cfg: &InitConfig, facts: &Facts) -> Vec<Arg> {
    let pki = |file: &str| super::file_in(&cfg.cluster.certificates_dir, file);
    // Without the CA's key nobody can sign; empty values keep the signing controller from starting.
    let signing = |file: &str| if facts.external_ca { String::new() } else { pki(file) };
    let mut args = vec![
        arg("authentication-kubeconfig", CONTROLLER_MANAGER_CONF),
        arg("authorization-kubeconfig", CONTROLLER_MANAGER_CONF),
        arg("bind-address", "127.0.0.1"),
        arg("client-ca-file", pki("ca.crt")),
        arg("cluster-signing-cert-file", signing("ca.crt")),
        arg("cluster-signing-key-file", signing("ca.key")),
        arg("controllers", "*,bootstrapsigner,tokencleaner"),
        arg("kubeconfig", CONTROLLER_MANAGER_CONF),
        arg("leader-elect", "true"),
        arg("requestheader-client-ca-file", pki("front-proxy-ca.crt")),
        arg("root-ca-file", pki("ca.crt")),
        arg("service-account-private-key-file", pki("sa.key")),
        arg("use-service-account-credentials", "true"),
    ];
    let networking = &cfg.cluster.networking;
    if !networking.pod_subnet.is_empty() {
        args.push(arg("allocate-node-cidrs", "true"));
        args.push(arg("cluster-cidr", &*networking.pod_subnet));
        if !networking.service_subnet.is_empty() {
            args.push(arg("service-cluster-ip-range", &*networking.service_subnet));
        }
    }
    if !cfg.cluster.cluster_name.is_empty() {
        args.push(arg("cluster-name", &*cfg.cluster.cluster_name));
    }
    args
}
