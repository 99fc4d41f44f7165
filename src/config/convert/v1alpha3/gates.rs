//! Feature gates that kubeadm had until v1.12.

use super::super::super::form::is_empty;
use super::super::super::path::get;
use super::super::Lost;
use super::super::moves::{self, Fields, Gone};

const GATES: [Gone; 5] = [
    Gone {
        field: "featureGates.CoreDNS",
        usual: "true",
        instead: "CoreDNS is installed; to run another DNS server set dns.disabled of the ClusterConfiguration",
    },
    Gone {
        field: "featureGates.DynamicKubeletConfig",
        usual: "",
        instead: "nothing: kubelets read the KubeletConfiguration from a file",
    },
    Gone {
        field: "featureGates.HighAvailability",
        usual: "",
        instead: "set controlPlaneEndpoint, and join more control planes with --control-plane",
    },
    Gone { field: "featureGates.SelfHosting", usual: "", instead: "nothing: the control plane runs as static pods" },
    Gone {
        field: "featureGates.StoreCertsInSecrets",
        usual: "",
        instead: "nothing: certificates are files in certificatesDir",
    },
];

/// Takes them out; others stay for validation to judge.
pub(super) fn lose(kind: &'static str, fields: &mut Fields) -> Vec<Lost> {
    let lost = moves::lose(kind, fields, &GATES);
    if get(fields, "featureGates").is_some_and(is_empty) {
        fields.remove("featureGates");
    }
    lost
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

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
