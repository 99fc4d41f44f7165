//! Feature gates that kubeadm had until v1.12.

use serde_json::Value;

use super::super::super::form::is_empty;
use super::super::super::path::{get, take};
use super::super::Lost;
use super::super::moves::Fields;

/// Name, default, and what to do when another value was asked for.
const GATES: [(&str, bool, &str); 5] = [
    ("CoreDNS", true, "CoreDNS is installed; to run another DNS server set dns.disabled of the ClusterConfiguration"),
    ("DynamicKubeletConfig", false, "nothing: kubelets read the KubeletConfiguration from a file"),
    ("HighAvailability", false, "set controlPlaneEndpoint, and join more control planes with --control-plane"),
    ("SelfHosting", false, "nothing: the control plane runs as static pods"),
    ("StoreCertsInSecrets", false, "nothing: certificates are files in certificatesDir"),
];

/// Takes them out; others stay for validation to judge.
pub(super) fn lose(kind: &'static str, fields: &mut Fields) -> Vec<Lost> {
    let mut lost = Vec::new();
    for (name, default, instead) in GATES {
        let field = format!("featureGates.{name}");
        if take(fields, &field).is_some_and(|value| value != Value::Bool(default)) {
            lost.push(Lost { kind, field, instead });
        }
    }
    if get(fields, "featureGates").is_some_and(is_empty) {
        fields.remove("featureGates");
    }
    lost
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_gate_at_its_default_is_not_lost() {
        let lost = |gates: Value| {
            let mut fields = json!({"featureGates": gates}).as_object().cloned().unwrap();
            let lost: Vec<String> = lose("Kind", &mut fields).into_iter().map(|lost| lost.field).collect();
            (json!(fields), lost)
        };
        assert_eq!(lost(json!({"CoreDNS": true, "SelfHosting": false})), (json!({}), Vec::new()));
        let other = json!({"featureGates": {"Other": true}});
        let both = vec!["featureGates.CoreDNS".to_owned(), "featureGates.SelfHosting".to_owned()];
        assert_eq!(lost(json!({"CoreDNS": false, "SelfHosting": true, "Other": true})), (other, both));
    }
}
