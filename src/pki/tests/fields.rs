//! What is in the certificates: what kubeadm puts there, field by field.

use x509_parser::certificate::X509Certificate;

use super::*;

/// Everything in a certificate that does not come from keys and chance, in comparable form.
fn fields(certificate: &X509Certificate<'_>, authority: &X509Certificate<'_>) -> Vec<String> {
    let key_id = |of: &X509Certificate<'_>| {
        let extension = of.extensions().iter().find(|extension| extension.oid.to_id_string() == "2.5.29.14");
        extension.map(|extension| extension.value[2..].to_vec())
    };
    let mut fields: Vec<String> = certificate
        .extensions()
        .iter()
        .map(|extension| {
            let oid = extension.oid.to_id_string();
            let value = match oid.as_str() {
                "2.5.29.14" => {
                    let digest = aws_lc_rs::digest::digest(
                        &aws_lc_rs::digest::SHA256,
                        &certificate.public_key().subject_public_key.data,
                    );
                    format!("Go's: {}", digest.as_ref()[..20] == extension.value[2..])
                }
                "2.5.29.35" => format!("the authority's alone: {}", key_id(authority).unwrap() == extension.value[4..]),
                _ => format!("{:?}", extension.value),
            };
            format!("{oid} {} {value}", extension.critical)
        })
        .collect();
    fields.sort();
    fields.push(format!("{:?}", certificate.issuer().as_raw()));
    fields.push(format!("{:?}", certificate.subject().as_raw()));
    fields.push(format!("{:?}", certificate.validity()));
    fields.push(format!("{:?} {:?}", certificate.signature_algorithm, certificate.public_key().algorithm));
    fields.push(format!("{:?} {}", certificate.version(), certificate.raw_serial().len() <= 8));
    fields
}

#[test]
fn every_field_is_kubeadms() {
    let host = FakeHost::new();
    ensure_all(&host, &config(), now()).unwrap();
    let dir = PkiDir::of(&host, &config());
    let theirs = |base: &str| {
        let path = format!("{}/src/pki/testdata/{base}.crt", env!("CARGO_MANIFEST_DIR"));
        let real = crate::host::RealHost::new(Utf8Path::new("/"));
        read_certificate(&real, Utf8Path::new(&path)).unwrap().unwrap().first
    };
    let ours = |base: &str| dir.certificate(base).unwrap().unwrap().first;
    for row in CERTIFICATES {
        let authority = row.authority().unwrap_or(row).base_name;
        let compared = [(ours(row.base_name), ours(authority)), (theirs(row.base_name), theirs(authority))].map(
            |(leaf, authority)| {
                let parse = |certificate: &Certificate| certificate.der().to_vec();
                let (leaf, authority) = (parse(&leaf), parse(&authority));
                let (_, leaf) = x509_parser::parse_x509_certificate(&leaf).unwrap();
                let (_, authority) = x509_parser::parse_x509_certificate(&authority).unwrap();
                fields(&leaf, &authority)
            },
        );
        assert_eq!(compared[0], compared[1], "{}", row.name);
    }
}

#[test]
fn addresses_are_read_as_kubernetes_reads_them() {
    let mut cfg = config();
    cfg.cluster.control_plane_endpoint = "192.000.002.050:6443".to_owned();
    cfg.cluster.api_server.cert_sans = ["010.0.0.1", "::ffff:192.0.2.77", "10.1.1"].map(str::to_owned).to_vec();
    let spec = Definition::named("apiserver").unwrap().spec(&cfg, now()).unwrap();
    let addresses: Vec<_> = spec.ip_addresses.iter().map(ToString::to_string).collect();
    assert_eq!(addresses, ["10.96.0.1", "192.0.2.10", "192.0.2.50", "10.0.0.1", "192.0.2.77"]);
    assert_eq!(spec.dns_names.iter().filter(|name| name.ends_with('1')).collect::<Vec<_>>(), ["10.1.1", "node-1"]);
}

#[test]
fn the_subjects_follow_the_version() {
    let organization = |name: &str, version: &str| {
        let cfg = InitConfig { version: Version::parse(version).unwrap(), ..config() };
        Definition::named(name).unwrap().spec(&cfg, now()).unwrap().organization
    };
    let kubelet_client = |version| organization("apiserver-kubelet-client", version);
    assert_eq!(kubelet_client("v1.28.15").as_deref(), Some("system:masters"));
    assert_eq!(kubelet_client("v1.33.11").as_deref(), Some("kubeadm:cluster-admins"));
    assert_eq!(kubelet_client("v1.33.13"), None);
    assert_eq!(kubelet_client("v1.34.7").as_deref(), Some("kubeadm:cluster-admins"));
    assert_eq!(kubelet_client("v1.34.8"), None);
    assert_eq!(kubelet_client("v1.35.4").as_deref(), Some("kubeadm:cluster-admins"));
    assert_eq!(kubelet_client("v1.37.2"), None);
    assert_eq!(organization("etcd-healthcheck-client", "v1.28.15").as_deref(), Some("system:masters"));
    assert_eq!(organization("etcd-healthcheck-client", "v1.29.0"), None);
}
