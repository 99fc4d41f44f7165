//! What runs on top of a new cluster: its DNS and its service proxy.

pub mod coredns;
pub mod kube_proxy;

use k8s_openapi::api::apps::v1::{DaemonSet, Deployment};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{KubeError, config_maps};
use crate::yaml;

/// What patches made of an addon's object cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Misshapen {
    /// A field of a wrong type.
    #[error("the patched {addon} {kind} is not a valid {kind} object")]
    Type {
        /// The addon.
        addon: &'static str,
        /// Deployment or DaemonSet.
        kind: &'static str,
        /// Where, and what.
        source: serde_json::Error,
    },
    /// Nothing to run.
    #[error("the patched {addon} {kind} has no container in spec.template.spec.containers")]
    NoContainer {
        /// The addon.
        addon: &'static str,
        /// Deployment or DaemonSet.
        kind: &'static str,
    },
}

/// CoreDNS' Deployment after patches: of the right types, without nulls.
pub fn patched_deployment(object: Value) -> Result<Value, Misshapen> {
    typed::<Deployment>(object, coredns::COREDNS, "Deployment").map(|(object, _)| object)
}

/// kube-proxy's DaemonSet after patches: of the right types, without nulls, and with the container that gets the proxies' variables.
pub fn patched_daemon_set(object: Value) -> Result<Value, Misshapen> {
    let (addon, kind) = (kube_proxy::KUBE_PROXY, "DaemonSet");
    let (object, set) = typed::<DaemonSet>(object, addon, kind)?;
    let pod = set.spec.and_then(|spec| spec.template.spec);
    if pod.is_none_or(|pod| pod.containers.is_empty()) {
        return Err(Misshapen::NoContainer { addon, kind });
    }
    Ok(object)
}

fn typed<T: DeserializeOwned>(object: Value, addon: &'static str, kind: &'static str) -> Result<(Value, T), Misshapen> {
    let mut object = yaml::without_nulls(object);
    // A patch may take away what it is called: nothing else can be meant.
    for (field, value) in [("apiVersion", "apps/v1"), ("kind", kind)] {
        object.as_object_mut().map(|object| object.entry(field).or_insert_with(|| value.into()));
    }
    let typed = serde_json::from_value(object.clone());
    typed.map(|typed| (object, typed)).map_err(|source| Misshapen::Type { addon, kind, source })
}

/// Objects as a manifest: YAML documents, each after a line of dashes.
pub fn manifest<'a>(objects: impl IntoIterator<Item = &'a Value>) -> Result<String, KubeError> {
    let mut manifest = String::new();
    for object in objects {
        let kind = object["kind"].as_str().unwrap_or_default();
        manifest.push_str("---\n");
        manifest.push_str(&config_maps::to_yaml(&format!("the manifest of a {kind}"), object)?);
    }
    Ok(manifest)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn patches_may_not_take_away_what_an_addon_is() {
        let pod = |pod| json!({"spec": {"selector": {}, "template": {"spec": pod}}});
        let set = patched_daemon_set(pod(json!({"containers": [{"name": "kube-proxy"}], "x": null}))).unwrap();
        assert_eq!((&set["apiVersion"], &set["kind"]), (&json!("apps/v1"), &json!("DaemonSet")));
        for (set, text) in [
            (pod(json!({"containers": "x"})), "the patched kube-proxy DaemonSet is not a valid DaemonSet object"),
            (
                pod(json!({"containers": []})),
                "the patched kube-proxy DaemonSet has no container in spec.template.spec.containers",
            ),
            (
                json!({"spec": null}),
                "the patched kube-proxy DaemonSet has no container in spec.template.spec.containers",
            ),
        ] {
            assert_eq!(patched_daemon_set(set).unwrap_err().to_string(), text);
        }
        let deployment = patched_deployment(json!({"spec": "x"}));
        assert_eq!(
            deployment.unwrap_err().to_string(),
            "the patched coredns Deployment is not a valid Deployment object"
        );
    }
}
