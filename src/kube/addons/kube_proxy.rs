//! kube-proxy, which makes services reachable on every node.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::manifest;
use crate::config::Component;
use crate::config::token::DEFAULT_GROUP;
use crate::host::Changed;
use crate::kube::{Api, KUBE_SYSTEM, KubeError, config_maps, rbac};

/// The name of nearly everything here.
pub const KUBE_PROXY: &str = "kube-proxy";
const CONFIG: &str = "config.conf";
const SERVICE_ACCOUNT_DIR: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// What kube-proxy is made from.
#[derive(Debug, Clone, Copy)]
pub struct Plan<'a> {
    /// `https://host:port` of the control plane.
    pub server: &'a str,
    /// KubeProxyConfiguration.
    pub config: &'a Component,
    /// kube-proxy's image.
    pub image: &'a str,
    /// The environment's `*_proxy` variables, which its container gets too.
    pub proxy_variables: &'a [(String, String)],
}

/// kube-proxy's objects.
#[derive(Debug, Clone)]
pub struct KubeProxy {
    /// May be patched before it is applied.
    pub daemon_set: Value,
    config_map: Value,
    service_account: Value,
    cluster_role_binding: Value,
    role: [Value; 2],
    proxy_variables: Vec<Value>,
}

impl KubeProxy {
    /// The objects, without looking at a cluster.
    pub fn new(plan: &Plan<'_>) -> Result<Self, KubeError> {
        let metadata = json!({"name": KUBE_PROXY, "namespace": KUBE_SYSTEM});
        let account = rbac::service_account(KUBE_PROXY);
        let variables: BTreeMap<_, _> = plan.proxy_variables.iter().cloned().collect();
        Ok(Self {
            daemon_set: daemon_set(plan.image),
            config_map: config_map(plan)?,
            service_account: json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}),
            cluster_role_binding: rbac::cluster_role_binding("kubeadm:node-proxier", "system:node-proxier", &account),
            role: rbac::may_get(KUBE_PROXY, KUBE_SYSTEM, "configmaps", KUBE_PROXY, &[rbac::group(DEFAULT_GROUP)]),
            proxy_variables: variables.iter().map(|(name, value)| json!({"name": name, "value": value})).collect(),
        })
    }

    /// As `--print-manifest` shows them: without what this machine's environment adds.
    pub fn manifest(&self) -> Result<String, KubeError> {
        let [role, binding] = &self.role;
        let mut config_map = self.config_map.clone();
        config_map["metadata"]["annotations"].take();
        manifest([
            &self.service_account,
            &self.cluster_role_binding,
            role,
            binding,
            &crate::kube::compare::without_nulls(&config_map),
            &self.daemon_set,
        ])
    }

    /// Makes the cluster have them.
    pub async fn apply(&self, api: &Api) -> Result<Changed, KubeError> {
        let mut daemon_set = self.daemon_set.clone();
        let container = &mut daemon_set["spec"]["template"]["spec"]["containers"][0];
        let mut variables = container["env"].as_array().cloned().unwrap_or_default();
        variables.extend(self.proxy_variables.iter().cloned());
        container["env"] = variables.into();
        let [role, binding] = self.role.clone();
        let roles = [self.service_account.clone(), self.cluster_role_binding.clone(), role, binding];
        let config = config_maps::ensure_documents(api, &self.config_map);
        // What the pods need comes before them.
        let (config, roles) = futures::try_join!(config, api.ensure_all(&roles))?;
        let pods = api.ensure(&daemon_set).await?;
        Ok(config.or(roles).or(pods))
    }
}

fn config_map(plan: &Plan<'_>) -> Result<Value, KubeError> {
    let config = config_maps::to_yaml(KUBE_PROXY, &plan.config.document)?;
    let data = BTreeMap::from([
        (CONFIG.to_owned(), config.trim_end().to_owned()),
        ("kubeconfig.conf".to_owned(), kubeconfig(plan.server)),
    ]);
    let mut map = config_maps::config_map(KUBE_PROXY, &data);
    map["metadata"]["labels"] = json!({"app": KUBE_PROXY});
    config_maps::annotate(&mut map, plan.config, &data);
    Ok(map)
}

/// In kubeadm's own words, so that the hash of the ConfigMap is kubeadm's too.
fn kubeconfig(server: &str) -> String {
    format!(
        "apiVersion: v1
kind: Config
clusters:
- cluster:
    certificate-authority: {SERVICE_ACCOUNT_DIR}/ca.crt
    server: {server}
  name: default
contexts:
- context:
    cluster: default
    namespace: default
    user: default
  name: default
current-context: default
users:
- name: default
  user:
    tokenFile: {SERVICE_ACCOUNT_DIR}/token"
    )
}

fn daemon_set(image: &str) -> Value {
    let labels = json!({"k8s-app": KUBE_PROXY});
    json!({
        "apiVersion": "apps/v1", "kind": "DaemonSet",
        "metadata": {"name": KUBE_PROXY, "namespace": KUBE_SYSTEM, "labels": labels},
        "spec": {
            "selector": {"matchLabels": labels},
            "updateStrategy": {"type": "RollingUpdate"},
            "template": {
                "metadata": {"labels": labels},
                "spec": {
                    "priorityClassName": "system-node-critical",
                    "containers": [{
                        "name": KUBE_PROXY, "image": image, "imagePullPolicy": "IfNotPresent",
                        "command": [
                            "/usr/local/bin/kube-proxy",
                            format!("--config=/var/lib/kube-proxy/{CONFIG}"),
                            "--hostname-override=$(NODE_NAME)",
                        ],
                        "securityContext": {"privileged": true},
                        "volumeMounts": [
                            {"name": KUBE_PROXY, "mountPath": "/var/lib/kube-proxy"},
                            {"name": "xtables-lock", "mountPath": "/run/xtables.lock", "readOnly": false},
                            {"name": "lib-modules", "mountPath": "/lib/modules", "readOnly": true},
                        ],
                        "env": [{"name": "NODE_NAME", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}}],
                    }],
                    "hostNetwork": true,
                    "serviceAccountName": KUBE_PROXY,
                    "volumes": [
                        {"name": KUBE_PROXY, "configMap": {"name": KUBE_PROXY}},
                        {"name": "xtables-lock", "hostPath": {"path": "/run/xtables.lock", "type": "FileOrCreate"}},
                        {"name": "lib-modules", "hostPath": {"path": "/lib/modules"}},
                    ],
                    "tolerations": [{"operator": "Exists"}],
                    "nodeSelector": {"kubernetes.io/os": "linux"},
                },
            },
        },
    })
}
