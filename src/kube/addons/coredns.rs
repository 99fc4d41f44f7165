//! CoreDNS, the cluster's DNS.
//!
//! Its configuration belongs to the user as soon as it is no longer one of kubeadm's own; its number of replicas
//! always does, and a patch counts more than both.

mod deployment;

use std::net::IpAddr;

use serde_json::{Value, json};

use self::deployment::deployment;
use super::manifest;
use crate::host::Changed;
use crate::kube::resource::{CONFIG_MAP, DEPLOYMENT, Reference};
use crate::kube::{Api, KUBE_SYSTEM, KubeError, config_maps, rbac};
use crate::versions::{self, Version};

/// The name of nearly everything here.
pub const COREDNS: &str = "coredns";
/// How many pods a new cluster has.
pub const REPLICAS: u64 = 2;
const LABEL: &str = "kube-dns";
const COREFILE: &str = "Corefile";

/// What CoreDNS is made from.
#[derive(Debug, Clone, Copy)]
pub struct Plan<'a> {
    /// The cluster's version.
    pub version: &'a Version,
    /// The cluster's DNS domain.
    pub domain: &'a str,
    /// The DNS service's address.
    pub address: IpAddr,
    /// CoreDNS's image.
    pub image: &'a str,
    /// How many pods: [`replicas`] of a cluster.
    pub replicas: u64,
}

/// CoreDNS's objects.
#[derive(Debug, Clone)]
pub struct CoreDns {
    /// May be patched before it is applied.
    pub deployment: Value,
    config_map: Value,
    service: Value,
    cluster_role: Value,
    cluster_role_binding: Value,
    service_account: Value,
    domain: String,
}

impl CoreDns {
    /// The objects, without looking at a cluster.
    #[must_use]
    pub fn new(plan: &Plan<'_>) -> Self {
        let metadata = json!({"name": COREDNS, "namespace": KUBE_SYSTEM});
        let corefile = corefile(plan.domain, *versions::COREFILE_CACHE_DISABLED.at(plan.version));
        Self {
            deployment: deployment(plan),
            config_map: config_maps::config_map(COREDNS, &[(COREFILE.to_owned(), corefile)].into()),
            service: service(plan.address),
            cluster_role: cluster_role(plan.version),
            cluster_role_binding: rbac::cluster_role_binding(
                "system:coredns",
                "system:coredns",
                &rbac::service_account(COREDNS),
            ),
            service_account: json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}),
            domain: plan.domain.to_owned(),
        }
    }

    /// As `--print-manifest` shows them.
    pub fn manifest(&self) -> Result<String, KubeError> {
        manifest([
            &self.deployment,
            &self.config_map,
            &self.service,
            &self.cluster_role,
            &self.cluster_role_binding,
            &self.service_account,
        ])
    }

    /// Makes the cluster have them.
    pub async fn apply(&self, api: &Api) -> Result<Changed, KubeError> {
        // What the pods need comes before them.
        let roles = [self.cluster_role.clone(), self.cluster_role_binding.clone(), self.service_account.clone()];
        let (config, roles) = futures::try_join!(self.apply_config(api), api.ensure_all(&roles))?;
        let pods = api.ensure_all(&[self.deployment.clone(), self.service.clone()]).await?;
        Ok(config.or(roles).or(pods))
    }

    /// Only a Corefile of kubeadm's is replaced.
    async fn apply_config(&self, api: &Api) -> Result<Changed, KubeError> {
        let present = api.get(&Reference::new(&CONFIG_MAP, KUBE_SYSTEM, COREDNS)).await?;
        let Some(present) = present else { return api.ensure(&self.config_map).await };
        let corefile = present["data"][COREFILE].as_str().ok_or_else(|| KubeError::Content {
            object: format!("ConfigMap {KUBE_SYSTEM}/{COREDNS}"),
            problem: "unable to find the CoreDNS Corefile data".to_owned(),
        })?;
        if is_default(corefile, &self.domain) { api.ensure(&self.config_map).await } else { Ok(Changed::No) }
    }
}

/// How many pods the cluster's DNS has, or is to have.
pub async fn replicas(api: &Api) -> Result<u64, KubeError> {
    let deployments = api.list(&DEPLOYMENT, KUBE_SYSTEM, &format!("labelSelector=k8s-app={LABEL}")).await?;
    match deployments.as_slice() {
        [] => Ok(REPLICAS),
        [present] => Ok(present["spec"]["replicas"].as_u64().unwrap_or(REPLICAS)),
        several => Err(several_deployments(several)),
    }
}

fn several_deployments(deployments: &[Value]) -> KubeError {
    let names: Vec<_> = deployments.iter().filter_map(|it| it["metadata"]["name"].as_str()).collect();
    KubeError::Content {
        object: format!("Deployments with label k8s-app={LABEL} in {KUBE_SYSTEM}"),
        problem: format!("multiple DNS addon deployments found: {}", names.join(", ")),
    }
}

/// Whether a Corefile is empty, or one that some kubeadm writes, whatever its spacing.
fn is_default(corefile: &str, domain: &str) -> bool {
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let corefile = words(corefile);
    corefile.is_empty() || [true, false].iter().any(|disabled| words(&self::corefile(domain, *disabled)) == corefile)
}

fn corefile(domain: &str, cache_disabled: bool) -> String {
    let cache = if cache_disabled && !domain.is_empty() {
        format!("cache 30 {{\n       disable success {domain}\n       disable denial {domain}\n    }}")
    } else {
        "cache 30".to_owned()
    };
    format!(
        ".:53 {{
    errors
    health {{
       lameduck 5s
    }}
    ready
    kubernetes {domain} in-addr.arpa ip6.arpa {{
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }}
    prometheus :9153
    forward . /etc/resolv.conf {{
       max_concurrent 1000
    }}
    {cache}
    loop
    reload
    loadbalance
}}
"
    )
}

fn cluster_role(version: &Version) -> Value {
    let watch = json!(["list", "watch"]);
    let mut rules =
        vec![json!({"apiGroups": [""], "resources": ["endpoints", "services", "pods", "namespaces"], "verbs": watch})];
    if *versions::COREDNS_GETS_NODES.at(version) {
        rules.push(json!({"apiGroups": [""], "resources": ["nodes"], "verbs": ["get"]}));
    }
    rules.push(json!({"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": watch}));
    rbac::cluster_role("system:coredns", &rules.into())
}

fn service(address: IpAddr) -> Value {
    let port = |name: &str, port: u16, protocol: &str| json!({"name": name, "port": port, "protocol": protocol, "targetPort": port});
    json!({
        "apiVersion": "v1", "kind": "Service",
        "metadata": {
            "name": "kube-dns", "namespace": KUBE_SYSTEM,
            "annotations": {"prometheus.io/port": "9153", "prometheus.io/scrape": "true"},
            "labels": {"k8s-app": LABEL, "kubernetes.io/cluster-service": "true", "kubernetes.io/name": "CoreDNS"},
            // Lets the API server take an update that names no version.
            "resourceVersion": "0",
        },
        "spec": {
            "clusterIP": address.to_string(),
            "ports": [port("dns", 53, "UDP"), port("dns-tcp", 53, "TCP"), port("metrics", 9153, "TCP")],
            "selector": {"k8s-app": LABEL},
        },
    })
}
