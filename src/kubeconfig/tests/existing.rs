//! What is wrong with files that were there before, and what an authority without its key needs.

use super::*;

#[test]
fn files_of_another_cluster_or_time_are_named() {
    let (host, other) = (machine(), machine());
    check_existing(&host, Utf8Path::new(DIR), &config(), now(), |_| true).unwrap();
    let admin = Utf8Path::new("/etc/kubernetes/admin.conf");

    put(&host, admin, &text(&other, "admin.conf"));
    let foreign = said(&host, now());
    assert!(foreign.contains("does not contain a trusted CA in its current context's cluster: it trusts"), "{foreign}");
    assert!(
        foreign.contains(
            "`mv /etc/kubernetes/admin.conf /etc/kubernetes/admin.conf.old`, then `kinit init phase kubeconfig admin`"
        ),
        "{foreign}"
    );

    // The right authority around another cluster's client.
    let mut mixed = yaml::document(&text(&host, "admin.conf")).unwrap();
    mixed["clusters"] = yaml::document(&text(&host, "scheduler.conf")).unwrap()["clusters"].clone();
    put(&host, admin, &yaml::to_string(&mixed).unwrap());
    assert!(said(&host, now()).contains("not signed by CA certificate /pki/ca.crt"), "{}", said(&host, now()));

    put(&host, admin, "kind: Pod\n");
    assert!(said(&host, now()).contains("its kind is \"Pod\", not Config"), "{}", said(&host, now()));
    host.remove(admin).unwrap();
    assert!(said(&host, now() + Duration::days(400)).contains("has expired"));
}

#[test]
fn a_file_that_is_away_is_not_absent() {
    let host = machine();
    host.remove(Utf8Path::new("/etc/kubernetes/admin.conf")).unwrap();
    let host = host.with_link("/etc/kubernetes/admin.conf", "/mnt/admin.conf");
    let _ = host.effects();
    let said = said(&host, now());
    assert!(said.starts_with("/etc/kubernetes/admin.conf is a link to /mnt/admin.conf, which is not there"), "{said}");
    all(&host, &config(), now()).unwrap_err();
    assert_eq!(host.effects(), []);
}

#[test]
fn a_client_key_of_another_kind_is_the_clients_business() {
    let host = machine();
    let ca = pki::authority(&PkiDir::of(&host, &config()), pki::Definition::named("ca").unwrap()).unwrap();
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
    let put_client = |issuer_name: &str| {
        let mut issuer = rcgen::CertificateParams::default();
        issuer.distinguished_name = rcgen::DistinguishedName::new();
        issuer
            .distinguished_name
            .push(rcgen::DnType::CommonName, rcgen::DnValue::PrintableString(issuer_name.try_into().unwrap()));
        let mut client = rcgen::CertificateParams::default();
        (client.not_before, client.not_after) = (now() - Duration::hours(1), now() + Duration::hours(1));
        let issuer = rcgen::Issuer::from_params(&issuer, ca.key.pair());
        let certificate = client.signed_by(&key, &issuer).unwrap().pem();
        let cluster = Kubeconfig::parse(&text(&host, "admin.conf")).unwrap().cluster;
        let file = Kubeconfig::with_certificate(cluster, "me", &certificate, &key.serialize_pem());
        put(&host, Utf8Path::new("/etc/kubernetes/admin.conf"), &file.to_yaml().unwrap());
    };
    put_client("kubernetes");
    check_existing(&host, Utf8Path::new(DIR), &config(), now(), |_| true).unwrap();
    assert!(said(&host, now() + Duration::days(1)).contains("has expired"));
    put_client("another");
    assert!(said(&host, now()).contains("not signed by CA certificate /pki/ca.crt"));
}

#[test]
fn an_external_ca_needs_every_file() {
    let host = machine();
    host.remove(&PkiDir::new(&host, "/pki").key_path("ca")).unwrap();
    check_existing(&host, Utf8Path::new(DIR), &config(), now(), |_| true).unwrap();
    host.remove(Utf8Path::new("/etc/kubernetes/scheduler.conf")).unwrap();
    let said = said(&host, now());
    assert!(said.starts_with("the scheduler.conf file does not exists or it is not valid"), "{said}");
}

#[test]
fn what_an_external_ca_signed_is_to_be_signed_by_it_again() {
    let host = machine();
    host.remove(&PkiDir::new(&host, "/pki").key_path("ca")).unwrap();
    let told = said(&host, now() + Duration::days(400));
    assert!(
        told.contains(
            "the admin.conf file does not exists or it is not valid: the client certificate in kubeconfig file \
             /etc/kubernetes/admin.conf can't be used: "
        ),
        "{told}"
    );
    assert!(told.contains("make /etc/kubernetes/admin.conf where the CA's key is, and put it here"), "{told}");
    assert!(!told.contains("`mv "), "{told}");
}
