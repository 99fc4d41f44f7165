//! Kubernetes versions: parsing, and everything that differs between them.
//!
//! What differs is data: a [`History`] for each fact, in [`table`], looked up by name. Code elsewhere never compares
//! versions; it asks for a fact. This module refuses to know what the facts are for.

mod machine;
mod table;

use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;

pub use table::*;

/// A Kubernetes version, as `v1.37.2` or `v1.38.0-alpha.1+abc`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(semver::Version);

/// The release of kubeadm whose behaviour kinit has.
pub const OWN: Version = Version::new(1, 37, 2);
/// The oldest minor whose control plane kinit installs.
pub const OLDEST_MINOR: u64 = 23;
/// The oldest control plane that kinit installs.
pub const OLDEST_CONTROL_PLANE: Version = Version::new(1, OLDEST_MINOR, 0);
/// The newest minor that kinit knows of.
pub const NEWEST_MINOR: u64 = 37;

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

    /// The major number.
    #[must_use]
    pub const fn major(&self) -> u64 {
        self.0.major
    }

    /// The minor number.
    #[must_use]
    pub const fn minor(&self) -> u64 {
        self.0.minor
    }

    /// The patch number.
    #[must_use]
    pub const fn patch(&self) -> u64 {
        self.0.patch
    }

    /// Whether it is of one of these minors of Kubernetes 1.
    #[must_use]
    pub fn is_within(&self, minors: &RangeInclusive<u64>) -> bool {
        self.major() == 1 && minors.contains(&self.minor())
    }

    /// As an image tag, in which `+` may not stand: `v1.37.2_abc`.
    #[must_use]
    pub fn image_tag(&self) -> String {
        image_tag(&self.to_string())
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{}", self.0)
    }
}

/// Text as an image tag: what may not stand in one becomes `_`.
#[must_use]
pub fn image_tag(text: &str) -> String {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    text.chars().map(|letter| if allowed(letter) { letter } else { '_' }).collect()
}

/// A fact that changed over time: rows of (minor, patch, value from there on), oldest first.
#[derive(Debug)]
pub struct History<T: 'static>(&'static [(u64, u64, T)]);

impl<T> History<T> {
    /// The fact at a version: the last row that is not newer. A version older than all takes the first row, an unknown
    /// newer one the last; a pre-release is taken for its release.
    #[must_use]
    pub fn at(&self, version: &Version) -> &'static T {
        let version = (version.major(), version.minor(), version.patch());
        let reached = |&&(minor, patch, _): &&(u64, u64, T)| (1, minor, patch) <= version;
        let row = self.0.iter().rev().find(reached).unwrap_or(&self.0[0]);
        &row.2
    }
}

/// A fact that one of kubeadm's feature gates decided for some minors.
#[derive(Debug)]
pub struct Gated {
    gate: &'static str,
    minors: RangeInclusive<u64>,
    /// At other minors, and where the gate is not given.
    default: History<bool>,
}

impl Gated {
    /// The fact at a version, with these gates.
    #[must_use]
    pub fn at(&self, version: &Version, gates: &BTreeMap<String, bool>) -> bool {
        let given = gates.get(self.gate).filter(|_| version.is_within(&self.minors));
        *given.unwrap_or_else(|| self.default.at(version))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes() {
        for text in ["v1.37.2", "v1.38.0-alpha.1.22+3a4b", "v1.23.0-rc.0"] {
            let version = Version::parse(text).unwrap();
            assert_eq!(version.to_string(), text);
            assert_eq!(Version::parse(&text[1..]).unwrap(), version);
        }
        assert_eq!(
            Version::parse("1.37").unwrap_err().to_string(),
            r#""1.37" is not a Kubernetes version such as v1.37.2"#
        );
    }

    #[test]
    fn tags_and_builds() {
        let version = Version::parse("v1.37.0-rc.1+abc").unwrap();
        assert_eq!(version.image_tag(), "v1.37.0-rc.1_abc");
        assert!(version < OWN);
    }

    #[test]
    fn history_takes_the_last_row_reached() {
        static FACT: History<&str> = History(&[(23, 0, "a"), (23, 15, "b"), (24, 0, "a"), (30, 0, "c")]);
        for (version, value) in [((22, 9), "a"), ((23, 14), "a"), ((23, 17), "b"), ((24, 3), "a"), ((99, 0), "c")] {
            assert_eq!(*FACT.at(&Version::new(1, version.0, version.1)), value, "{version:?}");
        }
        let candidate = Version::parse("v1.30.0-rc.1").unwrap();
        assert_eq!(*FACT.at(&candidate), "c");
    }
}
