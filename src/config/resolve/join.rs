//! The configuration of `join`.

use super::super::error::ConfigError;
use super::super::v1beta4::{
    BootstrapTokenDiscovery, Discovery, FileDiscovery, JoinConfiguration, JoinControlPlane, Patches,
};
use super::super::{JoinConfig, Timeouts, defaults, load, validate};
use super::{JoinFlags, Machine, check_mixed, in_file, named, node, read_file, set};
use crate::host::{Host, HostError};
use crate::paths;

/// What `join` was asked for. A control-plane node's default taints depend on the cluster's version, so that they stay
/// `None` until that is known (see [`defaults::control_plane_taints`]).
pub fn join(
    flags: &JoinFlags,
    host: &dyn Host,
    machine: &Machine,
    warnings: &mut Vec<String>,
) -> Result<JoinConfig, ConfigError> {
    check_mixed(flags.config.as_ref(), &flags.set)?;
    let mut join = match named(flags.config.as_ref()) {
        Some(path) => read_file(host, path, warnings, load::join)?,
        None => from_flags(flags, host, warnings)?,
    };
    beside_config(&mut join, flags);
    let in_file = in_file(flags.config.as_ref());
    let timeouts = complete(&mut join, host, machine, warnings).map_err(&in_file)?;
    let ignored = &mut join.node_registration.ignore_preflight_errors;
    *ignored = validate::ignored_checks(&flags.ignore_preflight_errors, ignored)?;
    if let Some(control_plane) = &join.control_plane {
        node::check_bind_address(&control_plane.local_api_endpoint).map_err(in_file)?;
    }
    Ok(JoinConfig { join, timeouts })
}

/// Fills in and checks a document.
pub(super) fn complete(
    join: &mut JoinConfiguration,
    host: &dyn Host,
    machine: &Machine,
    warnings: &mut Vec<String>,
) -> Result<Timeouts, ConfigError> {
    let timeouts = defaults::join(join)?;
    node::name(&mut join.node_registration, machine)?;
    node::cri_socket(&mut join.node_registration.cri_socket, machine, warnings)?;
    if let Some(control_plane) = &mut join.control_plane {
        node::advertise_address(&mut control_plane.local_api_endpoint, "", machine, warnings)?;
    }
    validate::join(join, &|path| host.exists(path.into()).unwrap_or(false))?;
    Ok(timeouts)
}

fn from_flags(
    flags: &JoinFlags,
    host: &dyn Host,
    warnings: &mut Vec<String>,
) -> Result<JoinConfiguration, ConfigError> {
    let mut join = JoinConfiguration { discovery: discovery(flags), ..JoinConfiguration::default() };
    set(&mut join.node_registration.cri_socket, flags.cri_socket.as_ref());
    join.control_plane = control_plane(flags, warnings);
    if flags.without_discovery_flags {
        let there = host.exists(paths::ADMIN_CONF.into()).map_err(unreadable)?;
        if !there {
            return Err(ConfigError::NoAdminConf(paths::ADMIN_CONF));
        }
        join.discovery.file = Some(FileDiscovery { kube_config_path: paths::ADMIN_CONF.to_owned() });
        join.discovery.bootstrap_token = None;
    }
    Ok(join)
}

fn unreadable(source: HostError) -> ConfigError {
    ConfigError::Unreadable { path: paths::ADMIN_CONF.into(), source }
}

/// `--token` stands for both tokens; without an endpoint there is no discovery by token.
fn discovery(flags: &JoinFlags) -> Discovery {
    let given = |token: &Option<String>| token.clone().filter(|token| !token.is_empty());
    let token = given(&flags.discovery_token).or_else(|| given(&flags.token)).unwrap_or_default();
    let by_token = |endpoint: &String| BootstrapTokenDiscovery {
        token: token.clone(),
        api_server_endpoint: endpoint.clone(),
        ca_cert_hashes: flags.discovery_token_ca_cert_hash.clone(),
        unsafe_skip_ca_verification: flags.discovery_token_unsafe_skip_ca_verification,
    };
    let file = flags.discovery_file.clone().filter(|file| !file.is_empty());
    Discovery {
        bootstrap_token: flags.endpoint.as_ref().map(by_token),
        file: file.map(|kube_config_path| FileDiscovery { kube_config_path }),
        tls_bootstrap_token: given(&flags.tls_bootstrap_token).unwrap_or(token),
    }
}

fn control_plane(flags: &JoinFlags, warnings: &mut Vec<String>) -> Option<JoinControlPlane> {
    let mut control_plane = JoinControlPlane::default();
    set(&mut control_plane.certificate_key, flags.certificate_key.as_ref());
    set(&mut control_plane.local_api_endpoint.advertise_address, flags.advertise_address.as_ref());
    control_plane.local_api_endpoint.bind_port = flags.bind_port.unwrap_or_default();
    if flags.control_plane {
        return Some(control_plane);
    }
    let usual_port = control_plane.local_api_endpoint.bind_port == defaults::BIND_PORT;
    if usual_port {
        control_plane.local_api_endpoint.bind_port = 0;
    }
    if control_plane != JoinControlPlane::default() {
        warnings.push(
            "[preflight] WARNING: --control-plane is also required when passing control-plane related flags such as \
             [certificate-key, apiserver-advertise-address, apiserver-bind-port]"
                .to_owned(),
        );
    }
    None
}

/// Flags that count beside a document too.
fn beside_config(join: &mut JoinConfiguration, flags: &JoinFlags) {
    join.dry_run = flags.dry_run.unwrap_or(join.dry_run);
    if let Some(directory) = flags.patches.as_ref().filter(|directory| !directory.is_empty()) {
        join.patches = Some(Patches { directory: directory.clone() });
    }
    if !flags.skip_phases.is_empty() {
        join.skip_phases.clone_from(&flags.skip_phases);
    }
    let name = flags.node_name.as_ref().filter(|name| !name.is_empty());
    set(&mut join.node_registration.name, name);
}
