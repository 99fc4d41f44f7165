//! The files as a whole: equal to what kubeadm v1.37.2 makes of the same configuration, and what becomes of files
//! that were there before.

mod existing;

use camino::Utf8Path;
use serde_json::json;
use time::{Duration, OffsetDateTime};

use super::*;
use crate::config::InitConfig;
use crate::host::{Changed, FakeHost, Host, NewFile};
use crate::pki::tests::{config, ensure_all, keys, now};
use crate::pki::{self, Certificate, PkiDir};
use crate::versions::Version;
use crate::yaml;

const DIR: &str = "/etc/kubernetes";

fn all(host: &dyn Host, cfg: &InitConfig, now: OffsetDateTime) -> Result<Vec<Written>, KubeconfigError> {
    let applying = KUBECONFIGS.iter().filter(|row| row.applies(cfg));
    applying.map(|row| ensure(host, row, Utf8Path::new(DIR), cfg, now, &keys())).collect()
}

/// A machine with certificates and kubeconfig files.
fn machine() -> FakeHost {
    let host = FakeHost::new();
    ensure_all(&host, &config(), now()).unwrap();
    all(&host, &config(), now()).unwrap();
    let _ = host.effects();
    host
}

fn text(host: &dyn Host, name: &str) -> String {
    host.read_text(&Utf8Path::new(DIR).join(name)).unwrap().unwrap()
}

fn put(host: &dyn Host, path: &Utf8Path, content: &str) {
    host.write(&NewFile { path, content: content.as_bytes(), mode: 0o600, secret: false }).unwrap();
}

fn client(host: &dyn Host, name: &str) -> Certificate {
    let Credentials::Certificate { certificate: Source::Data(pem), .. } =
        Kubeconfig::parse(&text(host, name)).unwrap().credentials
    else {
        panic!("{name} has no client certificate")
    };
    Certificate::chain_from_pem(&pem).unwrap().first
}

fn said(host: &dyn Host, now: OffsetDateTime) -> String {
    let error = check_existing(host, Utf8Path::new(DIR), &config(), now, |_| true).unwrap_err();
    format!("{}\n{}", crate::failure::chain(&error), error.remedies("kinit").join("\n"))
}

#[test]
fn a_document_is_kubeadms() {
    let host = machine();
    let mut document = yaml::document(&text(&host, "kubelet.conf")).unwrap();
    for data in [
        document["clusters"][0]["cluster"]["certificate-authority-data"].take(),
        document["users"][0]["user"]["client-certificate-data"].take(),
        document["users"][0]["user"]["client-key-data"].take(),
    ] {
        // "-----BEGIN ".
        assert!(data.as_str().unwrap().starts_with("LS0tLS1CRUdJTi"));
    }
    let kubeadms = json!({
        "apiVersion": "v1",
        "clusters": [{
            "cluster": {"certificate-authority-data": null, "server": "https://192.0.2.10:6443"},
            "name": "kubernetes",
        }],
        "contexts": [{
            "context": {"cluster": "kubernetes", "user": "system:node:node-1"},
            "name": "system:node:node-1@kubernetes",
        }],
        "current-context": "system:node:node-1@kubernetes",
        "kind": "Config",
        "users": [{
            "name": "system:node:node-1",
            "user": {"client-certificate-data": null, "client-key-data": null},
        }],
    });
    assert_eq!(document, kubeadms);
}

#[test]
fn each_file_names_its_user_group_and_server() {
    let host = machine();
    let facts = |name| {
        let client = client(&host, name);
        let server = Kubeconfig::parse(&text(&host, name)).unwrap().cluster.server;
        (client.common_name, client.organizations.join(","), server)
    };
    let (cluster, local) = ("https://cp.example.com:6443", "https://192.0.2.10:6443");
    for (name, user, group, server) in [
        ("admin.conf", "kubernetes-admin", "kubeadm:cluster-admins", cluster),
        ("super-admin.conf", "kubernetes-super-admin", "system:masters", cluster),
        ("kubelet.conf", "system:node:node-1", "system:nodes", local),
        ("controller-manager.conf", "system:kube-controller-manager", "", local),
        ("scheduler.conf", "system:kube-scheduler", "", local),
    ] {
        assert_eq!(facts(name), (user.to_owned(), group.to_owned(), server.to_owned()), "{name}");
    }
    // kubeadm dates these from the CA's first moment, which may lie long before now.
    let dated = client(&host, "admin.conf");
    assert_eq!(dated.not_before, now() - Duration::minutes(5));
    assert_eq!(dated.not_after, now() + Duration::days(365));
}

#[test]
fn an_old_version_has_its_own_files() {
    let host = FakeHost::new();
    let cfg = InitConfig { version: Version::new(1, 28, 15), ..config() };
    ensure_all(&host, &cfg, now()).unwrap();
    all(&host, &cfg, now()).unwrap();
    assert_eq!(client(&host, "admin.conf").organizations, ["system:masters"]);
    assert_eq!(Kubeconfig::parse(&text(&host, "kubelet.conf")).unwrap().cluster.server, "https://cp.example.com:6443");
    assert_eq!(host.stat(&Utf8Path::new(DIR).join("super-admin.conf")).unwrap(), None);
}

#[test]
fn a_second_run_changes_nothing_and_another_server_is_only_odd() {
    let host = machine();
    let written = all(&host, &config(), now() + Duration::days(100)).unwrap();
    assert!(written.iter().all(|written| *written == Written::Existing { warning: None }), "{written:?}");
    assert_eq!(host.effects(), []);

    let mut moved = config();
    moved.network.control_plane_endpoint = "other.example.com:6443".to_owned();
    let Written::Existing { warning: Some(warning) } = &all(&host, &moved, now()).unwrap()[0] else {
        panic!("no warning")
    };
    let wanted = "a kubeconfig file \"/etc/kubernetes/admin.conf\" exists already but has an unexpected API Server \
                  URL: expected: https://other.example.com:6443, got: https://cp.example.com:6443";
    assert_eq!(warning, wanted);
}

#[test]
fn a_rotated_certificate_is_pointed_to_and_all_else_stays() {
    let host = machine();
    let path = Utf8Path::new("/etc/kubernetes/kubelet.conf");
    let mut wanted = yaml::document(&text(&host, "kubelet.conf")).unwrap();
    wanted["clusters"][0]["cluster"]["tls-server-name"] = json!("kept");
    put(&host, path, &yaml::to_string(&wanted).unwrap());
    let pem = "/var/lib/kubelet/pki/kubelet-client-current.pem";
    wanted["users"][0]["user"] = json!({"client-certificate": pem, "client-key": pem});
    for changed in [Changed::Yes, Changed::No] {
        assert_eq!(point_to_rotated_certificate(&host, path, Utf8Path::new(pem)).unwrap(), changed);
        assert_eq!(yaml::document(&text(&host, "kubelet.conf")).unwrap(), wanted);
    }
    // It is still this cluster's file.
    check_existing(&host, Utf8Path::new(DIR), &config(), now() + Duration::days(1), |_| true).unwrap();
}

#[test]
fn cluster_info_is_a_cluster_without_a_name() {
    let text = "apiVersion: v1\nkind: Config\ncurrent-context: \"\"\ncontexts: null\nusers: []\nclusters:\n- name: \"\"\n  \
                cluster:\n    server: https://192.0.2.1:6443\n    certificate-authority-data: Q0E=\n";
    let cluster = Cluster::parse(text).unwrap();
    assert_eq!(cluster.server, "https://192.0.2.1:6443");
    let Some(Source::Data(authority)) = &cluster.authority else { panic!("no authority") };
    assert_eq!(authority.as_slice(), b"CA");
    assert_eq!(Kubeconfig::parse(text).unwrap_err().to_string(), "it does not have current-context set");

    let token = Kubeconfig::with_token(cluster, "tls-bootstrap-token-user", "abcdef.0123456789abcdef");
    assert_eq!(Kubeconfig::parse(&token.to_yaml().unwrap()).unwrap(), token);
    assert!(!format!("{token:?}").contains("0123456789abcdef"));
}
