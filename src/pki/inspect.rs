//! What a certificate says, and whether what it says holds.
//!
//! Knows X.509; refuses to know files and what Kubernetes wants of a certificate (that is [`super::spec`]).

use std::net::IpAddr;

use aws_lc_rs::signature;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use time::OffsetDateTime;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, ParsedExtension};

use super::keys::PrivateKey;
use super::{der, pin};

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
    /// Whether it may sign others.
    pub is_authority: bool,
    /// Not valid before.
    pub not_before: OffsetDateTime,
    /// Not valid after.
    pub not_after: OffsetDateTime,
    /// The subject key identifier.
    pub key_id: Option<Vec<u8>>,
    der: Vec<u8>,
    issuer_name: Vec<u8>,
    subject_name: Vec<u8>,
    public_key_info: Vec<u8>,
    public_key: Vec<u8>,
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
        let mut certificate = Self {
            common_name: attributes(parsed.subject().iter_common_name()).into_iter().next().unwrap_or_default(),
            organizations: attributes(parsed.subject().iter_organization()),
            issuer: parsed.issuer().to_string(),
            subject: parsed.subject().to_string(),
            dns_names: Vec::new(),
            ip_addresses: Vec::new(),
            usages: None,
            is_authority: false,
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
        self.ip_addresses.contains(&address)
    }

    /// Whether it was signed by the other one's key, and names it as its issuer.
    #[must_use]
    pub fn is_signed_by(&self, issuer: &Self) -> bool {
        self.names_as_issuer(issuer) && self.bears_signature_of(issuer)
    }

    fn names_as_issuer(&self, issuer: &Self) -> bool {
        self.issuer_name == issuer.subject_name && issuer.is_authority
    }

    fn bears_signature_of(&self, issuer: &Self) -> bool {
        let Ok((_, parsed)) = x509_parser::parse_x509_certificate(&self.der) else { return false };
        let Ok((_, signer)) = x509_parser::parse_x509_certificate(&issuer.der) else { return false };
        signature_holds(&parsed, &signer)
    }

    fn read_extensions(&mut self, parsed: &X509Certificate<'_>) {
        for extension in parsed.extensions() {
            match extension.parsed_extension() {
                ParsedExtension::BasicConstraints(constraints) => self.is_authority = constraints.ca,
                ParsedExtension::SubjectKeyIdentifier(id) => self.key_id = Some(id.0.to_vec()),
                ParsedExtension::ExtendedKeyUsage(usage) if !usage.any => {
                    let named = [(usage.server_auth, Usage::Server), (usage.client_auth, Usage::Client)];
                    self.usages = Some(named.into_iter().filter(|(there, _)| *there).map(|(_, usage)| usage).collect());
                }
                ParsedExtension::SubjectAlternativeName(names) => {
                    for name in &names.general_names {
                        match name {
                            GeneralName::DNSName(name) => self.dns_names.push((*name).to_owned()),
                            GeneralName::IPAddress(octets) => self.ip_addresses.extend(address(octets)),
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
    }
}

/// How many signatures are checked in search of a chain: as Go does.
const MOST_CHECKS: usize = 100;

/// The certificates of one file: the first is the one that counts, the others may link it to its authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// The first of the file.
    pub first: Certificate,
    /// The others.
    pub intermediates: Vec<Certificate>,
}

impl Chain {
    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Certificate> {
        std::iter::once(&self.first).chain(&self.intermediates)
    }

    /// Whether signatures lead from the first to the authority.
    #[must_use]
    pub fn leads_to(&self, authority: &Certificate) -> bool {
        let mut at = &self.first;
        let mut checks = 0;
        // Thousands of intermediates with one name, or in a ring, would otherwise be tried against each other.
        let mut signs = |issuer: &Certificate, at: &Certificate| {
            checks += 1;
            checks <= MOST_CHECKS && at.bears_signature_of(issuer)
        };
        loop {
            if at.names_as_issuer(authority) && signs(authority, at) {
                return true;
            }
            let mut named = self.intermediates.iter().filter(|&issuer| issuer != at && at.names_as_issuer(issuer));
            let Some(next) = named.find(|issuer| signs(issuer, at)) else { return false };
            at = next;
        }
    }
}

fn attributes<'a>(values: impl Iterator<Item = &'a x509_parser::x509::AttributeTypeAndValue<'a>>) -> Vec<String> {
    values.filter_map(|value| value.as_str().ok()).map(str::to_owned).collect()
}

fn address(octets: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(octets).map(IpAddr::from).ok();
    v4.or_else(|| <[u8; 16]>::try_from(octets).map(IpAddr::from).ok())
}

fn signature_holds(certificate: &X509Certificate<'_>, signer: &X509Certificate<'_>) -> bool {
    let key = signer.public_key();
    let curve = key.algorithm.parameters.as_ref().and_then(|any| any.as_oid().ok()).map(|oid| oid.to_id_string());
    let algorithm = certificate.signature_algorithm.algorithm.to_id_string();
    let Some(algorithm) = verification(&algorithm, curve.as_deref()) else { return false };
    let key = signature::UnparsedPublicKey::new(algorithm, &key.subject_public_key.data);
    key.verify(certificate.tbs_certificate.as_ref(), &certificate.signature_value.data).is_ok()
}

/// The way to check a signature, by the signature algorithm and the signer's curve.
fn verification(algorithm: &str, curve: Option<&str>) -> Option<&'static dyn signature::VerificationAlgorithm> {
    const P256: &str = "1.2.840.10045.3.1.7";
    const P384: &str = "1.3.132.0.34";
    const P521: &str = "1.3.132.0.35";
    Some(match (algorithm, curve) {
        ("1.2.840.113549.1.1.11", _) => &signature::RSA_PKCS1_2048_8192_SHA256,
        ("1.2.840.113549.1.1.12", _) => &signature::RSA_PKCS1_2048_8192_SHA384,
        ("1.2.840.113549.1.1.13", _) => &signature::RSA_PKCS1_2048_8192_SHA512,
        ("1.2.840.10045.4.3.2", Some(P256)) => &signature::ECDSA_P256_SHA256_ASN1,
        ("1.2.840.10045.4.3.3", Some(P256)) => &signature::ECDSA_P256_SHA384_ASN1,
        ("1.2.840.10045.4.3.4", Some(P256)) => &signature::ECDSA_P256_SHA512_ASN1,
        ("1.2.840.10045.4.3.2", Some(P384)) => &signature::ECDSA_P384_SHA256_ASN1,
        ("1.2.840.10045.4.3.3", Some(P384)) => &signature::ECDSA_P384_SHA384_ASN1,
        ("1.2.840.10045.4.3.4", Some(P384)) => &signature::ECDSA_P384_SHA512_ASN1,
        ("1.2.840.10045.4.3.2", Some(P521)) => &signature::ECDSA_P521_SHA256_ASN1,
        ("1.2.840.10045.4.3.3", Some(P521)) => &signature::ECDSA_P521_SHA384_ASN1,
        ("1.2.840.10045.4.3.4", Some(P521)) => &signature::ECDSA_P521_SHA512_ASN1,
        ("1.3.101.112", _) => &signature::ED25519,
        _ => return None,
    })
}
