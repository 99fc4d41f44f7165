//! What an authority without its key needs.

use super::*;

#[test]
fn an_external_ca_needs_what_it_should_have_signed() {
    let host = machine();
    assert!(!external_ca(&host, &config()).unwrap());
    host.remove(Utf8Path::new("/pki/ca.key")).unwrap();
    assert!(external_ca(&host, &config()).unwrap());
    let leaf = host.read(Utf8Path::new("/pki/apiserver.crt")).unwrap().unwrap();
    for no_authority in ["damaged", std::str::from_utf8(&leaf).unwrap()] {
        let host = FakeHost::new().with_file("/pki/ca.crt", no_authority);
        assert!(!external_ca(&host, &config()).unwrap());
    }
    let made = ensure_all(&host, &config(), now()).unwrap();
    assert_eq!(made[0], Made::ExistingKeyless);
    assert!(made[1..].iter().all(|made| *made == Made::Existing), "{made:?}");

    host.remove(Utf8Path::new("/pki/apiserver.crt")).unwrap();
    host.remove(Utf8Path::new("/pki/apiserver.key")).unwrap();
    let said = said(&host, &config(), now());
    assert!(said.starts_with("invalid or incomplete external CA: /pki/apiserver.crt does not exist"), "{said}");
}

#[test]
fn what_an_external_ca_signed_is_to_be_signed_by_it_again() {
    let host = machine();
    host.remove(Utf8Path::new("/pki/ca.key")).unwrap();
    host.remove(Utf8Path::new("/pki/apiserver-kubelet-client.key")).unwrap();
    let mut cfg = config();
    cfg.cluster.api_server.cert_sans.push("new.example.org".to_owned());
    let later = now() + time::Duration::days(2 * 365);
    let told = said(&host, &cfg, later);
    for fault in [
        "external CA: certificate /pki/apiserver.crt has expired",
        "external CA: certificate /pki/apiserver.crt is not good for new.example.org",
        "external CA: certificate /pki/apiserver-kubelet-client.crt exists, but its private key",
        "have /pki/apiserver.crt made where the CA's key is, and put it here with its key; or put the CA's key here as \
         /pki/ca.key",
        "put the key back as /pki/apiserver-kubelet-client.key; or: have /pki/apiserver-kubelet-client.crt made where",
        // The other authorities' keys are here.
        "`mv /pki/front-proxy-client.crt /pki/front-proxy-client.crt.old`, then `kinit init phase certs",
    ] {
        assert!(told.contains(fault), "{fault} in {told}");
    }
    assert!(!told.contains("mv /pki/apiserver.") && !told.contains("mv /pki/apiserver-kubelet"), "{told}");
}
