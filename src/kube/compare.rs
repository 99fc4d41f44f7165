//! Whether an object on the server is already as wanted.
//!
//! The server adds to what it is given: defaults, status, allocated values. So the wanted object must be *contained*
//! in the present one; lists must agree in length and order. A `null` in a wanted object means that the field must
//! not be there; it is never sent.

use serde_json::Value;

/// Fields that say nothing about what is wanted.
const OFF_THE_RECORD: [&str; 2] = ["/metadata/resourceVersion", "/status"];

/// The JSON pointer of the first field in which the present object is not as wanted.
#[must_use]
pub fn difference(wanted: &Value, present: &Value) -> Option<String> {
    differs(wanted, present, "")
}

fn differs(wanted: &Value, present: &Value, at: &str) -> Option<String> {
    match (wanted, present) {
        (Value::Object(wanted), Value::Object(present)) => wanted.iter().find_map(|(key, value)| {
            let at = format!("{at}/{key}");
            match present.get(key) {
                _ if OFF_THE_RECORD.contains(&at.as_str()) => None,
                Some(present) => differs(value, present, &at),
                None => (!empty(value)).then_some(at),
            }
        }),
        (Value::Array(wanted), Value::Array(present)) if wanted.len() == present.len() => {
            let mut pairs = wanted.iter().zip(present).enumerate();
            pairs.find_map(|(index, (wanted, present))| differs(wanted, present, &format!("{at}/{index}")))
        }
        _ if wanted == present || (empty(wanted) && empty(present)) => None,
        _ => Some(at.to_owned()),
    }
}

/// Whether the server may leave the value out: Go's `omitempty`.
fn empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.values().all(empty),
    }
}

/// The object as it is sent: without the fields that must not be there.
#[must_use]
pub fn without_nulls(object: &Value) -> Value {
    match object {
        Value::Object(fields) => fields
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key.clone(), without_nulls(value)))
            .collect(),
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_the_server_adds_is_no_difference() {
        let wanted = json!({
            "metadata": {"name": "kube-dns", "resourceVersion": "0"},
            "spec": {"clusterIP": "10.96.0.10", "ports": [{"port": 53, "name": "dns"}], "paused": false, "resources": {}},
            "status": {"loadBalancer": {}},
        });
        let present = json!({
            "metadata": {"name": "kube-dns", "resourceVersion": "231", "uid": "x", "labels": {"mine": "1"}},
            "spec": {"clusterIP": "10.96.0.10", "clusterIPs": ["10.96.0.10"],
                "ports": [{"port": 53, "name": "dns", "protocol": "TCP", "targetPort": 53}]},
        });
        assert_eq!(difference(&wanted, &present), None);
    }

    #[test]
    fn differences_are_located() {
        let wanted = json!({"subjects": [{"kind": "Group", "name": "a"}], "data": {"k": "v"}});
        let more =
            json!({"subjects": [{"kind": "Group", "name": "a"}, {"kind": "Group", "name": "b"}], "data": {"k": "v"}});
        assert_eq!(difference(&wanted, &more).as_deref(), Some("/subjects"));
        let other = json!({"subjects": [{"kind": "Group", "name": "b"}], "data": {"k": "v"}});
        assert_eq!(difference(&wanted, &other).as_deref(), Some("/subjects/0/name"));
        assert_eq!(difference(&wanted, &json!({"subjects": wanted["subjects"]})).as_deref(), Some("/data"));
    }

    #[test]
    fn null_means_absent() {
        let wanted = json!({"metadata": {"annotations": {"hash": null}}});
        assert_eq!(difference(&wanted, &json!({"metadata": {}})), None);
        let present = json!({"metadata": {"annotations": {"hash": "sha256:0"}}});
        assert_eq!(difference(&wanted, &present).as_deref(), Some("/metadata/annotations/hash"));
        assert_eq!(without_nulls(&wanted), json!({"metadata": {"annotations": {}}}));
    }
}
