//! A cluster that is what it says, and every way in which it is not.

mod clock;

use std::time::Duration;

use camino::Utf8Path;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use time::macros::datetime;

use super::token::{Reader, judge, parse_pins};
use super::*;
use crate::config::Timeouts;
use crate::config::token::Token;
use crate::config::v1beta4::{BootstrapToken, JoinConfiguration};
use crate::failure::chain;
use crate::host::FakeHost;
use crate::kube::cluster_info;
use crate::kube::dry_run::Memory;
use crate::kube::tokens::Grant;
use crate::pki::tests as pki;
use crate::{kubeconfig, yaml};

const PATH: &str = "/api/v1/namespaces/kube-public/configmaps/cluster-info";
const TOKEN: &str = "abcdef.0123456789abcdef";
/// Of the CA in kubeadm's cluster-info, as kubeadm printed it.
const PIN: &str = "sha256:6cf43e8597cee5c4c2916964d963b655962235af089f5042af1bba06188822de";

fn ui() -> Ui {
    Ui::into_writers(Box::new(std::io::sink()), Box::new(std::io::sink()))
}

fn token(text: &str) -> Token {
    text.parse().unwrap()
}

/// kubeadm's cluster, as it tells of itself.
fn endpoint() -> Endpoint {
    let objects = yaml::documents(include_str!("../kube/testdata/kubeadm-1.37.2.yaml")).unwrap();
    let info = objects.iter().find(|object| object["metadata"]["name"] == "cluster-info").unwrap();
    Endpoint::of("it", info["data"]["kubeconfig"].as_str().unwrap(), &FakeHost::new()).unwrap()
}

async fn cluster(token: &str) -> Memory {
    let memory = Memory::new();
    let token =
        BootstrapToken { token: token.to_owned(), usages: vec!["signing".to_owned()], ..BootstrapToken::default() };
    let grant = Grant::of(&token, datetime!(2026-11-23 14:01:24 UTC)).unwrap();
    cluster_info::publish(&memory.api(), &endpoint(), &[grant]).await.unwrap();
    memory
}

fn verdict(data: &Value, token: &str, pins: &[&str]) -> Result<Endpoint, String> {
    let pins = parse_pins(&pins.iter().map(|pin| (*pin).to_owned()).collect::<Vec<_>>()).unwrap();
    judge(data, &token.parse().unwrap(), &pins, &FakeHost::new()).map_err(|error| chain(&error))
}

#[tokio::test]
async fn each_refusal_has_its_own_words() {
    let data = cluster(TOKEN).await.object(PATH).unwrap()["data"].take();
    assert_eq!(verdict(&data, TOKEN, &[PIN]).unwrap(), endpoint());
    let wrong = PIN.replace("6cf", "7cf");
    assert_eq!(verdict(&data, TOKEN, &[&wrong, &PIN.to_uppercase()]).unwrap(), endpoint());
    assert_eq!(verdict(&data, TOKEN, &[]).unwrap(), endpoint());

    let said = verdict(&data, TOKEN, &[&wrong]).unwrap_err();
    let words = "cluster CA found in cluster-info ConfigMap is invalid: none of the public keys";
    assert_eq!(said, format!("{words} {PIN:?} are pinned; expected {wrong:?}"));
    let said = verdict(&data, "abcdef.ffffffffffffffff", &[PIN]).unwrap_err();
    assert!(said.starts_with("failed to verify JWS signature") && said.contains("another secret"), "{said}");
    let mut forged = data.clone();
    forged["kubeconfig"] = data["kubeconfig"].as_str().unwrap().replace("10.1.2.3", "10.6.6.6").into();
    assert!(verdict(&forged, TOKEN, &[PIN]).unwrap_err().starts_with("failed to verify JWS signature"));
    let said = verdict(&json!({"jws-kubeconfig-abcdef": "x"}), TOKEN, &[PIN]).unwrap_err();
    assert!(said.starts_with("there is no kubeconfig key in the cluster-info ConfigMap"), "{said}");
}

#[test]
fn pins_that_are_none() {
    for (pin, reason) in [
        ("6cf43e", "expected \"format:value\""),
        ("md5:6cf43e", "unknown hash format"),
        ("sha256:6cf43e", "invalid hash"),
        (&PIN.replace('c', "g"), "invalid hash"),
    ] {
        let said = parse_pins(&[pin.to_owned()]).unwrap_err().to_string();
        assert!(said.contains(&format!("{pin:?}")) && said.contains(reason), "{said}");
    }
}

#[tokio::test]
async fn reads_until_it_is_signed() {
    let memory = cluster("aaaaaa.0123456789abcdef").await;
    memory.fail(Method::GET, PATH, 2, None);
    memory.fail(Method::GET, PATH, 1, Some(StatusCode::SERVICE_UNAVAILABLE));
    let (api, ui) = (memory.api(), ui());
    let (timeout, silence) = (Duration::from_secs(60), Duration::from_secs(60));
    let reader = Reader { api: &api, server: "https://it:6443", timeout, silence, ui: &ui };
    let token = token(TOKEN);
    let signing = async {
        tokio::time::sleep(Duration::from_millis(1200)).await;
        let mut signed = memory.object(PATH).unwrap();
        signed["data"]["jws-kubeconfig-abcdef"] = "signature".into();
        memory.put(PATH, signed);
    };
    let (data, ()) = futures::join!(reader.read(&token), signing);
    assert_eq!(data.unwrap()["jws-kubeconfig-abcdef"], "signature");
}

#[tokio::test]
async fn gives_up_with_the_last_reason() {
    let ui = ui();
    let read = async |memory: &Memory| {
        let api = memory.api();
        let timeout = Duration::from_millis(300);
        let reader = Reader { api: &api, server: "https://it:6443", timeout, silence: timeout, ui: &ui };
        chain(&reader.read(&token(TOKEN)).await.unwrap_err())
    };
    assert!(read(&Memory::new()).await.starts_with("the API server https://it:6443 has no cluster-info"));
    assert_eq!(
        read(&cluster("aaaaaa.0123456789abcdef").await).await,
        "token id \"abcdef\" is invalid for this cluster or it has expired. Use \"kinit init phase \
         bootstrap-token\" on the control-plane node to create a new valid token"
    );
    let down = Memory::new();
    down.fail(Method::GET, PATH, 100, None);
    let said = read(&down).await;
    assert!(
        said.starts_with("failed to request the cluster-info ConfigMap from https://it:6443: cannot get"),
        "{said}"
    );
    assert!(said.ends_with("injected: connection refused"), "{said}");
}

#[test]
fn kubeconfigs_for_joining() {
    let endpoint = endpoint();
    let found = Discovered { kubeconfig: with_token(&endpoint, TOKEN), endpoint, warnings: Vec::new() };
    assert!(has_credentials(&found.kubeconfig));
    let text = found.bootstrap_kubeconfig("prod", Some("https://10.0.0.9:6443")).unwrap();
    let document = yaml::document(&text).unwrap();
    assert_eq!(document["clusters"][0]["name"], "prod");
    assert_eq!(document["clusters"][0]["cluster"]["server"], "https://10.0.0.9:6443");
    assert_eq!(document["contexts"][0]["context"], json!({"cluster": "prod", "user": "tls-bootstrap-token-user"}));
    assert_eq!(document["current-context"], document["contexts"][0]["name"]);
    assert_eq!(document["users"][0]["user"]["token"], TOKEN);

    let mut nobody = found.kubeconfig.clone();
    nobody["users"][0]["user"] = json!({"token": ""});
    assert!(!has_credentials(&nobody));
    nobody["users"][0]["user"] = json!({"client-certificate-data": "a", "client-key-data": "b"});
    assert!(has_credentials(&nobody));
}

#[tokio::test]
async fn a_member_of_the_pinned_cluster_is_not_asked_for_a_token() {
    let now = pki::now();
    let host = FakeHost::new();
    pki::ensure_all(&host, &pki::config(), now).unwrap();
    assert!(membership(&host, now).unwrap().is_none(), "it has joined none");
    let kubelet = kubeconfig::KUBECONFIGS.iter().find(|row| row.name == "kubelet").unwrap();
    kubeconfig::ensure(&host, kubelet, "/etc/kubernetes".into(), &pki::config(), now, &pki::keys()).unwrap();
    let member = membership(&host, now).unwrap().unwrap();
    assert_eq!(member.endpoint.server, "https://192.0.2.10:6443");

    let pin = join_command::pins(&member.endpoint.ca_pem).unwrap().remove(0);
    let ask = async |pin: &str| {
        let mut config = JoinConfig { join: JoinConfiguration::default(), timeouts: Timeouts::default() };
        config.join.discovery.bootstrap_token = Some(BootstrapTokenDiscovery {
            token: TOKEN.to_owned(),
            api_server_endpoint: "127.0.0.1:1".to_owned(),
            ca_cert_hashes: vec![pin.to_owned()],
            unsafe_skip_ca_verification: false,
        });
        config.timeouts.discovery = Duration::ZERO;
        discover(&config, Some(&member), &host, &ui()).await
    };
    assert_eq!(ask(&pin.to_uppercase()).await.unwrap().kubeconfig, member.kubeconfig);
    assert!(ask(PIN).await.unwrap_err().is_silence(), "another cluster has to be asked");

    let day = time::Duration::DAY;
    assert!(membership(&host, now + 364 * day).unwrap().is_some());
    assert!(membership(&host, now + 366 * day).unwrap().is_none(), "its certificate has expired");
    let path = "/etc/kubernetes/kubelet.conf";
    let current = Utf8Path::new("/var/lib/kubelet/pki/kubelet-client-current.pem");
    kubeconfig::point_to_rotated_certificate(&host, path.into(), current).unwrap();
    assert!(membership(&host, now).unwrap().is_none(), "its certificate is gone, or not issued yet");
    assert!(membership(&host.with_file(path, "{"), now).unwrap().is_none());
}

#[test]
fn a_discovery_file_gets_everything_embedded() {
    let host = FakeHost::new().with_file("/c.crt", "cert").with_file("/c.key", "key").with_file("/token", "t\n");
    let host = host.with_file("/ca.crt", "PEM");
    let kubeconfig = json!({
        "current-context": "it",
        "contexts": [{"name": "it", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": "https://1", "certificate-authority": "/ca.crt",
            "tls-server-name": "api.example.com", "proxy-url": "http://proxy:3128", "insecure-skip-tls-verify": false}}],
        "users": [{"name": "u", "user": {"client-certificate": "/c.crt", "client-key": "/c.key", "tokenFile": "/token"}}],
    });
    let found = file::understand("it", &kubeconfig.to_string(), &host).unwrap();
    let mut cluster = json!({"server": "https://1", "certificate-authority-data": "UEVN",
        "tls-server-name": "api.example.com", "proxy-url": "http://proxy:3128"});
    let expected = json!({
        "current-context": "it",
        "contexts": [{"name": "it", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": cluster}],
        "users": [{"name": "u",
            "user": {"client-certificate-data": "Y2VydA==", "client-key-data": "a2V5", "token": "t"}}],
    });
    assert_eq!(found.kubeconfig, expected);

    let bootstrap = found.bootstrap_kubeconfig("prod", Some("https://10.0.0.9:6443")).unwrap();
    cluster["server"] = "https://10.0.0.9:6443".into();
    assert_eq!(yaml::document(&bootstrap).unwrap()["clusters"], json!([{"name": "prod", "cluster": cluster}]));
    assert_eq!(cluster_info::kubeconfig(&found.endpoint)["clusters"][0]["cluster"], expected["clusters"][0]["cluster"]);
}
