//! What comes from a cluster, or leads to one.

use camino::Utf8Path;
use kinit::config::token::Token;
use kinit::discovery::{file, token};
use kinit::host::{FakeHost, Host};
use kinit::kube::certs_secret::CertificateKey;
use kinit::kube::tokens::Grant;
use kinit::kube::{Endpoint, cluster_info, jws, read_back};
use kinit::kubeconfig::{self, Cluster, Kubeconfig, point_to_rotated_certificate};
use kinit::{paths, reset, yaml};
use serde_json::{Value, json};

use super::machine::{NOW, add_file, sample_init, with_file};

const CA: &[u8] = include_bytes!("../../../src/pki/testdata/ca.crt");

pub(super) fn kubeconfig(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let _ = (Cluster::parse(text), Endpoint::of("a test", text, &FakeHost::new()));
    if let Ok(read) = Kubeconfig::parse(text) {
        let printed = read.to_yaml().expect("it can be written");
        let again = Kubeconfig::parse(&printed).expect("it was written by us");
        assert_eq!((again.cluster, again.user), (read.cluster, read.user), "{printed}");
    }
    let cfg = sample_init();
    let host = with_file("/etc/kubernetes/pki/ca.crt", CA);
    add_file(&host, paths::ADMIN_CONF, data);
    add_file(&host, paths::KUBELET_CONF, data);
    let _ = kubeconfig::check_existing(&host, Utf8Path::new("/etc/kubernetes"), &cfg, NOW, |_| true);
    rotate(&host);
}

/// The second time changes nothing.
fn rotate(host: &FakeHost) {
    let (path, certificate) = (Utf8Path::new(paths::KUBELET_CONF), Utf8Path::new("/c.pem"));
    if point_to_rotated_certificate(host, path, certificate).is_ok() {
        let again = point_to_rotated_certificate(host, path, certificate).expect("it was written by us");
        assert!(!again.yes());
    }
}

pub(super) fn discovery_file(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let host = with_file("/ca.crt", CA);
    let Ok(found) = file::understand("/f.conf", text, &host) else { return };
    let bootstrap = found.bootstrap_kubeconfig("prod", None).expect("it can be written");
    assert_eq!(Endpoint::of("ours", &bootstrap, &host).expect("it was written by us").server, found.endpoint.server);
}

/// The data of the ConfigMap, JSON; with a signature of our own where it has a kubeconfig.
pub(super) fn cluster_info(data: &[u8]) {
    let token: Token = "abcdef.0123456789abcdef".parse().expect("a token");
    let mut info: Value = match serde_json::from_slice(data) {
        Ok(info) => info,
        Err(_) => json!({cluster_info::KUBECONFIG: String::from_utf8_lossy(data)}),
    };
    let pins = [format!("sha256:{}", "0".repeat(64))];
    let host = FakeHost::new();
    assert!(token::judge(&info, &token, &pins, &host).is_err(), "nobody has the key of that pin");
    let Some(text) = info[cluster_info::KUBECONFIG].as_str().map(str::to_owned) else { return };
    let signature = jws::sign(&text, &token);
    assert!(jws::verify(&signature, &text, &token) && !jws::verify(&signature, &format!("{text} "), &token));
    let _ = jws::verify(&text, &text, &token);
    info[format!("{}{}", cluster_info::SIGNATURE, token.id)] = signature.into();
    if let Ok(endpoint) = token::judge(&info, &token, &[], &host) {
        assert_eq!(Endpoint::of("it", &text, &host).expect("it was read before"), endpoint);
    }
}

/// The documents that joining nodes read.
pub(super) fn config_maps(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let map = json!({"metadata": {"name": "x"}, "data": {"ClusterConfiguration": text, "kubelet": text}});
    if let Ok(cluster) = read_back::cluster_configuration(&map) {
        let host = FakeHost::new();
        let _ = reset::etcd::find(&host, Some(&cluster)).map_err(|error| error.to_string());
        let _ = kinit::kube::certs_secret::files(&cluster);
    }
    if let Ok(component) = read_back::component(&map, "kubelet") {
        assert!(component.user_supplied && yaml::to_string(&component.document).is_ok());
    }
    let _ = read_back::cluster_configuration(&serde_json::from_slice(data).unwrap_or_default());
}

/// Bootstrap tokens and sealed certificates.
pub(super) fn secrets(data: &[u8]) {
    let secret: Value = serde_json::from_slice(data).unwrap_or_default();
    if let Some(grant) = Grant::from_secret(&secret) {
        let _ = (grant.lives(NOW), grant.signs(), grant.secret());
    }
    let key = CertificateKey::parse(&"0f".repeat(32)).expect("32 bytes");
    assert!(key.open("ca.key", data).is_err(), "nobody else has the key");
    let sealed = key.seal("ca.key", data, [7; 12]).expect("it can be sealed");
    assert_eq!(key.open("ca.key", &sealed).expect("it was sealed by us"), data);
    let host: &dyn Host = &FakeHost::new();
    let _ = reset::etcd::endpoints(&[secret]).len() + host.changes();
}
