//! Flags, documents and facts about the machine, to complete and valid configurations. Happens once.
//!
//! Knows which of several sources counts; refuses to look at the machine itself, beyond the files that flags name. What
//! is to be told on standard error goes into the caller's `warnings`, also where a configuration is refused: it may be
//! the reason.

mod file;
mod flags;
mod init;
mod join;
mod label;
mod node;
mod reset;

use std::net::IpAddr;

use camino::{Utf8Path, Utf8PathBuf};
use time::OffsetDateTime;

use super::Timeouts;
use super::error::ConfigError;
use super::v1beta4::ResetConfiguration;
use crate::host::Host;

pub use file::{FileConfig, FileFlags, file};
use flags::check_mixed;
pub(super) use flags::goes_with_config;
pub use flags::{ExtraArgs, ImagesFlags, InitFlags, JoinFlags, ResetFlags};
pub use init::{images, init};
pub use join::join;
pub use label::{Fetch, FetchError, HereOrInternet, Internet};
pub use reset::reset;

/// Facts about the machine, found before.
#[derive(Debug, Clone)]
pub struct Machine {
    /// As the kernel has it.
    pub hostname: String,
    /// Addresses of the interfaces with a default route; the preferred one of each family first, IPv4 before IPv6.
    pub default_addresses: Vec<IpAddr>,
    /// Global addresses of the loopback interface.
    pub loopback_addresses: Vec<IpAddr>,
    /// Container runtime sockets that answered, as `unix://…`.
    pub cri_sockets: Vec<String>,
    /// The start of the run.
    pub now: OffsetDateTime,
}

/// What `reset` was asked for.
#[derive(Debug, Clone)]
pub struct ResetConfig {
    /// Every field that has a default has it.
    pub reset: ResetConfiguration,
    /// The certificates directory was given, by flag or document; else the cluster's own counts, if it is known.
    pub certificates_dir_given: bool,
    /// The parsed form of its timeouts.
    pub timeouts: Timeouts,
}

/// The file that `--config` names: an empty name is none, and yet excludes other flags.
fn named(config: Option<&Utf8PathBuf>) -> Option<&Utf8PathBuf> {
    config.filter(|path| !path.as_str().is_empty())
}

/// What a file says, as `load` understands it. Like errors, warnings about its content name it.
fn read_file<T>(
    host: &dyn Host,
    path: &Utf8Path,
    warnings: &mut Vec<String>,
    load: impl FnOnce(&[u8], &mut Vec<String>) -> Result<T, ConfigError>,
) -> Result<T, ConfigError> {
    let unreadable = |source| ConfigError::Unreadable { path: path.to_owned(), source };
    let content = host.read(path).map_err(unreadable)?;
    let content = content.ok_or_else(|| ConfigError::NoFile { path: path.to_owned() })?;
    let mut found = Vec::new();
    let loaded = load(&content, &mut found);
    warnings.extend(found.into_iter().map(|warning| format!("{path}: {warning}")));
    loaded.map_err(|error| ConfigError::InFile { path: path.to_owned(), source: Box::new(error) })
}

/// What was found wrong with what the file that `--config` names came to, if it names one.
fn in_file(config: Option<&Utf8PathBuf>) -> impl Fn(ConfigError) -> ConfigError {
    let path = named(config).cloned();
    move |error| match &path {
        Some(path) => error.in_file(path),
        None => error,
    }
}

/// Sets a field that a flag gives.
fn set(field: &mut String, flag: Option<&String>) {
    if let Some(value) = flag {
        value.clone_into(field);
    }
}

#[cfg(test)]
mod tests;
