//! From v1alpha3, of kubeadm v1.12 to v1.14, to v1beta1.
//!
//! Fields go below the component or the way of discovery that they belong to. What kubeadm refused to convert is carried
//! where there is a place for it, and named where there is none.

mod audit;
mod gates;
mod join;

use serde_json::{Value, json};

use super::super::document::Document;
use super::Lost;
use super::etcd_image;
use super::moves::{Fields, Gone, Move, lose, rename};

const CLUSTER: &str = "ClusterConfiguration";

/// Of a worker's address and port.
pub(super) const ONLY_CONTROL_PLANE: &str = "nothing: only nodes of the control plane serve the API";

const INIT_MOVES: [Move; 1] = [("apiEndpoint", "localAPIEndpoint")];
const CLUSTER_MOVES: [Move; 7] = [
    ("apiServerExtraArgs", "apiServer.extraArgs"),
    ("apiServerExtraVolumes", "apiServer.extraVolumes"),
    ("apiServerCertSANs", "apiServer.certSANs"),
    ("controllerManagerExtraArgs", "controllerManager.extraArgs"),
    ("controllerManagerExtraVolumes", "controllerManager.extraVolumes"),
    ("schedulerExtraArgs", "scheduler.extraArgs"),
    ("schedulerExtraVolumes", "scheduler.extraVolumes"),
];
const VOLUMES: [&str; 3] = ["apiServerExtraVolumes", "controllerManagerExtraVolumes", "schedulerExtraVolumes"];

const CLUSTER_GONE: [Gone; 1] = [Gone {
    field: "unifiedControlPlaneImage",
    usual: "",
    instead: "push the images kube-apiserver, kube-controller-manager, kube-scheduler and kube-proxy to one place, and set \
              imageRepository of the ClusterConfiguration",
}];

/// Every document of the version.
pub(super) fn to_v1beta1(mut documents: Vec<Document>) -> (Vec<Document>, Vec<Lost>) {
    let mut lost = Vec::new();
    for document in &mut documents {
        let fields = &mut document.fields;
        match document.kind.as_str() {
            "InitConfiguration" => lost.extend(rename("InitConfiguration", fields, &INIT_MOVES)),
            CLUSTER => lost.extend(cluster(fields)),
            "JoinConfiguration" => lost.extend(join::convert(fields)),
            _ => {}
        }
    }
    (documents, lost)
}

fn cluster(fields: &mut Fields) -> Vec<Lost> {
    let mut lost = lose(CLUSTER, fields, &CLUSTER_GONE);
    for list in VOLUMES {
        read_only(fields, list);
    }
    lost.extend(audit::to_flags(CLUSTER, fields));
    lost.extend(gates::lose(CLUSTER, fields));
    lost.extend(etcd_image::split(CLUSTER, fields));
    lost.extend(rename(CLUSTER, fields, &CLUSTER_MOVES));
    lost
}

/// A mount that is not `writable` is `readOnly`.
fn read_only(fields: &mut Fields, list: &str) {
    let Some(Value::Array(mounts)) = fields.get_mut(list) else { return };
    for mount in mounts.iter_mut().filter_map(Value::as_object_mut) {
        if mount.remove("writable") != Some(json!(true)) {
            mount.insert("readOnly".to_owned(), json!(true));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mount_is_read_only_unless_it_is_writable() {
        let mounts = json!([{"name": "a"}, {"name": "b", "writable": false}, {"name": "c", "writable": true}]);
        let mut fields = json!({"schedulerExtraVolumes": mounts}).as_object().cloned().unwrap();
        assert_eq!(cluster(&mut fields), []);
        let mounts = json!([{"name": "a", "readOnly": true}, {"name": "b", "readOnly": true}, {"name": "c"}]);
        assert_eq!(json!(fields), json!({"scheduler": {"extraVolumes": mounts}}));
    }
}
