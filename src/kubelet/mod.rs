//! The kubelet of this node: its files, and that it runs with them.
//!
//! Knows the three files that kubeadm writes for it and the order of stopping, writing and starting; refuses to know
//! whether the kubelet is well, which is a wait's business.

mod files;
mod finalize;
pub mod serving;

use camino::Utf8Path;
use serde_json::Value;

use crate::config::last_arg;
use crate::config::v1beta4::{ClusterConfiguration, NodeRegistrationOptions};
use crate::failure::chain;
use crate::host::init_system::InitSystem;
use crate::host::{Changed, Host, HostError, NewFile};
use crate::patches::{PatchError, Patches, StrategicError};
use crate::paths::{KUBELET_CONFIG, KUBELET_DIR, KUBELET_FLAGS_ENV, KUBELET_INSTANCE_CONFIG};
use crate::pki::PkiError;
use crate::ui::Ui;
use crate::versions::Version;
use crate::yaml::{self, YamlError};

pub use files::{Files, RESOLVED_CONF, files};
pub use finalize::{FinalizeError, finalize};

/// The service's name.
pub const SERVICE: &str = "kubelet";

/// What a node's kubelet is configured from.
#[derive(Debug, Clone, Copy)]
pub struct Node<'a> {
    /// How the node registers.
    pub registration: &'a NodeRegistrationOptions,
    /// The cluster, for the pause image.
    pub cluster: &'a ClusterConfiguration,
    /// The control plane's version.
    pub version: &'a Version,
    /// The cluster's KubeletConfiguration.
    pub config: &'a Value,
    /// The kubelet itself puts the registration's taints on the node: a worker's.
    pub taints_by_flag: bool,
    /// What the certificate that it serves with is made of; `None` leaves that to the kubelet.
    pub serving: Option<serving::Supply<'a>>,
}

/// The name that the kubelet registers its node under: its own flag `hostname-override` counts more than the
/// registration's name, and the kubelet writes it in small letters.
#[must_use]
pub fn node_name(registration: &NodeRegistrationOptions) -> String {
    let own = last_arg(&registration.kubelet_extra_args, "hostname-override").map(str::trim);
    own.filter(|own| !own.is_empty()).map_or_else(|| registration.name.clone(), str::to_lowercase)
}

/// Where [`node_name`] has the name from, for whoever has to change it.
#[must_use]
pub fn naming(registration: &NodeRegistrationOptions) -> &'static str {
    if node_name(registration) == registration.name { "--node-name" } else { "hostname-override in kubeletExtraArgs" }
}

/// What the files depend on beside the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The host's name, in lower case.
    pub hostname: String,
    /// systemd-resolved runs: /etc/resolv.conf leads back to it then.
    pub resolved_active: bool,
}

impl Facts {
    /// Looks at the machine.
    pub fn gather(host: &dyn Host) -> Result<Self, HostError> {
        let hostname = host.read_lossy(Utf8Path::new("/proc/sys/kernel/hostname"))?;
        let system = InitSystem::detect(host)?;
        let resolved_active = match system {
            Some(system) => system.is_active(host, "systemd-resolved")?,
            None => false,
        };
        Ok(Self { hostname: hostname.trim().to_lowercase(), resolved_active })
    }
}

/// A kubelet that cannot be configured.
#[derive(Debug, thiserror::Error)]
pub enum KubeletError {
    /// The machine does not answer.
    #[error("cannot look at the kubelet's service and files")]
    Look(#[source] HostError),
    /// The patches don't fit.
    #[error("could not apply patches to the KubeletConfiguration")]
    Patch(#[from] PatchError),
    /// The node's own part does not fit.
    #[error("could not apply kubelet instance configuration as a patch from {KUBELET_INSTANCE_CONFIG:?}")]
    Instance(#[source] StrategicError),
    /// The configuration cannot be written as text.
    #[error("failed to marshal the KubeletConfiguration to YAML")]
    Yaml(#[source] YamlError),
    /// The certificate that it serves with can't be made.
    #[error("could not make the kubelet's serving certificate")]
    Serving(#[from] PkiError),
    /// A file cannot be made.
    #[error("failed to write kubelet configuration to the file {path:?}")]
    Write {
        /// The file.
        path: &'static str,
        /// Why not.
        source: HostError,
    },
}

/// The order in which kubeadm writes the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Flags first: `init`.
    FlagsFirst,
    /// Flags last: `join`.
    FlagsLast,
}

/// Makes the kubelet run with its configuration. One that already does is left alone, unless it is to be started `anew`;
/// else it is stopped, its files are written, and it is started. Where there is no service to speak of, kubeadm's notes
/// say so and the files are written.
pub fn start(
    node: &Node<'_>,
    order: Order,
    anew: bool,
    patches: &Patches,
    host: &dyn Host,
    ui: &Ui,
) -> Result<Changed, KubeletError> {
    let facts = Facts::gather(host).map_err(KubeletError::Look)?;
    let service = InitSystem::detect(host).map_err(KubeletError::Look)?;
    let files = files(node, &facts, patches, host)?;
    if !anew && runs_with(&files, service, host)? {
        let what =
            if service.is_some() { "kubelet is running with this configuration" } else { "kubelet's files are so" };
        ui.line(format_args!("[kubelet-start] The {what} already, nothing is changed"));
        return Ok(Changed::No);
    }
    for warning in files::warnings(node.config, &facts) {
        ui.warn(warning);
    }
    stop(service, host, ui);
    if order == Order::FlagsFirst {
        write_flags(&files, host, ui)?;
    }
    if let Some(content) = &files.instance_config {
        ui.line(format_args!("[kubelet-start] Writing kubelet configuration to file {KUBELET_INSTANCE_CONFIG:?}"));
        write(KUBELET_INSTANCE_CONFIG, content, host)?;
    }
    files.notes.iter().for_each(|note| ui.line(note));
    ui.line(format_args!("[kubelet-start] Writing kubelet configuration to file {KUBELET_CONFIG:?}"));
    write(KUBELET_CONFIG, &files.config, host)?;
    if order == Order::FlagsLast {
        write_flags(&files, host, ui)?;
    }
    if let Some(supply) = node.serving {
        serving::ensure(node.registration, &files.document, supply, host)?;
    }
    ui.line("[kubelet-start] Starting the kubelet");
    restart(service, host, ui);
    Ok(Changed::Yes)
}

/// The container runtime's socket that this node's kubelet was set up with: in its instance configuration, or, before
/// v1.34, among its flags.
pub fn registered_socket(host: &dyn Host) -> Result<Option<String>, HostError> {
    let told = |socket: &str| Some(socket.to_owned()).filter(|socket| !socket.is_empty());
    if let Some(text) = host.read_text(Utf8Path::new(KUBELET_INSTANCE_CONFIG))? {
        // Whoever needs a valid file reads it again and says what is wrong with it.
        let document = yaml::document(&text).unwrap_or_default();
        return Ok(document["containerRuntimeEndpoint"].as_str().and_then(told));
    }
    let flags = host.read_text(Utf8Path::new(KUBELET_FLAGS_ENV))?.unwrap_or_default();
    let words = flags.split(|letter: char| letter.is_whitespace() || letter == '"');
    let mut values = words.filter_map(|word| word.strip_prefix("--container-runtime-endpoint="));
    Ok(values.next_back().and_then(told))
}

fn runs_with(files: &Files, service: Option<InitSystem>, host: &dyn Host) -> Result<bool, KubeletError> {
    for (path, content) in files.paths() {
        if host.read(Utf8Path::new(path)).map_err(KubeletError::Look)?.as_deref() != Some(content.as_bytes()) {
            return Ok(false);
        }
    }
    runs(service, host).map_err(KubeletError::Look)
}

/// Whether the service runs at this moment; where there is none to speak of, somebody else sees to that.
fn runs(service: Option<InitSystem>, host: &dyn Host) -> Result<bool, HostError> {
    service.map_or(Ok(true), |service| service.is_running(host, SERVICE))
}

fn write_flags(files: &Files, host: &dyn Host, ui: &Ui) -> Result<(), KubeletError> {
    ui.line(format_args!("[kubelet-start] Writing kubelet environment file with flags to file {KUBELET_FLAGS_ENV:?}"));
    write(KUBELET_FLAGS_ENV, &files.flags_env, host)
}

fn write(path: &'static str, content: &str, host: &dyn Host) -> Result<(), KubeletError> {
    let failed = |source| KubeletError::Write { path, source };
    host.ensure_dir(Utf8Path::new(KUBELET_DIR), 0o700).map_err(failed)?;
    // A file that somebody has closed to others stays so.
    let mode = host.stat(Utf8Path::new(path)).map_err(failed)?.map_or(0o644, |present| present.mode);
    let file = NewFile { path: Utf8Path::new(path), content: content.as_bytes(), mode, secret: false };
    host.ensure_file(&file).map_err(failed)?;
    Ok(())
}

/// Stops the service, so that it doesn't read half of its files. That it can't be is a warning, as in kubeadm: whoever
/// runs the kubelet by other means has to do this himself.
fn stop(service: Option<InitSystem>, host: &dyn Host, ui: &Ui) {
    let Some(service) = service else {
        ui.line(
            "[kubelet-start] No supported init system detected, won't make sure the kubelet not running for a short \
             period of time while setting up configuration for it.",
        );
        return;
    };
    if let Err(error) = service.ensure_stopped(host, SERVICE) {
        ui.warn(format_args!("[kubelet-start] unable to stop the kubelet service momentarily: {}", chain(&error)));
    }
}

/// Makes the kubelet run with the files that it has; one that runs is left alone, unless it is to be started `anew`.
pub fn keep_running(anew: bool, host: &dyn Host, ui: &Ui) -> Result<Changed, HostError> {
    let service = InitSystem::detect(host)?;
    if !anew && runs(service, host)? {
        return Ok(Changed::No);
    }
    ui.line("[kubelet-start] Starting the kubelet");
    restart(service, host, ui);
    Ok(Changed::Yes)
}

/// Starts a kubelet anew that has all that it needs, and pauses.
pub fn register_now(host: &dyn Host, ui: &Ui) {
    ui.verbose(1, "[kubelet-start] The kubelet pauses before it registers the node; starting it anew");
    match InitSystem::detect(host) {
        Ok(service) => restart(service, host, ui),
        Err(error) => ui.warn(format_args!("[kubelet-start] unable to look for the init system: {}", chain(&error))),
    }
}

/// Starts the service anew. That it can't be is a warning: the wait for the kubelet that follows finds the cause.
fn restart(service: Option<InitSystem>, host: &dyn Host, ui: &Ui) {
    let Some(service) = service else {
        ui.line("[kubelet-start] No supported init system detected, won't make sure the kubelet is running properly.");
        return;
    };
    if let Err(error) = service.restart(host, SERVICE) {
        ui.warn(format_args!("[kubelet-start] unable to start the kubelet service: {}", chain(&error)));
        ui.line("[kubelet-start] Please ensure kubelet is reloaded and running manually.");
    }
}

#[cfg(test)]
mod tests;
