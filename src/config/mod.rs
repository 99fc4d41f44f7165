//! What was meant: complete, valid and never changed afterwards.
//!
//! Flags and documents become these types once, in [`resolve`]. Nothing downstream reads a flag, a default, an
//! environment variable or the clock.

pub mod authorization;
pub mod component;
mod convert;
pub mod defaults;
mod document;
pub mod duration;
pub(crate) mod env_var;
pub mod error;
mod fields;
mod findings;
mod form;
mod gates;
pub mod load;
pub mod net;
mod path;
pub mod print;
pub mod remedy;
pub mod resolve;
mod schema;
mod shape;
pub mod stored;
pub mod token;
pub(crate) mod url;
pub mod usual;
pub mod v1beta4;
pub mod validate;
mod zero;

use std::net::IpAddr;
use std::time::Duration;

use ipnet::IpNet;
use serde_json::Value;

use crate::versions::Version;
use v1beta4::{ClusterConfiguration, InitConfiguration, JoinConfiguration};

/// What `init` was asked for.
#[derive(Debug, Clone)]
pub struct InitConfig {
    /// This node's part: every field that has a default has it.
    pub init: InitConfiguration,
    /// The cluster's part: every field that has a default has it, `kubernetesVersion` is resolved.
    pub cluster: ClusterConfiguration,
    /// KubeletConfiguration and KubeProxyConfiguration, with kubeadm's defaults.
    pub components: Components,
    /// The parsed form of the cluster's networking.
    pub network: Network,
    /// The first bootstrap token was made up, not asked for.
    pub generated_token: bool,
    /// The parsed form of `kubernetesVersion`.
    pub version: Version,
    /// `kubernetesVersion` names a build of the CI, not a release: other images, and `ci/` in what is stored.
    pub ci: bool,
    /// The parsed form of the node's timeouts.
    pub timeouts: Timeouts,
}

/// What `join` was asked for. What only the cluster knows comes later, from discovery.
#[derive(Debug, Clone)]
pub struct JoinConfig {
    /// Every field that has a default has it.
    pub join: JoinConfiguration,
    /// The parsed form of its timeouts.
    pub timeouts: Timeouts,
}

/// The component configurations that travel with a cluster.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Components {
    /// `kubelet.config.k8s.io/v1beta1 KubeletConfiguration`.
    pub kubelet: Component,
    /// `kubeproxy.config.k8s.io/v1alpha1 KubeProxyConfiguration`.
    pub kube_proxy: Component,
    /// The kubelet's `cgroupDriver` as the user set it; `None` when the container runtime's counts.
    pub cgroup_driver: Option<String>,
}

/// One component configuration.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Component {
    /// The whole document, defaults filled in, unknown fields kept.
    pub document: Value,
    /// The user gave a document of this kind: then it carries no generated-hash annotation.
    pub user_supplied: bool,
}

/// Addresses, parsed and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    /// The API server's advertised address.
    pub advertise_address: IpAddr,
    /// The API server's port.
    pub bind_port: u16,
    /// One or two service subnets.
    pub service_subnets: Vec<IpNet>,
    /// None, one or two pod subnets.
    pub pod_subnets: Vec<IpNet>,
    /// `host:port` at which the control plane is reached: `controlPlaneEndpoint`, or this node's address.
    pub control_plane_endpoint: String,
}

/// How long each wait lasts at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Control plane components.
    pub control_plane_component_health_check: Duration,
    /// The kubelet.
    pub kubelet_health_check: Duration,
    /// Calls to the API server.
    pub kubernetes_api_call: Duration,
    /// Calls to etcd.
    pub etcd_api_call: Duration,
    /// The kubelet's TLS bootstrap.
    pub tls_bootstrap: Duration,
    /// Discovery.
    pub discovery: Duration,
    /// Static pods in an upgrade.
    pub upgrade_manifests: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        let minutes = |count: u64| Duration::from_secs(count * 60);
        Self {
            control_plane_component_health_check: minutes(4),
            kubelet_health_check: minutes(4),
            kubernetes_api_call: minutes(1),
            etcd_api_call: minutes(2),
            tls_bootstrap: minutes(5),
            discovery: minutes(5),
            upgrade_manifests: minutes(5),
        }
    }
}

impl Network {
    /// `host:port` of this node's own API server; IPv6 in brackets.
    #[must_use]
    pub fn local_endpoint(&self) -> String {
        host_port(&self.advertise_address.to_string(), self.bind_port)
    }

    /// The address that the service `kubernetes` gets: the first of the first service subnet.
    #[must_use]
    pub fn api_service_address(&self) -> Option<IpAddr> {
        self.service_subnets.first().and_then(|subnet| nth_address(subnet, 1))
    }

    /// The address that the cluster's DNS service gets: the tenth of the first service subnet.
    #[must_use]
    pub fn dns_service_address(&self) -> Option<IpAddr> {
        self.service_subnets.first().and_then(|subnet| nth_address(subnet, 10))
    }
}

impl InitConfig {
    /// The Node object's name.
    #[must_use]
    pub fn node_name(&self) -> &str {
        &self.init.node_registration.name
    }

    /// The algorithm of new keys. Where a feature gate of an older version says which, that counts.
    #[must_use]
    pub fn key_algorithm(&self) -> &str {
        match self.cluster.feature_gates.get(crate::versions::ECDSA_KEYS) {
            Some(true) => "ECDSA-P256",
            Some(false) => "RSA-2048",
            None => &self.cluster.encryption_algorithm,
        }
    }
}

/// The value that counts of a flag that may be given more than once: the last.
#[must_use]
pub fn last_arg<'a>(args: &'a [v1beta4::Arg], name: &str) -> Option<&'a str> {
    args.iter().rev().find(|arg| arg.name == name).map(|arg| arg.value.as_str())
}

/// `host:port`, with an IPv6 address in brackets.
#[must_use]
pub fn host_port(host: &str, port: u16) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

/// The address `n` places after a subnet's own, if it is inside.
#[must_use]
pub fn nth_address(subnet: &IpNet, n: u32) -> Option<IpAddr> {
    let address = match subnet.network() {
        IpAddr::V4(base) => IpAddr::V4(u32::from(base).checked_add(n)?.into()),
        IpAddr::V6(base) => IpAddr::V6(u128::from(base).checked_add(u128::from(n))?.into()),
    };
    subnet.contains(&address).then_some(address)
}
