//! A Node's labels, taints and annotations, once its kubelet has registered it.

use serde_json::{Map, Value, json};

use super::resource::{NODE, Reference};
use super::{Api, KubeError};
use crate::config::v1beta4::Taint;
use crate::host::Changed;

/// The kubelet registers a node with this label.
const HOSTNAME: &str = "kubernetes.io/hostname";
/// By this, kubeadm up to v1.33 finds a node's container runtime.
const CRI_SOCKET: &str = "kubeadm.alpha.kubernetes.io/cri-socket";

/// Gives a node these labels, without values, and these taints before those that it has. Waits until the node has
/// registered.
pub async fn mark(api: &Api, name: &str, labels: &[&str], taints: &[Taint]) -> Result<Changed, KubeError> {
    let wanted: Vec<Value> = taints.iter().map(document).collect();
    api.patch(&Reference::new(&NODE, "", name), |node| {
        registered(node, name)?;
        Ok(difference(node, labels, &wanted))
    })
    .await
}

/// Notes on a node where its container runtime is. Waits until the node has registered.
pub async fn annotate_cri_socket(api: &Api, name: &str, socket: &str) -> Result<Changed, KubeError> {
    api.patch(&Reference::new(&NODE, "", name), |node| {
        registered(node, name)?;
        let there = node["metadata"]["annotations"][CRI_SOCKET] == socket;
        Ok((!there).then(|| json!({"metadata": {"annotations": {CRI_SOCKET: socket}}})))
    })
    .await
}

fn registered(node: &Value, name: &str) -> Result<(), String> {
    let unlabelled = node["metadata"]["labels"][HOSTNAME].is_null();
    if unlabelled { Err(format!("the node {name:?} has no label {HOSTNAME} yet")) } else { Ok(()) }
}

/// A taint as `key=value:effect`.
#[must_use]
pub fn taint_text(taint: &Taint) -> String {
    let Taint { key, value, effect, .. } = taint;
    match (value.is_empty(), effect.is_empty()) {
        (true, true) => key.clone(),
        (true, false) => format!("{key}:{effect}"),
        (false, true) => format!("{key}={value}:"),
        (false, false) => format!("{key}={value}:{effect}"),
    }
}

/// The patch that is needed; it fails if the node has changed since it was looked at, for taints are replaced whole.
fn difference(node: &Value, labels: &[&str], wanted: &[Value]) -> Option<Value> {
    let has = &node["metadata"]["labels"];
    let labels: Map<String, Value> =
        labels.iter().filter(|label| has[**label] != "").map(|label| ((*label).to_owned(), "".into())).collect();
    let present = node["spec"]["taints"].as_array().map(Vec::as_slice).unwrap_or_default();
    let others = present.iter().filter(|taint| !wanted.contains(taint));
    let taints: Vec<Value> = wanted.iter().chain(others).cloned().collect();
    let mut patch = json!({"metadata": {"resourceVersion": node["metadata"]["resourceVersion"]}});
    let bare = patch.clone();
    if !labels.is_empty() {
        patch["metadata"]["labels"] = labels.into();
    }
    if wanted.iter().any(|taint| !present.contains(taint)) {
        patch["spec"] = json!({"taints": taints});
    }
    (patch != bare).then_some(patch)
}

fn document(taint: &Taint) -> Value {
    let mut document = json!({"key": taint.key, "effect": taint.effect});
    if !taint.value.is_empty() {
        document["value"] = taint.value.clone().into();
    }
    if let Some(time) = &taint.time_added {
        document["timeAdded"] = time.clone().into();
    }
    document
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kube::dry_run::Memory;

    const LABELS: [&str; 1] = ["node-role.kubernetes.io/control-plane"];

    fn taints() -> Vec<Value> {
        vec![json!({"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"})]
    }

    #[test]
    fn wanted_taints_come_first_and_others_stay() {
        let not_ready = json!({"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"});
        let node = json!({"metadata": {"resourceVersion": "7", "labels": {"kubernetes.io/hostname": "n1"}},
            "spec": {"taints": [not_ready]}});
        let patch = difference(&node, &LABELS, &taints()).unwrap();
        let expected = json!({
            "metadata": {"resourceVersion": "7", "labels": {"node-role.kubernetes.io/control-plane": ""}},
            "spec": {"taints": [taints()[0], not_ready]},
        });
        assert_eq!(patch, expected);
    }

    #[test]
    fn a_marked_node_needs_nothing() {
        let mut present = taints();
        present.insert(0, json!({"key": "mine", "effect": "NoExecute"}));
        let node =
            json!({"metadata": {"labels": {"node-role.kubernetes.io/control-plane": ""}}, "spec": {"taints": present}});
        assert_eq!(difference(&node, &LABELS, &taints()), None);
        assert_eq!(difference(&node, &LABELS, &[]), None);
    }

    #[tokio::test]
    async fn the_runtimes_socket_is_noted_once() {
        let (memory, path) = (Memory::new(), "/api/v1/nodes/n1");
        let labels = json!({"kubernetes.io/hostname": "n1"});
        let node = json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1", "labels": labels}});
        memory.put(path, node);
        let api = memory.api();
        for (socket, changed) in
            [("unix:///a.sock", Changed::Yes), ("unix:///a.sock", Changed::No), ("unix:///b.sock", Changed::Yes)]
        {
            assert_eq!(annotate_cri_socket(&api, "n1", socket).await.unwrap(), changed, "{socket}");
            assert_eq!(memory.object(path).unwrap()["metadata"]["annotations"][CRI_SOCKET], socket);
        }
    }

    #[test]
    fn taints_as_kubeadm_prints_them() {
        let taint = |value: &str, effect: &str| {
            taint_text(&Taint { key: "k".into(), value: value.into(), effect: effect.into(), time_added: None })
        };
        assert_eq!(
            [taint("", "NoSchedule"), taint("v", "NoSchedule"), taint("", "")],
            ["k:NoSchedule", "k=v:NoSchedule", "k"]
        );
    }
}
