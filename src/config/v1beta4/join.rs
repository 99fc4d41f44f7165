//! What `join` is told: JoinConfiguration and its parts.

use serde::{Deserialize, Serialize};

use super::{ApiEndpoint, NodeRegistrationOptions, Patches, Timeouts, empty};

api_type!(
    /// What `join` does.
    JoinConfiguration {
        /// Only say what would be done.
        dry_run: bool,
        /// How this node registers.
        node_registration: NodeRegistrationOptions,
        /// Where the cluster's CA certificate is kept on this node.
        #[serde(rename = "caCertPath")]
        ca_cert_path: String,
        /// How the cluster is found and trusted.
        discovery: Discovery,
        /// Present when the node joins the control plane.
        control_plane: Option<JoinControlPlane>,
        /// Phases not to run.
        skip_phases: Vec<String>,
        /// Patches for generated manifests.
        patches: Option<Patches>,
        /// How long each wait lasts at most.
        timeouts: Option<Timeouts>,
    }
);

api_type!(
    /// How the cluster is found and trusted: token or file.
    Discovery {
        /// By bootstrap token.
        bootstrap_token: Option<BootstrapTokenDiscovery>,
        /// By kubeconfig file.
        file: Option<FileDiscovery>,
        /// Token for the kubelet's TLS bootstrap.
        tls_bootstrap_token: String,
    }
);

api_type!(
    /// Discovery by bootstrap token.
    BootstrapTokenDiscovery {
        /// The token.
        token: String,
        /// `host:port`.
        api_server_endpoint: String,
        /// `sha256:<hex>` pins of the CA's public key.
        #[serde(rename = "caCertHashes")]
        ca_cert_hashes: Vec<String>,
        /// Accept any CA.
        #[serde(rename = "unsafeSkipCAVerification")]
        unsafe_skip_ca_verification: bool,
    }
);

api_type!(
    /// Discovery by kubeconfig file.
    FileDiscovery {
        /// Path or https URL.
        kube_config_path: String,
    }
);

api_type!(
    /// Joining as a control-plane node.
    JoinControlPlane {
        /// Where this node's API server listens.
        #[serde(rename = "localAPIEndpoint")]
        local_api_endpoint: ApiEndpoint,
        /// Opens the uploaded certificates.
        certificate_key: String,
    }
);
