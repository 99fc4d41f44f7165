//! kube-scheduler's static pod.

use serde_json::{Value, json};

use super::args::{self, arg};
use super::pod::{Component, Endpoint, pod, probe_host};
use super::volumes::Mounts;
use super::{Facts, envs};
use crate::config::{InitConfig, last_arg};
use crate::images;
use crate::paths::SCHEDULER_CONF;
use crate::versions::{EXTRA_ARGS, SCHEDULER_PROBES};

const NAME: &str = "kube-scheduler";
const PORT: u16 = 10259;

pub(super) fn scheduler(cfg: &InitConfig, facts: &Facts) -> Value {
    let component = &cfg.cluster.scheduler;
    let mounts = Mounts::scheduler(cfg);
    let address = last_arg(&component.extra_args, "bind-address").unwrap_or("127.0.0.1");
    let defaults = vec![
        arg("authentication-kubeconfig", SCHEDULER_CONF),
        arg("authorization-kubeconfig", SCHEDULER_CONF),
        arg("bind-address", "127.0.0.1"),
        arg("kubeconfig", SCHEDULER_CONF),
        arg("leader-elect", "true"),
    ];
    let component = Component {
        name: NAME,
        image: images::control_plane(NAME, &cfg.cluster, &cfg.version, cfg.ci),
        command: args::command(NAME, defaults, &component.extra_args, *EXTRA_ARGS.at(&cfg.version)),
        requests: json!({ "cpu": "100m" }),
        env: envs::merged(&facts.proxy_env, &component.extra_envs),
        probes: *SCHEDULER_PROBES.at(&cfg.version),
        endpoint: Endpoint { host: probe_host(address), port: PORT, scheme: "HTTPS" },
        volume_mounts: mounts.volume_mounts(),
        mounts: &mounts,
        annotation: None,
    };
    pod(component, cfg)
}
