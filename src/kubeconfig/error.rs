//! What can be wrong with kubeconfig files, each with its file and the difference, and what to do about it.

use camino::Utf8PathBuf;

use super::file::FormatError;
use super::spec::KUBECONFIGS;
use crate::failure::Failure;
use crate::host::HostError;
use crate::pki::{Difference, NotACertificate, PkiError};
use crate::yaml::YamlError;

/// A failure of kubeconfig files.
#[derive(Debug, thiserror::Error)]
pub enum KubeconfigError {
    /// A file could not be read or written.
    #[error(transparent)]
    Host(#[from] HostError),
    /// The cluster's authority, or a new client certificate.
    #[error("couldn't create the kubeconfig {path}")]
    Pki {
        /// The kubeconfig.
        path: Utf8PathBuf,
        /// What is wrong.
        source: PkiError,
    },
    /// The document could not be written as YAML.
    #[error("couldn't write the kubeconfig {path}")]
    Yaml {
        /// The kubeconfig.
        path: Utf8PathBuf,
        /// Why not.
        source: YamlError,
    },
    /// The file is no kubeconfig.
    #[error("failed to load kubeconfig file {path} that already exists on disk")]
    Format {
        /// The kubeconfig.
        path: Utf8PathBuf,
        /// Why not.
        source: FormatError,
    },
    /// Its authority is no certificate, or it names none.
    #[error("the kubeconfig file {path:?} contains an invalid CA cert")]
    Authority {
        /// The kubeconfig.
        path: Utf8PathBuf,
        /// Why not.
        source: NotACertificate,
    },
    /// It trusts another authority than the cluster's.
    #[error(
        "a kubeconfig file {path:?} exists but does not contain a trusted CA in its current context's cluster: it \
         trusts {found}, the cluster's CA is {wanted} ({authority})"
    )]
    OtherAuthority {
        /// The kubeconfig.
        path: Utf8PathBuf,
        /// The authority that it trusts: subject and pin.
        found: String,
        /// The cluster's: subject and pin.
        wanted: String,
        /// The file of the cluster's authority.
        authority: Utf8PathBuf,
    },
    /// Its client certificate can't be used.
    #[error("the client certificate in kubeconfig file {path} can't be used")]
    Client {
        /// The kubeconfig.
        path: Utf8PathBuf,
        /// Why not.
        source: Difference,
    },
    /// Its client certificate or key is damaged.
    #[error("the client certificate in kubeconfig file {path} can't be used")]
    ClientDamaged {
        /// The kubeconfig.
        path: Utf8PathBuf,
        /// Why not.
        source: PkiError,
    },
    /// The CA's key is kept elsewhere, and so kubeconfig files must be given; one is not.
    #[error(
        "the {file_name} file does not exists or it is not valid: there is no {path}, and it can't be made because the \
         CA's private key {key} does not exist"
    )]
    NotProvided {
        /// Its name.
        file_name: &'static str,
        /// Where it should be.
        path: Utf8PathBuf,
        /// Where the CA's key should be.
        key: Utf8PathBuf,
    },
    /// The same of a file that is there and can't be used.
    #[error("the {file_name} file does not exists or it is not valid")]
    NotValid {
        /// Its name.
        file_name: &'static str,
        /// Where it is.
        path: Utf8PathBuf,
        /// Where the CA's key should be.
        key: Utf8PathBuf,
        /// Why not.
        source: Box<Self>,
    },
    /// Several files.
    #[error("{} existing kubeconfig files can't be used:{}", .0.len(), listed(.0))]
    Several(Vec<Self>),
}

impl KubeconfigError {
    /// One error for any number of them; none for none.
    pub(super) fn gather(mut errors: Vec<Self>) -> Result<(), Self> {
        match errors.len() {
            0 => Ok(()),
            1 => Err(errors.remove(0)),
            _ => Err(Self::Several(errors)),
        }
    }

    /// Whether another file in the place of the one that is there would be good.
    pub(super) fn is_mended_by_another(&self) -> bool {
        match self {
            // Not the file's fault: another one would be judged in the same way.
            Self::Client { path, source } => {
                matches!(source, Difference::KeyMismatch { .. }) || source.to_replace() == Some(path)
            }
            Self::Format { .. } | Self::Authority { .. } | Self::OtherAuthority { .. } | Self::ClientDamaged { .. } => {
                true
            }
            _ => false,
        }
    }

    /// What to do about it, as sentences with commands of `program` to type.
    #[must_use]
    pub fn remedies(&self, program: &str) -> Vec<String> {
        match self {
            Self::Pki { source, .. } => source.remedies(program),
            Self::Client { source, .. } if !self.is_mended_by_another() => vec![source.remedy(program, None)],
            Self::Format { path, .. }
            | Self::Authority { path, .. }
            | Self::OtherAuthority { path, .. }
            | Self::Client { path, .. }
            | Self::ClientDamaged { path, .. } => vec![remake(path, program)],
            Self::NotProvided { path, key, .. } | Self::NotValid { path, key, .. } => {
                vec![format!("make {path} where the CA's key is, and put it here; or put the CA's key here as {key}")]
            }
            Self::Several(errors) => errors.iter().flat_map(|error| error.remedies(program)).collect(),
            Self::Host(_) | Self::Yaml { .. } => Vec::new(),
        }
    }

    /// On its way to the person.
    #[must_use]
    pub fn into_failure(self, program: &str) -> Failure {
        let remedies = self.remedies(program);
        remedies.into_iter().fold(Failure::from(self), Failure::hint)
    }
}

fn remake(path: &Utf8PathBuf, program: &str) -> String {
    match KUBECONFIGS.iter().find(|row| path.file_name() == Some(row.file_name)) {
        Some(row) => format!(
            "`mv {path} {path}.old`, then `{program} init phase kubeconfig {}`, with the flags or the --config that the \
             cluster was made with, makes it anew",
            row.name
        ),
        None => format!("`mv {path} {path}.old`, and run the same command again"),
    }
}

fn listed(errors: &[KubeconfigError]) -> String {
    errors.iter().map(|error| format!("\n\t- {}", crate::failure::chain(error))).collect()
}
