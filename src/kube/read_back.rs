//! A cluster's configuration, read from it: what joining nodes and later runs go by.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::addons::kube_proxy::KUBE_PROXY;
use super::config_maps::{CLUSTER_CONFIGURATION, HASH_ANNOTATION, KUBEADM_CONFIG};
use super::resource::{CONFIG_MAP, Reference};
use super::{Api, KUBE_SYSTEM, KubeError};
use crate::config::v1beta4::ClusterConfiguration;
use crate::config::{Component, component};
use crate::versions::{self, Version};
use crate::yaml;

/// What a cluster says of itself.
#[derive(Debug, Clone)]
pub struct ClusterFacts {
    /// From kubeadm-config.
    pub cluster: ClusterConfiguration,
    /// Its parsed version.
    pub version: Version,
    /// The kubelets' configuration.
    pub kubelet: Component,
    /// kube-proxy's; `None` when it cannot be read, or the cluster has none.
    pub kube_proxy: Option<Component>,
}

/// Reads kubeadm-config and the component configurations.
pub async fn read(api: &Api) -> Result<ClusterFacts, KubeError> {
    let cluster = read_cluster(api).await?;
    let version = Version::parse(cluster.kubernetes_version.trim_start_matches("ci/"))
        .map_err(|error| content(KUBEADM_CONFIG, error))?;
    let name = versions::kubelet_config_map(&version, &cluster.feature_gates);
    let (kubelet, kube_proxy) = futures::try_join!(config_map(api, &name), kube_proxy(api))?;
    Ok(ClusterFacts { cluster, version, kubelet: component(&kubelet, "kubelet")?, kube_proxy })
}

/// What may read kubeadm-config and not this, will not be let in later.
async fn kube_proxy(api: &Api) -> Result<Option<Component>, KubeError> {
    match api.clone().decisive().get(&Reference::new(&CONFIG_MAP, KUBE_SYSTEM, KUBE_PROXY)).await {
        Ok(Some(map)) => component(&map, "config.conf").map(Some),
        Ok(None) => Ok(None),
        Err(error) if error.is_forbidden() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Only the ClusterConfiguration.
pub async fn read_cluster(api: &Api) -> Result<ClusterConfiguration, KubeError> {
    cluster_configuration(&config_map(api, KUBEADM_CONFIG).await?)
}

async fn config_map(api: &Api, name: &str) -> Result<Value, KubeError> {
    let found = api.get(&Reference::new(&CONFIG_MAP, KUBE_SYSTEM, name)).await?;
    found.ok_or_else(|| content(name, "there is no such object"))
}

/// The ClusterConfiguration in kubeadm-config.
pub fn cluster_configuration(map: &Value) -> Result<ClusterConfiguration, KubeError> {
    let mut document = document(map, KUBEADM_CONFIG, CLUSTER_CONFIGURATION)?;
    modernise(&mut document);
    serde_json::from_value(document).map_err(|error| content(KUBEADM_CONFIG, error))
}

/// Makes a document of an older API version one of the present: flags were maps. Fields that are gone are not read.
fn modernise(document: &mut Value) {
    for place in ["/apiServer", "/controllerManager", "/scheduler", "/etcd/local"] {
        let Some(args) = document.pointer_mut(place).and_then(|part| part.get_mut("extraArgs")) else { continue };
        if let Value::Object(map) = args {
            let flags = std::mem::take(map).into_iter();
            *args = flags.map(|(name, value)| json!({"name": name, "value": value})).collect();
        }
    }
}

/// The component configuration under a key of its ConfigMap.
pub fn component(map: &Value, key: &str) -> Result<Component, KubeError> {
    let name = map["metadata"]["name"].as_str().unwrap_or_default();
    let data: BTreeMap<String, String> =
        serde_json::from_value(map["data"].clone()).map_err(|error| content(name, error))?;
    let hash = map["metadata"]["annotations"][HASH_ANNOTATION].as_str();
    let generated = hash == Some(component::component_hash(&data).as_str());
    Ok(Component { document: document(map, name, key)?, user_supplied: !generated })
}

fn document(map: &Value, name: &str, key: &str) -> Result<Value, KubeError> {
    let text = map["data"][key].as_str().ok_or_else(|| content(name, format!("{key} key value pair missing")))?;
    yaml::document(text).map(yaml::without_nulls).map_err(|source| KubeError::Yaml {
        what: format!("the document {key:?} of ConfigMap {KUBE_SYSTEM}/{name} cannot be read"),
        source,
    })
}

fn content(name: &str, problem: impl std::fmt::Display) -> KubeError {
    KubeError::Content { object: format!("ConfigMap {KUBE_SYSTEM}/{name}"), problem: problem.to_string() }
}
