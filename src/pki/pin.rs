//! The pin of a public key: the hash by which a joining node knows the cluster's authority.
//!
//! Knows how it is made; how one is read, [`crate::config::token::parse_pin`] knows.

use std::fmt::Write as _;

use aws_lc_rs::digest;

/// `sha256:` and the digest of a SubjectPublicKeyInfo.
pub(super) fn pin(public_key_info: &[u8]) -> String {
    let mut pin = "sha256:".to_owned();
    for byte in digest::digest(&digest::SHA256, public_key_info).as_ref() {
        // Writing to a string cannot fail.
        let _ = write!(pin, "{byte:02x}");
    }
    pin
}

#[cfg(test)]
mod tests {
    use crate::pki::Certificate;

    /// kubeadm v1.37.2's `ca.crt`, and what openssl says of it (`x509 -pubkey | pkey -pubin -outform DER | sha256sum`).
    const CA: &[u8] = include_bytes!("testdata/ca.crt");
    const PIN: &str = "sha256:b3aa08b9d5aed21b3c03035bef3d11c182d2b136d54913a8adc05196a9aadb2f";

    #[test]
    fn the_pin_is_openssls() {
        assert_eq!(Certificate::chain_from_pem(CA).unwrap().first.pin(), PIN);
    }
}
