//! Certificates and keys.

use std::net::IpAddr;

use camino::Utf8Path;
use kinit::discovery::join_command;
use kinit::pki::{self, Certificate, PrivateKey, Usage};

use super::machine::{NOW, add_file, sample_init, with_file};

/// An authority that kubeadm made.
const CA: &[u8] = include_bytes!("../../../src/pki/testdata/ca.crt");

pub(super) fn certificate(data: &[u8]) {
    let address = IpAddr::from([192, 0, 2, 10]);
    let authority = Certificate::chain_from_pem(CA).expect("kubeadm made it").first;
    if let Ok(chain) = Certificate::chain_from_pem(data) {
        let _ = chain.leads_to(&authority, NOW);
        for certificate in chain.iter() {
            let again = Certificate::chain_from_pem(certificate.to_pem().as_bytes()).expect("it was written by us");
            assert_eq!(again.first, *certificate);
            let _ = (certificate.covers_name("node-1"), certificate.covers_address(address), certificate.pin());
        }
    }
    if let Ok(certificate) = Certificate::from_der(data) {
        assert_eq!(Certificate::from_der(certificate.der()).expect("it was read before"), certificate);
        let _ = (certificate.allows(Usage::Client), certificate.is_signed_by(&certificate));
    }
    let _ = join_command::pins(&String::from_utf8_lossy(data));
}

pub(super) fn private_key(data: &[u8]) {
    let Ok(key) = PrivateKey::from_pem(data) else { return };
    let again = PrivateKey::from_pem(key.to_pem().as_bytes()).expect("it was written by us");
    assert_eq!(again.public_key(), key.public_key());
    assert!(key.public_key_pem().starts_with("-----BEGIN PUBLIC KEY-----\n"));
}

/// Each file of the directory may be anything.
pub(super) fn directory(data: &[u8]) {
    let cfg = sample_init();
    let dir = Utf8Path::new(&cfg.cluster.certificates_dir);
    for name in ["ca.crt", "ca.key", "apiserver.crt", "sa.key", "sa.pub"] {
        let host = with_file(dir.join("ca.crt").as_str(), CA);
        add_file(&host, dir.join(name).as_str(), data);
        let _ = pki::check_existing(&host, &cfg, NOW, |_| true);
        let _ = pki::external_ca(&host, &cfg);
    }
}
