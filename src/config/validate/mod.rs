//! Everything that is wrong with a complete configuration, at once, with the path of each field.
//!
//! kubeadm's rules and words, and three of kinit's own: pod and service subnets may not overlap, the advertise address
//! is of the first service subnet's family, and CA pins have the right form. Refuses to know flags and files' contents.

mod cluster;
mod discovery;
mod network;
mod node;

use super::error::{ConfigError, Violation};
use super::v1beta4::{
    Arg, ClusterConfiguration, InitConfiguration, JoinConfiguration, ResetConfiguration, UpgradeConfiguration,
};
use crate::versions::Version;

/// Checks what `init` was told; also warns. The advertise address has to fit the subnets only if it `counts`: nobody
/// who has a file looked at asked for the one that was found on the machine.
pub fn init(
    config: &InitConfiguration,
    cluster: &ClusterConfiguration,
    version: &Version,
    address_counts: bool,
    warnings: &mut Vec<String>,
) -> Result<(), ConfigError> {
    let mut found = Found::default();
    found.node_registration(&config.node_registration);
    found.bootstrap_tokens(&config.bootstrap_tokens);
    found.cluster(cluster, version, warnings);
    found.api_endpoint("localAPIEndpoint", &config.local_api_endpoint);
    if address_counts {
        found.same_family(&config.local_api_endpoint.advertise_address, &cluster.networking.service_subnet);
    }
    found.certificate_key("certificateKey", &config.certificate_key);
    found.into_result()
}

/// Checks what `join` was told. `file_exists` looks on the host.
pub fn join(config: &JoinConfiguration, file_exists: &dyn Fn(&str) -> bool) -> Result<(), ConfigError> {
    let mut found = Found::default();
    found.discovery(&config.discovery, file_exists);
    found.node_registration(&config.node_registration);
    if let Some(control_plane) = &config.control_plane {
        found.api_endpoint("controlPlane.localAPIEndpoint", &control_plane.local_api_endpoint);
        found.certificate_key("controlPlane.certificateKey", &control_plane.certificate_key);
    }
    let ca = &config.ca_cert_path;
    if !ca.starts_with('/') || !ca.ends_with(".crt") {
        found.invalid("caCertPath", ca, "the ca certificate path must be an absolute path");
    }
    found.into_result()
}

/// Checks what `reset` was told.
pub fn reset(config: &ResetConfiguration) -> Result<(), ConfigError> {
    const FLAGS: [&str; 4] = ["MNT_FORCE", "MNT_DETACH", "MNT_EXPIRE", "UMOUNT_NOFOLLOW"];
    let mut found = Found::default();
    found.socket("criSocket", &config.cri_socket);
    found.absolute_path("certificatesDir", &config.certificates_dir);
    for (index, flag) in config.unmount_flags.iter().enumerate() {
        if !FLAGS.contains(&flag.as_str()) {
            let detail = format!("unknown unmount flag {flag}");
            found.invalid("unmountFlags", &format!("index {index}"), detail);
        }
    }
    found.into_result()
}

/// Checks what the commands of `upgrade` were told.
pub fn upgrade(config: &UpgradeConfiguration) -> Result<(), ConfigError> {
    let mut found = Found::default();
    let (apply, node) = (&config.apply, &config.node);
    for (path, patches) in [("apply", &apply.patches), ("node", &node.patches)] {
        if let Some(patches) = patches {
            found.absolute_path(&format!("{path}.patches.directory"), &patches.directory);
        }
    }
    found.image_pull_policy("apply.imagePullPolicy", &apply.image_pull_policy);
    found.image_pull_policy("node.imagePullPolicy", &node.image_pull_policy);
    found.into_result()
}

/// The union of two lists of check names, in lower case and sorted; `all` stands alone.
pub fn ignored_checks(flag: &[String], config: &[String]) -> Result<Vec<String>, ConfigError> {
    let mut names: Vec<String> = flag.iter().chain(config).map(|name| name.to_lowercase()).collect();
    names.sort();
    names.dedup();
    if names.len() > 1 && names.iter().any(|name| name == "all") {
        let detail = "don't specify individual checks if 'all' is used";
        return Err(ConfigError::Invalid(vec![Violation::invalid(
            "ignore-preflight-errors",
            &names.join(","),
            detail,
        )]));
    }
    Ok(names)
}

/// What was found so far.
#[derive(Debug, Default)]
struct Found(Vec<Violation>);

impl Found {
    fn invalid(&mut self, path: &str, value: &str, detail: impl std::fmt::Display) {
        self.0.push(Violation::invalid(path, value, detail));
    }

    fn invalid_json(&mut self, path: &str, value: &serde_json::Value, detail: impl std::fmt::Display) {
        self.0.push(Violation::invalid_json(path, value, detail));
    }

    fn required(&mut self, path: &str, detail: &str) {
        self.0.push(Violation::required(path, detail));
    }

    fn into_result(self) -> Result<(), ConfigError> {
        if self.0.is_empty() { Ok(()) } else { Err(ConfigError::Invalid(self.0)) }
    }

    fn extra_args(&mut self, path: &str, args: &[Arg]) {
        for (index, arg) in args.iter().enumerate() {
            let index = format!("index {index}");
            if arg.name.is_empty() {
                self.invalid(path, &index, "argument has no name");
            }
            if !matches!(arg.merge_method.as_str(), "" | "append" | "prepend") {
                self.invalid(path, &index, "argument has an invalid merge method");
            }
        }
    }

    fn image_pull_policy(&mut self, path: &str, policy: &str) {
        if !matches!(policy, "" | "Always" | "IfNotPresent" | "Never") {
            self.invalid(path, policy, "invalid pull policy");
        }
    }

    fn absolute_path(&mut self, path: &str, value: &str) {
        if !value.starts_with('/') {
            self.invalid(path, value, "path is not absolute");
        }
    }
}
