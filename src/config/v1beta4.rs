//! The types of `kubeadm.k8s.io/v1beta4`, as they stand in a file.
//!
//! An empty string, list or zero means "not set", as in Go; [`super::defaults`] fills them. Field order is
//! irrelevant: documents are written with sorted keys.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use join::{BootstrapTokenDiscovery, Discovery, FileDiscovery, JoinConfiguration, JoinControlPlane};
pub use upgrade::{
    UpgradeApplyConfiguration, UpgradeConfiguration, UpgradeDiffConfiguration, UpgradeNodeConfiguration,
    UpgradePlanConfiguration,
};

/// `apiVersion` of these types.
pub const API_VERSION: &str = "kubeadm.k8s.io/v1beta4";

/// Leaves out what Go's `omitempty` does.
fn empty<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

macro_rules! api_type {
    ($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident : $type:ty),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase", default)]
        pub struct $name { $($(#[$field_meta])* #[serde(skip_serializing_if = "empty")] pub $field: $type),* }
    };
}

mod join;
mod upgrade;

api_type!(
    /// What `init` does on this node, beside the cluster's own configuration.
    InitConfiguration {
        /// Tokens that joining nodes may use.
        bootstrap_tokens: Vec<BootstrapToken>,
        /// Only say what would be done.
        dry_run: bool,
        /// How this node registers.
        node_registration: NodeRegistrationOptions,
        /// Where this node's API server listens.
        #[serde(rename = "localAPIEndpoint")]
        local_api_endpoint: ApiEndpoint,
        /// AES-256 key, 64 hex digits, that seals the uploaded certificates.
        certificate_key: String,
        /// Phases not to run.
        skip_phases: Vec<String>,
        /// Patches for generated manifests.
        patches: Option<Patches>,
        /// How long each wait lasts at most.
        timeouts: Option<Timeouts>,
    }
);

api_type!(
    /// The cluster's configuration, kept in the ConfigMap `kubeadm-config`.
    ClusterConfiguration {
        /// etcd, local or external.
        etcd: Etcd,
        /// Subnets and the DNS domain.
        networking: Networking,
        /// The control plane's version.
        kubernetes_version: String,
        /// A stable `host[:port]` for the control plane.
        control_plane_endpoint: String,
        /// kube-apiserver.
        #[serde(rename = "apiServer")]
        api_server: ApiServer,
        /// kube-controller-manager.
        controller_manager: ControlPlaneComponent,
        /// kube-scheduler.
        scheduler: ControlPlaneComponent,
        /// CoreDNS.
        dns: Dns,
        /// kube-proxy.
        proxy: Proxy,
        /// Directory of certificates and keys.
        certificates_dir: String,
        /// Where images come from.
        image_repository: String,
        /// Feature gates of kubeadm.
        feature_gates: BTreeMap<String, bool>,
        /// The cluster's name.
        cluster_name: String,
        /// Algorithm of new keys.
        encryption_algorithm: String,
        /// Validity of leaf certificates, Go's duration syntax.
        certificate_validity_period: String,
        /// Validity of CAs, Go's duration syntax.
        #[serde(rename = "caCertificateValidityPeriod")]
        ca_certificate_validity_period: String,
    }
);

api_type!(
    /// What `reset` does.
    ResetConfiguration {
        /// Also clear /etc/kubernetes/tmp.
        cleanup_tmp_dir: bool,
        /// Directory of certificates and keys.
        certificates_dir: String,
        /// The container runtime's socket.
        cri_socket: String,
        /// Only say what would be done.
        dry_run: bool,
        /// Don't ask.
        force: bool,
        /// Checks whose errors are warnings.
        ignore_preflight_errors: Vec<String>,
        /// Phases not to run.
        skip_phases: Vec<String>,
        /// Flags of umount2 by name.
        unmount_flags: Vec<String>,
        /// How long each wait lasts at most.
        timeouts: Option<Timeouts>,
    }
);

api_type!(
    /// A bootstrap token.
    BootstrapToken {
        /// `abcdef.0123456789abcdef`.
        token: String,
        /// For people.
        description: String,
        /// Life from now, Go's duration syntax; `0s` is for ever.
        ttl: Option<String>,
        /// End of life, RFC 3339.
        expires: Option<String>,
        /// `signing`, `authentication`.
        usages: Vec<String>,
        /// Groups that the token authenticates as.
        groups: Vec<String>,
    }
);

api_type!(
    /// How a node registers.
    NodeRegistrationOptions {
        /// The Node object's name.
        name: String,
        /// The container runtime's socket, `unix://…`.
        cri_socket: String,
        /// `None` is the role's default; an empty list is none at all.
        taints: Option<Vec<Taint>>,
        /// Extra kubelet flags.
        kubelet_extra_args: Vec<Arg>,
        /// Checks whose errors are warnings.
        ignore_preflight_errors: Vec<String>,
        /// Always, IfNotPresent or Never.
        image_pull_policy: String,
        /// Pull one image after the other.
        image_pull_serial: Option<bool>,
    }
);

api_type!(
    /// A node's taint.
    Taint {
        /// Key.
        key: String,
        /// Value.
        value: String,
        /// NoSchedule, PreferNoSchedule or NoExecute.
        effect: String,
        /// When it was put on, RFC 3339.
        time_added: Option<String>,
    }
);

api_type!(
    /// An API server's own address.
    ApiEndpoint {
        /// IP address.
        advertise_address: String,
        /// Port.
        bind_port: i32,
    }
);

api_type!(
    /// A command-line flag of a component; may be repeated.
    Arg {
        /// Without the dashes.
        name: String,
        /// Value.
        value: String,
        /// Of v1 only: how the value joins the default. It is checked, and as in kubeadm v1.37 it changes nothing.
        #[serde(skip_serializing)]
        merge_method: String,
    }
);

api_type!(
    /// Where patches are.
    Patches {
        /// A directory.
        directory: String,
    }
);

api_type!(
    /// How long each wait lasts at most, in Go's duration syntax; `None` is the default.
    Timeouts {
        /// Control plane components (4m).
        control_plane_component_health_check: Option<String>,
        /// The kubelet (4m).
        kubelet_health_check: Option<String>,
        /// Calls to the API server (1m).
        #[serde(rename = "kubernetesAPICall")]
        kubernetes_api_call: Option<String>,
        /// Calls to etcd (2m).
        #[serde(rename = "etcdAPICall")]
        etcd_api_call: Option<String>,
        /// The kubelet's TLS bootstrap (5m).
        tls_bootstrap: Option<String>,
        /// Discovery (5m).
        discovery: Option<String>,
        /// Static pods in an upgrade (5m).
        upgrade_manifests: Option<String>,
    }
);

api_type!(
    /// etcd: exactly one of the two.
    Etcd {
        /// A static pod on each control-plane node.
        local: Option<LocalEtcd>,
        /// Run by somebody else.
        external: Option<ExternalEtcd>,
    }
);

api_type!(
    /// etcd as a static pod.
    LocalEtcd {
        /// Overrides the cluster's image repository.
        image_repository: String,
        /// Overrides the version's tag.
        image_tag: String,
        /// Where the data is.
        data_dir: String,
        /// Extra flags.
        extra_args: Vec<Arg>,
        /// Extra environment (`EnvVar` of core/v1).
        extra_envs: Vec<Value>,
        /// More names for the serving certificate.
        #[serde(rename = "serverCertSANs")]
        server_cert_sans: Vec<String>,
        /// More names for the peer certificate.
        #[serde(rename = "peerCertSANs")]
        peer_cert_sans: Vec<String>,
    }
);

api_type!(
    /// etcd run by somebody else.
    ExternalEtcd {
        /// Client URLs.
        endpoints: Vec<String>,
        /// URLs for /version and /health where they differ.
        #[serde(rename = "httpEndpoints")]
        http_endpoints: Vec<String>,
        /// CA file.
        ca_file: String,
        /// Client certificate file.
        cert_file: String,
        /// Client key file.
        key_file: String,
    }
);

api_type!(
    /// Subnets and the DNS domain.
    Networking {
        /// Service CIDRs, comma separated.
        service_subnet: String,
        /// Pod CIDRs, comma separated.
        pod_subnet: String,
        /// The cluster's DNS domain.
        dns_domain: String,
    }
);

api_type!(
    /// A control plane component's extras.
    ControlPlaneComponent {
        /// Extra flags.
        extra_args: Vec<Arg>,
        /// Extra mounts.
        extra_volumes: Vec<HostPathMount>,
        /// Extra environment (`EnvVar` of core/v1).
        extra_envs: Vec<Value>,
    }
);

api_type!(
    /// kube-apiserver's extras.
    ApiServer {
        /// Extra flags.
        extra_args: Vec<Arg>,
        /// Extra mounts.
        extra_volumes: Vec<HostPathMount>,
        /// Extra environment (`EnvVar` of core/v1).
        extra_envs: Vec<Value>,
        /// More names for the serving certificate.
        #[serde(rename = "certSANs")]
        cert_sans: Vec<String>,
    }
);

api_type!(
    /// A host path mounted into a static pod.
    HostPathMount {
        /// Volume name.
        name: String,
        /// On the host.
        host_path: String,
        /// In the container.
        mount_path: String,
        /// Not writable.
        read_only: bool,
        /// HostPathType.
        path_type: String,
    }
);

api_type!(
    /// CoreDNS.
    Dns {
        /// Overrides the cluster's image repository.
        image_repository: String,
        /// Overrides the version's tag.
        image_tag: String,
        /// Not installed.
        disabled: bool,
    }
);

api_type!(
    /// kube-proxy.
    Proxy {
        /// Not installed.
        disabled: bool,
    }
);
