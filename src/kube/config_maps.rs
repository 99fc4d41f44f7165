//! The ConfigMaps that keep a cluster's configuration: kubeadm-config and kubelet-config.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Api, KUBE_SYSTEM, KubeError, rbac};
use crate::config::{Component, component};
use crate::host::Changed;
use crate::yaml;

/// The ConfigMap of the ClusterConfiguration.
pub const KUBEADM_CONFIG: &str = "kubeadm-config";
/// Its key.
pub const CLUSTER_CONFIGURATION: &str = "ClusterConfiguration";
/// Annotation of generated component configurations: a changed document no longer matches it.
pub const HASH_ANNOTATION: &str = "kubeadm.kubernetes.io/component-config.hash";

/// Keeps a ClusterConfiguration (YAML) in kubeadm-config, readable for joining nodes. Other keys there stay.
pub async fn upload_kubeadm_config(api: &Api, document: &str) -> Result<Changed, KubeError> {
    let map = config_map(KUBEADM_CONFIG, &[(CLUSTER_CONFIGURATION.to_owned(), document.to_owned())].into());
    let readers = rbac::kubeadm_config_readers();
    let (stored, read) = futures::try_join!(ensure_documents(api, &map), api.ensure_all(&readers))?;
    Ok(stored.or(read))
}

/// Keeps the kubelets' configuration in a ConfigMap of this name, readable for nodes.
pub async fn upload_kubelet_config(api: &Api, name: &str, kubelet: &Component) -> Result<Changed, KubeError> {
    let map = kubelet_config(name, kubelet)?;
    let readers = rbac::kubelet_config_readers(name);
    let (stored, read) = futures::try_join!(ensure_documents(api, &map), api.ensure_all(&readers))?;
    Ok(stored.or(read))
}

/// Makes a ConfigMap hold these documents (YAML). A present one that says the same in other words stays as it is.
pub(super) async fn ensure_documents(api: &Api, wanted: &Value) -> Result<Changed, KubeError> {
    api.mutate(wanted, |present| {
        for (key, text) in wanted["data"].as_object().into_iter().flatten() {
            if !same_document(text, &present["data"][key]) {
                present["data"][key] = text.clone();
            }
        }
        for (key, value) in wanted["metadata"]["labels"].as_object().into_iter().flatten() {
            present["metadata"]["labels"][key] = value.clone();
        }
        if let Some(hash) = wanted["metadata"]["annotations"].get(HASH_ANNOTATION) {
            renew_hash(present, !hash.is_null());
        }
    })
    .await
}

fn same_document(wanted: &Value, present: &Value) -> bool {
    let read = |value: &Value| value.as_str().and_then(|text| yaml::document(text).ok());
    wanted == present || read(wanted).is_some_and(|wanted| read(present) == Some(wanted))
}

/// Makes the annotation fit the documents that are there.
fn renew_hash(map: &mut Value, generated: bool) {
    let texts = map["data"].as_object().into_iter().flatten();
    let data = texts.map(|(key, text)| (key.clone(), text.as_str().unwrap_or_default().to_owned())).collect();
    if generated {
        map["metadata"]["annotations"][HASH_ANNOTATION] = component::component_hash(&data).into();
    } else if let Some(annotations) = map.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut) {
        annotations.remove(HASH_ANNOTATION);
    }
}

/// The ConfigMap of the kubelets' configuration.
fn kubelet_config(name: &str, kubelet: &Component) -> Result<Value, KubeError> {
    let text = to_yaml(name, &kubelet.document)?;
    let data = BTreeMap::from([("kubelet".to_owned(), text)]);
    let mut map = config_map(name, &data);
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
