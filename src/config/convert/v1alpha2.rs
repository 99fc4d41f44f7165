//! From v1alpha2, of kubeadm v1.11 and v1.12, to v1alpha3.
//!
//! What was one document becomes up to four: the node's, the cluster's, and the component configurations in it.

use serde_json::Value;

use super::super::document::{Document, KUBE_PROXY_GROUP, KUBELET_GROUP};
use super::super::path::take;
use super::Lost;
use super::moves::{Fields, Gone, Move, carry, lose, rename};
use super::v1alpha3::ONLY_CONTROL_PLANE;

const MASTER: &str = "MasterConfiguration";
const NODE: &str = "NodeConfiguration";

/// This node's part; what is left is the cluster's.
const INIT: [Move; 4] = [
    ("bootstrapTokens", "bootstrapTokens"),
    ("nodeRegistration", "nodeRegistration"),
    ("api.advertiseAddress", "apiEndpoint.advertiseAddress"),
    ("api.bindPort", "apiEndpoint.bindPort"),
];
const CLUSTER: [Move; 1] = [("api.controlPlaneEndpoint", "controlPlaneEndpoint")];

/// Documents that were fields: field, group, version, kind.
const COMPONENTS: [(&str, &str, &str, &str); 2] = [
    ("kubeletConfiguration.baseConfig", KUBELET_GROUP, "v1beta1", "KubeletConfiguration"),
    ("kubeProxy.config", KUBE_PROXY_GROUP, "v1alpha1", "KubeProxyConfiguration"),
];

/// Of the time after which kube-proxy closed an idle connection of its own.
pub(super) const ONLY_USERSPACE: &str = "nothing: only the mode userspace, which is no more, had such connections";

/// Fields that kube-proxy's v1alpha1 had then and has no more.
const KUBE_PROXY_GONE: [Gone; 3] = [
    Gone { field: "kubeProxy.config.udpIdleTimeout", usual: "250ms", instead: ONLY_USERSPACE },
    Gone {
        field: "kubeProxy.config.resourceContainer",
        usual: "/kube-proxy",
        instead: "nothing: the container runtime puts kube-proxy into a cgroup",
    },
    Gone {
        field: "kubeProxy.config.conntrack.max",
        usual: "",
        instead: "set conntrack.min of the KubeProxyConfiguration to it, and conntrack.maxPerCore to 1",
    },
];

const API_ENDPOINT: [Move; 2] =
    [("advertiseAddress", "apiEndpoint.advertiseAddress"), ("bindPort", "apiEndpoint.bindPort")];
const API_ENDPOINT_GONE: [Gone; 2] = [
    Gone { field: "advertiseAddress", usual: "", instead: ONLY_CONTROL_PLANE },
    Gone { field: "bindPort", usual: "6443", instead: ONLY_CONTROL_PLANE },
];

/// Every document of the version.
pub(super) fn to_v1alpha3(documents: Vec<Document>) -> (Vec<Document>, Vec<Lost>) {
    let (mut new, mut lost) = (Vec::new(), Vec::new());
    for mut document in documents {
        if document.kind == MASTER {
            lost.extend(lose(MASTER, &mut document.fields, &KUBE_PROXY_GONE));
            new.extend(split(document));
        } else {
            lost.extend(join(&mut document.fields));
            new.push(Document::of_kubeadm("JoinConfiguration", document.fields));
        }
    }
    (new, lost)
}

fn split(master: Document) -> Vec<Document> {
    let (mut cluster, mut init) = (master.fields, Fields::new());
    carry(&mut cluster, &mut init, &INIT);
    let mut moved = Fields::new();
    carry(&mut cluster, &mut moved, &CLUSTER);
    let components: Vec<Document> =
        COMPONENTS.iter().filter_map(|row| component(&mut cluster, master.number, *row)).collect();
    for empty in ["api", "kubeletConfiguration", "kubeProxy"] {
        cluster.remove(empty);
    }
    cluster.append(&mut moved);
    let own = [Document::of_kubeadm("InitConfiguration", init), Document::of_kubeadm("ClusterConfiguration", cluster)];
    own.into_iter().chain(components).collect()
}

fn component(
    cluster: &mut Fields,
    number: Option<usize>,
    (within, group, version, kind): (&'static str, &str, &str, &str),
) -> Option<Document> {
    let Some(Value::Object(mut fields)) = take(cluster, within) else { return None };
    for part_of_the_type in ["apiVersion", "kind"] {
        fields.remove(part_of_the_type);
    }
    let [group, version, kind] = [group, version, kind].map(str::to_owned);
    (!fields.is_empty()).then_some(Document { group, version, kind, fields, number, within })
}

/// v1.12 could join control planes.
fn join(fields: &mut Fields) -> Vec<Lost> {
    if fields.get("controlPlane") == Some(&Value::Bool(true)) {
        rename(NODE, fields, &API_ENDPOINT)
    } else {
        lose(NODE, fields, &API_ENDPOINT_GONE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn converted(kind: &str, fields: &Value) -> (Vec<(String, Value)>, Vec<String>) {
        let document = Document::of_kubeadm(kind, fields.as_object().cloned().unwrap());
        let (new, lost) = to_v1alpha3(vec![document]);
        let new = new.into_iter().map(|document| (document.kind, json!(document.fields)));
        (new.collect(), lost.into_iter().map(|lost| lost.field).collect())
    }

    #[test]
    fn component_configurations_become_documents() {
        let kubelet = json!({"apiVersion": "x", "kind": "y", "maxPods": 5});
        let kube_proxy = json!({"conntrack": {"max": 1, "min": 2}, "udpIdleTimeout": "250ms"});
        let fields = json!({"kubeletConfiguration": {"baseConfig": kubelet}, "kubeProxy": {"config": kube_proxy}});
        let (new, lost) = converted(MASTER, &fields);
        assert_eq!(new[2], ("KubeletConfiguration".to_owned(), json!({"maxPods": 5})));
        assert_eq!(new[3], ("KubeProxyConfiguration".to_owned(), json!({"conntrack": {"min": 2}})));
        assert_eq!(lost, ["kubeProxy.config.conntrack.max"]);
        let empty = json!({"kubeletConfiguration": {"baseConfig": {}}, "kubeProxy": {}});
        let own = [("InitConfiguration".to_owned(), json!({})), ("ClusterConfiguration".to_owned(), json!({}))];
        assert_eq!(converted(MASTER, &empty), (own.to_vec(), Vec::new()));
    }

    #[test]
    fn only_control_planes_have_an_address() {
        let fields = |control_plane| json!({"controlPlane": control_plane, "advertiseAddress": "a", "bindPort": 6443});
        let endpoint = json!({"controlPlane": true, "apiEndpoint": {"advertiseAddress": "a", "bindPort": 6443}});
        let join = |fields| vec![("JoinConfiguration".to_owned(), fields)];
        assert_eq!(converted(NODE, &fields(true)), (join(endpoint), Vec::new()));
        let lost = vec!["advertiseAddress".to_owned()];
        assert_eq!(converted(NODE, &fields(false)), (join(json!({"controlPlane": false})), lost));
    }
}
