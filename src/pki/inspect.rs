//! What a certificate says.
//!
//! Knows X.509; refuses to know files, who signed it (that is [`super::chain`]) and what Kubernetes wants of a certificate
//! (that is [`super::spec`]).

mod extensions;

use std::net::IpAddr;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use time::OffsetDateTime;

use super::chain::Chain;
use super::constraints::NameConstraints;
use super::keys::PrivateKey;
use super::{curve, der, pin};

/// What a certificate may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usage {
    /// Proving to clients who the server is.
    Server,
    /// Proving to servers who the client is.
    Client,
}

/// A certificate, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// The subject's common name; empty when there is none.
    pub common_name: String,
    /// The subject's organisations: the groups, where the subject is a user.
    pub organizations: Vec<String>,
    /// The issuer, as text.
    pub issuer: String,
    /// The subject, as text.
    pub subject: String,
    /// The DNS names that it is good for.
    pub dns_names: Vec<String>,
    /// The addresses that it is good for.
    pub ip_addresses: Vec<IpAddr>,
    /// What it may be used for; `None` when it doesn't say, which is everything.
    pub usages: Option<Vec<Usage>>,
    /// Whether it is an authority's.
    pub is_authority: bool,
    /// Whether its key may sign certificates: it does where it doesn't say what it may be used for.
    pub signs_certificates: bool,
    /// How many other authorities may lie between it and a leaf, where it says so.
    pub path_length: Option<u32>,
    /// The names that it may sign for, where it says so.
    pub constraints: Option<NameConstraints>,
    /// The first critical extension that Go does not know: then nobody takes the certificate.
    pub unknown_critical: Option<String>,
    /// Not valid before.
    pub not_before: OffsetDateTime,
    /// Not valid after.
    pub not_after: OffsetDateTime,
    /// The subject key identifier.
    pub key_id: Option<Vec<u8>>,
    der: Vec<u8>,
    issuer_name: Vec<u8>,
    subject_name: Vec<u8>,
    pub(super) public_key_info: Vec<u8>,
    pub(super) public_key: Vec<u8>,
}

/// Bytes that are no certificate.
#[derive(Debug, thiserror::Error)]
pub enum NotACertificate {
    /// The text holds no PEM block of that kind.
    #[error("it holds no PEM certificate")]
    NotPem,
    /// The content of the block is broken.
    #[error("it is damaged")]
    Damaged(#[source] x509_parser::error::X509Error),
    /// Its key is an elliptic one that Go can't read.
    #[error(
        "its key has its curve written out (explicit parameters) instead of named, which the control plane can't read"
    )]
    UnnamedCurve,
    /// A serial number below zero, which Go does not take.
    #[error("its serial number is negative, which the control plane does not take")]
    NegativeSerial,
}

impl Certificate {
    /// Reads DER.
    pub fn from_der(bytes: &[u8]) -> Result<Self, NotACertificate> {
        let damaged = |error: x509_parser::nom::Err<_>| {
            NotACertificate::Damaged(match error {
                x509_parser::nom::Err::Error(error) | x509_parser::nom::Err::Failure(error) => error,
                x509_parser::nom::Err::Incomplete(_) => x509_parser::error::X509Error::InvalidCertificate,
            })
        };
        let (rest, parsed) = x509_parser::parse_x509_certificate(bytes).map_err(damaged)?;
        if !rest.is_empty() {
            return Err(NotACertificate::Damaged(x509_parser::error::X509Error::InvalidCertificate));
        }
        if curve::is_unnamed(parsed.public_key().raw) {
            return Err(NotACertificate::UnnamedCurve);
        }
        if parsed.raw_serial().first().is_some_and(|first| *first >= 0x80) {
            return Err(NotACertificate::NegativeSerial);
        }
        let mut certificate = Self {
            common_name: attributes(parsed.subject().iter_common_name()).into_iter().next().unwrap_or_default(),
            organizations: attributes(parsed.subject().iter_organization()),
            issuer: parsed.issuer().to_string(),
            subject: parsed.subject().to_string(),
            dns_names: Vec::new(),
            ip_addresses: Vec::new(),
            usages: None,
            is_authority: false,
            signs_certificates: true,
            path_length: None,
            constraints: None,
            unknown_critical: None,
            not_before: parsed.validity().not_before.to_datetime(),
            not_after: parsed.validity().not_after.to_datetime(),
            key_id: None,
            der: bytes.to_vec(),
            issuer_name: parsed.issuer().as_raw().to_vec(),
            subject_name: parsed.subject().as_raw().to_vec(),
            public_key_info: parsed.public_key().raw.to_vec(),
            public_key: parsed.public_key().subject_public_key.data.to_vec(),
        };
        certificate.read_extensions(&parsed);
        Ok(certificate)
    }

    /// Reads every certificate of a PEM text; there is at least one.
    pub fn chain_from_pem(pem: &[u8]) -> Result<Chain, NotACertificate> {
        let blocks: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        let mut certificates = Vec::new();
        for block in blocks.map_err(|_| NotACertificate::NotPem)? {
            certificates.push(Self::from_der(&block)?);
        }
        if certificates.is_empty() {
            return Err(NotACertificate::NotPem);
        }
        let intermediates = certificates.split_off(1);
        certificates.pop().map(|first| Chain { first, intermediates }).ok_or(NotACertificate::NotPem)
    }

    /// The DER form.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The PEM form.
    #[must_use]
    pub fn to_pem(&self) -> String {
        der::pem("CERTIFICATE", &self.der).to_string()
    }

    /// The subject's name in DER.
    pub(super) fn subject_name(&self) -> &[u8] {
        &self.subject_name
    }

    /// The issuer's name in DER.
    pub(super) fn issuer_name(&self) -> &[u8] {
        &self.issuer_name
    }

    /// Whether the key is the one that the certificate is for.
    #[must_use]
    pub fn matches(&self, key: &PrivateKey) -> bool {
        self.public_key == key.public_key()
    }

    /// The pin of its public key: `sha256:` and the digest of the key's SubjectPublicKeyInfo in hexadecimal.
    #[must_use]
    pub fn pin(&self) -> String {
        pin::pin(&self.public_key_info)
    }

    /// Whether it may be used so.
    #[must_use]
    pub fn allows(&self, usage: Usage) -> bool {
        self.usages.as_ref().is_none_or(|usages| usages.contains(&usage))
    }

    /// Whether it is good for a DNS name: named itself, or by a wildcard for its first label.
    #[must_use]
    pub fn covers_name(&self, name: &str) -> bool {
        let rest = name.split_once('.').map(|(_, rest)| rest);
        self.dns_names.iter().any(|own| {
            own.eq_ignore_ascii_case(name)
                || own.strip_prefix("*.").zip(rest).is_some_and(|(own, rest)| own.eq_ignore_ascii_case(rest))
        })
    }

    /// Whether it is good for an address.
    #[must_use]
    pub fn covers_address(&self, address: IpAddr) -> bool {
        self.ip_addresses.iter().any(|own| own.to_canonical() == address.to_canonical())
    }
}

fn attributes<'a>(values: impl Iterator<Item = &'a x509_parser::x509::AttributeTypeAndValue<'a>>) -> Vec<String> {
    values.filter_map(|value| value.as_str().ok()).map(str::to_owned).collect()
}
