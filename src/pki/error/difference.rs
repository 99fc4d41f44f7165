//! How an existing certificate or key differs from what it should be, and what to do about it.

use camino::Utf8PathBuf;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::pki::CERTIFICATES;

/// How an existing file differs from what it should be.
#[derive(Debug, thiserror::Error)]
pub enum Difference {
    /// A certificate's time is over.
    #[error("certificate {path} has expired: it was valid until {}", date(*until))]
    Expired {
        /// The file.
        path: Utf8PathBuf,
        /// Its last moment.
        until: OffsetDateTime,
    },
    /// A certificate's time has not begun.
    #[error("certificate {path} is not valid yet: it will be from {}; this machine's clock says {}", date(*from), date(*now))]
    NotYetValid {
        /// The file.
        path: Utf8PathBuf,
        /// Its first moment.
        from: OffsetDateTime,
        /// The clock.
        now: OffsetDateTime,
    },
    /// A certificate that should sign others may not.
    #[error("certificate {path} is not a CA: it says CA:FALSE or nothing at all in its basic constraints")]
    NotAuthority {
        /// The file.
        path: Utf8PathBuf,
    },
    /// An authority's certificate whose key may not sign certificates.
    #[error("certificate {path} may not sign certificates: its key usage lacks keyCertSign (Certificate Sign)")]
    NotSigner {
        /// The file.
        path: Utf8PathBuf,
    },
    /// A key that belongs to another certificate.
    #[error("private key {key} does not belong to certificate {certificate}, which is for another public key, {pin}")]
    KeyMismatch {
        /// The certificate's file.
        certificate: Utf8PathBuf,
        /// The key's file.
        key: Utf8PathBuf,
        /// The pin of the certificate's public key.
        pin: String,
    },
    /// A leaf certificate without its key.
    #[error("certificate {certificate} exists, but its private key {key} does not")]
    KeyMissing {
        /// The certificate's file.
        certificate: Utf8PathBuf,
        /// Where the key should be.
        key: Utf8PathBuf,
    },
    /// A certificate of another authority.
    #[error("certificate {path} not signed by CA certificate {authority}: {why}")]
    Foreign {
        /// The file.
        path: Utf8PathBuf,
        /// The authority's file.
        authority: Utf8PathBuf,
        /// Its issuer is another, or the issuer's key is.
        why: String,
    },
    /// A certificate that may be the authority's.
    #[error("certificate {path} can't be checked against CA certificate {authority}: it is signed with {how}")]
    Unchecked {
        /// The file.
        path: Utf8PathBuf,
        /// The authority's file.
        authority: Utf8PathBuf,
        /// The way in which it is signed.
        how: String,
    },
    /// A serving certificate that lacks names.
    #[error("certificate {path} is not good for {}; it is good for {}", .missing.join(", "), list(.present))]
    Names {
        /// The file.
        path: Utf8PathBuf,
        /// The names and addresses that it lacks.
        missing: Vec<String>,
        /// Those that it has.
        present: Vec<String>,
    },
    /// A certificate that may not be used for what it is for.
    #[error("certificate {path} is not meant for {purpose} (extended key usage)")]
    Purpose {
        /// The file.
        path: Utf8PathBuf,
        /// `TLS servers` or `TLS clients`.
        purpose: &'static str,
    },
    /// A certificate is there, its authority's is not.
    #[error("certificate {path} exists, but the CA certificate {authority} that should have signed it does not")]
    Orphan {
        /// The file.
        path: Utf8PathBuf,
        /// Where the authority's certificate should be.
        authority: Utf8PathBuf,
    },
    /// An authority's certificate that is needed is not there.
    #[error("couldn't load CA certificate {path}: there is no such file")]
    NoAuthority {
        /// Where it should be.
        path: Utf8PathBuf,
        /// Its phase.
        name: &'static str,
    },
    /// A certificate that would have to be made, by an authority whose key is elsewhere.
    #[error("{path} does not exist, and can't be made: the CA's private key {key} does not exist")]
    NoAuthorityKey {
        /// What is missing.
        path: Utf8PathBuf,
        /// Where the CA's key should be.
        key: Utf8PathBuf,
    },
    /// A public key file without its private key.
    #[error("public key {public} exists, but its private key {key} does not")]
    PrivateKeyMissing {
        /// The public key's file.
        public: Utf8PathBuf,
        /// Where the private key should be.
        key: Utf8PathBuf,
    },
    /// A public key file that belongs to another private key.
    #[error("public key {public} does not belong to private key {key}")]
    PublicKeyMismatch {
        /// The public key's file.
        public: Utf8PathBuf,
        /// The private key's file.
        key: Utf8PathBuf,
    },
}

impl Difference {
    pub(crate) fn remedy(&self, program: &str) -> String {
        match self {
            Self::Expired { path, .. }
            | Self::Foreign { path, .. }
            | Self::Names { path, .. }
            | Self::Purpose { path, .. } => remake(path, program),
            Self::KeyMissing { certificate, key } => {
                format!("put the key back as {key}; or: {}", remake(certificate, program))
            }
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
            Self::Orphan { path, authority } => format!("put {authority} back, or {}", remake(path, program)),
            Self::NoAuthority { path, name } => format!(
                "put the cluster's {path} back, from a backup or another control-plane node; for a new cluster, \
                 `{program} init phase certs {name}` makes it"
            ),
            Self::NoAuthorityKey { path, key } => {
                format!(
                    "make {path} where the CA's key is, and put it here with its key; or put the CA's key here as {key}"
                )
            }
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

/// How a certificate that can't be used is replaced.
fn remake(path: &Utf8PathBuf, program: &str) -> String {
    match CERTIFICATES.iter().find(|row| path.as_str().ends_with(&format!("/{}.crt", row.base_name))) {
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

fn date(moment: OffsetDateTime) -> String {
    moment.format(&Rfc3339).unwrap_or_else(|_| moment.to_string())
}

fn list(names: &[String]) -> String {
    if names.is_empty() { "no name at all".to_owned() } else { names.join(", ") }
}
