//! What is wrong with files that were there before.

use super::*;

#[test]
fn a_ca_with_the_wrong_key() {
    let host = machine();
    put(&host, "/pki/ca.key", read(&host, "/pki/etcd/ca.key"));
    let said = said(&host, &config(), now());
    assert!(said.starts_with("private key /pki/ca.key does not belong to certificate /pki/ca.crt"), "{said}");
    assert!(said.contains("sha256:"), "{said}");
}

#[test]
fn an_expired_ca_and_an_expired_leaf() {
    let host = machine();
    let eleven_years = said(&host, &config(), now() + time::Duration::days(11 * 365));
    assert!(
        eleven_years.contains("certificate /pki/ca.crt has expired: it was valid until 2036-11-20T14:19:28Z"),
        "{eleven_years}"
    );
    let two_years = said(&host, &config(), now() + time::Duration::days(2 * 365));
    assert!(!two_years.contains("/pki/ca.crt"), "{two_years}");
    assert!(
        two_years.contains("`mv /pki/etcd/peer.crt /pki/etcd/peer.crt.old`, then `kinit init phase certs etcd-peer`"),
        "{two_years}"
    );
    let early = said(&host, &config(), now() - time::Duration::hours(1));
    assert!(early.contains("is not valid yet") && early.contains("timedatectl"), "{early}");
}

#[test]
fn a_serving_certificate_that_lacks_names() {
    let host = machine();
    let mut cfg = config();
    cfg.cluster.api_server.cert_sans.extend(["a.wild.example.com", "new.example.org", "192.0.2.77"].map(str::to_owned));
    let said = said(&host, &cfg, now());
    assert!(
        said.starts_with(
            "certificate /pki/apiserver.crt is not good for new.example.org, 192.0.2.77; it is good for *.wild"
        ),
        "{said}"
    );
    let apiserver = Definition::named("apiserver").unwrap();
    ensure(&PkiDir::of(&host, &cfg), apiserver, &cfg, now(), &keys()).unwrap_err();
    assert_eq!(host.effects(), []);
}

#[test]
fn leaves_of_another_authority_and_for_another_purpose() {
    let host = machine();
    for ending in ["crt", "key"] {
        put(&host, &format!("/pki/apiserver.{ending}"), read(&host, &format!("/pki/etcd/healthcheck-client.{ending}")));
    }
    let said = said(&host, &config(), now());
    assert!(
        said.contains(
            "not signed by CA certificate /pki/ca.crt: its issuer is \"CN=etcd-ca\", the CA is \"CN=kubernetes\""
        ),
        "{said}"
    );
    assert!(said.contains("certificate /pki/apiserver.crt is not meant for TLS servers"), "{said}");
}

#[test]
fn a_new_ca_of_the_same_name_did_not_sign_the_old_leaves() {
    let host = machine();
    let other = machine();
    put(&host, "/pki/ca.crt", read(&other, "/pki/ca.crt"));
    put(&host, "/pki/ca.key", read(&other, "/pki/ca.key"));
    let said = said(&host, &config(), now());
    assert!(said.contains("it names the CA as its issuer, but another key signed it"), "{said}");
}

#[test]
fn what_is_missing_or_damaged_is_named_all_at_once() {
    let host = machine();
    put(&host, "/pki/front-proxy-ca.crt", read(&host, "/pki/front-proxy-client.crt"));
    put(&host, "/pki/front-proxy-ca.key", read(&host, "/pki/front-proxy-client.key"));
    put(&host, "/pki/apiserver.crt", "nonsense");
    put(&host, "/pki/sa.pub", PrivateKey::generate(KeyAlgorithm::EcdsaP256).unwrap().public_key_pem());
    host.remove(Utf8Path::new("/pki/etcd/server.key")).unwrap();
    let said = said(&host, &config(), now());
    for words in [
        "certificate /pki/front-proxy-ca.crt is not a CA",
        "couldn't load the certificate file /pki/apiserver.crt: it holds no PEM certificate",
        "public key /pki/sa.pub does not belong to private key /pki/sa.key",
        "certificate /pki/etcd/server.crt exists, but its private key /pki/etcd/server.key does not",
    ] {
        assert!(said.contains(words), "{words} in {said}");
    }
}

#[test]
fn an_authority_signs_with_its_own_key_only() {
    let host = machine();
    let other = host.read(Utf8Path::new("/pki/front-proxy-ca.key")).unwrap().unwrap();
    let ca = host.read(Utf8Path::new("/pki/ca.crt")).unwrap().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let host = FakeHost::new().with_file("/pki/ca.crt", &text(&ca)).with_file("/pki/ca.key", &text(&other));
    let dir = PkiDir::of(&host, &config());
    let error = authority(&dir, Definition::named("ca").unwrap()).err().unwrap();
    assert!(error.to_string().starts_with("private key /pki/ca.key does not belong to certificate /pki/ca.crt"));

    let read = |name: &str| text(&machine().read(Utf8Path::new(name)).unwrap().unwrap());
    let (leaf, key) = (read("/pki/apiserver.crt"), read("/pki/apiserver.key"));
    let host = FakeHost::new().with_file("/pki/ca.crt", &leaf).with_file("/pki/ca.key", &key);
    let error = authority(&PkiDir::of(&host, &config()), Definition::named("ca").unwrap()).err().unwrap();
    assert!(error.to_string().starts_with("certificate /pki/ca.crt is not a CA"));
}

/// As of a volume that is not mounted: neither a new one nor an external authority.
#[test]
fn a_file_that_is_away_is_not_absent() {
    for name in ["ca.crt", "ca.key", "sa.key", "sa.pub", "apiserver.key"] {
        let path = format!("/pki/{name}");
        let host = machine();
        host.remove(Utf8Path::new(&path)).unwrap();
        let host = host.with_link(&path, "/mnt/pki");
        let _ = host.effects();
        let said = said(&host, &config(), now());
        assert!(said.starts_with(&format!("{path} is a link to /mnt/pki, which is not there: mount")), "{said}");
        ensure_all(&host, &config(), now()).unwrap_err();
        assert_eq!(host.effects(), []);
    }
}

#[test]
fn a_file_that_cannot_be_read_is_not_to_be_removed_where_all_depends_on_it() {
    for (name, key, remedy) in [
        ("ca.key", include_str!("../testdata/openssl/encrypted-pkcs8.key"), "openssl pkey -in /pki/ca.key -out"),
        ("sa.key", include_str!("../testdata/openssl/encrypted-legacy.key"), "openssl pkey -in /pki/sa.key -out"),
        ("ca.key", "nonsense", "put the cluster's /pki/ca.key back, from a backup"),
        ("etcd/ca.crt", "nonsense", "put the cluster's /pki/etcd/ca.crt back, from a backup"),
        ("sa.key", "nonsense", "put the cluster's /pki/sa.key back, from a backup"),
        ("apiserver.key", "nonsense", "`mv /pki/apiserver.key /pki/apiserver.key.old`"),
    ] {
        let host = machine();
        put(&host, &format!("/pki/{name}"), key);
        let told = said(&host, &config(), now());
        assert!(told.contains(remedy), "{remedy} in {told}");
        assert!(!told.contains("remove"), "{told}");
        assert_eq!(told.contains("it is encrypted"), key.contains("ENCRYPTED"), "{told}");
    }
}

#[test]
fn a_ca_that_go_cannot_read_is_refused() {
    for (pem, words) in [
        (include_str!("../testdata/openssl/explicit.crt"), "its key has its curve written out"),
        (include_str!("../testdata/openssl/negative-serial.crt"), "its serial number is negative"),
    ] {
        let host = machine();
        put(&host, "/pki/ca.crt", pem);
        host.remove(Utf8Path::new("/pki/ca.key")).unwrap();
        let told = said(&host, &config(), now());
        assert!(told.starts_with(&format!("couldn't load the certificate file /pki/ca.crt: {words}")), "{told}");
        assert!(told.contains("have /pki/ca.crt made anew, for the same key, with"), "{told}");
    }
}

#[test]
fn a_leaf_may_have_a_key_that_kubernetes_does_not_sign_with() {
    let host = machine();
    let dir = PkiDir::of(&host, &config());
    let ca = authority(&dir, Definition::named("ca").unwrap()).unwrap();
    let spec = Definition::named("apiserver").unwrap().spec(&config(), now()).unwrap();
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap().serialize_pem();
    let leaf = signed(&spec, &PrivateKey::from_pem(key.as_bytes()).unwrap(), &ca).unwrap();
    put(&host, "/pki/apiserver.crt", leaf.to_pem());
    put(&host, "/pki/apiserver.key", &key);
    check_existing(&host, &config(), now(), |_| true).unwrap();

    // It is still the certificate's own.
    put(&host, "/pki/apiserver.key", rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap().serialize_pem());
    let told = said(&host, &config(), now());
    assert!(told.starts_with("private key /pki/apiserver.key does not belong to certificate"), "{told}");
    put(&host, "/pki/ca.key", &key);
    let told = said(&host, &config(), now());
    assert!(told.contains("/pki/ca.key: it is neither in RSA nor ECDSA format"), "{told}");
}

#[test]
fn a_certificate_that_cannot_be_checked_is_not_to_be_removed() {
    let host = machine();
    let weak = include_bytes!("../testdata/openssl/rsa-1024.crt");
    put(&host, "/pki/ca.crt", weak);
    put(&host, "/pki/apiserver.crt", weak);
    host.remove(Utf8Path::new("/pki/ca.key")).unwrap();
    let said = said(&host, &config(), now() + time::Duration::days(30));
    assert!(
        said.contains(
            "certificate /pki/apiserver.crt can't be checked against CA certificate /pki/ca.crt: it is signed with \
             sha256WithRSAEncryption, by a key of 1024 bits"
        ),
        "{said}"
    );
    assert!(said.contains("have /pki/apiserver.crt signed with RSA (a key of 2048 bits or more)"), "{said}");
}

#[test]
fn a_ca_that_may_not_sign_is_named_once_and_its_leaves_stay() {
    let host = machine();
    let later = now() + time::Duration::days(30);
    put(&host, "/pki/ca.crt", include_bytes!("../testdata/openssl/no-cert-sign.crt"));
    host.remove(Utf8Path::new("/pki/ca.key")).unwrap();
    let told = said(&host, &config(), later);
    let words = "certificate /pki/ca.crt may not sign certificates: its key usage lacks keyCertSign";
    assert_eq!(told.matches(words).count(), 1, "{told}");
    assert!(told.contains("put a CA in the place of /pki/ca.crt") && !told.contains("rm "), "{told}");

    // In the phase of a leaf alone, too.
    let apiserver = Definition::named("apiserver").unwrap();
    let error = ensure(&PkiDir::of(&host, &config()), apiserver, &config(), later, &keys()).unwrap_err();
    assert!(error.to_string().starts_with(words), "{error}");
}
