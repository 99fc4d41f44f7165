//! The shape that all of kubeadm's static pods share.

use std::time::Duration;

use serde_json::{Value, json};

use super::volumes::Mounts;
use crate::config::InitConfig;
use crate::versions::{POD_PRIORITY, PROBE_PORT, ProbePort, Probes};

const PERIOD: u64 = 10;

/// What one component puts into the shape.
pub(super) struct Component<'a> {
    pub name: &'static str,
    pub image: String,
    pub command: Vec<String>,
    /// CPU and memory.
    pub requests: Value,
    pub env: Vec<Value>,
    pub probes: Probes,
    pub endpoint: Endpoint,
    pub mounts: &'a Mounts,
    /// Of the container, in order.
    pub volume_mounts: Value,
    pub annotation: Option<(&'static str, String)>,
}

/// Where a component answers to probes.
pub(super) struct Endpoint {
    /// `None` is the pod's own address, which is the host's.
    pub host: Option<String>,
    pub port: u16,
    pub scheme: &'static str,
}

/// An address that a component listens on, as one to reach it by.
pub(super) fn probe_host(address: &str) -> Option<String> {
    (!matches!(address, "0.0.0.0" | "::")).then(|| address.to_owned())
}

pub(super) fn pod(component: Component<'_>, cfg: &InitConfig) -> Value {
    let named = *PROBE_PORT.at(&cfg.version) == ProbePort::Name;
    let port = if named { json!("probe-port") } else { json!(component.endpoint.port) };
    let probe = |path: &str, timing: Value| probe(&component.endpoint, &port, path, timing);
    let wait = cfg.timeouts.control_plane_component_health_check;

    let mut container = json!({
        "name": component.name,
        "image": component.image,
        "imagePullPolicy": "IfNotPresent",
        "command": component.command,
        "resources": { "requests": component.requests },
        "volumeMounts": component.volume_mounts,
        "livenessProbe": probe(component.probes.liveness, liveness()),
        "startupProbe": probe(component.probes.startup, startup(wait)),
    });
    if let Some(path) = component.probes.readiness {
        container["readinessProbe"] = probe(path, readiness());
    }
    if named {
        container["ports"] =
            json!([{ "name": "probe-port", "containerPort": component.endpoint.port, "protocol": "TCP" }]);
    }
    if !component.env.is_empty() {
        container["env"] = Value::Array(component.env);
    }

    let mut pod = json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": component.name,
            "namespace": "kube-system",
            "labels": { "component": component.name, "tier": "control-plane" },
        },
        "spec": {
            "containers": [container],
            "hostNetwork": true,
            "priorityClassName": "system-node-critical",
            "securityContext": { "seccompProfile": { "type": "RuntimeDefault" } },
            "volumes": component.mounts.volumes(),
        },
        "status": {},
    });
    if *POD_PRIORITY.at(&cfg.version) {
        pod["spec"]["priority"] = json!(2_000_001_000);
    }
    if let Some((key, value)) = component.annotation {
        pod["metadata"]["annotations"] = json!({ key: value });
    }
    pod
}

fn probe(endpoint: &Endpoint, port: &Value, path: &str, timing: Value) -> Value {
    let mut http = json!({ "path": path, "port": port, "scheme": endpoint.scheme });
    if let Some(host) = endpoint.host.as_deref().filter(|host| !host.is_empty()) {
        http["host"] = json!(host);
    }
    let mut probe = timing;
    probe["httpGet"] = http;
    probe
}

fn liveness() -> Value {
    json!({ "initialDelaySeconds": PERIOD, "periodSeconds": PERIOD, "timeoutSeconds": 15, "failureThreshold": 8 })
}

fn readiness() -> Value {
    json!({ "periodSeconds": 1, "timeoutSeconds": 15, "failureThreshold": 3 })
}

/// Enough failures for the component to use up the whole wait. None at all can't be written: the kubelet's own number counts then.
fn startup(wait: Duration) -> Value {
    let failures = wait.as_millis().div_ceil(u128::from(PERIOD) * 1000);
    let mut probe = json!({ "initialDelaySeconds": PERIOD, "periodSeconds": PERIOD, "timeoutSeconds": 15 });
    if failures > 0 {
        probe["failureThreshold"] = json!(u64::try_from(failures).unwrap_or(u64::MAX));
    }
    probe
}
