//! The types of `kubeadm.k8s.io/v1beta4`, as they stand in a file.
//!
//! An empty string, list or zero means "not set", as in Go; [`super::defaults`] fills them. Field order is
//! irrelevant: documents are written with sorted keys.

use serde::{Deserialize, Serialize};

pub use cluster::{
    ApiServer, ClusterConfiguration, ControlPlaneComponent, Dns, Etcd, ExternalEtcd, HostPathMount, LocalEtcd,
    Networking, Proxy,
};
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

mod cluster;
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
