//! Defaults that need neither host nor cluster, and durations in the form that Go prints.
//!
//! Filling twice changes nothing. What is random or found on the host comes later, in [`super::resolve`].

use super::duration::GoDuration;
use super::env_var;
use super::error::ConfigError;
use super::token::{DEFAULT_GROUP, USAGES};
use super::url;
use super::v1beta4::{
    self, ApiEndpoint, BootstrapToken, ClusterConfiguration, Etcd, InitConfiguration, JoinConfiguration,
    NodeRegistrationOptions, ResetConfiguration, Taint, UpgradeConfiguration,
};
use crate::paths;
use crate::versions::{CONTROL_PLANE_TAINTS, Version};

/// The API server's port.
pub const BIND_PORT: i32 = 6443;
/// Where images come from.
pub const IMAGE_REPOSITORY: &str = "registry.k8s.io";
/// The version, as a label.
pub const KUBERNETES_VERSION: &str = "stable-1";
/// The container runtime's socket when none answers.
pub const CRI_SOCKET: &str = "unix:///var/run/containerd/containerd.sock";
/// When images are pulled.
const IMAGE_PULL_POLICY: &str = "IfNotPresent";
/// Life of a token.
pub const TOKEN_TTL: &str = "24h0m0s";

/// Fills an InitConfiguration.
pub fn init(config: &mut InitConfiguration) -> Result<super::Timeouts, ConfigError> {
    let kind = "InitConfiguration";
    if config.bootstrap_tokens.is_empty() {
        config.bootstrap_tokens.push(BootstrapToken::default());
    }
    for (index, token) in config.bootstrap_tokens.iter_mut().enumerate() {
        bootstrap_token(token, index)?;
    }
    api_endpoint(&mut config.local_api_endpoint);
    node_registration(&mut config.node_registration);
    timeouts(kind, &mut config.timeouts)
}

/// Fills a ClusterConfiguration.
pub fn cluster(config: &mut ClusterConfiguration) -> Result<(), ConfigError> {
    text(&mut config.kubernetes_version, KUBERNETES_VERSION);
    text(&mut config.networking.service_subnet, "10.96.0.0/12");
    text(&mut config.networking.dns_domain, "cluster.local");
    text(&mut config.certificates_dir, paths::PKI_DIR);
    text(&mut config.image_repository, IMAGE_REPOSITORY);
    text(&mut config.cluster_name, "kubernetes");
    text(&mut config.encryption_algorithm, "RSA-2048");
    text(&mut config.certificate_validity_period, "8760h0m0s");
    text(&mut config.ca_certificate_validity_period, "87600h0m0s");
    let kind = "ClusterConfiguration";
    canonical(kind, "certificateValidityPeriod", &mut config.certificate_validity_period)?;
    canonical(kind, "caCertificateValidityPeriod", &mut config.ca_certificate_validity_period)?;
    etcd(&mut config.etcd);
    let components = [
        &mut config.api_server.extra_envs,
        &mut config.controller_manager.extra_envs,
        &mut config.scheduler.extra_envs,
    ];
    for envs in components.into_iter().chain(config.etcd.local.as_mut().map(|local| &mut local.extra_envs)) {
        envs.iter_mut().for_each(env_var::complete);
    }
    Ok(())
}

/// Fills a JoinConfiguration.
pub fn join(config: &mut JoinConfiguration) -> Result<super::Timeouts, ConfigError> {
    text(&mut config.ca_cert_path, "/etc/kubernetes/pki/ca.crt");
    if let Some(control_plane) = &mut config.control_plane {
        api_endpoint(&mut control_plane.local_api_endpoint);
    }
    let discovery = &mut config.discovery;
    if let Some(token) = &discovery.bootstrap_token {
        text(&mut discovery.tls_bootstrap_token, &token.token);
    }
    if let Some(file) = &mut discovery.file
        && let Some(path) = url::file_path(&file.kube_config_path)
    {
        file.kube_config_path = path;
    }
    node_registration(&mut config.node_registration);
    timeouts("JoinConfiguration", &mut config.timeouts)
}

/// Fills a ResetConfiguration.
pub fn reset(config: &mut ResetConfiguration) -> Result<super::Timeouts, ConfigError> {
    text(&mut config.certificates_dir, paths::PKI_DIR);
    timeouts("ResetConfiguration", &mut config.timeouts)
}

/// Fills an UpgradeConfiguration.
pub fn upgrade(config: &mut UpgradeConfiguration) -> Result<super::Timeouts, ConfigError> {
    let UpgradeConfiguration { apply, node, plan, .. } = config;
    for flag in [
        &mut apply.certificate_renewal,
        &mut apply.etcd_upgrade,
        &mut apply.image_pull_serial,
        &mut node.certificate_renewal,
        &mut node.etcd_upgrade,
        &mut node.image_pull_serial,
        &mut plan.etcd_upgrade,
    ] {
        flag.get_or_insert(true);
    }
    text(&mut apply.image_pull_policy, IMAGE_PULL_POLICY);
    text(&mut node.image_pull_policy, IMAGE_PULL_POLICY);
    timeouts("UpgradeConfiguration", &mut config.timeouts)
}

/// What keeps workloads off a control-plane node of a cluster of this version.
#[must_use]
pub fn control_plane_taints(version: &Version) -> Vec<Taint> {
    let taint = |key: &&str| Taint { key: (*key).to_owned(), effect: "NoSchedule".to_owned(), ..Taint::default() };
    CONTROL_PLANE_TAINTS.at(version).iter().map(taint).collect()
}

/// Fills the timeouts and reads them.
pub fn timeouts(kind: &'static str, config: &mut Option<v1beta4::Timeouts>) -> Result<super::Timeouts, ConfigError> {
    let config = config.get_or_insert_default();
    let read = |name: &str, field: &mut Option<String>, minutes: i64| {
        let value = field.get_or_insert_with(|| GoDuration::from_secs(minutes * 60).to_string());
        canonical(kind, &format!("timeouts.{name}"), value).map(GoDuration::std)
    };
    Ok(super::Timeouts {
        control_plane_component_health_check: read(
            "controlPlaneComponentHealthCheck",
            &mut config.control_plane_component_health_check,
            4,
        )?,
        kubelet_health_check: read("kubeletHealthCheck", &mut config.kubelet_health_check, 4)?,
        kubernetes_api_call: read("kubernetesAPICall", &mut config.kubernetes_api_call, 1)?,
        etcd_api_call: read("etcdAPICall", &mut config.etcd_api_call, 2)?,
        tls_bootstrap: read("tlsBootstrap", &mut config.tls_bootstrap, 5)?,
        discovery: read("discovery", &mut config.discovery, 5)?,
        upgrade_manifests: read("upgradeManifests", &mut config.upgrade_manifests, 5)?,
    })
}

/// A life of a day, unless the end of life is given: then kubeadm adds a day too and refuses both.
fn bootstrap_token(token: &mut BootstrapToken, index: usize) -> Result<(), ConfigError> {
    if token.expires.is_none() {
        token.ttl.get_or_insert_with(|| TOKEN_TTL.to_owned());
    }
    if let Some(ttl) = &mut token.ttl {
        canonical("InitConfiguration", &format!("bootstrapTokens[{index}].ttl"), ttl)?;
    }
    if token.usages.is_empty() {
        token.usages = USAGES.map(str::to_owned).to_vec();
    }
    if token.groups.is_empty() {
        token.groups = vec![DEFAULT_GROUP.to_owned()];
    }
    Ok(())
}

fn api_endpoint(endpoint: &mut ApiEndpoint) {
    if endpoint.bind_port == 0 {
        endpoint.bind_port = BIND_PORT;
    }
}

fn node_registration(node: &mut NodeRegistrationOptions) {
    text(&mut node.image_pull_policy, IMAGE_PULL_POLICY);
    node.image_pull_serial.get_or_insert(true);
}

fn etcd(etcd: &mut Etcd) {
    if etcd.external.is_none() {
        etcd.local.get_or_insert_default();
    }
    if let Some(local) = &mut etcd.local {
        text(&mut local.data_dir, paths::ETCD_DATA_DIR);
    }
    if let Some(external) = &mut etcd.external
        && external.http_endpoints.is_empty()
    {
        external.http_endpoints.clone_from(&external.endpoints);
    }
}

fn text(field: &mut String, default: &str) {
    if field.is_empty() {
        default.clone_into(field);
    }
}

/// Writes a duration the way Go prints it, and reads it.
fn canonical(kind: &'static str, path: &str, text: &mut String) -> Result<GoDuration, ConfigError> {
    let duration: GoDuration =
        text.parse().map_err(|source| ConfigError::Duration { kind, path: path.to_owned(), source })?;
    *text = duration.to_string();
    Ok(duration)
}

#[cfg(test)]
mod tests;
