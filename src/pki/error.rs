//! What can be wrong with certificates and keys, each with its file and the difference, and what to do about it.

mod difference;
mod remedy;

use camino::Utf8PathBuf;

pub use self::difference::Difference;
pub(super) use self::difference::date;
use super::inspect::NotACertificate;
use super::issue::IssueError;
use super::keys::KeyError;
use crate::failure::Failure;
use crate::host::HostError;

/// A failure of certificates and keys.
#[derive(Debug, thiserror::Error)]
pub enum PkiError {
    /// A file could not be read or written.
    #[error(transparent)]
    Host(#[from] HostError),
    /// A file that should hold a certificate does not.
    #[error("couldn't load the certificate file {path}")]
    Certificate {
        /// The file.
        path: Utf8PathBuf,
        /// Why not.
        source: NotACertificate,
    },
    /// A file that should hold a private key does not.
    #[error("couldn't load the private key file {path}")]
    Key {
        /// The file.
        path: Utf8PathBuf,
        /// Why not.
        source: KeyError,
    },
    /// No key could be made.
    #[error("couldn't make the private key {path}")]
    NewKey {
        /// The file that it was for.
        path: Utf8PathBuf,
        /// Why not.
        source: KeyError,
    },
    /// No certificate could be made.
    #[error("couldn't make the certificate {path}")]
    Issue {
        /// The file that it was for.
        path: Utf8PathBuf,
        /// Why not.
        source: IssueError,
    },
    /// A validity period that is none, or too long for a calendar.
    #[error("{period:?} is no validity period of a certificate; one is written as 8760h0m0s")]
    Validity {
        /// As configured.
        period: String,
    },
    /// An existing file is not what it should be.
    #[error(transparent)]
    Existing(#[from] Difference),
    /// Several existing files are not what they should be.
    #[error("{} existing certificates and keys can't be used:{}", .0.len(), listed(.0))]
    Several(Vec<Self>),
    /// An authority's key is elsewhere, and a file that it should have signed is not there, or can't be used.
    #[error("invalid or incomplete external CA")]
    ExternalAuthority {
        /// Where the key should be.
        key: Utf8PathBuf,
        /// What is wrong with the file.
        source: Difference,
    },
}

impl PkiError {
    /// One error for any number of them; none for none.
    pub(crate) fn gather(mut errors: Vec<Self>) -> Result<(), Self> {
        match errors.len() {
            0 => Ok(()),
            1 => Err(errors.remove(0)),
            _ => Err(Self::Several(errors)),
        }
    }

    /// What to do about it, as sentences with commands of `program` to type.
    #[must_use]
    pub fn remedies(&self, program: &str) -> Vec<String> {
        match self {
            Self::Existing(difference) => vec![difference.remedy(program, None)],
            Self::ExternalAuthority { key, source } => vec![source.remedy(program, Some(key))],
            Self::Several(errors) => {
                let mut remedies: Vec<_> = errors.iter().flat_map(|error| error.remedies(program)).collect();
                remedies.dedup();
                remedies
            }
            Self::Certificate { path, source } => vec![remedy::unreadable_certificate(path, source)],
            Self::Key { path, source } => vec![remedy::unreadable_key(path, source)],
            _ => Vec::new(),
        }
    }

    /// On its way to the person.
    #[must_use]
    pub fn into_failure(self, program: &str) -> Failure {
        let remedies = self.remedies(program);
        remedies.into_iter().fold(Failure::from(self), Failure::hint)
    }
}

fn listed(errors: &[PkiError]) -> String {
    errors.iter().map(|error| format!("\n\t- {}", crate::failure::chain(error))).collect()
}
