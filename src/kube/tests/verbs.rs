//! What the verbs do when the server is not at its best.

use std::rc::Rc;
use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{NODE_PATH, with_node};
use crate::host::{Changed, Effect, Effects, FakeHost};
use crate::kube::dry_run::Memory;
use crate::kube::resource::Reference;
use crate::kube::*;
use crate::paths;

fn map(value: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m", "namespace": "kube-system"}, "data": {"k": value}})
}

const MAP: &str = "/api/v1/namespaces/kube-system/configmaps/m";
const MAPS: &str = "/api/v1/namespaces/kube-system/configmaps";

#[tokio::test]
async fn passing_troubles_pass() {
    let memory = Memory::new();
    let api = memory.api();
    memory.fail(Method::POST, MAPS, 1, None);
    memory.fail(Method::POST, MAPS, 1, Some(StatusCode::SERVICE_UNAVAILABLE));
    memory.fail(Method::POST, MAPS, 1, Some(StatusCode::TOO_MANY_REQUESTS));
    memory.fail(Method::POST, MAPS, 1, Some(StatusCode::FORBIDDEN));
    // The namespace is not there yet.
    memory.fail(Method::POST, MAPS, 1, Some(StatusCode::NOT_FOUND));
    assert_eq!(api.ensure(&map("1")).await.unwrap(), Changed::Yes);
    memory.fail(Method::PUT, MAP, 1, Some(StatusCode::CONFLICT));
    assert_eq!(api.ensure(&map("2")).await.unwrap(), Changed::Yes);
    assert_eq!(memory.object(MAP).unwrap()["data"]["k"], "2");
    // A Service whose address is taken by itself is called invalid.
    memory.fail(Method::POST, MAPS, 1, Some(StatusCode::UNPROCESSABLE_ENTITY));
    assert_eq!(api.ensure(&map("2")).await.unwrap(), Changed::No);
    assert_eq!(api.retain(&map("3")).await.unwrap(), Changed::No);
}

#[tokio::test]
async fn what_was_created_with_its_answer_lost_is_not_somebody_elses() {
    let memory = Memory::new();
    memory.lose(Method::POST, MAPS);
    let made = memory.api().create(&map("1")).await.unwrap();
    assert_eq!(Some(made), memory.object(MAP));
    let error = memory.api().create(&map("2")).await.unwrap_err();
    assert!(crate::failure::chain(&error).ends_with("\"m\" already exists"), "{error:?}");
}

#[tokio::test]
async fn lasting_troubles_are_named() {
    let memory = Memory::new();
    let api = memory.api().patience(Duration::from_millis(1500));
    memory.fail(Method::POST, MAPS, 1000, Some(StatusCode::SERVICE_UNAVAILABLE));
    let error = api.ensure(&map("1")).await.unwrap_err();
    assert_eq!(
        crate::failure::chain(&error),
        "cannot create or update ConfigMap kube-system/m at \
         https://dry-run/api/v1/namespaces/kube-system/configmaps/m, tried for 1 s: \
         Service Unavailable: kube-system \"configmaps\""
    );

    let memory = Memory::new();
    let start = std::time::Instant::now();
    memory.fail(Method::POST, MAPS, 1000, Some(StatusCode::BAD_REQUEST));
    let error = memory.api().ensure(&map("1")).await.unwrap_err();
    assert!(start.elapsed() < Duration::from_millis(90), "no use in trying again");
    assert!(!error.is_unreachable() && !error.is_forbidden());
    memory.fail(Method::GET, MAP, 1, None);
    assert!(memory.api().get_once(&Reference::of(&map("")).unwrap()).await.unwrap_err().is_unreachable());
}

#[tokio::test]
async fn mutate_keeps_other_keys_and_patch_waits() {
    let memory = Memory::new();
    let api = memory.api();
    let mut present = map("1");
    present["data"]["other"] = "kept".into();
    memory.put(MAP, present);
    let set = |value: &'static str| move |object: &mut Value| object["data"]["k"] = value.into();
    assert_eq!(api.mutate(&map("1"), set("1")).await.unwrap(), Changed::No);
    assert_eq!(api.mutate(&map("2"), set("2")).await.unwrap(), Changed::Yes);
    assert_eq!(memory.object(MAP).unwrap()["data"], json!({"k": "2", "other": "kept"}));

    let marking = node::mark(&api, "n1", &["a"], &[]);
    let registering = async {
        tokio::time::sleep(Duration::from_millis(150)).await;
        memory.put(NODE_PATH, json!({"kind": "Node", "metadata": {"name": "n1"}}));
        tokio::time::sleep(Duration::from_millis(150)).await;
        with_node(&memory);
    };
    let (marked, ()) = futures::join!(marking, registering);
    assert_eq!(marked.unwrap(), Changed::Yes);
    assert_eq!(memory.object(NODE_PATH).unwrap()["metadata"]["labels"]["a"], "");
    let missing = node::mark(&api.patience(Duration::ZERO), "n2", &["a"], &[]).await.unwrap_err();
    assert!(crate::failure::chain(&missing).ends_with("there is no Node n2 yet"), "{missing:?}");
}

#[tokio::test]
async fn admins_get_their_rights() {
    const BINDINGS: &str = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings";
    let access = AdminAccess {
        kubeconfig: paths::ADMIN_CONF.into(),
        local_endpoint: "10.0.0.1:6443".to_owned(),
        bound_group: true,
        patience: Duration::from_secs(5),
    };
    let effects = Effects::default();
    let clusters = Clusters::new(Rc::new(FakeHost::new()), access.clone(), Some(effects.clone()));
    clusters.admin().await.unwrap();
    clusters.admin().await.unwrap();
    assert_eq!(clusters.writes(), 1);
    let made = effects.drain();
    assert!(
        matches!(made.as_slice(), [Effect::Api { verb: "CREATE", object, .. }] if **object == rbac::cluster_admins())
    );

    let memory = Memory::new();
    memory.fail(Method::POST, BINDINGS, 1, Some(StatusCode::FORBIDDEN));
    let error = clusters.bind_group(&memory.api()).await.unwrap_err();
    assert!(error.to_string().ends_with("is missing but there is no /etc/kubernetes/super-admin.conf to create it"));
    memory.put(&format!("{BINDINGS}/{}", crate::versions::CLUSTER_ADMINS), rbac::cluster_admins());
    clusters.bind_group(&memory.api()).await.unwrap();

    let lost = Clusters::new(Rc::new(FakeHost::new()), access, None).admin().await.unwrap_err();
    assert_eq!(lost.to_string(), "the kubeconfig /etc/kubernetes/admin.conf does not exist");
}

#[tokio::test]
async fn a_dry_run_reads_a_real_cluster_and_writes_to_none() {
    let real = Memory::new();
    real.put(MAP, map("1"));
    let effects = Effects::default();
    let api = Memory::dry_run(effects.clone(), Some(&real.api()));
    let target = Reference::of(&map("")).unwrap();
    assert_eq!(api.ensure(&map("1")).await.unwrap(), Changed::No);
    assert_eq!(api.ensure(&map("2")).await.unwrap(), Changed::Yes);
    assert_eq!(api.get(&target).await.unwrap().unwrap()["data"]["k"], "2");
    assert_eq!(api.list(target.kind, "kube-system", "labelSelector=a=b").await.unwrap(), Vec::<Value>::new());
    assert_eq!(api.list(target.kind, "kube-system", "").await.unwrap().len(), 1);
    assert_eq!(api.delete(&target).await.unwrap(), Changed::Yes);
    assert_eq!(api.get(&target).await.unwrap(), None);
    assert_eq!(api.delete(&target).await.unwrap(), Changed::No);
    assert_eq!(real.object(MAP).unwrap()["data"]["k"], "1");
    let done: Vec<_> = effects
        .drain()
        .into_iter()
        .map(|effect| match effect {
            Effect::Api { verb, path, .. } => (verb, path),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(done, [("UPDATE", MAP.to_owned()), ("DELETE", MAP.to_owned())]);
    // Nodes are taken to have registered.
    let node = Reference::new(&resource::NODE, "", "n9");
    assert!(api.get(&node).await.unwrap().is_some() && real.api().get(&node).await.unwrap().is_none());
}
