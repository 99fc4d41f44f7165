//! How an existing certificate or key differs from what it should be.

use camino::Utf8PathBuf;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::pki::chain::Refusal;

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
    /// A certificate of the authority that is refused all the same.
    #[error("certificate {path} is of CA certificate {authority}, but nobody takes it: {why}")]
    Refused {
        /// The file.
        path: Utf8PathBuf,
        /// The authority's file.
        authority: Utf8PathBuf,
        /// What those who check it say.
        why: Refusal,
    },
    /// A certificate that would be refused if the authority signed it.
    #[error("certificate {path} can't be made: the name constraints of CA certificate {authority} don't permit {}", .names.join(", "))]
    NotPermitted {
        /// The file.
        path: Utf8PathBuf,
        /// The authority's file.
        authority: Utf8PathBuf,
        /// The names and addresses.
        names: Vec<String>,
    },
    /// A certificate that nobody understands.
    #[error("certificate {path} has the critical extension {oid}, which nobody knows, and so nobody takes it")]
    Critical {
        /// The file.
        path: Utf8PathBuf,
        /// The extension's object identifier.
        oid: String,
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

/// A moment, for people.
pub(in crate::pki) fn date(moment: OffsetDateTime) -> String {
    moment.format(&Rfc3339).unwrap_or_else(|_| moment.to_string())
}

fn list(names: &[String]) -> String {
    if names.is_empty() { "no name at all".to_owned() } else { names.join(", ") }
}
