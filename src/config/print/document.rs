//! The types as whole documents: also with the empty fields that kubeadm writes, so that the two are equal by value.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::super::env_var::{self, texts};
use super::super::v1beta4::{
    API_VERSION, ClusterConfiguration, InitConfiguration, JoinConfiguration, NodeRegistrationOptions,
    ResetConfiguration, UpgradeConfiguration,
};

/// An InitConfiguration as a document.
#[must_use]
pub fn init_document(config: &InitConfiguration) -> Value {
    let mut document = typed("InitConfiguration", config);
    groups(&mut document, &["localAPIEndpoint"]);
    node(&mut document, &config.node_registration);
    each(&mut document, "/bootstrapTokens", &["token"]);
    document
}

/// A ClusterConfiguration as a document.
#[must_use]
pub fn cluster_document(config: &ClusterConfiguration) -> Value {
    let mut document = typed("ClusterConfiguration", config);
    groups(&mut document, &["apiServer", "controllerManager", "dns", "etcd", "networking", "proxy", "scheduler"]);
    for component in ["/apiServer", "/controllerManager", "/scheduler", "/etcd/local"] {
        each(&mut document, &format!("{component}/extraArgs"), &["name", "value"]);
        each(&mut document, &format!("{component}/extraVolumes"), &["name", "hostPath", "mountPath"]);
        envs(&mut document, &format!("{component}/extraEnvs"));
    }
    if let Some(external) = document.pointer_mut("/etcd/external") {
        texts(external, &["caFile", "certFile", "keyFile"]);
    }
    document
}

/// A JoinConfiguration as a document.
#[must_use]
pub fn join_document(config: &JoinConfiguration) -> Value {
    let mut document = typed("JoinConfiguration", config);
    groups(&mut document, &["discovery"]);
    node(&mut document, &config.node_registration);
    if let Some(by_token) = document.pointer_mut("/discovery/bootstrapToken") {
        texts(by_token, &["token"]);
    }
    if let Some(file) = document.pointer_mut("/discovery/file") {
        texts(file, &["kubeConfigPath"]);
    }
    if let Some(control_plane) = document.get_mut("controlPlane") {
        groups(control_plane, &["localAPIEndpoint"]);
    }
    document
}

/// A ResetConfiguration as a document.
#[must_use]
pub fn reset_document(config: &ResetConfiguration) -> Value {
    typed("ResetConfiguration", config)
}

/// An UpgradeConfiguration as a document.
#[must_use]
pub fn upgrade_document(config: &UpgradeConfiguration) -> Value {
    let mut document = typed("UpgradeConfiguration", config);
    groups(&mut document, &["apply", "diff", "node", "plan"]);
    document
}

/// The fields with their type. None of these types has anything that JSON can't hold.
fn typed(kind: &str, config: &impl Serialize) -> Value {
    let mut document = serde_json::to_value(config).unwrap_or_default();
    if let Value::Object(fields) = &mut document {
        fields.insert("apiVersion".to_owned(), json!(API_VERSION));
        fields.insert("kind".to_owned(), json!(kind));
    }
    document
}

/// Taints are written also when they aren't there: null is the role's default, an empty list is none.
fn node(document: &mut Value, node: &NodeRegistrationOptions) {
    groups(document, &["nodeRegistration"]);
    if let Some(Value::Object(fields)) = document.get_mut("nodeRegistration") {
        fields.insert("taints".to_owned(), json!(node.taints));
    }
    each(document, "/nodeRegistration/taints", &["key", "effect"]);
    each(document, "/nodeRegistration/kubeletExtraArgs", &["name", "value"]);
}

/// core/v1's EnvVar.
fn envs(document: &mut Value, list: &str) {
    let variables = document.pointer_mut(list).and_then(Value::as_array_mut);
    variables.into_iter().flatten().for_each(env_var::complete);
}

/// Groups of fields that are written also when they are empty.
fn groups(document: &mut Value, names: &[&str]) {
    if let Value::Object(fields) = document {
        for name in names {
            fields.entry(*name).or_insert_with(|| Value::Object(Map::new()));
        }
    }
}

/// Text fields that every item of a list is written with.
fn each(document: &mut Value, list: &str, names: &[&str]) {
    if let Some(Value::Array(items)) = document.pointer_mut(list) {
        for item in items {
            texts(item, names);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::defaults;
    use super::*;

    #[test]
    fn empty_fields_that_go_writes() {
        let mut cluster: ClusterConfiguration = serde_json::from_value(json!({
            "apiServer": {"extraArgs": [{"name": "v"}], "extraVolumes": [{"name": "x", "readOnly": false}]},
            "scheduler": {"extraEnvs": [{"name": "A", "value": ""}]},
            "etcd": {"external": {"endpoints": ["http://1.2.3.4:2379"]}},
        }))
        .unwrap();
        defaults::cluster(&mut cluster).unwrap();
        let document = cluster_document(&cluster);
        assert_eq!(document["apiServer"]["extraArgs"], json!([{"name": "v", "value": ""}]));
        assert_eq!(document["apiServer"]["extraVolumes"], json!([{"name": "x", "hostPath": "", "mountPath": ""}]));
        assert_eq!(document["scheduler"]["extraEnvs"], json!([{"name": "A"}]));
        let urls = json!(["http://1.2.3.4:2379"]);
        let external = json!({"endpoints": urls, "httpEndpoints": urls, "caFile": "", "certFile": "", "keyFile": ""});
        assert_eq!(document["etcd"], json!({ "external": external }));
    }
}
