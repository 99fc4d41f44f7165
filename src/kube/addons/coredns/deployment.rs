//! CoreDNS's Deployment, as each minor's kubeadm writes it.

use serde_json::{Value, json};

use super::{COREDNS, COREFILE, LABEL, Plan};
use crate::kube::KUBE_SYSTEM;
use crate::versions::{COREDNS_DROPS, COREDNS_SPREADS, COREDNS_TOLERATIONS, PROBE_PORT, ProbePort, Version};

const LIVENESS: (&str, u16) = ("liveness-probe", 8080);
const READINESS: (&str, u16) = ("readiness-probe", 8181);

pub(super) fn deployment(plan: &Plan<'_>) -> Value {
    let labels = json!({"k8s-app": LABEL});
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": COREDNS, "namespace": KUBE_SYSTEM, "labels": labels},
        "spec": {
            "replicas": plan.replicas,
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1}},
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod(plan)},
        },
    })
}

fn pod(plan: &Plan<'_>) -> Value {
    let keys = COREDNS_TOLERATIONS.at(plan.version).iter();
    let mut tolerations = vec![json!({"key": "CriticalAddonsOnly", "operator": "Exists"})];
    tolerations.extend(keys.map(|key| json!({"key": key, "effect": "NoSchedule"})));
    let mut pod = json!({
        "priorityClassName": "system-cluster-critical",
        "serviceAccountName": COREDNS,
        "tolerations": tolerations,
        "nodeSelector": {"kubernetes.io/os": "linux"},
        "containers": [container(plan)],
        "dnsPolicy": "Default",
        "volumes": [{"name": "config-volume",
            "configMap": {"name": COREDNS, "items": [{"key": COREFILE, "path": COREFILE}]}}],
    });
    if *COREDNS_SPREADS.at(plan.version) {
        let others = json!({"matchExpressions": [{"key": "k8s-app", "operator": "In", "values": [LABEL]}]});
        let term = json!({"labelSelector": others, "topologyKey": "kubernetes.io/hostname"});
        pod["affinity"] = json!({"podAntiAffinity":
            {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 100, "podAffinityTerm": term}]}});
    }
    pod
}

fn container(plan: &Plan<'_>) -> Value {
    let get =
        |path: &str, port: (&str, u16)| json!({"path": path, "port": probe_port(plan.version, port), "scheme": "HTTP"});
    json!({
        "name": COREDNS, "image": plan.image, "imagePullPolicy": "IfNotPresent",
        "resources": {"limits": {"memory": "170Mi"}, "requests": {"cpu": "100m", "memory": "70Mi"}},
        "args": ["-conf", "/etc/coredns/Corefile"],
        "volumeMounts": [{"name": "config-volume", "mountPath": "/etc/coredns", "readOnly": true}],
        "ports": ports(plan.version),
        "livenessProbe": {
            "httpGet": get("/health", LIVENESS),
            "initialDelaySeconds": 60, "timeoutSeconds": 5, "successThreshold": 1, "failureThreshold": 5,
        },
        "readinessProbe": {"httpGet": get("/ready", READINESS)},
        "securityContext": {
            "allowPrivilegeEscalation": false,
            "capabilities": {"add": ["NET_BIND_SERVICE"], "drop": [COREDNS_DROPS.at(plan.version)]},
            "readOnlyRootFilesystem": true,
        },
    })
}

fn ports(version: &Version) -> Value {
    let port =
        |(name, port): (&str, u16), protocol: &str| json!({"containerPort": port, "name": name, "protocol": protocol});
    let mut ports = vec![port(("dns", 53), "UDP"), port(("dns-tcp", 53), "TCP"), port(("metrics", 9153), "TCP")];
    if *PROBE_PORT.at(version) == ProbePort::Name {
        ports.extend([LIVENESS, READINESS].map(|probe| port(probe, "TCP")));
    }
    ports.into()
}

fn probe_port(version: &Version, (name, number): (&str, u16)) -> Value {
    match PROBE_PORT.at(version) {
        ProbePort::Name => json!(name),
        ProbePort::Number => json!(number),
    }
}
