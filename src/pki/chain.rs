//! Whether signatures lead from a certificate to an authority, and may.
//!
//! Knows the algorithms that TLS connections are made with, and no others: a certificate that can't be checked here could
//! not be used in a connection of kinit's either. Refuses to know files.

mod search;

use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::SignatureVerificationAlgorithm as Way;
use rustls::pki_types::alg_id::RSA_ENCRYPTION;
use time::OffsetDateTime;
use x509_parser::objects::{oid_registry, oid2sn};

pub use self::search::Refusal;
use self::search::Search;
use super::der;
use super::inspect::Certificate;
use super::keys::RSA_BITS;

/// The certificates of one file: the first is the one that counts, the others may link it to its authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// The first of the file.
    pub first: Certificate,
    /// The others.
    pub intermediates: Vec<Certificate>,
}

/// What comes of checking signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// They are the authority's.
    Hold,
    /// They are not.
    Fail,
    /// One is made in a way, which this names, that can't be checked.
    Unchecked(String),
    /// They are the authority's, and yet whoever trusts it refuses the certificate.
    Refused(Refusal),
}

impl Chain {
    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Certificate> {
        std::iter::once(&self.first).chain(&self.intermediates)
    }

    /// Whether signatures lead from the first to the authority, which all those between may give at that moment. The
    /// times of both ends are not looked at.
    #[must_use]
    pub fn leads_to(&self, authority: &Certificate, now: OffsetDateTime) -> Verdict {
        Search::new(self, authority, now).verdict()
    }
}

impl Certificate {
    /// Whether it was signed by the other one's key, and names it as its issuer.
    #[must_use]
    pub fn is_signed_by(&self, issuer: &Self) -> bool {
        self.names_as_issuer(issuer) && self.signature_of(issuer) == Verdict::Hold
    }

    fn names_as_issuer(&self, issuer: &Self) -> bool {
        self.issuer_name() == issuer.subject_name() && issuer.is_authority && issuer.signs_certificates
    }

    /// Whether its signature is of the other one's key.
    fn signature_of(&self, issuer: &Self) -> Verdict {
        let (Some(own), Some(key)) =
            (der::within(self.der(), der::SEQUENCE), der::within(&issuer.public_key_info, der::SEQUENCE))
        else {
            return Verdict::Fail;
        };
        let ([signed, algorithm, signature], [key_algorithm, _]) = (own.as_slice(), key.as_slice()) else {
            return Verdict::Fail;
        };
        let known = default_provider().signature_verification_algorithms.all;
        let of_signature = |way: &&&dyn Way| way.signature_alg_id().as_ref() == algorithm.content;
        let of_key = |way: &&&dyn Way| way.public_key_alg_id().as_ref() == key_algorithm.content;
        let Some(way) = known.iter().filter(of_signature).find(of_key) else {
            // A known key of another kind did not sign it; an unknown one may have.
            let judged = known.iter().any(|way| of_signature(&way)) && known.iter().any(|way| of_key(&way));
            return if judged { Verdict::Fail } else { Verdict::Unchecked(self.way_of_signing(issuer)) };
        };
        let signature = signature.content.split_first().map(|(_, bytes)| bytes).unwrap_or_default();
        if way.verify_signature(&issuer.public_key, signed.whole, signature).is_ok() {
            return Verdict::Hold;
        }
        let sized = way.public_key_alg_id() != RSA_ENCRYPTION || RSA_BITS.contains(&issuer.key_bits());
        if sized { Verdict::Fail } else { Verdict::Unchecked(self.way_of_signing(issuer)) }
    }

    /// The way in which the other one's key signed it, in words.
    fn way_of_signing(&self, issuer: &Self) -> String {
        let Ok((_, own)) = x509_parser::parse_x509_certificate(self.der()) else { return String::new() };
        let oid = &own.signature_algorithm.algorithm;
        let name = oid2sn(oid, oid_registry()).map_or_else(|_| oid.to_id_string(), str::to_owned);
        match issuer.key_bits() {
            0 => name,
            bits => format!("{name}, by a key of {bits} bits"),
        }
    }

    /// The size of its public key; 0 where it has none, or it is not known.
    fn key_bits(&self) -> usize {
        let parsed = x509_parser::parse_x509_certificate(self.der());
        parsed.ok().and_then(|(_, parsed)| Some(parsed.public_key().parsed().ok()?.key_size())).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::tests::{config, now};
    use crate::pki::{Definition, KeyAlgorithm, PrivateKey, self_signed};

    /// What OpenSSL makes: certificates that are their own issuers.
    fn verdict(pem: &str) -> Verdict {
        let chain = Certificate::chain_from_pem(pem.as_bytes()).unwrap();
        chain.leads_to(&chain.first, now())
    }

    #[test]
    fn what_cannot_be_checked_is_not_taken_for_another_keys() {
        assert_eq!(verdict(include_str!("testdata/openssl/pss.crt")), Verdict::Hold);
        for (pem, how) in [
            (include_str!("testdata/openssl/pss-salt-20.crt"), "rsassa-pss, by a key of 2048 bits"),
            (include_str!("testdata/openssl/sha1.crt"), "sha1WithRSAEncryption, by a key of 2048 bits"),
            (include_str!("testdata/openssl/rsa-1024.crt"), "sha256WithRSAEncryption, by a key of 1024 bits"),
            (include_str!("testdata/openssl/p224.crt"), "ecdsa-with-SHA256, by a key of 224 bits"),
        ] {
            assert_eq!(verdict(pem), Verdict::Unchecked(how.to_owned()));
        }
    }

    #[test]
    fn a_known_key_of_another_kind_did_not_sign() {
        let made = |algorithm| {
            let spec = Definition::named("ca").unwrap().spec(&config(), now()).unwrap();
            self_signed(&spec, &PrivateKey::generate(algorithm).unwrap()).unwrap()
        };
        let (rsa, elliptic) = (made(KeyAlgorithm::Rsa2048), made(KeyAlgorithm::EcdsaP256));
        let chain = Chain { first: elliptic, intermediates: Vec::new() };
        assert_eq!(chain.leads_to(&rsa, now()), Verdict::Fail);
    }
}
