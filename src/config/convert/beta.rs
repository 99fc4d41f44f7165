//! The steps between v1beta1, v1beta2, v1beta3 and v1beta4, and from the experimental v1.

use serde_json::{Map, Value, json};

use super::super::document::Document;
use super::super::path::{get, put, take};
use super::super::schema::ApiVersion;
use super::Lost;

/// Lists of flags that were maps until v1beta3, by kind.
const ARGS: [(&str, &str); 6] = [
    ("InitConfiguration", "nodeRegistration.kubeletExtraArgs"),
    ("JoinConfiguration", "nodeRegistration.kubeletExtraArgs"),
    ("ClusterConfiguration", "apiServer.extraArgs"),
    ("ClusterConfiguration", "controllerManager.extraArgs"),
    ("ClusterConfiguration", "scheduler.extraArgs"),
    ("ClusterConfiguration", "etcd.local.extraArgs"),
];

/// v1beta2 only has more fields than v1beta1.
pub(super) fn unchanged(documents: Vec<Document>) -> (Vec<Document>, Vec<Lost>) {
    (documents, Vec::new())
}

/// Without hyperkube, kube-dns and ClusterStatus.
pub(super) fn to_v1beta3(documents: Vec<Document>) -> (Vec<Document>, Vec<Lost>) {
    let mut lost = Vec::new();
    let mut kept = Vec::new();
    for mut document in documents {
        if document.kind == "ClusterStatus" {
            if get(&document.fields, "apiEndpoints").is_some() {
                let instead = "nothing: the addresses are read from the cluster's Pods";
                lost.push(Lost { kind: "ClusterStatus", field: "apiEndpoints".to_owned(), instead });
            }
            continue;
        }
        lost.extend(without_hyperkube_and_kube_dns(&mut document));
        kept.push(document);
    }
    (kept, lost)
}

fn without_hyperkube_and_kube_dns(document: &mut Document) -> Vec<Lost> {
    let kind = "ClusterConfiguration";
    let mut lost = Vec::new();
    if document.kind != kind {
        return lost;
    }
    if take(&mut document.fields, "useHyperKubeImage") == Some(json!(true)) {
        let instead = "there is no such image any more; give the images with imageRepository, or by patches.directory";
        lost.push(Lost { kind, field: "useHyperKubeImage".to_owned(), instead });
    }
    let dns = take(&mut document.fields, "dns.type");
    if dns.is_some_and(|dns| dns != "CoreDNS" && dns != "") {
        let instead = "CoreDNS is installed; to run another DNS server set dns.disabled in the new file";
        lost.push(Lost { kind, field: "dns.type".to_owned(), instead });
    }
    lost
}

/// Flags as lists; timeouts beside each other. The control plane's comes last: see [`control_plane_timeout`].
pub(super) fn to_v1beta4(mut documents: Vec<Document>) -> (Vec<Document>, Vec<Lost>) {
    for document in &mut documents {
        for (_, path) in ARGS.iter().filter(|(kind, _)| *kind == document.kind) {
            list_args(&mut document.fields, path);
        }
        if document.kind == "JoinConfiguration"
            && let Some(timeout) = take(&mut document.fields, "discovery.timeout")
        {
            put(&mut document.fields, "timeouts.discovery", timeout);
        }
    }
    (documents, Vec::new())
}

/// What was the cluster's until v1beta3 is each node's own. The nodes' documents may have been of another version, so
/// that this happens when all are of the current one.
pub(super) fn control_plane_timeout(documents: &mut Vec<Document>) {
    let of_cluster = |document: &mut Document| take(&mut document.fields, "apiServer.timeoutForControlPlane");
    let cluster = documents.iter_mut().find(|document| document.kind == "ClusterConfiguration");
    let Some(timeout) = cluster.and_then(of_cluster) else { return };
    let node = |document: &&mut Document| matches!(document.kind.as_str(), "InitConfiguration" | "JoinConfiguration");
    if !documents.iter().any(|document| document.kind == "InitConfiguration") {
        let made = Document::of_kubeadm("InitConfiguration", Map::new());
        documents.push(Document { version: ApiVersion::CURRENT.name().to_owned(), ..made });
    }
    for document in documents.iter_mut().filter(node) {
        put(&mut document.fields, "timeouts.controlPlaneComponentHealthCheck", timeout.clone());
    }
}

/// `{v: "4"}` becomes `[{name: v, value: "4"}]`, sorted by name.
fn list_args(fields: &mut Map<String, Value>, path: &str) {
    if let Some(Value::Object(args)) = take(fields, path) {
        let list = args.into_iter().map(|(name, value)| json!({"name": name, "value": value}));
        put(fields, path, list.collect());
    }
}

/// `mergeMethod` is all that v1 has more than v1beta4. It stays for those who look whether it is valid.
pub(super) fn from_v1(documents: Vec<Document>) -> (Vec<Document>, Vec<Lost>) {
    let args = |document: &Document| {
        let of_kind = ARGS.iter().filter(|(kind, _)| *kind == document.kind);
        of_kind.flat_map(|(kind, path)| merge_methods(kind, path, &document.fields)).collect::<Vec<_>>()
    };
    let lost = documents.iter().flat_map(args).collect();
    (documents, lost)
}

fn merge_methods(kind: &'static str, path: &str, fields: &Map<String, Value>) -> Vec<Lost> {
    let args = get(fields, path).and_then(Value::as_array);
    let merged = args.into_iter().flatten().enumerate().filter(|(_, arg)| arg.get("mergeMethod").is_some());
    let instead = "it has no effect; write the flag's whole value, the default's part too";
    merged.map(|(index, _)| Lost { kind, field: format!("{path}[{index}].mergeMethod"), instead }).collect()
}

#[cfg(test)]
mod tests {
    use super::super::super::schema::ApiVersion::{V1beta1, V1beta3, V1beta4};
    use super::super::to_current;
    use super::*;

    fn document(version: ApiVersion, kind: &str, fields: Value) -> Document {
        let Value::Object(fields) = fields else { unreachable!() };
        Document { version: version.name().to_owned(), ..Document::of_kubeadm(kind, fields) }
    }

    #[test]
    fn the_cluster_s_timeout_becomes_the_nodes() {
        let cluster = |timeout| document(V1beta3, "ClusterConfiguration", json!({"apiServer": timeout}));
        let timeout = cluster(json!({"timeoutForControlPlane": "7m0s"}));
        let join = document(V1beta3, "JoinConfiguration", json!({"discovery": {"timeout": "1m0s"}}));
        let (new, _) = to_current(vec![timeout, join]);
        let fields: Vec<_> = new.iter().map(|document| (document.kind.as_str(), json!(document.fields))).collect();
        let waits = "7m0s";
        assert_eq!(
            fields,
            [
                ("ClusterConfiguration", json!({"apiServer": {}})),
                (
                    "JoinConfiguration",
                    json!({"discovery": {}, "timeouts": {"controlPlaneComponentHealthCheck": waits, "discovery": "1m0s"}})
                ),
                ("InitConfiguration", json!({"timeouts": {"controlPlaneComponentHealthCheck": waits}})),
            ]
        );
    }

    #[test]
    fn the_cluster_s_timeout_reaches_documents_of_the_current_version() {
        let cluster =
            document(V1beta3, "ClusterConfiguration", json!({"apiServer": {"timeoutForControlPlane": "7m0s"}}));
        let own = json!({"timeouts": {"controlPlaneComponentHealthCheck": "3m0s", "discovery": "1m0s"}});
        let (new, _) = to_current(vec![cluster, document(V1beta4, "InitConfiguration", own)]);
        let fields: Vec<_> = new.iter().map(|document| (document.kind.as_str(), json!(document.fields))).collect();
        let both = json!({"timeouts": {"controlPlaneComponentHealthCheck": "7m0s", "discovery": "1m0s"}});
        assert_eq!(
            fields,
            [("InitConfiguration", both), ("ClusterConfiguration", json!({"apiServer": {}}))],
            "as kubeadm v1.36 migrates it"
        );
        let unknown =
            vec![document(V1beta4, "ClusterConfiguration", json!({"apiServer": {"timeoutForControlPlane": "7m0s"}}))];
        assert_eq!(to_current(unknown.clone()).0, unknown, "v1beta4 has no such field");
    }

    #[test]
    fn what_means_nothing_is_not_lost() {
        let fields = json!({"useHyperKubeImage": false, "dns": {"type": "CoreDNS"}, "apiServer": {"extraArgs": {}}});
        let (new, lost) = to_current(vec![document(V1beta1, "ClusterConfiguration", fields)]);
        assert_eq!((new.len(), lost), (1, Vec::new()));
        assert_eq!(json!(new[0].fields), json!({"dns": {}, "apiServer": {"extraArgs": []}}));
        let (new, lost) = to_current(vec![Document::of_kubeadm("InitConfiguration", Map::new())]);
        assert_eq!((new.len(), lost), (1, Vec::new()), "what is of no known version stays as it is");
    }
}
