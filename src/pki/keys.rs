//! Private keys: made, read, and written the way kubeadm writes them.
//!
//! Knows algorithms and encodings; refuses to know files and certificates. A key's bytes are wiped when it goes.

use std::fmt;
use std::ops::RangeInclusive;

use rcgen::{KeyPair, PublicKeyData, RsaKeySize};
use rcgen::{PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519, PKCS_RSA_SHA256};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use zeroize::{Zeroize, Zeroizing};

use super::curve::{self, Curve};
use super::der;

/// Bits of the RSA keys that signatures can be made and checked with.
pub(super) const RSA_BITS: RangeInclusive<usize> = 2048..=8192;

/// An algorithm of new keys, as `encryptionAlgorithm` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeyAlgorithm {
    /// `RSA-2048`, the default.
    #[default]
    Rsa2048,
    /// `RSA-3072`.
    Rsa3072,
    /// `RSA-4096`.
    Rsa4096,
    /// `ECDSA-P256`.
    EcdsaP256,
    /// `ECDSA-P384`.
    EcdsaP384,
}

impl KeyAlgorithm {
    /// Reads `encryptionAlgorithm`; nothing at all is RSA-2048.
    pub fn parse(name: &str) -> Result<Self, KeyError> {
        match name {
            "" | "RSA-2048" => Ok(Self::Rsa2048),
            "RSA-3072" => Ok(Self::Rsa3072),
            "RSA-4096" => Ok(Self::Rsa4096),
            "ECDSA-P256" => Ok(Self::EcdsaP256),
            "ECDSA-P384" => Ok(Self::EcdsaP384),
            _ => Err(KeyError::UnknownAlgorithm(name.to_owned())),
        }
    }
}

/// A key that could not be made or read. Never carries any of it.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// `encryptionAlgorithm` names none that there is.
    #[error("{0:?} is no key algorithm; there are RSA-2048, RSA-3072, RSA-4096, ECDSA-P256 and ECDSA-P384")]
    UnknownAlgorithm(String),
    /// The text holds no PEM private key.
    #[error("it holds no PEM private key")]
    NotPem,
    /// A key of a kind that Kubernetes does not sign with.
    #[error("it is neither in RSA nor ECDSA format")]
    Unsupported,
    /// A key that is too weak, or too long, to sign or to be connected with.
    #[error("it is {0}; RSA keys of 2048 to 8192 bits can be used, and elliptic ones of P-256, P-384 and P-521")]
    Size(String),
    /// A key that a passphrase opens.
    #[error("it is encrypted, and nobody is there to type a passphrase when the control plane reads it")]
    Encrypted,
    /// An elliptic key that Go can't read.
    #[error("it has its curve written out (explicit parameters) instead of named, which the control plane can't read")]
    UnnamedCurve,
    /// A PEM private key with broken content.
    #[error("it is damaged, or encrypted")]
    Damaged(#[source] rcgen::Error),
    /// The system gave no randomness.
    #[error("no key could be generated")]
    Generation(#[source] rcgen::Error),
}

/// A private key.
pub struct PrivateKey {
    pair: KeyPair,
    /// What the PEM block is called.
    label: &'static str,
    /// PKCS#1, SEC 1 or PKCS#8, as the label says.
    der: Zeroizing<Vec<u8>>,
}

impl PrivateKey {
    /// Makes a new key. RSA takes a tenth of a second and more: see [`super::KeyPool`].
    pub fn generate(algorithm: KeyAlgorithm) -> Result<Self, KeyError> {
        let rsa = |size| KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, size);
        let pair = match algorithm {
            KeyAlgorithm::Rsa2048 => rsa(RsaKeySize::_2048),
            KeyAlgorithm::Rsa3072 => rsa(RsaKeySize::_3072),
            KeyAlgorithm::Rsa4096 => rsa(RsaKeySize::_4096),
            KeyAlgorithm::EcdsaP256 => KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256),
            KeyAlgorithm::EcdsaP384 => KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384),
        };
        Self::new(pair.map_err(KeyError::Generation)?)
    }

    /// Reads the first private key of a PEM text: PKCS#1, SEC 1 or PKCS#8.
    pub fn from_pem(pem: &[u8]) -> Result<Self, KeyError> {
        Self::read(pem).map_err(|why| if is_encrypted(pem) { KeyError::Encrypted } else { why })
    }

    fn read(pem: &[u8]) -> Result<Self, KeyError> {
        let key = PrivateKeyDer::from_pem_slice(pem).map_err(|_| KeyError::NotPem)?;
        let pair = KeyPair::try_from(&key);
        let pair = pair.map_err(|source| size(key.secret_der()).map_or(KeyError::Damaged(source), KeyError::Size))?;
        if curve::of(pair.algorithm()).is_some() && curve::is_unnamed_in_key(key.secret_der()) {
            return Err(KeyError::UnnamedCurve);
        }
        Self::new(pair)
    }

    /// Itself, where it is of a kind that Kubernetes signs with. Others are good for leaves only.
    pub fn that_signs(self) -> Result<Self, KeyError> {
        if *self.pair.algorithm() == PKCS_ED25519 { Err(KeyError::Unsupported) } else { Ok(self) }
    }

    /// The PEM form that kubeadm writes: PKCS#1, or SEC 1 with the curve's name, without which Go can't read it.
    #[must_use]
    pub fn to_pem(&self) -> Zeroizing<String> {
        der::pem(self.label, &self.der)
    }

    /// The public key in PEM, as in `sa.pub`.
    #[must_use]
    pub fn public_key_pem(&self) -> String {
        der::pem("PUBLIC KEY", &self.pair.subject_public_key_info()).to_string()
    }

    /// The public key as it stands in a certificate, without its algorithm.
    #[must_use]
    pub fn public_key(&self) -> &[u8] {
        self.pair.public_key_raw()
    }

    /// rcgen's view, to sign with.
    #[must_use]
    pub fn pair(&self) -> &KeyPair {
        &self.pair
    }

    fn new(pair: KeyPair) -> Result<Self, KeyError> {
        let (label, der) = match curve::of(pair.algorithm()) {
            Some(curve) => ("EC PRIVATE KEY", sec1(&pair, curve)),
            None if *pair.algorithm() == PKCS_RSA_SHA256 => ("RSA PRIVATE KEY", pkcs1(&pair)),
            None => ("PRIVATE KEY", Some(Zeroizing::new(pair.serialize_der()))),
        };
        Ok(Self { label, der: der.ok_or(KeyError::Unsupported)?, pair })
    }
}

impl Drop for PrivateKey {
    fn drop(&mut self) {
        self.pair.zeroize();
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivateKey").field("label", &self.label).finish_non_exhaustive()
    }
}

/// Whether a PEM text has an encrypted private key: PKCS#8's, or one of OpenSSL's older form.
fn is_encrypted(pem: &[u8]) -> bool {
    ["-----BEGIN ENCRYPTED PRIVATE KEY-----", "Proc-Type: 4,ENCRYPTED"]
        .iter()
        .any(|mark| pem.windows(mark.len()).any(|bytes| bytes == mark.as_bytes()))
}

/// A key's kind and size, in words, if it is a size that none of those have that can be used.
fn size(key: &[u8]) -> Option<String> {
    const ELLIPTIC_BITS: [usize; 3] = [256, 384, 528];
    match der::within(unwrapped(key)?, der::SEQUENCE)?.as_slice() {
        [_, modulus, ..] if modulus.tag == der::INTEGER => {
            let bits = 8 * modulus.content.iter().skip_while(|&&digit| digit == 0).count();
            (!RSA_BITS.contains(&bits)).then(|| format!("an RSA key of {bits} bits"))
        }
        [_, scalar, ..] if scalar.tag == der::OCTET_STRING => {
            let bits = 8 * scalar.content.len();
            (!ELLIPTIC_BITS.contains(&bits)).then(|| format!("an elliptic key of {bits} bits"))
        }
        _ => None,
    }
}

/// The algorithm's own form of the key: what PKCS#8 wraps, or the whole where there is no wrapping.
fn unwrapped(whole: &[u8]) -> Option<&[u8]> {
    match der::within(whole, der::SEQUENCE)?.as_slice() {
        [_, algorithm, key, ..] if algorithm.tag == der::SEQUENCE => Some(key.content),
        _ => Some(whole),
    }
}

fn pkcs1(pair: &KeyPair) -> Option<Zeroizing<Vec<u8>>> {
    Some(Zeroizing::new(unwrapped(pair.serialized_der())?.to_vec()))
}

fn sec1(pair: &KeyPair, curve: Curve) -> Option<Zeroizing<Vec<u8>>> {
    let parts = der::within(unwrapped(pair.serialized_der())?, der::SEQUENCE)?;
    let scalar = parts.iter().find(|part| part.tag == der::OCTET_STRING)?.content;
    let padding = vec![0; curve.size.checked_sub(scalar.len())?];
    let public = der::element(der::BIT_STRING, &[&[0], pair.public_key_raw()]);
    Some(der::element(
        der::SEQUENCE,
        &[
            &der::element(der::INTEGER, &[&[1]]),
            &der::element(der::OCTET_STRING, &[&padding, scalar]),
            &der::element(0xa0, &[curve.oid]),
            &der::element(0xa1, &[&public]),
        ],
    ))
}

#[cfg(test)]
mod tests;
