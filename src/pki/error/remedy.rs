//! What to do about files that can't be used, with commands to type.

use camino::Utf8Path;

use super::Difference;
use crate::pki::chain::Refusal;
use crate::pki::inspect::NotACertificate;
use crate::pki::keys::KeyError;
use crate::pki::service_account::SERVICE_ACCOUNT;
use crate::pki::{CERTIFICATES, Definition};

impl Difference {
    /// The certificate that another one in its place would mend.
    pub(crate) fn to_replace(&self) -> Option<&Utf8Path> {
        match self {
            Self::Expired { path, .. }
            | Self::Foreign { path, .. }
            | Self::Names { path, .. }
            | Self::Purpose { path, .. }
            | Self::Refused { path, .. }
            | Self::Critical { path, .. }
            | Self::Orphan { path, .. }
            | Self::NoAuthorityKey { path, .. }
            | Self::KeyMissing { certificate: path, .. } => Some(path),
            _ => None,
        }
    }

    /// What to do about it. Where the authority's key is elsewhere, `absent` is where it should be.
    pub(crate) fn remedy(&self, program: &str, absent: Option<&Utf8Path>) -> String {
        let anew = |path| absent.map_or_else(|| remake(path, program), |key| made_elsewhere(path, key));
        match self {
            Self::Expired { path, .. }
            | Self::Foreign { path, .. }
            | Self::Names { path, .. }
            | Self::Purpose { path, .. }
            | Self::Critical { path, .. } => anew(path),
            Self::Refused { path, why: Refusal::Names { .. }, .. } => {
                format!(
                    "{}; where it needs these names, put a CA that permits them in the place of the other",
                    anew(path)
                )
            }
            Self::Refused { path, .. } => anew(path),
            Self::NotPermitted { authority, .. } => {
                format!(
                    "put a CA in the place of {authority} that permits these names, or that has no name constraints"
                )
            }
            Self::KeyMissing { certificate, key } => format!("put the key back as {key}; or: {}", anew(certificate)),
            Self::KeyMismatch { certificate, key, .. } => {
                format!("put the certificate and the key that belong together back as {certificate} and {key}")
            }
            Self::Unchecked { path, .. } => format!(
                "have {path} signed with RSA (a key of 2048 bits or more), ECDSA (P-256, P-384 or P-521) or Ed25519, and SHA-256 \
                 or more"
            ),
            Self::NotYetValid { .. } => "check this machine's clock, for instance with `timedatectl`".to_owned(),
            Self::NotAuthority { path } => format!("put the CA's own certificate in the place of {path}"),
            Self::NotSigner { path } => {
                format!(
                    "put a CA in the place of {path} whose key usage has keyCertSign, or that has no key usage at all"
                )
            }
            Self::Orphan { path, authority } => format!("put {authority} back, or {}", anew(path)),
            Self::NoAuthority { path, name } => format!(
                "put the cluster's {path} back, from a backup or another control-plane node; for a new cluster, \
                 `{program} init phase certs {name}` makes it"
            ),
            Self::NoAuthorityKey { path, key } => made_elsewhere(path, key),
            Self::PrivateKeyMissing { public, key } => format!(
                "put {key} back, from a backup or another control-plane node; or `mv {public} {public}.old` for a new pair, \
                 with which no token counts any more that the old one signed"
            ),
            Self::PublicKeyMismatch { public, key } => {
                format!("`mv {public} {public}.old` if {key} is the right one: it is written anew from the private key")
            }
        }
    }
}

/// What to do about a certificate's file that can't be read.
pub(super) fn unreadable_certificate(path: &Utf8Path, why: &NotACertificate) -> String {
    let with = match why {
        NotACertificate::UnnamedCurve => "the name of its curve",
        NotACertificate::NegativeSerial => "a serial number above zero",
        NotACertificate::NotPem | NotACertificate::Damaged(_) => return unreadable(path),
    };
    format!("have {path} made anew, for the same key, with {with}")
}

/// What to do about a private key's file that can't be read.
pub(super) fn unreadable_key(path: &Utf8Path, why: &KeyError) -> String {
    match why {
        KeyError::Size(_) => format!(
            "put a key that can be used in the place of {path}, and new ones in the place of the certificates that are for it \
             or signed with it"
        ),
        KeyError::Encrypted => format!(
            "`(umask 077 && openssl pkey -in {path} -out {path}.plain) && mv {path} {path}.encrypted && mv {path}.plain {path}` \
             decrypts it"
        ),
        KeyError::UnnamedCurve => format!(
            "`(umask 077 && openssl ec -in {path} -param_enc named_curve -out {path}.named) && mv {path} {path}.explicit && \
             mv {path}.named {path}` names it"
        ),
        _ => unreadable(path),
    }
}

/// An authority, and what signs tokens, can't be made anew without everything that it signed.
fn unreadable(path: &Utf8Path) -> String {
    if row(path).is_some_and(|row| row.parent.is_none()) || path.file_stem() == Some(SERVICE_ACCOUNT) {
        return format!("put the cluster's {path} back, from a backup or another control-plane node");
    }
    format!(
        "put a good file in the place of {path}, or move it away if it is not needed any more: `mv {path} {path}.old`"
    )
}

/// How a certificate that can't be used is replaced.
fn remake(path: &Utf8Path, program: &str) -> String {
    match row(path) {
        Some(row) if row.parent.is_none() => format!(
            "everything that {path} signed goes with it: put a CA that is still good in its place, or begin with an empty \
             certificates directory"
        ),
        Some(row) => {
            format!(
                "`mv {path} {path}.old`, then `{program} init phase certs {}`, with the flags or the --config that the \
                 cluster was made with, makes it anew",
                row.name
            )
        }
        None => format!("`mv {path} {path}.old`, and run the same command again"),
    }
}

/// The same where the authority's key is elsewhere.
fn made_elsewhere(path: &Utf8Path, key: &Utf8Path) -> String {
    format!("have {path} made where the CA's key is, and put it here with its key; or put the CA's key here as {key}")
}

/// The row of the tree that a file belongs to.
fn row(path: &Utf8Path) -> Option<&'static Definition> {
    let path = path.with_extension("");
    CERTIFICATES.iter().find(|row| path.as_str().ends_with(&format!("/{}", row.base_name)))
}
