//! The flags of each command, as typed, and which of them a file goes with.

use camino::Utf8PathBuf;

use crate::config::error::ConfigError;
use crate::config::v1beta4::Arg;

/// The flags of `init`, as typed.
#[derive(Debug, Clone, Default)]
pub struct InitFlags {
    /// `--config`.
    pub config: Option<Utf8PathBuf>,
    /// `--apiserver-advertise-address`.
    pub advertise_address: Option<String>,
    /// `--apiserver-bind-port`.
    pub bind_port: Option<i32>,
    /// `--apiserver-cert-extra-sans`.
    pub cert_extra_sans: Vec<String>,
    /// `--cert-dir`.
    pub cert_dir: Option<String>,
    /// `--certificate-key`.
    pub certificate_key: Option<String>,
    /// `--control-plane-endpoint`.
    pub control_plane_endpoint: Option<String>,
    /// `--cri-socket`.
    pub cri_socket: Option<String>,
    /// `--dry-run`, if given.
    pub dry_run: Option<bool>,
    /// `--feature-gates`.
    pub feature_gates: Option<String>,
    /// `--ignore-preflight-errors`.
    pub ignore_preflight_errors: Vec<String>,
    /// `--image-repository`.
    pub image_repository: Option<String>,
    /// `--kubernetes-version`.
    pub kubernetes_version: Option<String>,
    /// `--node-name`.
    pub node_name: Option<String>,
    /// `--patches`.
    pub patches: Option<String>,
    /// `--pod-network-cidr`.
    pub pod_network_cidr: Option<String>,
    /// `--service-cidr`.
    pub service_cidr: Option<String>,
    /// `--service-dns-domain`.
    pub service_dns_domain: Option<String>,
    /// `--skip-phases`.
    pub skip_phases: Vec<String>,
    /// `--token`.
    pub token: Option<String>,
    /// `--token-ttl`.
    pub token_ttl: Option<String>,
    /// `--upload-certs`.
    pub upload_certs: bool,
    /// Of phases of the control plane only.
    pub extra_args: ExtraArgs,
    /// kinit's own `--allow-cgroup-v1`.
    pub allow_cgroup_v1: bool,
    /// Long names of the flags that were given, for the rule about `--config`.
    pub set: Vec<String>,
}

/// `extraArgs` of the components, as typed.
#[derive(Debug, Clone, Default)]
pub struct ExtraArgs {
    /// `--apiserver-extra-args`.
    pub apiserver: Vec<Arg>,
    /// `--controller-manager-extra-args`.
    pub controller_manager: Vec<Arg>,
    /// `--scheduler-extra-args`.
    pub scheduler: Vec<Arg>,
}

/// The flags of `join`, as typed.
#[derive(Debug, Clone, Default)]
pub struct JoinFlags {
    /// The positional `host:port`.
    pub endpoint: Option<String>,
    /// `--config`.
    pub config: Option<Utf8PathBuf>,
    /// `--apiserver-advertise-address`.
    pub advertise_address: Option<String>,
    /// `--apiserver-bind-port`.
    pub bind_port: Option<i32>,
    /// `--certificate-key`.
    pub certificate_key: Option<String>,
    /// `--control-plane`.
    pub control_plane: bool,
    /// `--cri-socket`.
    pub cri_socket: Option<String>,
    /// `--discovery-file`.
    pub discovery_file: Option<String>,
    /// `--discovery-token`.
    pub discovery_token: Option<String>,
    /// `--discovery-token-ca-cert-hash`.
    pub discovery_token_ca_cert_hash: Vec<String>,
    /// `--discovery-token-unsafe-skip-ca-verification`.
    pub discovery_token_unsafe_skip_ca_verification: bool,
    /// `--dry-run`, if given.
    pub dry_run: Option<bool>,
    /// `--ignore-preflight-errors`.
    pub ignore_preflight_errors: Vec<String>,
    /// `--node-name`.
    pub node_name: Option<String>,
    /// `--patches`.
    pub patches: Option<String>,
    /// `--skip-phases`.
    pub skip_phases: Vec<String>,
    /// `--tls-bootstrap-token`.
    pub tls_bootstrap_token: Option<String>,
    /// `--token`.
    pub token: Option<String>,
    /// A phase whose command has no discovery flags: it takes admin.conf instead.
    pub without_discovery_flags: bool,
    /// Long names of the flags that were given, for the rule about `--config`.
    pub set: Vec<String>,
}

/// The flags of `reset`, as typed.
#[derive(Debug, Clone, Default)]
pub struct ResetFlags {
    /// `--config`.
    pub config: Option<Utf8PathBuf>,
    /// `--cert-dir`, if given.
    pub cert_dir: Option<String>,
    /// `--cleanup-tmp-dir`, if given.
    pub cleanup_tmp_dir: Option<bool>,
    /// `--cri-socket`.
    pub cri_socket: Option<String>,
    /// `--dry-run`, if given.
    pub dry_run: Option<bool>,
    /// `--force`, if given.
    pub force: Option<bool>,
    /// `--ignore-preflight-errors`.
    pub ignore_preflight_errors: Vec<String>,
    /// `--skip-phases`.
    pub skip_phases: Vec<String>,
    /// Long names of the flags that were given, for the rule about `--config`.
    pub set: Vec<String>,
}

/// The flags of `config images`, as typed. With `--config` the others don't count.
#[derive(Debug, Clone, Default)]
pub struct ImagesFlags {
    /// `--config`.
    pub config: Option<Utf8PathBuf>,
    /// `--cri-socket`, of `pull` only.
    pub cri_socket: Option<String>,
    /// `--feature-gates`.
    pub feature_gates: Option<String>,
    /// `--image-repository`.
    pub image_repository: Option<String>,
    /// `--kubernetes-version`.
    pub kubernetes_version: Option<String>,
}

/// Flags that `--config` goes with.
const BESIDE_CONFIG: [&str; 15] = [
    "config",
    "ignore-preflight-errors",
    "dry-run",
    "kubeconfig",
    "node-name",
    "kubeconfig-dir",
    "upload-certs",
    "print-manifest",
    "allow-missing-template-keys",
    "output",
    "show-managed-fields",
    "print-join-command",
    "rootfs",
    "v",
    "yes",
];

/// Flags of kinit's own that `--config` goes with, since no document has a field for them.
const OWN_BESIDE_CONFIG: [&str; 2] = ["allow-cgroup-v1", "cleanup-network"];

/// Whether a flag may be given beside `--config`.
pub(in crate::config) fn goes_with_config(flag: &str) -> bool {
    BESIDE_CONFIG.contains(&flag)
        || OWN_BESIDE_CONFIG.contains(&flag)
        || flag == "log-file"
        || flag.starts_with("skip-")
}

/// The value of a field comes from the document or from the flags, never from both.
pub(super) fn check_mixed(config: Option<&Utf8PathBuf>, set: &[String]) -> Result<(), ConfigError> {
    let mut excluded: Vec<String> = set.iter().filter(|name| !goes_with_config(name)).cloned().collect();
    if config.is_none() || excluded.is_empty() {
        return Ok(());
    }
    excluded.sort();
    Err(ConfigError::Mixed(excluded))
}
