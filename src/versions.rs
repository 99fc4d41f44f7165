//! Kubernetes versions: parsing, and everything that differs between them, as rows looked up by name.

use std::fmt;

/// A Kubernetes version, as `v1.37.2` or `v1.38.0-alpha.1+abc`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(semver::Version);

/// Text that is no version.
#[derive(Debug, thiserror::Error)]
#[error("{text:?} is not a Kubernetes version such as v1.37.2")]
pub struct NotAVersion {
    text: String,
}

impl Version {
    /// Reads `1.37.2`, `v1.37.2`, `v1.37.0-rc.1+abc`.
    pub fn parse(text: &str) -> Result<Self, NotAVersion> {
        semver::Version::parse(text.strip_prefix('v').unwrap_or(text))
            .map(Self)
            .map_err(|_| NotAVersion { text: text.to_owned() })
    }

    /// A release.
    #[must_use]
    pub const fn new(major: u64, minor: u64, patch: u64) -> Self {
        Self(semver::Version::new(major, minor, patch))
    }

    /// The minor number.
    #[must_use]
    pub fn minor(&self) -> u64 {
        self.0.minor
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{}", self.0)
    }
}
