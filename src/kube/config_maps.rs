//! The ConfigMaps that keep a cluster's configuration: kubeadm-config and kubelet-config.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Api, KUBE_SYSTEM, KubeError, rbac};
use crate::config::v1beta4::{self, ClusterConfiguration};
use crate::config::{Component, component};
use crate::host::Changed;
use crate::versions::{self, Version};
use crate::yaml;

/// The ConfigMap of the ClusterConfiguration.
pub const KUBEADM_CONFIG: &str = "kubeadm-config";
/// Its key.
pub const CLUSTER_CONFIGURATION: &str = "ClusterConfiguration";
/// Annotation of generated component configurations: a changed document no longer matches it.
pub const HASH_ANNOTATION: &str = "kubeadm.kubernetes.io/component-config.hash";

/// Parts of a ClusterConfiguration that are written even when empty, as Go writes structs.
const ALWAYS: [&str; 7] = ["apiServer", "controllerManager", "dns", "etcd", "networking", "proxy", "scheduler"];

/// Keeps the ClusterConfiguration in kubeadm-config, readable for joining nodes. The other keys there, and a present
/// value that says the same in other words, stay as they are.
pub async fn upload_kubeadm_config(api: &Api, cluster: &ClusterConfiguration) -> Result<Changed, KubeError> {
    let document = cluster_document(cluster)?;
    let text = to_yaml(KUBEADM_CONFIG, &document)?;
    let wanted = config_map(KUBEADM_CONFIG, &BTreeMap::from([(CLUSTER_CONFIGURATION.to_owned(), text.clone())]));
    let readers = rbac::kubeadm_config_readers();
    let store = api.mutate(&wanted, |present| {
        let key = &mut present["data"][CLUSTER_CONFIGURATION];
        if !key.as_str().is_some_and(|now| yaml::document(now).is_ok_and(|now| now == document)) {
            *key = text.clone().into();
        }
    });
    let (stored, read) = futures::try_join!(store, api.ensure_all(&readers))?;
    Ok(stored.or(read))
}

/// Keeps the kubelets' configuration, readable for nodes.
pub async fn upload_kubelet_config(api: &Api, version: &Version, kubelet: &Component) -> Result<Changed, KubeError> {
    let map = kubelet_config(version, kubelet)?;
    let readers = rbac::kubelet_config_readers(&versions::kubelet_config_map(version));
    let (stored, read) = futures::try_join!(api.ensure(&map), api.ensure_all(&readers))?;
    Ok(stored.or(read))
}

/// The ClusterConfiguration as a document, as kubeadm writes it.
pub fn cluster_document(cluster: &ClusterConfiguration) -> Result<Value, KubeError> {
    let mut document = serde_json::to_value(cluster).map_err(|error| KubeError::Content {
        object: format!("ConfigMap {KUBE_SYSTEM}/{KUBEADM_CONFIG}"),
        problem: error.to_string(),
    })?;
    document["apiVersion"] = v1beta4::API_VERSION.into();
    document["kind"] = CLUSTER_CONFIGURATION.into();
    for part in ALWAYS {
        if document[part].is_null() {
            document[part] = json!({});
        }
    }
    Ok(document)
}

/// The ConfigMap of the kubelets' configuration.
pub fn kubelet_config(version: &Version, kubelet: &Component) -> Result<Value, KubeError> {
    let name = versions::kubelet_config_map(version);
    let text = to_yaml(&name, &kubelet.document)?;
    let data = BTreeMap::from([("kubelet".to_owned(), text)]);
    let mut map = config_map(&name, &data);
    annotate(&mut map, kubelet, &data);
    Ok(map)
}

/// Marks a ConfigMap of a component configuration as generated, or as the user's.
pub(super) fn annotate(map: &mut Value, component: &Component, data: &BTreeMap<String, String>) {
    let hash = if component.user_supplied { Value::Null } else { component::component_hash(data).into() };
    map["metadata"]["annotations"] = json!({ HASH_ANNOTATION: hash });
}

/// A ConfigMap in kube-system.
pub(super) fn config_map(name: &str, data: &BTreeMap<String, String>) -> Value {
    json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": KUBE_SYSTEM}, "data": data,
    })
}

/// A document as text, to be kept in an object.
pub(super) fn to_yaml(object: &str, document: &Value) -> Result<String, KubeError> {
    yaml::to_string(document)
        .map_err(|source| KubeError::Yaml { what: format!("cannot write the document in {object}"), source })
}
