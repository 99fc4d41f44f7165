//! The whole of a cluster's objects against kubeadm's own.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use time::macros::datetime;

use super::{NODE_PATH, with_node};
use crate::config::v1beta4::{BootstrapToken, ClusterConfiguration, Taint};
use crate::config::{Component, token::Token};
use crate::host::{Changed, Effect, FakeHost};
use crate::kube::addons::{coredns, kube_proxy};
use crate::kube::certs_secret::{self, CertificateKey, Upload};
use crate::kube::dry_run::Memory;
use crate::kube::resource::{CONFIG_MAP, Reference};
use crate::kube::tokens::{self, Grant};
use crate::kube::*;
use crate::versions::{CONTROL_PLANE_LABELS, OWN, Version};
use crate::yaml;

static VERSION: Version = OWN;
const NOW: time::OffsetDateTime = datetime!(2026-11-23 14:01:24 UTC);

/// What kubeadm v1.37.2 creates, by path.
fn kubeadms() -> BTreeMap<String, Value> {
    let documents = yaml::documents(include_str!("../testdata/kubeadm-1.37.2.yaml")).unwrap();
    documents.into_iter().map(|object| (Reference::of(&object).unwrap().path(), object)).collect()
}

fn from_map(objects: &BTreeMap<String, Value>, name: &str, key: &str) -> Component {
    let path = Reference::new(&CONFIG_MAP, KUBE_SYSTEM, name).path();
    let document = yaml::document(objects[&path]["data"][key].as_str().unwrap()).unwrap();
    Component { document, user_supplied: false }
}

fn default_token() -> BootstrapToken {
    BootstrapToken {
        token: "abcdef.0123456789abcdef".to_owned(),
        description: "hello".to_owned(),
        ttl: Some("24h0m0s".to_owned()),
        usages: vec!["signing".to_owned(), "authentication".to_owned()],
        groups: vec![crate::config::token::DEFAULT_GROUP.to_owned()],
        ..BootstrapToken::default()
    }
}

/// Everything that init does to a cluster.
async fn set_up(api: &Api, objects: &BTreeMap<String, Value>, now: time::OffsetDateTime) -> Changed {
    let host = FakeHost::new();
    let stored = |path: &str, key: &str| objects[path]["data"][key].as_str().unwrap().to_owned();
    let document = stored("/api/v1/namespaces/kube-system/configmaps/kubeadm-config", "ClusterConfiguration");
    let info = stored("/api/v1/namespaces/kube-public/configmaps/cluster-info", "kubeconfig");
    let endpoint = Endpoint::of("cluster-info", &info, &host).unwrap();
    let grants = [Grant::of(&default_token(), now).unwrap()];
    let taint = Taint {
        key: "node-role.kubernetes.io/control-plane".to_owned(),
        effect: "NoSchedule".to_owned(),
        ..Taint::default()
    };
    let proxy = kube_proxy::Plan {
        server: "https://10.1.2.3:6443",
        config: &from_map(objects, "kube-proxy", "config.conf"),
        image: "registry.k8s.io/kube-proxy:v1.37.2",
        proxy_variables: &[],
    };
    let dns = coredns_plan();
    let done = [
        config_maps::upload_kubeadm_config(api, &document).await.unwrap(),
        config_maps::upload_kubelet_config(api, "kubelet-config", &from_map(objects, "kubelet-config", "kubelet"))
            .await
            .unwrap(),
        api.ensure_all(&rbac::certs_readers()).await.unwrap(),
        node::mark(api, "n1", CONTROL_PLANE_LABELS.at(&OWN), &[taint]).await.unwrap(),
        grants[0].ensure(api, now).await.unwrap(),
        api.ensure_all(&rbac::for_joining(&OWN)).await.unwrap(),
        cluster_info::publish(api, &endpoint, &grants).await.unwrap(),
        coredns::CoreDns::new(&dns).apply(api).await.unwrap(),
        kube_proxy::KubeProxy::new(&proxy).unwrap().apply(api).await.unwrap(),
    ];
    done.into_iter().fold(Changed::No, Changed::or)
}

fn coredns_plan() -> coredns::Plan<'static> {
    coredns::Plan {
        version: &VERSION,
        domain: "cluster.local",
        address: "10.96.0.10".parse().unwrap(),
        image: "registry.k8s.io/coredns/coredns:v1.14.6",
    }
}

#[tokio::test]
async fn all_objects_are_kubeadms() {
    let (memory, kubeadms) = (Memory::new(), kubeadms());
    with_node(&memory);
    set_up(&memory.api(), &kubeadms, NOW).await;

    for (path, kubeadms) in &kubeadms {
        let ours = memory.object(path).unwrap_or_else(|| panic!("{path} is missing"));
        let hash = &ours["metadata"]["annotations"][config_maps::HASH_ANNOTATION];
        assert_eq!(hash.is_string(), path.ends_with("maps/kubelet-config") || path.ends_with("maps/kube-proxy"));
        let (ours, kubeadms) = (by_value(ours), by_value(kubeadms.clone()));
        assert_eq!(compare::difference(&kubeadms, &ours), None, "{path}");
        assert_eq!(compare::difference(&ours, &kubeadms), None, "{path}");
    }
    let created: Vec<_> = memory
        .drain()
        .into_iter()
        .map(|effect| match effect {
            Effect::Api { verb, path, .. } => (verb, path),
            other => panic!("{other:?}"),
        })
        .collect();
    let more: Vec<_> = created.iter().filter(|(_, path)| !kubeadms.contains_key(path)).collect();
    assert_eq!(more, [&("PATCH", NODE_PATH.to_owned())]);
}

/// With documents read, and without what only one of the two servers adds: uids, and the controller manager's
/// signature.
fn by_value(mut object: Value) -> Value {
    let document = object["kind"] == "ConfigMap";
    if let Some(data) = object["data"].as_object_mut() {
        data.retain(|key, _| !key.starts_with(cluster_info::SIGNATURE));
        for text in data.values_mut().filter(|_| document) {
            *text = yaml::document(text.as_str().unwrap()).unwrap_or_else(|_| text.clone());
        }
    }
    let metadata = object["metadata"].as_object_mut().unwrap();
    metadata.remove("uid");
    // Of the text, whose quotes differ.
    metadata.remove("annotations");
    object
}

#[tokio::test]
async fn a_cluster_of_kubeadms_stays_as_it_is() {
    let (memory, kubeadms) = (Memory::new(), kubeadms());
    with_node(&memory);
    let api = memory.api();
    set_up(&api, &kubeadms, NOW).await;
    for (path, object) in &kubeadms {
        if object["kind"] == "ConfigMap" && !path.ends_with("cluster-info") {
            memory.put(path, object.clone());
        }
    }
    assert_eq!(set_up(&api, &kubeadms, NOW).await, Changed::No);
    // A user's own configuration carries no hash.
    let mut kubelet = from_map(&kubeadms, "kubelet-config", "kubelet");
    kubelet.user_supplied = true;
    assert_eq!(config_maps::upload_kubelet_config(&api, "kubelet-config", &kubelet).await.unwrap(), Changed::Yes);
    let path = "/api/v1/namespaces/kube-system/configmaps/kubelet-config";
    assert_eq!(memory.object(path).unwrap()["metadata"]["annotations"], json!({}));
}

#[tokio::test]
async fn a_second_time_changes_nothing() {
    let (memory, kubeadms) = (Memory::new(), kubeadms());
    with_node(&memory);
    let api = memory.api();
    assert_eq!(set_up(&api, &kubeadms, NOW).await, Changed::Yes);
    let writes = api.writes();
    assert_eq!(memory.drain().len(), writes);
    assert_eq!(set_up(&api, &kubeadms, NOW + time::Duration::hours(23)).await, Changed::No);
    assert_eq!((memory.drain(), api.writes()), (Vec::new(), writes));
    // The token has ended: a new life.
    assert_eq!(set_up(&api, &kubeadms, NOW + time::Duration::hours(25)).await, Changed::Yes);
}

#[tokio::test]
async fn manifests_are_kubeadms() {
    let kubeadms = kubeadms();
    let manifest = coredns::CoreDns::new(&coredns_plan()).manifest().unwrap();
    let kinds: Vec<_> = yaml::documents(&manifest).unwrap().iter().map(|object| object["kind"].clone()).collect();
    let expected =
        ["Deployment", "ConfigMap", "Service", "ClusterRole", "ClusterRoleBinding", "ServiceAccount"].map(Value::from);
    assert_eq!(kinds, expected);
    let config = from_map(&kubeadms, "kube-proxy", "config.conf");
    let variables = [("HTTP_PROXY".to_owned(), "http://proxy".to_owned())];
    let plan = kube_proxy::Plan { server: "s", config: &config, image: "i", proxy_variables: &variables };
    let manifest = kube_proxy::KubeProxy::new(&plan).unwrap().manifest().unwrap();
    let documents = yaml::documents(&manifest).unwrap();
    let kinds: Vec<_> = documents.iter().map(|object| object["kind"].clone()).collect();
    let expected =
        ["ServiceAccount", "ClusterRoleBinding", "Role", "RoleBinding", "ConfigMap", "DaemonSet"].map(Value::from);
    assert_eq!(kinds, expected);
    assert_eq!(documents[4]["metadata"]["annotations"], Value::Null);
    assert!(!manifest.contains("HTTP_PROXY"));
}

#[tokio::test]
async fn a_users_corefile_and_replicas_stay() {
    let memory = Memory::new();
    let api = memory.api();
    let dns = coredns::CoreDns::new(&coredns_plan());
    dns.apply(&api).await.unwrap();
    let map = "/api/v1/namespaces/kube-system/configmaps/coredns";
    let deployment = "/apis/apps/v1/namespaces/kube-system/deployments/coredns";
    let mut scaled = memory.object(deployment).unwrap();
    scaled["spec"]["replicas"] = 5.into();
    memory.put(deployment, scaled);

    let old_default = memory.object(map).unwrap()["data"]["Corefile"]
        .as_str()
        .unwrap()
        .replace(" {\n       disable success cluster.local\n       disable denial cluster.local\n    }", "");
    for (corefile, changed) in [(old_default.as_str(), Changed::Yes), (".:53 {\n    whoami\n}\n", Changed::No)] {
        let mut present = memory.object(map).unwrap();
        present["data"]["Corefile"] = corefile.into();
        memory.put(map, present);
        assert_eq!(dns.apply(&api).await.unwrap(), changed, "{corefile}");
    }
    assert_eq!(memory.object(deployment).unwrap()["spec"]["replicas"], 5);
    assert!(memory.object(map).unwrap()["data"]["Corefile"].as_str().unwrap().contains("whoami"));
}

#[test]
fn of_tokens_with_one_id_the_last_one_counts() {
    let life = |token: &str, ttl: &str| BootstrapToken {
        token: token.to_owned(),
        ttl: Some(ttl.to_owned()),
        ..BootstrapToken::default()
    };
    let configured = [
        life("abcdef.0123456789abcdef", "1h"),
        life("bbbbbb.0123456789abcdef", "1h"),
        life("abcdef.9999999999999999", "2h"),
    ];
    let grants = Grant::all(&configured, NOW).unwrap();
    let kept: Vec<(String, Option<time::OffsetDateTime>)> =
        grants.into_iter().map(|grant| (grant.token.to_string(), grant.expires)).collect();
    let expected = [("bbbbbb.0123456789abcdef", 1), ("abcdef.9999999999999999", 2)];
    assert_eq!(kept, expected.map(|(token, hours)| (token.to_owned(), Some(NOW + time::Duration::hours(hours)))));
}

#[tokio::test]
async fn own_token_is_found_again() {
    let memory = Memory::new();
    let api = memory.api();
    assert_eq!(tokens::find_own_default(&api, NOW).await.unwrap(), None);
    let mut own = default_token();
    own.description = crate::config::token::DEFAULT_DESCRIPTION.to_owned();
    let own = Grant::of(&own, NOW).unwrap();
    let foreign = Grant::of(&BootstrapToken { token: "aaaaaa.0123456789abcdef".to_owned(), ..default_token() }, NOW);
    own.ensure(&api, NOW).await.unwrap();
    foreign.unwrap().ensure(&api, NOW).await.unwrap();
    let found = tokens::find_own_default(&api, NOW + time::Duration::hours(23)).await.unwrap().unwrap();
    assert_eq!((&found.token, found.expires), (&own.token, own.expires));
    assert_eq!(tokens::find_own_default(&api, NOW + time::Duration::hours(24)).await.unwrap(), None);
}

#[tokio::test]
async fn certificates_are_sealed_once() {
    let key = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    let other = key.replace("00", "ff");
    let host = FakeHost::new().with_file("/pki/ca.crt", "certificate").with_file("/pki/etcd/ca.key", "key");
    let cluster = ClusterConfiguration { certificates_dir: "/pki".to_owned(), ..ClusterConfiguration::default() };
    let memory = Memory::new();
    let api = memory.api();
    let owners = ["aaaaaa", "bbbbbb", "cccccc", "dddddd"].map(|id| format!("{id}.0123456789abcdef"));
    let later = NOW + time::Duration::minutes(90);
    let rounds =
        [(key, NOW, Changed::Yes), (key, NOW, Changed::No), (&other, NOW, Changed::Yes), (&other, later, Changed::Yes)];
    let mut count = 0;
    for ((key, now, changed), owner) in rounds.into_iter().zip(owners) {
        let mut nonce = || {
            count += 1;
            Ok([count; 12])
        };
        let owner: Token = owner.parse().unwrap();
        let key = CertificateKey::parse(key).unwrap();
        let upload = Upload { cluster: &cluster, key: &key, owner: owner.clone(), now, nonce: &mut nonce };
        assert_eq!(upload.ensure(&api, &host).await.unwrap(), changed);
        let secret = memory.object("/api/v1/namespaces/kube-system/secrets/kubeadm-certs").unwrap();
        if changed.yes() {
            assert_eq!(secret["metadata"]["ownerReferences"][0]["name"], tokens::secret_name(&owner));
        }
        assert_eq!(secret["data"]["ca.key"], "", "absent on disk");
    }
    assert_eq!(count, 6);
    // Nothing of the files or the tokens is shown.
    let shown: String = memory.drain().iter().map(|effect| format!("{effect:?}")).collect();
    assert!(shown.contains("<redacted>") && !shown.contains("MDEyMzQ1Njc4OWFiY2RlZg"));
}

#[test]
fn opens_what_kubeadm_sealed() {
    // Nonce, AES-256-GCM, no associated data; the vector is NIST's (gcmEncryptExtIV256, zero key, nonce and text).
    let key = CertificateKey::parse(&"0".repeat(64)).unwrap();
    let sealed = key.seal("ca.crt", &[0; 16], [0; 12]).unwrap();
    let expected = [
        0xce, 0xa7, 0x40, 0x3d, 0x4d, 0x60, 0x6b, 0x6e, 0x07, 0x4e, 0xc5, 0xd3, 0xba, 0xf3, 0x9d, 0x18, 0xd0, 0xd1,
        0xc8, 0xa7, 0x99, 0x99, 0x6b, 0xf0, 0x26, 0x5b, 0x98, 0xb5, 0xd4, 0x8a, 0xb9, 0x19,
    ];
    assert_eq!(sealed[12..], expected);
    assert_eq!(key.open("ca.crt", &sealed).unwrap(), [0; 16]);
    let error = CertificateKey::parse(&"1".repeat(64)).unwrap().open("ca.crt", &sealed).unwrap_err();
    assert!(error.to_string().contains("does not open ca.crt"));
    assert!(CertificateKey::parse("+0").is_err() && CertificateKey::parse(&"é".repeat(32)).is_err());
    let files = certs_secret::files(&ClusterConfiguration::default());
    let names = [
        "ca.crt",
        "ca.key",
        "etcd-ca.crt",
        "etcd-ca.key",
        "front-proxy-ca.crt",
        "front-proxy-ca.key",
        "sa.key",
        "sa.pub",
    ];
    assert!(files.keys().eq(names.iter()));
}

#[tokio::test]
async fn a_clusters_word_on_itself() {
    let (memory, kubeadms) = (Memory::new(), kubeadms());
    with_node(&memory);
    let api = memory.api();
    set_up(&api, &kubeadms, NOW).await;
    let facts = read_back::read(&api).await.unwrap();
    assert_eq!(facts.version, OWN);
    assert_eq!(facts.cluster.networking.pod_subnet, "10.244.0.0/16");
    assert!(!facts.kubelet.user_supplied && !facts.kube_proxy.unwrap().user_supplied);
    assert_eq!(facts.kubelet.document["kind"], "KubeletConfiguration");
    memory.fail(http::Method::GET, "/kube-proxy", 1, Some(http::StatusCode::FORBIDDEN));
    assert!(read_back::read(&api).await.unwrap().kube_proxy.is_none());

    // An older cluster: flags were maps.
    let path = "/api/v1/namespaces/kube-system/configmaps/kubeadm-config";
    let mut map = memory.object(path).unwrap();
    map["data"]["ClusterConfiguration"] = "apiVersion: kubeadm.k8s.io/v1beta3\nkind: ClusterConfiguration\n\
        kubernetesVersion: v1.29.0\napiServer:\n  timeoutForControlPlane: 4m0s\n  extraArgs:\n    v: \"4\"\n"
        .into();
    memory.put(path, map);
    let cluster = read_back::read_cluster(&api).await.unwrap();
    assert_eq!((&*cluster.api_server.extra_args[0].name, &*cluster.api_server.extra_args[0].value), ("v", "4"));
}

#[test]
fn endpoints_of_kubeconfigs() {
    let host = FakeHost::new().with_file("/ca.crt", "PEM");
    let with = |current: &str| {
        format!(
            "current-context: {current}\ncontexts: [{{name: a, context: {{cluster: two, user: u}}}}]\n\
             clusters: [{{name: one, cluster: {{server: https://1}}}}, \
             {{name: two, cluster: {{server: 'https://[fd00::1]:6443', certificate-authority: /ca.crt}}}}]\n"
        )
    };
    let found = Endpoint::of("x", &with("a"), &host).unwrap();
    assert_eq!((found.address(), found.ca_pem.as_str()), ("[fd00::1]:6443", "PEM"));
    let error = Endpoint::of("x", &with("b"), &host).unwrap_err();
    assert_eq!(crate::failure::chain(&error), "the kubeconfig x cannot be used: there is no context \"b\"");
}
