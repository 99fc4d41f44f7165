//! Configuration as text: what `config print` and `config migrate` show, and what is stored in the cluster.

mod document;

use serde_json::Value;

pub use document::{cluster_document, init_document, join_document, reset_document, upgrade_document};

use super::error::ConfigError;
use super::resolve::FileConfig;
use super::v1beta4::{
    ApiEndpoint, BootstrapToken, BootstrapTokenDiscovery, ClusterConfiguration, Discovery, InitConfiguration,
    JoinConfiguration, NodeRegistrationOptions, ResetConfiguration, UpgradeConfiguration,
};
use super::{Components, InitConfig, component, defaults};
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
    for kind in components {
        let component = match kind.as_str() {
            "KubeletConfiguration" => &complete.kubelet,
            "KubeProxyConfiguration" => &complete.kube_proxy,
            _ => return Err(ConfigError::ComponentConfigs),
        };
        documents.push(stored_component(&component.document)?);
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
        node_registration: example_node(&hostname.trim().to_lowercase()),
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
    text("ResetConfiguration", &reset_document(&reset))
}

/// `config print upgrade-defaults`.
pub fn upgrade_defaults() -> Result<String, ConfigError> {
    let mut upgrade = UpgradeConfiguration::default();
    defaults::upgrade(&mut upgrade)?;
    text("UpgradeConfiguration", &upgrade_document(&upgrade))
}

/// `config migrate`: everything that a file says.
pub fn migrated(config: &FileConfig) -> Result<String, ConfigError> {
    let mut documents = Vec::new();
    if let Some(InitConfig { init, cluster, .. }) = &config.init {
        documents.push(text("InitConfiguration", &init_document(init))?);
        documents.push(text("ClusterConfiguration", &cluster_document(cluster))?);
    }
    for component in &config.taken_out {
        documents.push(stored_component(component)?);
    }
    if let Some(join) = &config.join {
        documents.push(text("JoinConfiguration", &join_document(join))?);
    }
    if let Some(reset) = &config.reset {
        documents.push(text("ResetConfiguration", &reset_document(reset))?);
    }
    if let Some(upgrade) = &config.upgrade {
        documents.push(text("UpgradeConfiguration", &upgrade_document(upgrade))?);
    }
    Ok(documents.join(SEPARATOR))
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
    const UPGRADE: &str = include_str!("testdata/upgrade-defaults.yaml");

    #[test]
    fn equal_to_kubeadms() {
        let kinds = ["KubeletConfiguration", "KubeProxyConfiguration"].map(str::to_owned);
        for (own, kubeadms) in [
            (init_defaults(&kinds).unwrap(), INIT),
            (join_defaults("Worker\n").unwrap(), JOIN),
            (reset_defaults().unwrap(), RESET),
            (upgrade_defaults().unwrap(), UPGRADE),
        ] {
            assert_eq!(yaml::documents(&own).unwrap(), yaml::documents(kubeadms).unwrap());
        }
    }
}
