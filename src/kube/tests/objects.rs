//! The whole of a cluster's objects against kubeadm's own.

mod existing;
mod secrets;

use std::collections::BTreeMap;

use serde_json::Value;
use time::macros::datetime;

use super::{NODE_PATH, with_node};
use crate::config::Component;
use crate::config::v1beta4::{BootstrapToken, Taint};
use crate::host::{Changed, Effect, FakeHost};
use crate::kube::addons::{coredns, kube_proxy};
use crate::kube::dry_run::Memory;
use crate::kube::resource::{CONFIG_MAP, Reference};
use crate::kube::tokens::Grant;
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
        replicas: coredns::REPLICAS,
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
    let proxied = with("a").replace("certificate-authority: /ca.crt", "proxy-url: 'http://proxy:3128'");
    let error = Api::from_kubeconfig("x", &proxied, None).unwrap_err();
    assert!(crate::failure::chain(&error).contains("its cluster has a proxy-url"), "{error}");
    let folded = with("a").replace("certificate-authority: /ca.crt", "certificate-authority-data: \"UE\\r\\nVN\\n\"");
    assert_eq!(Endpoint::of("x", &folded, &host).unwrap().ca_pem, "PEM");
    let error = Endpoint::of("x", &with("b"), &host).unwrap_err();
    assert_eq!(crate::failure::chain(&error), "the kubeconfig x cannot be used: there is no context \"b\"");
}
