//! Modes of authorization, which became flags of kube-apiserver.

use serde_json::Value;

use super::super::super::path::take;
use super::super::moves::{Fields, give_flag};

const ARGS: &str = "apiServerExtraArgs";

/// Always there, as of v1.8.
const DEFAULT: [&str; 2] = ["Node", "RBAC"];

/// The file that a mode reads, where kubeadm looked for it.
const FILES: [(&str, &str, &str); 2] = [
    ("ABAC", "authorization-policy-file", "/etc/kubernetes/abac_policy.json"),
    ("Webhook", "authorization-webhook-config-file", "/etc/kubernetes/webhook_authz.conf"),
];

/// `authorizationMode` is v1.6's, and stood for a mode beside the default ones.
pub(super) fn to_flags(fields: &mut Fields) {
    let given =
        [take(fields, "authorizationModes"), take(fields, "authorizationMode").map(|mode| Value::Array(vec![mode]))];
    let given = given.into_iter().flatten().filter_map(|list| list.as_array().cloned()).flatten();
    let given: Vec<String> = given.filter_map(|mode| mode.as_str().map(str::to_owned)).collect();
    let missing =
        DEFAULT.iter().filter(|mode| !given.iter().any(|given| given == *mode)).map(|mode| (*mode).to_owned());
    let modes: Vec<String> = missing.chain(given.iter().filter(|mode| !mode.is_empty()).cloned()).collect();
    if modes == DEFAULT {
        return;
    }
    give_flag(fields, ARGS, "authorization-mode", &modes.join(","));
    for (mode, flag, file) in FILES {
        if modes.iter().any(|given| given == mode) {
            give_flag(fields, ARGS, flag, file);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_default_modes_are_no_flag_and_never_missing() {
        let flags = |fields: Value| {
            let mut fields = fields.as_object().cloned().unwrap();
            to_flags(&mut fields);
            fields.remove(ARGS).unwrap_or_default()
        };
        let none = Value::Null;
        for (fields, wanted) in [
            (json!({"authorizationModes": ["Node", "RBAC"]}), none.clone()),
            (json!({"authorizationModes": ["RBAC"]}), none.clone()),
            (json!({"authorizationModes": []}), none.clone()),
            (json!({"authorizationMode": ""}), none.clone()),
            (json!({"authorizationMode": "RBAC"}), none),
            (json!({"authorizationModes": ["RBAC", "Node"]}), json!({"authorization-mode": "RBAC,Node"})),
            (json!({"authorizationMode": "AlwaysAllow"}), json!({"authorization-mode": "Node,RBAC,AlwaysAllow"})),
            (
                json!({"authorizationModes": ["ABAC", "Node"], ARGS: {"authorization-policy-file": "/x"}}),
                json!({"authorization-mode": "RBAC,ABAC,Node", "authorization-policy-file": "/x"}),
            ),
        ] {
            assert_eq!(flags(fields.clone()), wanted, "{fields}");
        }
    }
}
