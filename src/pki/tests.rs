//! The tree as a whole: equal to what kubeadm makes, and what becomes of files that were there before.
//!
//! `testdata` is what kubeadm v1.37.2 made of [`config`], at [`now`].

use std::cell::Cell;

use camino::{Utf8Path, Utf8PathBuf};
use time::OffsetDateTime;
use time::macros::datetime;
use x509_parser::certificate::X509Certificate;

use super::*;
use crate::config::v1beta4::{ClusterConfiguration, Etcd, ExternalEtcd, InitConfiguration, LocalEtcd};
use crate::config::{Components, InitConfig, Network, Timeouts};
use crate::host::{FakeHost, Host, HostError, NewFile, Output, Result as HostResult, Stat, Volume};
use crate::versions::Version;

/// The moment at which kubeadm made `testdata`.
pub(crate) fn now() -> OffsetDateTime {
    datetime!(2026-11-23 14:19:28 UTC)
}

/// The configuration that kubeadm made `testdata` of.
pub(crate) fn config() -> InitConfig {
    let mut init = InitConfiguration::default();
    init.node_registration.name = "node-1".to_owned();
    let mut cluster = ClusterConfiguration {
        certificates_dir: "/pki".to_owned(),
        cluster_name: "kubernetes".to_owned(),
        control_plane_endpoint: "cp.example.com:6443".to_owned(),
        certificate_validity_period: "8760h0m0s".to_owned(),
        ca_certificate_validity_period: "87600h0m0s".to_owned(),
        etcd: Etcd { local: Some(LocalEtcd::default()), external: None },
        ..ClusterConfiguration::default()
    };
    cluster.networking.dns_domain = "cluster.local".to_owned();
    let more = ["foo.example.com", "192.0.2.99", "*.wild.example.com", "192.0.2.10", "2001:db8::1"];
    cluster.api_server.cert_sans = more.map(str::to_owned).to_vec();
    InitConfig {
        init,
        cluster,
        components: Components::default(),
        network: Network {
            advertise_address: "192.0.2.10".parse().unwrap(),
            bind_port: 6443,
            service_subnets: vec!["10.96.0.0/12".parse().unwrap()],
            pod_subnets: Vec::new(),
            control_plane_endpoint: "cp.example.com:6443".to_owned(),
        },
        generated_token: false,
        version: Version::new(1, 37, 2),
        ci: false,
        timeouts: Timeouts::default(),
    }
}

pub(crate) fn keys() -> KeyPool {
    KeyPool::start(KeyAlgorithm::EcdsaP256, 0)
}

/// Makes the whole tree be there.
pub(crate) fn ensure_all(host: &dyn Host, cfg: &InitConfig, now: OffsetDateTime) -> Result<Vec<Made>, PkiError> {
    let dir = PkiDir::of(host, cfg);
    let made = CERTIFICATES.iter().map(|row| ensure(&dir, row, cfg, now, &keys())).collect();
    ensure_service_account_key(&dir, &keys())?;
    made
}

fn put(host: &dyn Host, path: &str, content: impl AsRef<[u8]>) {
    host.write(&NewFile { path: Utf8Path::new(path), content: content.as_ref(), mode: 0o600, secret: false }).unwrap();
}

fn read(host: &dyn Host, path: &str) -> Vec<u8> {
    host.read(Utf8Path::new(path)).unwrap().unwrap()
}

/// A machine with the whole tree on it.
fn machine() -> FakeHost {
    let host = FakeHost::new();
    ensure_all(&host, &config(), now()).unwrap();
    let _ = host.effects();
    host
}

/// Everything that [`check_existing`] says, with what to do.
fn said(host: &dyn Host, cfg: &InitConfig, now: OffsetDateTime) -> String {
    let error = check_existing(host, cfg, now, |_| true).unwrap_err();
    format!("{}\n{}", crate::failure::chain(&error), error.remedies("kinit").join("\n"))
}

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
fn a_second_run_finds_all_and_changes_nothing() {
    let host = machine();
    let made = ensure_all(&host, &config(), now() + time::Duration::days(100)).unwrap();
    assert!(made.iter().all(|made| *made == Made::Existing), "{made:?}");
    assert_eq!(host.effects(), []);
    check_existing(&host, &config(), now(), |_| true).unwrap();
}

#[test]
fn what_is_not_wanted_is_not_looked_at() {
    let host = machine();
    host.remove(Utf8Path::new("/pki/apiserver.key")).unwrap();
    check_existing(&host, &config(), now(), |_| true).unwrap_err();
    check_existing(&host, &config(), now(), |name| name != "apiserver").unwrap();
}

#[test]
fn only_keys_that_are_not_there_are_to_be_made() {
    let host = machine();
    host.remove(Utf8Path::new("/pki/etcd/peer.key")).unwrap();
    let mut cfg = config();
    assert_eq!(keys_to_make(&PkiDir::of(&host, &cfg), &cfg).unwrap(), 1);
    assert_eq!(keys_to_make(&PkiDir::new(&host, "/elsewhere"), &cfg).unwrap(), 11);
    cfg.cluster.etcd = Etcd { local: None, external: Some(ExternalEtcd::default()) };
    assert_eq!(keys_to_make(&PkiDir::new(&host, "/elsewhere"), &cfg).unwrap(), 6);
}

#[test]
fn a_run_cut_off_at_any_write_is_finished_by_the_next_without_writing_anything_over() {
    let total = 2 * CERTIFICATES.len() + 2;
    for writes in 0..total {
        let host = CutOff { machine: FakeHost::new(), left: Cell::new(writes) };
        ensure_all(&host, &config(), now()).unwrap_err();
        let before: Vec<_> = files(&host).into_iter().map(|path| (read(&host, path.as_str()), path)).collect();
        assert_eq!(before.len(), writes);

        host.left.set(total);
        check_existing(&host, &config(), now(), |_| true).unwrap();
        ensure_all(&host, &config(), now()).unwrap();
        assert_eq!(files(&host).len(), total);
        for (content, path) in before {
            assert_eq!(read(&host, path.as_str()), content, "{path} after {writes} writes");
        }
    }
}

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
        two_years.contains("`rm /pki/etcd/peer.crt /pki/etcd/peer.key`, then `kinit init phase certs etcd-peer`"),
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
fn a_lost_sa_pub_is_written_from_sa_key() {
    let host = machine();
    let before = read(&host, "/pki/sa.pub");
    host.remove(Utf8Path::new("/pki/sa.pub")).unwrap();
    let made = ensure_service_account_key(&PkiDir::of(&host, &config()), &keys()).unwrap();
    assert_eq!(made, ServiceAccountKey::PublicRestored);
    assert_eq!(read(&host, "/pki/sa.pub"), before);
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

/// A machine that takes some writes and then no more.
#[derive(Debug)]
struct CutOff {
    machine: FakeHost,
    left: Cell<usize>,
}

fn files(host: &dyn Host) -> Vec<Utf8PathBuf> {
    let mut files = host.list(Utf8Path::new("/pki")).unwrap();
    files.extend(host.list(Utf8Path::new("/pki/etcd")).unwrap());
    files.retain(|path| path.extension().is_some());
    files
}

impl Host for CutOff {
    fn read(&self, path: &Utf8Path) -> HostResult<Option<Vec<u8>>> {
        self.machine.read(path)
    }
    fn stat(&self, path: &Utf8Path) -> HostResult<Option<Stat>> {
        self.machine.stat(path)
    }
    fn list(&self, dir: &Utf8Path) -> HostResult<Vec<Utf8PathBuf>> {
        self.machine.list(dir)
    }
    fn link(&self, path: &Utf8Path) -> HostResult<Option<Utf8PathBuf>> {
        self.machine.link(path)
    }
    fn volume(&self, dir: &Utf8Path) -> HostResult<Volume> {
        self.machine.volume(dir)
    }
    fn query(&self, argv: &[&str]) -> HostResult<Output> {
        self.machine.query(argv)
    }
    fn write(&self, file: &NewFile<'_>) -> HostResult<()> {
        let path = file.path.to_owned();
        let full = || HostError::Io { verb: "write", path, source: std::io::ErrorKind::StorageFull.into() };
        self.left.set(self.left.get().checked_sub(1).ok_or_else(full)?);
        self.machine.write(file)
    }
    fn make_dir(&self, dir: &Utf8Path, mode: u32) -> HostResult<()> {
        self.machine.make_dir(dir, mode)
    }
    fn remove(&self, path: &Utf8Path) -> HostResult<()> {
        self.machine.remove(path)
    }
    fn set_mode(&self, path: &Utf8Path, mode: u32, owner: Option<(u32, u32)>) -> HostResult<()> {
        self.machine.set_mode(path, mode, owner)
    }
    fn unmount(&self, path: &Utf8Path, flags: &[String]) -> HostResult<()> {
        self.machine.unmount(path, flags)
    }
    fn act(&self, argv: &[&str]) -> HostResult<Output> {
        self.machine.act(argv)
    }
    fn changes(&self) -> usize {
        self.machine.changes()
    }
}
