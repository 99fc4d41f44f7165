//! Certificates that an authority signed, and that nobody who trusts it takes.

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType, GeneralSubtree, IsCa, Issuer,
    KeyPair, NameConstraints, SanType,
};

use super::*;

/// An authority, as its subjects see it.
struct Signer {
    params: CertificateParams,
    key: KeyPair,
    pem: String,
}

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    (params.not_before, params.not_after) = (now() - time::Duration::days(1), now() + time::Duration::days(365));
    params
}

fn signer(name: &str, by: Option<&Signer>, change: impl FnOnce(&mut CertificateParams)) -> Signer {
    let key = KeyPair::generate().unwrap();
    let mut params = params(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    change(&mut params);
    let made = match by {
        Some(by) => params.signed_by(&key, &Issuer::from_params(&by.params, &by.key)),
        None => params.self_signed(&key),
    };
    Signer { pem: made.unwrap().pem(), params, key }
}

/// A certificate with what must be in its file, too.
fn chain(by: &Signer, between: &[&Signer], change: impl FnOnce(&mut CertificateParams)) -> Chain {
    let mut params = params("kube-apiserver");
    params.subject_alt_names.push(SanType::DnsName("node-1".try_into().unwrap()));
    change(&mut params);
    let leaf = params.signed_by(&KeyPair::generate().unwrap(), &Issuer::from_params(&by.params, &by.key)).unwrap();
    let between: String = between.iter().map(|signer| signer.pem.as_str()).collect();
    Certificate::chain_from_pem(format!("{}{between}", leaf.pem()).as_bytes()).unwrap()
}

fn refusal(chain: &Chain, root: &Signer) -> String {
    let root = Certificate::chain_from_pem(root.pem.as_bytes()).unwrap().first;
    match chain.leads_to(&root, now()) {
        Verdict::Hold => String::new(),
        Verdict::Refused(why) => why.to_string(),
        other => panic!("{other:?}"),
    }
}

fn none(_: &mut CertificateParams) {}

fn critical(params: &mut CertificateParams) {
    let mut extension = CustomExtension::from_oid_content(&[1, 2, 3, 4], vec![5, 0]);
    extension.set_criticality(true);
    params.custom_extensions.push(extension);
}

fn permitting(name: &str) -> impl FnOnce(&mut CertificateParams) {
    let tree = GeneralSubtree::DnsName(name.to_owned());
    |params| {
        params.name_constraints =
            Some(NameConstraints { permitted_subtrees: vec![tree], excluded_subtrees: Vec::new() });
    }
}

#[test]
fn more_authorities_below_one_than_it_allows() {
    let deep =
        |most| move |params: &mut CertificateParams| params.is_ca = IsCa::Ca(BasicConstraints::Constrained(most));
    for (most, said) in [(0, "CA \"CN=root\" allows 0 other CAs below itself (pathlen), and there are 1"), (1, "")] {
        let root = signer("root", None, deep(most));
        assert_eq!(refusal(&chain(&root, &[], none), &root), "");
        let between = signer("between", Some(&root), none);
        assert_eq!(refusal(&chain(&between, &[&between], none), &root), said);
    }
}

#[test]
fn names_that_an_authority_may_not_sign_for() {
    for (permitted, said) in
        [("example.com", "the name constraints of CA \"CN=root\" don't permit node-1"), ("node-1", "")]
    {
        let root = signer("root", None, permitting(permitted));
        assert_eq!(refusal(&chain(&root, &[], none), &root), said);
        let between = signer("between", Some(&root), none);
        assert_eq!(refusal(&chain(&between, &[&between], none), &root), said);
    }
}

#[test]
fn one_between_that_is_no_good_unless_another_is() {
    let root = signer("root", None, none);
    let expired = signer("between", Some(&root), |params| params.not_after = now() - time::Duration::hours(1));
    let between = |key: &Signer, change: fn(&mut CertificateParams)| {
        let mut params = key.params.clone();
        params.not_after = now() + time::Duration::days(1);
        change(&mut params);
        let pem = params.signed_by(&key.key, &Issuer::from_params(&root.params, &root.key)).unwrap().pem();
        Signer { params, pem, key: KeyPair::generate().unwrap() }
    };
    let (good, odd) = (between(&expired, none), between(&expired, critical));
    let said = refusal(&chain(&expired, &[&expired], none), &root);
    assert!(said.starts_with("CA \"CN=between\" between them is valid only from"), "{said}");
    let said = refusal(&chain(&expired, &[&odd], none), &root);
    assert_eq!(said, "CA \"CN=between\" between them has the critical extension 1.2.3.4, which nobody knows");
    assert_eq!(refusal(&chain(&expired, &[&expired, &odd, &good], none), &root), "");
}

#[test]
fn a_way_that_ends_elsewhere_is_not_the_only_one() {
    let (root, other) = (signer("root", None, none), signer("other", None, none));
    let elsewhere = signer("between", Some(&other), none);
    let params = elsewhere.params.clone();
    let pem = params.signed_by(&elsewhere.key, &Issuer::from_params(&root.params, &root.key)).unwrap().pem();
    let here = Signer { params, pem, key: KeyPair::generate().unwrap() };
    assert_eq!(refusal(&chain(&elsewhere, &[&elsewhere, &here], none), &root), "");
}

/// A machine with another CA, and with a certificate of the API server that it signed.
fn machine_of(ca: &Signer, change: impl FnOnce(&mut CertificateParams)) -> FakeHost {
    let host = machine();
    put(&host, "/pki/ca.crt", &ca.pem);
    put(&host, "/pki/ca.key", ca.key.serialize_pem());
    put(&host, "/pki/apiserver.crt", chain(ca, &[], change).first.to_pem());
    host
}

#[test]
fn what_nobody_takes_is_an_error_with_a_way_on() {
    let told = said(&machine_of(&signer("kubernetes", None, none), critical), &config(), now());
    let words = "certificate /pki/apiserver.crt has the critical extension 1.2.3.4, which nobody knows";
    assert!(told.contains(words) && told.contains("`mv /pki/apiserver.crt /pki/apiserver.crt.old`"), "{told}");

    let told = said(&machine_of(&signer("kubernetes", None, critical), none), &config(), now());
    assert_eq!(told.matches("certificate /pki/ca.crt has the critical extension 1.2.3.4").count(), 1, "{told}");

    let limited = machine_of(&signer("kubernetes", None, permitting("example.com")), none);
    let told = said(&limited, &config(), now());
    let words =
        "certificate /pki/apiserver.crt is of CA certificate /pki/ca.crt, but nobody takes it: the name constraints";
    assert!(told.contains(words) && told.contains("put a CA that permits them in the place of the other"), "{told}");
    limited.remove(Utf8Path::new("/pki/apiserver.crt")).unwrap();
    let told = said(&limited, &config(), now());
    let words = "certificate /pki/apiserver.crt can't be made: the name constraints of CA certificate /pki/ca.crt don't \
                 permit kubernetes, kubernetes.default, kubernetes.default.svc, kubernetes.default.svc.cluster.local, node-1";
    assert!(told.contains(words) && told.contains("put a CA in the place of /pki/ca.crt that permits"), "{told}");
}
