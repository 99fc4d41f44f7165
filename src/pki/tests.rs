//! The tree as a whole: what is made of it, and what is there already.
//!
//! `testdata` is what kubeadm v1.37.2 made of [`config`], at [`now`].

mod cut_off;
mod existing;
mod external;
mod fields;
mod refused;

use camino::Utf8Path;
use time::OffsetDateTime;
use time::macros::datetime;

use super::*;
use crate::config::v1beta4::{ClusterConfiguration, Etcd, ExternalEtcd, InitConfiguration, LocalEtcd};
use crate::config::{Components, InitConfig, Network, Timeouts};
use crate::host::{FakeHost, Host, NewFile};
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
fn a_lost_sa_pub_is_written_from_sa_key() {
    let host = machine();
    let before = read(&host, "/pki/sa.pub");
    host.remove(Utf8Path::new("/pki/sa.pub")).unwrap();
    let made = ensure_service_account_key(&PkiDir::of(&host, &config()), &keys()).unwrap();
    assert_eq!(made, ServiceAccountKey::PublicRestored);
    assert_eq!(read(&host, "/pki/sa.pub"), before);
}

#[test]
fn a_sa_pub_whose_sa_key_is_lost_stays() {
    let host = machine();
    host.remove(Utf8Path::new("/pki/sa.key")).unwrap();
    let _ = host.effects();
    let told = said(&host, &config(), now());
    assert!(told.starts_with("public key /pki/sa.pub exists, but its private key /pki/sa.key does not\n"), "{told}");
    assert!(told.contains("put /pki/sa.key back") && told.contains("`mv /pki/sa.pub /pki/sa.pub.old`"), "{told}");
    ensure_service_account_key(&PkiDir::of(&host, &config()), &keys()).unwrap_err();
    assert_eq!(host.effects(), []);
}
