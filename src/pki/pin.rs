//! Pins of public keys: how a joining node knows the cluster's authority by a hash that it was told.
//!
//! Knows `sha256:` and hexadecimal digits; refuses to know where pins and certificates come from.

use std::fmt::Write as _;

use aws_lc_rs::digest;

use super::inspect::{Certificate, NotACertificate};

const FORMAT: &str = "sha256";
const DIGITS: usize = 64;

/// A text that is no pin. The words are kubeadm's.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAPin {
    /// Not two parts.
    #[error("invalid hash, expected \"format:hex-value\". Known format(s) are: {FORMAT}")]
    Shape,
    /// Another hash function.
    #[error("unknown hash format {0:?}. Known format(s) are: {FORMAT}")]
    Format(String),
    /// Too short or too long.
    #[error("invalid hash {text:?}, expected a 32 byte SHA-256 hash, found {found} bytes")]
    Length {
        /// The pin.
        text: String,
        /// Its bytes.
        found: usize,
    },
    /// Other characters than hexadecimal digits.
    #[error("invalid hash {0:?}, could not decode SHA-256 from hex")]
    Digits(String),
}

/// A set of pins, checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pins(Vec<String>);

impl Pins {
    /// Reads `sha256:<64 hexadecimal digits>`, in either case of letters.
    pub fn parse(texts: &[String]) -> Result<Self, NotAPin> {
        texts.iter().map(|text| read(text)).collect::<Result<_, _>>().map(Self)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the certificate's public key is one of them.
    #[must_use]
    pub fn allow(&self, certificate: &Certificate) -> bool {
        self.0.contains(&certificate.pin())
    }
}

/// The pin of the public key of a certificate in DER, as in `--discovery-token-ca-cert-hash`.
pub fn public_key_pin(certificate: &[u8]) -> Result<String, NotACertificate> {
    Certificate::from_der(certificate).map(|certificate| certificate.pin())
}

/// `sha256:` and the digest of a SubjectPublicKeyInfo.
pub(super) fn pin(public_key_info: &[u8]) -> String {
    let mut pin = format!("{FORMAT}:");
    for byte in digest::digest(&digest::SHA256, public_key_info).as_ref() {
        // Writing to a string cannot fail.
        let _ = write!(pin, "{byte:02x}");
    }
    pin
}

fn read(text: &str) -> Result<String, NotAPin> {
    let (format, value) = text.split_once(':').filter(|(_, value)| !value.contains(':')).ok_or(NotAPin::Shape)?;
    if !format.eq_ignore_ascii_case(FORMAT) {
        return Err(NotAPin::Format(format.to_owned()));
    }
    if value.len() != DIGITS {
        return Err(NotAPin::Length { text: text.to_owned(), found: value.len() / 2 });
    }
    if !value.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return Err(NotAPin::Digits(text.to_owned()));
    }
    Ok(text.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// kubeadm v1.37.2's `ca.crt`, and what openssl says of it (`x509 -pubkey | pkey -pubin -outform DER | sha256sum`).
    const CA: &[u8] = include_bytes!("testdata/ca.crt");
    const PIN: &str = "sha256:b3aa08b9d5aed21b3c03035bef3d11c182d2b136d54913a8adc05196a9aadb2f";

    #[test]
    fn the_pin_is_openssls() {
        let ca = Certificate::chain_from_pem(CA).unwrap().first;
        assert_eq!(public_key_pin(ca.der()).unwrap(), PIN);
        let other = Certificate::chain_from_pem(include_bytes!("testdata/etcd/ca.crt")).unwrap().first;
        let pins = Pins::parse(&[PIN.to_uppercase()]).unwrap();
        assert!(pins.allow(&ca) && !pins.allow(&other));
    }

    #[test]
    fn what_is_no_pin_is_told_in_kubeadms_words() {
        let said = |text: &str| Pins::parse(&[text.to_owned()]).unwrap_err().to_string();
        let known = "Known format(s) are: sha256";
        assert_eq!(said("abc"), format!("invalid hash, expected \"format:hex-value\". {known}"));
        assert_eq!(said("md5:00"), format!("unknown hash format \"md5\". {known}"));
        assert_eq!(said("sha256:00"), "invalid hash \"sha256:00\", expected a 32 byte SHA-256 hash, found 1 bytes");
        assert!(said(&format!("sha256:{}", "g".repeat(64))).ends_with("could not decode SHA-256 from hex"));
    }
}
