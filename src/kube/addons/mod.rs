//! What runs on top of a new cluster: its DNS and its service proxy.

pub mod coredns;
pub mod kube_proxy;

use serde_json::Value;

use super::{KubeError, config_maps};

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
