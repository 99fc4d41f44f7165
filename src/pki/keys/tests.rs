//! Keys of every kind and form.

use super::*;

#[test]
fn a_key_reads_back_whatever_form_it_was_in() {
    for (algorithm, label) in [
        (KeyAlgorithm::Rsa2048, "-----BEGIN RSA PRIVATE KEY-----\n"),
        (KeyAlgorithm::EcdsaP256, "-----BEGIN EC PRIVATE KEY-----\n"),
        (KeyAlgorithm::EcdsaP384, "-----BEGIN EC PRIVATE KEY-----\n"),
    ] {
        let key = PrivateKey::generate(algorithm).unwrap();
        assert!(key.to_pem().starts_with(label), "{algorithm:?}");
        for form in [key.to_pem().to_string(), key.pair().serialize_pem()] {
            let read = PrivateKey::from_pem(form.as_bytes()).unwrap();
            assert_eq!(read.public_key(), key.public_key());
            assert_eq!(*read.to_pem(), *key.to_pem(), "{algorithm:?}");
        }
    }
}

#[test]
fn what_kubernetes_does_not_take_is_refused() {
    let key = KeyPair::generate_for(&PKCS_ED25519).unwrap();
    let key = PrivateKey::from_pem(key.serialize_pem().as_bytes()).unwrap();
    assert_eq!(PrivateKey::from_pem(key.to_pem().as_bytes()).unwrap().public_key(), key.public_key());
    assert!(matches!(key.that_signs(), Err(KeyError::Unsupported)));
    assert!(matches!(PrivateKey::from_pem(b"secret"), Err(KeyError::NotPem)));
    assert!(matches!(KeyAlgorithm::parse("RSA-1024"), Err(KeyError::UnknownAlgorithm(_))));
}

#[test]
fn a_key_of_another_size_is_not_called_damaged() {
    for (pem, size) in [
        (include_str!("../testdata/openssl/rsa-1024.key"), "it is an RSA key of 1024 bits"),
        (include_str!("../testdata/openssl/p224.key"), "it is an elliptic key of 224 bits"),
    ] {
        let said = PrivateKey::from_pem(pem.as_bytes()).unwrap_err().to_string();
        assert!(said.starts_with(size), "{said}");
    }
    let mut key = PrivateKey::generate(KeyAlgorithm::Rsa2048).unwrap().pair().serialize_der();
    let last = key.len() - 1;
    key[last] ^= 1;
    let damaged = der::pem("PRIVATE KEY", &key);
    assert!(matches!(PrivateKey::from_pem(damaged.as_bytes()), Err(KeyError::Damaged(_))));
}

#[test]
fn a_key_without_the_name_of_its_curve_is_refused() {
    for pem in
        [include_str!("../testdata/openssl/explicit-sec1.key"), include_str!("../testdata/openssl/explicit-pkcs8.key")]
    {
        assert!(matches!(PrivateKey::from_pem(pem.as_bytes()), Err(KeyError::UnnamedCurve)));
    }
}

#[test]
fn debug_tells_nothing() {
    let key = PrivateKey::generate(KeyAlgorithm::EcdsaP256).unwrap();
    assert_eq!(format!("{key:?}"), "PrivateKey { label: \"EC PRIVATE KEY\", .. }");
}
