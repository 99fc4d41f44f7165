//! Configuration documents as text: what `config print` shows, and what is stored in the cluster.
//!
//! Writes every field that kubeadm writes, also the empty ones, so that the two are equal by value.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::error::ConfigError;
use super::v1beta4::{
    API_VERSION, ApiEndpoint, BootstrapToken, BootstrapTokenDiscovery, ClusterConfiguration, Discovery,
    InitConfiguration, JoinConfiguration, NodeRegistrationOptions, ResetConfiguration,
};
use super::{Components, component, defaults};
use crate::versions::OWN;
use crate::yaml;

/// Between documents.
const SEPARATOR: &str = "---\n";
const EXAMPLE_TOKEN: &str = "abcdef.0123456789abcdef";
const EXAMPLE_ADDRESS: &str = "1.2.3.4";

/// A component's configuration as it is stored in its ConfigMap.
pub fn stored_component(document: &Value) -> Result<String, ConfigError> {
    text("component configuration", document)
}

/// `config print init-defaults`, with the component configurations that are asked for by kind.
pub fn init_defaults(components: &[String]) -> Result<String, ConfigError> {
    let (init, cluster, complete) = example_init()?;
    let mut documents = vec![
        text("InitConfiguration", &init_document(&init))?,
        text("ClusterConfiguration", &cluster_document(&cluster))?,
    ];
    for (kind, component) in
        [("KubeletConfiguration", &complete.kubelet), ("KubeProxyConfiguration", &complete.kube_proxy)]
    {
        if components.iter().any(|wanted| wanted == kind) {
            documents.push(stored_component(&component.document)?);
        }
    }
    Ok(documents.join(SEPARATOR))
}

/// `config print join-defaults`.
pub fn join_defaults(hostname: &str) -> Result<String, ConfigError> {
    let by_token = BootstrapTokenDiscovery {
        token: EXAMPLE_TOKEN.to_owned(),
        api_server_endpoint: "kube-apiserver:6443".to_owned(),
        unsafe_skip_ca_verification: true,
        ..BootstrapTokenDiscovery::default()
    };
    let mut join = JoinConfiguration {
        node_registration: example_node(hostname),
        discovery: Discovery { bootstrap_token: Some(by_token), ..Discovery::default() },
        ..JoinConfiguration::default()
    };
    defaults::join(&mut join)?;
    text("JoinConfiguration", &join_document(&join))
}

/// `config print reset-defaults`.
pub fn reset_defaults() -> Result<String, ConfigError> {
    let mut reset = ResetConfiguration { cri_socket: defaults::CRI_SOCKET.to_owned(), ..ResetConfiguration::default() };
    defaults::reset(&mut reset)?;
    text("ResetConfiguration", &typed("ResetConfiguration", &reset))
}

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
    if let Some(control_plane) = document.get_mut("controlPlane") {
        groups(control_plane, &["localAPIEndpoint"]);
    }
    document
}

fn example_init() -> Result<(InitConfiguration, ClusterConfiguration, Components), ConfigError> {
    let token = BootstrapToken { token: EXAMPLE_TOKEN.to_owned(), ..BootstrapToken::default() };
    let mut init = InitConfiguration {
        bootstrap_tokens: vec![token],
        local_api_endpoint: ApiEndpoint { advertise_address: EXAMPLE_ADDRESS.to_owned(), bind_port: 0 },
        node_registration: example_node("node"),
        ..InitConfiguration::default()
    };
    let own_minor = format!("{}.{}.0", OWN.major(), OWN.minor());
    let mut cluster = ClusterConfiguration { kubernetes_version: own_minor, ..ClusterConfiguration::default() };
    defaults::init(&mut init)?;
    defaults::cluster(&mut cluster)?;
    let complete = component::complete(None, None, &cluster, EXAMPLE_ADDRESS, &OWN, &mut Vec::new());
    Ok((init, cluster, complete))
}

fn example_node(name: &str) -> NodeRegistrationOptions {
    NodeRegistrationOptions {
        name: name.to_owned(),
        cri_socket: defaults::CRI_SOCKET.to_owned(),
        ..NodeRegistrationOptions::default()
    }
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
    each(document, "/nodeRegistration/kubeletExtraArgs", &["name", "value"]);
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

fn texts(group: &mut Value, names: &[&str]) {
    if let Value::Object(fields) = group {
        for name in names {
            fields.entry(*name).or_insert_with(|| json!(""));
        }
    }
}

/// A document as text.
pub(super) fn text(kind: &'static str, document: &Value) -> Result<String, ConfigError> {
    yaml::to_string(document).map_err(|source| ConfigError::Print { kind, source })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `kubeadm config print … ` of v1.37.2.
    const INIT: &str = include_str!("testdata/init-defaults.yaml");
    const JOIN: &str = include_str!("testdata/join-defaults.yaml");
    const RESET: &str = include_str!("testdata/reset-defaults.yaml");

    #[test]
    fn equal_to_kubeadms() {
        let kinds = ["KubeletConfiguration", "KubeProxyConfiguration"].map(str::to_owned);
        for (own, kubeadms) in [
            (init_defaults(&kinds).unwrap(), INIT),
            (join_defaults("worker").unwrap(), JOIN),
            (reset_defaults().unwrap(), RESET),
        ] {
            assert_eq!(yaml::documents(&own).unwrap(), yaml::documents(kubeadms).unwrap());
        }
    }

    #[test]
    fn empty_fields_that_go_writes() {
        let mut cluster: ClusterConfiguration = serde_json::from_value(json!({
            "apiServer": {"extraArgs": [{"name": "v"}], "extraVolumes": [{"name": "x", "readOnly": false}]},
            "etcd": {"external": {"endpoints": ["http://1.2.3.4:2379"]}},
        }))
        .unwrap();
        defaults::cluster(&mut cluster).unwrap();
        let document = cluster_document(&cluster);
        assert_eq!(document["apiServer"]["extraArgs"], json!([{"name": "v", "value": ""}]));
        assert_eq!(document["apiServer"]["extraVolumes"], json!([{"name": "x", "hostPath": "", "mountPath": ""}]));
        let urls = json!(["http://1.2.3.4:2379"]);
        let external = json!({"endpoints": urls, "httpEndpoints": urls, "caFile": "", "certFile": "", "keyFile": ""});
        assert_eq!(document["etcd"], json!({ "external": external }));
    }
}
