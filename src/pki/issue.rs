//! Makes certificates: kubeadm's X.509 template, field by field.
//!
//! Knows how a [`Spec`] becomes DER; refuses to know why it says what it says, and where the result is kept.

use aws_lc_rs::{digest, rand};
use rcgen::string::PrintableString;
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType, DnValue, ExtendedKeyUsagePurpose,
    IsCa, Issuer, KeyIdMethod, KeyUsagePurpose, SanType, SerialNumber, SigningKey as _,
};

use super::der;
use super::inspect::{Certificate, NotACertificate, Usage};
use super::keys::PrivateKey;
use super::spec::Spec;

/// A certificate that could not be made.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// The names can't stand in a certificate, or the key can't sign.
    #[error("it can't be encoded or signed")]
    Encoding(#[from] rcgen::Error),
    /// The system gave no randomness for a serial number.
    #[error("the system gives no random numbers")]
    Random,
    /// What was made can't be read back.
    #[error("what was made can't be read back")]
    ReadBack(#[from] NotACertificate),
    /// What was made has another structure than a certificate.
    #[error("what was made is no certificate")]
    Structure,
}

/// An authority that can sign.
#[derive(Debug)]
pub struct Authority {
    /// Its certificate.
    pub certificate: Certificate,
    /// Its key.
    pub key: PrivateKey,
}

/// Makes a certificate that is its own issuer.
pub fn self_signed(spec: &Spec, key: &PrivateKey) -> Result<Certificate, IssueError> {
    let certificate = params(spec, Some(key))?.self_signed(key.pair())?;
    Ok(Certificate::from_der(certificate.der())?)
}

/// Makes a certificate for a key, signed by an authority.
pub fn signed(spec: &Spec, key: &PrivateKey, authority: &Authority) -> Result<Certificate, IssueError> {
    let of = &authority.certificate;
    let mut issuer = CertificateParams::default();
    issuer.distinguished_name = name(&of.common_name, of.organizations.first().map(String::as_str));
    issuer.key_identifier_method = KeyIdMethod::PreSpecified(of.key_id.clone().unwrap_or_default());
    let issuer = Issuer::from_params(&issuer, authority.key.pair());

    let mut params = params(spec, None)?;
    params.use_authority_key_identifier_extension = of.key_id.is_some();
    let made = Certificate::from_der(params.signed_by(key.pair(), &issuer)?.der())?;
    if made.issuer_name() == of.subject_name() {
        return Ok(made);
    }
    Ok(Certificate::from_der(&with_issuer(&made, authority)?)?)
}

fn params(spec: &Spec, authority_key: Option<&PrivateKey>) -> Result<CertificateParams, IssueError> {
    let mut params = CertificateParams::default();
    params.serial_number = Some(serial()?);
    params.not_before = spec.not_before;
    params.not_after = spec.not_after;
    params.distinguished_name = name(&spec.common_name, spec.organization.as_deref());
    for dns in &spec.dns_names {
        params.subject_alt_names.push(SanType::DnsName(dns.as_str().try_into()?));
    }
    params.subject_alt_names.extend(spec.ip_addresses.iter().copied().map(SanType::IpAddress));
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyEncipherment];
    params.extended_key_usages = spec.usages.iter().copied().map(extended).collect();
    match authority_key {
        Some(key) => {
            params.key_usages.push(KeyUsagePurpose::KeyCertSign);
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            params.key_identifier_method = KeyIdMethod::PreSpecified(key_id(key));
        }
        None => params.custom_extensions.push(no_authority()),
    }
    Ok(params)
}

/// Basic constraints that say CA:FALSE. rcgen's own way to say so adds a subject key identifier, which kubeadm's
/// leaves don't have.
fn no_authority() -> CustomExtension {
    const BASIC_CONSTRAINTS: &[u64] = &[2, 5, 29, 19];
    let empty = der::element(der::SEQUENCE, &[]).to_vec();
    let mut extension = CustomExtension::from_oid_content(BASIC_CONSTRAINTS, empty);
    extension.set_criticality(true);
    extension
}

/// Go's subject key identifier: the first 20 bytes of the SHA-256 of the public key.
fn key_id(key: &PrivateKey) -> Vec<u8> {
    digest::digest(&digest::SHA256, key.public_key()).as_ref()[..20].to_vec()
}

/// Between 1 and 2^63 - 1.
fn serial() -> Result<SerialNumber, IssueError> {
    let mut bytes = [0; 8];
    rand::fill(&mut bytes).map_err(|_| IssueError::Random)?;
    Ok(SerialNumber::from((u64::from_be_bytes(bytes) >> 1).max(1)))
}

/// The organisation before the common name, as Go orders them.
fn name(common_name: &str, organization: Option<&str>) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    if let Some(organization) = organization {
        name.push(DnType::OrganizationName, text(organization));
    }
    name.push(DnType::CommonName, text(common_name));
    name
}

/// Go's choice between the two kinds of strings.
fn text(text: &str) -> DnValue {
    PrintableString::try_from(text).map_or_else(|_| DnValue::Utf8String(text.to_owned()), DnValue::PrintableString)
}

fn extended(usage: Usage) -> ExtendedKeyUsagePurpose {
    match usage {
        Usage::Server => ExtendedKeyUsagePurpose::ServerAuth,
        Usage::Client => ExtendedKeyUsagePurpose::ClientAuth,
    }
}

/// The same certificate with the authority's own name, byte for byte, signed anew.
///
/// rcgen keeps a name as a map of one value each, so that of `CN=Corp CA, DC=example, DC=com` a part is lost, and
/// chains are followed by the bytes of names.
fn with_issuer(certificate: &Certificate, authority: &Authority) -> Result<Vec<u8>, IssueError> {
    const ISSUER: usize = 3;
    let outer = der::within(certificate.der(), der::SEQUENCE).ok_or(IssueError::Structure)?;
    let [signed, algorithm, _] = outer.as_slice() else { return Err(IssueError::Structure) };
    let mut fields: Vec<&[u8]> =
        der::elements(signed.content).ok_or(IssueError::Structure)?.iter().map(|field| field.whole).collect();
    *fields.get_mut(ISSUER).ok_or(IssueError::Structure)? = authority.certificate.subject_name();
    let signed = der::element(der::SEQUENCE, &fields);
    let signature = authority.key.pair().sign(&signed)?;
    let signature = der::element(der::BIT_STRING, &[&[0], &signature]);
    Ok(der::element(der::SEQUENCE, &[&signed, algorithm.whole, &signature]).to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::tests::{config, now};
    use crate::pki::{Chain, Definition, KeyAlgorithm, Verdict};

    fn key() -> PrivateKey {
        PrivateKey::generate(KeyAlgorithm::EcdsaP256).unwrap()
    }

    fn spec(name: &str) -> Spec {
        Definition::named(name).unwrap().spec(&config(), now()).unwrap()
    }

    fn ca() -> Authority {
        let key = key();
        Authority { certificate: self_signed(&spec("ca"), &key).unwrap(), key }
    }

    /// `DC=com, DC=example, CN=Corp CA`, a name with two values of one kind as Active Directory gives them.
    fn corporate_name() -> Vec<u8> {
        let attribute = |oid: &[u8], tag, text: &str| {
            let value = der::element(tag, &[text.as_bytes()]);
            der::element(0x31, &[&der::element(der::SEQUENCE, &[&der::element(0x06, &[oid]), &value])])
        };
        const DOMAIN_COMPONENT: &[u8] = &[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x19];
        let parts = [
            attribute(DOMAIN_COMPONENT, 0x16, "com"),
            attribute(DOMAIN_COMPONENT, 0x16, "example"),
            attribute(&[0x55, 0x04, 0x03], 0x0c, "Corp CA"),
        ];
        der::element(der::SEQUENCE, &[&parts[0], &parts[1], &parts[2]]).to_vec()
    }

    #[test]
    fn an_authority_with_a_name_that_rcgen_cannot_keep_signs_under_it() {
        let plain = ca();
        let parts: Vec<_> = der::within(plain.certificate.der(), der::SEQUENCE).unwrap();
        let name = corporate_name();
        let mut fields: Vec<&[u8]> = der::elements(parts[0].content).unwrap().iter().map(|part| part.whole).collect();
        (fields[3], fields[5]) = (&name, &name);
        let signed_part = der::element(der::SEQUENCE, &fields);
        let signature = plain.key.pair().sign(&signed_part).unwrap();
        let signature = der::element(der::BIT_STRING, &[&[0], &signature]);
        let corporate = der::element(der::SEQUENCE, &[&signed_part, parts[1].whole, &signature]);
        let corporate = Authority { certificate: Certificate::from_der(&corporate).unwrap(), key: plain.key };
        assert!(corporate.certificate.is_signed_by(&corporate.certificate));

        let key = key();
        let leaf = signed(&spec("apiserver"), &key, &corporate).unwrap();
        assert_eq!(leaf.issuer_name(), name);
        assert!(leaf.is_signed_by(&corporate.certificate) && leaf.matches(&key));
        assert_eq!(leaf.issuer, "DC=com, DC=example, CN=Corp CA");
    }

    #[test]
    fn a_chain_is_followed_through_intermediates_and_never_round_in_circles() {
        let (root, stranger) = (ca(), ca());
        let key = key();
        let spec_of_intermediate = Spec { common_name: "between".to_owned(), ..spec("front-proxy-ca") };
        let mut certificate = signed(&spec_of_intermediate, &key, &root).unwrap();
        // The template makes leaves only; a signer's certificate says that it may sign.
        (certificate.is_authority, certificate.signs_certificates) = (true, true);
        let between = Authority { certificate, key };
        let first = signed(&spec("apiserver"), &between.key, &between).unwrap();
        let chain = |intermediates: &[&Authority]| Chain {
            first: first.clone(),
            intermediates: intermediates.iter().map(|authority| authority.certificate.clone()).collect(),
        };
        assert_eq!(chain(&[&stranger, &between]).leads_to(&root.certificate, now()), Verdict::Hold);
        assert_eq!(chain(&[&between]).leads_to(&stranger.certificate, now()), Verdict::Fail);
        assert_eq!(chain(&[]).leads_to(&root.certificate, now()), Verdict::Fail);
        let circle =
            Chain { first: stranger.certificate.clone(), intermediates: vec![stranger.certificate.clone(); 3] };
        assert_eq!(circle.leads_to(&root.certificate, now()), Verdict::Fail);
    }

    #[test]
    fn serial_numbers_are_positive_and_differ() {
        let serials = [serial().unwrap().to_bytes(), serial().unwrap().to_bytes()];
        assert!(serials.iter().all(|serial| serial[0] < 0x80));
        assert_ne!(serials[0], serials[1]);
    }
}
