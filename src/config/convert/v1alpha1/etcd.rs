//! The flat etcd, which became local or external.

use super::super::super::form::is_empty;
use super::super::super::path::{get, take};
use super::super::Lost;
use super::super::etcd_image;
use super::super::moves::{Fields, Gone, Move, is_set, lose, rename};

const EXTERNAL: [Move; 4] = [
    ("etcd.endpoints", "etcd.external.endpoints"),
    ("etcd.caFile", "etcd.external.caFile"),
    ("etcd.certFile", "etcd.external.certFile"),
    ("etcd.keyFile", "etcd.external.keyFile"),
];
const LOCAL: [Move; 5] = [
    ("etcd.image", "etcd.local.image"),
    ("etcd.dataDir", "etcd.local.dataDir"),
    ("etcd.extraArgs", "etcd.local.extraArgs"),
    ("etcd.serverCertSANs", "etcd.local.serverCertSANs"),
    ("etcd.peerCertSANs", "etcd.local.peerCertSANs"),
];

const ELSEWHERE: &str = "nothing: etcd.endpoints says that etcd runs elsewhere, so this had no effect";
const HERE: &str = "nothing: without etcd.endpoints it had no effect";
const NOT_SELF_HOSTED: &str = "nothing: etcd runs as a static pod";

const GONE_WITH_EXTERNAL: [Gone; 5] = [
    Gone { field: "etcd.image", usual: "", instead: ELSEWHERE },
    Gone { field: "etcd.dataDir", usual: "/var/lib/etcd", instead: ELSEWHERE },
    Gone { field: "etcd.extraArgs", usual: "", instead: ELSEWHERE },
    Gone { field: "etcd.serverCertSANs", usual: "", instead: ELSEWHERE },
    Gone { field: "etcd.peerCertSANs", usual: "", instead: ELSEWHERE },
];
const GONE_WITH_LOCAL: [Gone; 4] = [
    Gone { field: "etcd.endpoints", usual: "", instead: HERE },
    Gone { field: "etcd.caFile", usual: "", instead: HERE },
    Gone { field: "etcd.certFile", usual: "", instead: HERE },
    Gone { field: "etcd.keyFile", usual: "", instead: HERE },
];
const SELF_HOSTED: [Gone; 4] = [
    Gone { field: "etcd.selfHosted.certificatesDir", usual: "", instead: NOT_SELF_HOSTED },
    Gone { field: "etcd.selfHosted.clusterServiceName", usual: "", instead: NOT_SELF_HOSTED },
    Gone { field: "etcd.selfHosted.etcdVersion", usual: "", instead: NOT_SELF_HOSTED },
    Gone { field: "etcd.selfHosted.operatorVersion", usual: "", instead: NOT_SELF_HOSTED },
];

/// Endpoints say that somebody else runs etcd.
pub(super) fn split(kind: &'static str, fields: &mut Fields) -> Vec<Lost> {
    let mut lost = lose(kind, fields, &SELF_HOSTED);
    take(fields, "etcd.selfHosted");
    if is_set(fields, "etcd.endpoints") {
        lost.extend(lose(kind, fields, &GONE_WITH_EXTERNAL));
        lost.extend(rename(kind, fields, &EXTERNAL));
    } else {
        lost.extend(lose(kind, fields, &GONE_WITH_LOCAL));
        lost.extend(etcd_image::lose_strange(kind, fields, "etcd.image"));
        lost.extend(rename(kind, fields, &LOCAL));
    }
    if get(fields, "etcd").is_some_and(is_empty) {
        fields.remove("etcd");
    }
    lost
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn converted(etcd: &Value) -> (Value, Vec<String>) {
        let mut fields = json!({"etcd": etcd}).as_object().cloned().unwrap();
        let lost = split("Kind", &mut fields);
        (json!(fields), lost.into_iter().map(|lost| lost.field).collect())
    }

    #[test]
    fn endpoints_decide_where_etcd_is() {
        let everything = |endpoints: Value| json!({"endpoints": endpoints, "caFile": "/ca", "dataDir": "/data"});
        let external = json!({"etcd": {"external": {"endpoints": ["x"], "caFile": "/ca"}}});
        assert_eq!(converted(&everything(json!(["x"]))), (external, vec!["etcd.dataDir".to_owned()]));
        let local = json!({"etcd": {"local": {"dataDir": "/data"}}});
        assert_eq!(converted(&everything(json!([]))), (local, vec!["etcd.caFile".to_owned()]));
        assert_eq!(converted(&json!({"caFile": ""})), (json!({}), Vec::new()));
    }

    #[test]
    fn an_image_of_another_name_is_lost_where_it_was_given() {
        let new = json!({"etcd": {"local": {"image": "example.com/etcd:1"}}});
        assert_eq!(converted(&json!({"image": "example.com/etcd:1"})), (new, Vec::new()));
        assert_eq!(converted(&json!({"image": "etcd-amd64"})), (json!({}), vec!["etcd.image".to_owned()]));
    }
}
