//! Environment variables of containers, `EnvVar` of core/v1, as Go writes them.

use serde_json::{Value, json};

/// Where a value may come from, and the fields of that which are written also when they are empty.
const SOURCES: [(&str, &[&str]); 5] = [
    ("fieldRef", &["fieldPath"]),
    ("resourceFieldRef", &["resource"]),
    ("configMapKeyRef", &["key"]),
    ("secretKeyRef", &["key"]),
    ("fileKeyRef", &["volumeName", "path", "key"]),
];

/// Adds what Go's type always writes, or has a default for; an empty value is none.
pub(crate) fn complete(variable: &mut Value) {
    texts(variable, &["name"]);
    if let Some(fields) = variable.as_object_mut().filter(|fields| fields.get("value").is_some_and(|value| value == ""))
    {
        fields.remove("value");
    }
    if let Some(Value::Object(field)) = variable.pointer_mut("/valueFrom/fieldRef") {
        field.entry("apiVersion").or_insert_with(|| json!("v1"));
    }
    for (source, names) in SOURCES {
        if let Some(source) = variable.pointer_mut(&format!("/valueFrom/{source}")) {
            texts(source, names);
        }
    }
    if let Some(Value::Object(resource)) = variable.pointer_mut("/valueFrom/resourceFieldRef") {
        resource.entry("divisor").or_insert_with(|| json!("0"));
    }
}

/// Text fields that are written also when they are empty.
pub(crate) fn texts(group: &mut Value, names: &[&str]) {
    if let Value::Object(fields) = group {
        for name in names {
            fields.entry(*name).or_insert_with(|| json!(""));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_go_always_writes() {
        let mut variable = json!({"valueFrom": {"resourceFieldRef": {}, "other": {}}});
        complete(&mut variable);
        assert_eq!(
            variable,
            json!({"name": "", "valueFrom": {"resourceFieldRef": {"resource": "", "divisor": "0"}, "other": {}}})
        );
        let mut variable = json!({"name": "A", "value": "", "valueFrom": {"fieldRef": {"fieldPath": "x"}}});
        complete(&mut variable);
        assert_eq!(variable, json!({"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "x", "apiVersion": "v1"}}}));
    }
}
