//! kubeadm's own auditing, which was a feature gate with three fields, and is flags and mounts of kube-apiserver.

use serde_json::{Value, json};

use super::super::super::path::{get, take};
use super::super::Lost;
use super::super::moves::{Fields, Gone, append, give_flag, is_set, lose};

const GATE: &str = "featureGates.Auditing";
const ARGS: &str = "apiServerExtraArgs";
const VOLUMES: &str = "apiServerExtraVolumes";

/// Where the policy and the log are in the container.
const POLICY: &str = "/etc/kubernetes/audit/audit.yaml";
const LOG_DIR: &str = "/var/log/kubernetes/audit";
/// Days.
const LOG_MAX_AGE: &str = "2";

const NO_EFFECT: &str = "nothing: without featureGates.Auditing it had no effect; with it in the old file, the new one \
                         has the flags and mounts";
const NO_POLICY: &str = "kubeadm wrote a policy of its own: write it yourself (\"apiVersion: audit.k8s.io/v1, kind: \
                         Policy, rules: [{level: Metadata}]\"), name the file in auditPolicy.path and convert again";

const GONE: [Gone; 3] = [
    Gone { field: "auditPolicy.path", usual: "", instead: NO_EFFECT },
    Gone { field: "auditPolicy.logDir", usual: LOG_DIR, instead: NO_EFFECT },
    Gone { field: "auditPolicy.logMaxAge", usual: LOG_MAX_AGE, instead: NO_EFFECT },
];

/// What kubeadm made of the gate and the fields.
pub(super) fn to_flags(kind: &'static str, fields: &mut Fields) -> Vec<Lost> {
    let wanted = take(fields, GATE) == Some(json!(true));
    let lost = match (wanted, is_set(fields, "auditPolicy.path")) {
        (true, true) => {
            write_out(fields);
            Vec::new()
        }
        (true, false) => vec![Lost { kind, field: GATE.to_owned(), instead: NO_POLICY }],
        (false, _) => lose(kind, fields, &GONE),
    };
    fields.remove("auditPolicy");
    lost
}

fn write_out(fields: &mut Fields) {
    let text = |field, default: &str| {
        let value = get(fields, field).and_then(Value::as_str).filter(|text| !text.is_empty());
        value.unwrap_or(default).to_owned()
    };
    let (policy, log_dir) = (text("auditPolicy.path", ""), text("auditPolicy.logDir", LOG_DIR));
    let max_age = get(fields, "auditPolicy.logMaxAge").map_or(LOG_MAX_AGE.to_owned(), Value::to_string);
    give_flag(fields, ARGS, "audit-policy-file", POLICY);
    give_flag(fields, ARGS, "audit-log-path", &format!("{LOG_DIR}/audit.log"));
    give_flag(fields, ARGS, "audit-log-maxage", &max_age);
    let mounts = [
        json!({"name": "audit", "hostPath": policy, "mountPath": POLICY, "readOnly": true, "pathType": "File"}),
        json!({"name": "audit-log", "hostPath": log_dir, "mountPath": LOG_DIR, "pathType": "DirectoryOrCreate"}),
    ];
    append(fields, VOLUMES, mounts);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(gate: bool, policy: &Value) -> (Value, Vec<String>) {
        let fields = json!({"featureGates": {"Auditing": gate}, "auditPolicy": policy});
        let mut fields = fields.as_object().cloned().unwrap();
        let lost = to_flags("Kind", &mut fields);
        fields.remove("featureGates");
        (json!(fields), lost.into_iter().map(|lost| lost.field).collect())
    }

    #[test]
    fn what_kubeadm_made_of_it_is_written_out() {
        let (fields, lost) = converted(true, &json!({"path": "/policy"}));
        assert_eq!(lost, [""; 0]);
        assert_eq!(fields[ARGS]["audit-log-maxage"], "2");
        assert_eq!(fields[VOLUMES][0]["hostPath"], "/policy");
        assert_eq!(fields[VOLUMES][1]["hostPath"], LOG_DIR);
        let (fields, _) = converted(true, &json!({"path": "/policy", "logDir": "/log", "logMaxAge": 0}));
        assert_eq!(fields[ARGS]["audit-log-maxage"], "0");
        assert_eq!(fields[VOLUMES][1]["hostPath"], "/log");
    }

    #[test]
    fn what_had_no_effect_has_none() {
        let defaults = json!({"path": "", "logDir": LOG_DIR, "logMaxAge": 2});
        assert_eq!(converted(false, &defaults), (json!({}), Vec::new()));
        assert_eq!(converted(true, &defaults), (json!({}), vec![GATE.to_owned()]));
        let lost = vec!["auditPolicy.path".to_owned(), "auditPolicy.logMaxAge".to_owned()];
        assert_eq!(converted(false, &json!({"path": "/policy", "logMaxAge": 3})), (json!({}), lost));
    }
}
