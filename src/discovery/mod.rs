//! How a joining node finds its cluster and comes to trust it.
//!
//! By a bootstrap token ([`token`]), by a kubeconfig from a file or an https URL ([`file`]), or as the member that it is
//! already ([`membership`]). Knows what proves a cluster's identity, and says of each refusal what exactly did not fit. Refuses to know what is done with the
//! cluster afterwards.

mod error;
pub mod file;
pub mod join_command;
mod member;
#[cfg(test)]
mod tests;
pub mod token;

use std::time::Duration;

use serde_json::{Value, json};

use crate::config::JoinConfig;
use crate::config::v1beta4::{BootstrapTokenDiscovery, Discovery};
use crate::host::Host;
use crate::kube::{Api, Endpoint, KubeError};
use crate::ui::Ui;
use crate::yaml::{self, YamlError};

pub use error::DiscoveryError;
pub use join_command::JoinCommand;
pub use member::membership;

/// The user of the kubelet's TLS bootstrap, in its kubeconfig.
const BOOTSTRAP_USER: &str = "tls-bootstrap-token-user";
/// What the cluster is called in a kubeconfig until its own name is known.
const UNNAMED: &str = "kubernetes";
/// The CA of no cluster; its key is lost.
const EXAMPLE_CA: &str = include_str!("example-ca.crt");

/// A cluster that may be trusted, with credentials for joining it.
#[derive(Debug, Clone)]
pub struct Discovered {
    /// Where it is, and its CAs.
    pub endpoint: Endpoint,
    /// What a person should know of it, a sentence each.
    pub warnings: Vec<String>,
    /// A kubeconfig with everything embedded.
    kubeconfig: Value,
}

impl Discovered {
    /// The cluster's API as the joining node.
    pub fn api(&self) -> Result<Api, KubeError> {
        Api::from_kubeconfig("for joining", &self.kubeconfig.to_string(), None)
    }

    /// Whether its CA is an example, for want of a real one.
    #[must_use]
    pub fn has_example_ca(&self) -> bool {
        self.endpoint.ca_pem == EXAMPLE_CA
    }

    /// The kubeconfig for the kubelet's TLS bootstrap, with the cluster's own name in it. A node that joins the
    /// control plane bootstraps against its own API server: `server`.
    pub fn bootstrap_kubeconfig(&self, cluster_name: &str, server: Option<&str>) -> Result<String, YamlError> {
        let mut kubeconfig = self.kubeconfig.clone();
        let current = kubeconfig["current-context"].clone();
        let contexts = kubeconfig.get_mut("contexts").and_then(Value::as_array_mut);
        for context in contexts.into_iter().flatten().filter(|context| context["name"] == current) {
            if let Some(Value::Object(context)) = context.get_mut("context") {
                context.insert("cluster".to_owned(), cluster_name.into());
            }
        }
        let mut cluster = current_entry(&self.kubeconfig, "cluster").cloned().unwrap_or_default();
        cluster["server"] = server.unwrap_or(&self.endpoint.server).into();
        if !self.endpoint.ca_pem.is_empty() {
            cluster["certificate-authority-data"] = self.endpoint.ca_data().into();
        }
        kubeconfig["clusters"] = json!([{"name": cluster_name, "cluster": cluster}]);
        yaml::to_string(&kubeconfig)
    }
}

/// Finds the cluster that a node is to join, and makes sure that it is the right one. A node that is a member of the one
/// with the given pin has known it since it joined, and needs no token, which may have expired since.
pub async fn discover(
    config: &JoinConfig,
    member: Option<&Discovered>,
    host: &dyn Host,
    ui: &Ui,
) -> Result<Discovered, DiscoveryError> {
    let discovery = &config.join.discovery;
    if let Some(member) = member.filter(|member| member.is_pinned(discovery)) {
        return Ok(member.clone());
    }
    let timeout = config.timeouts.discovery;
    let found = match (&discovery.file, &discovery.bootstrap_token) {
        (Some(file), _) => file::discover(&file.kube_config_path, timeout, host).await?,
        (None, Some(token)) => token::discover(token, timeout, host, ui).await?,
        (None, None) => return Err(DiscoveryError::NotConfigured),
    };
    with_credentials(found, discovery)
}

/// For a dry run whose cluster does not answer: what would be discovered, taken from the configuration alone. Where that
/// says nothing of the CA, it is an example.
pub async fn imagine(config: &JoinConfig, host: &dyn Host) -> Result<Discovered, DiscoveryError> {
    let discovery = &config.join.discovery;
    let mut found = match (&discovery.file, &discovery.bootstrap_token) {
        (Some(file), _) => file::told(&file.kube_config_path, config.timeouts.discovery, host).await?,
        (None, Some(token)) => {
            let endpoint = Endpoint { server: server(token), ..Endpoint::default() };
            let kubeconfig = with_token(&endpoint, &token.token);
            Discovered { endpoint, warnings: Vec::new(), kubeconfig }
        }
        (None, None) => return Err(DiscoveryError::NotConfigured),
    };
    if found.endpoint.ca_pem.is_empty() {
        EXAMPLE_CA.clone_into(&mut found.endpoint.ca_pem);
    }
    with_credentials(found, discovery)
}

/// How long a server is asked that does not answer at all: a dry run goes on without one.
fn silence(timeout: Duration, host: &dyn Host) -> Duration {
    if host.is_dry_run() { Duration::ZERO } else { timeout }
}

fn server(wanted: &BootstrapTokenDiscovery) -> String {
    format!("https://{}", wanted.api_server_endpoint)
}

fn with_credentials(mut found: Discovered, discovery: &Discovery) -> Result<Discovered, DiscoveryError> {
    if !discovery.tls_bootstrap_token.is_empty() {
        found.kubeconfig = with_token(&found.endpoint, &discovery.tls_bootstrap_token);
    }
    if !has_credentials(&found.kubeconfig) {
        return Err(DiscoveryError::NoCredentials);
    }
    Ok(found)
}

fn with_token(endpoint: &Endpoint, token: &str) -> Value {
    let context = format!("{BOOTSTRAP_USER}@{UNNAMED}");
    json!({
        "apiVersion": "v1", "kind": "Config", "current-context": context,
        "clusters": [{"name": UNNAMED,
            "cluster": {"server": endpoint.server, "certificate-authority-data": endpoint.ca_data()}}],
        "contexts": [{"name": context, "context": {"cluster": UNNAMED, "user": BOOTSTRAP_USER}}],
        "users": [{"name": BOOTSTRAP_USER, "user": {"token": token}}],
    })
}

fn has_credentials(kubeconfig: &Value) -> bool {
    let Some(user) = current_entry(kubeconfig, "user") else { return false };
    let has = |field: &str| user[field].as_str().is_some_and(|text| !text.is_empty());
    has("token")
        || (has("username") && has("password"))
        || (has("client-certificate-data") && has("client-key-data"))
        || user["exec"]["command"].is_string()
        || user["auth-provider"]["name"].is_string()
}

/// The cluster or the user of a kubeconfig's current context.
fn current_entry<'a>(kubeconfig: &'a Value, kind: &str) -> Option<&'a Value> {
    let named = |kind: &str, name: &Value| {
        let list = kubeconfig[format!("{kind}s")].as_array();
        list.into_iter().flatten().find(|entry| entry["name"] == *name).map(|entry| &entry[kind])
    };
    let context = named("context", &kubeconfig["current-context"])?;
    named(kind, &context[kind])
}
