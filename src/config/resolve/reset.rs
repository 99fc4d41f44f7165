//! The configuration of `reset`.

use super::super::error::ConfigError;
use super::super::v1beta4::ResetConfiguration;
use super::super::{Timeouts, defaults, load, validate};
use super::{Machine, ResetConfig, ResetFlags, check_mixed, in_file, named, node, read_file, set};
use crate::host::Host;

/// What `reset` was asked for. The socket that this node's kubelet was set up with comes before those that answer.
pub fn reset(
    flags: &ResetFlags,
    host: &dyn Host,
    machine: &Machine,
    registered_socket: Option<&String>,
    warnings: &mut Vec<String>,
) -> Result<ResetConfig, ConfigError> {
    check_mixed(flags.config.as_ref(), &flags.set)?;
    let mut reset = match named(flags.config.as_ref()) {
        Some(path) => read_file(host, path, warnings, load::reset)?,
        None => ResetConfiguration::default(),
    };
    set(&mut reset.certificates_dir, flags.cert_dir.as_ref());
    set(&mut reset.cri_socket, flags.cri_socket.as_ref());
    let certificates_dir_given = !reset.certificates_dir.is_empty();
    reset.dry_run = flags.dry_run.unwrap_or(reset.dry_run);
    reset.force = flags.force.unwrap_or(reset.force);
    reset.cleanup_tmp_dir = flags.cleanup_tmp_dir.unwrap_or(reset.cleanup_tmp_dir);
    if !flags.skip_phases.is_empty() {
        reset.skip_phases.clone_from(&flags.skip_phases);
    }
    if reset.cri_socket.is_empty() {
        set(&mut reset.cri_socket, registered_socket);
    }
    let timeouts = complete(&mut reset, machine, warnings).map_err(in_file(flags.config.as_ref()))?;
    let ignored = &mut reset.ignore_preflight_errors;
    *ignored = validate::ignored_checks(&flags.ignore_preflight_errors, ignored)?;
    Ok(ResetConfig { reset, certificates_dir_given, timeouts })
}

/// Fills in and checks a document.
pub(super) fn complete(
    reset: &mut ResetConfiguration,
    machine: &Machine,
    warnings: &mut Vec<String>,
) -> Result<Timeouts, ConfigError> {
    let timeouts = defaults::reset(reset)?;
    node::cri_socket(&mut reset.cri_socket, machine, warnings)?;
    validate::reset(reset)?;
    Ok(timeouts)
}
