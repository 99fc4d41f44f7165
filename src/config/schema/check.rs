//! A document against the fields of its own version.
//!
//! What its version does not know is taken out and told. Refuses to know which command takes that for an error.

use serde_json::{Map, Value};

use super::super::findings::{Findings, TYPE_KEYS, closest};
use super::super::shape::Shape;
use super::{ApiVersion, Field, Form, Group};

/// Leaves in `fields` what the version knows, written as Go writes it.
pub(in super::super) fn check(version: ApiVersion, group: Group, fields: &mut Map<String, Value>) -> Findings {
    let mut check = Check { version, found: Findings::default() };
    check.group("", group, fields);
    check.found
}

struct Check {
    version: ApiVersion,
    found: Findings,
}

impl Check {
    fn group(&mut self, above: &str, group: Group, fields: &mut Map<String, Value>) {
        let version = self.version;
        let known = || group.iter().filter(move |Field(_, versions, _)| versions.contains(&version));
        fields.retain(|key, value| {
            let path = if above.is_empty() { key.clone() } else { format!("{above}.{key}") };
            let Some(Field(_, _, form)) = known().find(|Field(name, ..)| name == key) else {
                let of_document = TYPE_KEYS.into_iter().filter(|_| above.is_empty());
                let meant = closest(key, known().map(|Field(name, ..)| *name).chain(of_document));
                self.found.unknown.push((path, meant));
                return false;
            };
            // To Go a null is a field that is not there.
            if value.is_null() {
                return false;
            }
            self.form(&path, *form, value);
            true
        });
    }

    fn form(&mut self, path: &str, form: Form, value: &mut Value) {
        match (form, value) {
            (Form::Is(shape), value) => match shape.check(value.take()) {
                Ok(checked) => *value = checked,
                Err(reason) => self.found.wrong.push((path.to_owned(), reason)),
            },
            (Form::Fields(group), Value::Object(fields)) => self.group(path, group, fields),
            (Form::List(group), Value::Array(items)) => {
                for (index, item) in items.iter_mut().enumerate() {
                    self.item(&format!("{path}[{index}]"), group, item);
                }
            }
            (Form::Named(group), Value::Object(named)) => {
                for (name, item) in named {
                    self.item(&format!("{path}.{name}"), group, item);
                }
            }
            (Form::Fields(_) | Form::Named(_), other) => self.wrong(path, other, Shape::Group),
            (Form::List(_), other) => self.wrong(path, other, Shape::List),
        }
    }

    /// To Go a null among others is an item with no field set.
    fn item(&mut self, path: &str, group: Group, item: &mut Value) {
        if item.is_null() {
            *item = Value::Object(Map::new());
        }
        self.form(path, Form::Fields(group), item);
    }

    fn wrong(&mut self, path: &str, value: &mut Value, wanted: Shape) {
        if let Err(reason) = wanted.check(value.take()) {
            self.found.wrong.push((path.to_owned(), reason));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::kind;
    use super::*;
    use serde_json::json;

    fn checked(version: ApiVersion, name: &str, document: Value) -> (Findings, Value) {
        let Value::Object(mut fields) = document else { unreachable!() };
        let found = check(version, kind(version, name).unwrap().fields, &mut fields);
        (found, Value::Object(fields))
    }

    #[test]
    fn what_a_version_does_not_have_is_unknown_and_gone() {
        let document = json!({"useHyperKubeImage": true, "clusternName": "x", "networking": {"podsubnet": "y"}});
        let (found, left) = checked(ApiVersion::V1beta3, "ClusterConfiguration", document.clone());
        let paths: Vec<_> = found.unknown.iter().map(|(path, meant)| (path.as_str(), *meant)).collect();
        assert_eq!(
            paths,
            [
                ("clusternName", Some("clusterName")),
                ("networking.podsubnet", Some("podSubnet")),
                ("useHyperKubeImage", None)
            ]
        );
        assert_eq!(left, json!({"networking": {}}));
        let (found, _) = checked(ApiVersion::V1beta2, "ClusterConfiguration", document);
        assert_eq!(found.unknown.len(), 2);
    }

    #[test]
    fn a_null_is_nothing_alone_and_empty_among_others() {
        let document = json!({
            "networking": null, "foo": null, "featureGates": {"A": null},
            "apiServer": {"certSANs": [null], "extraArgs": [null], "extraVolumes": null},
        });
        let (found, left) = checked(ApiVersion::CURRENT, "ClusterConfiguration", document);
        assert_eq!((found.wrong, found.unknown), (vec![], vec![("foo".to_owned(), None)]));
        assert_eq!(left, json!({"featureGates": {"A": false}, "apiServer": {"certSANs": [""], "extraArgs": [{}]}}));
    }

    #[test]
    fn what_has_another_form_is_wrong() {
        let document = json!({
            "nodeRegistration": {"kubeletExtraArgs": {"v": 4}, "taints": [3], "name": true},
            "bootstrapTokens": {"token": "x"}, "localAPIEndpoint": [],
        });
        let (found, _) = checked(ApiVersion::V1beta3, "InitConfiguration", document);
        let said: Vec<String> = found.wrong.iter().map(|(path, reason)| format!("{path}: {reason}")).collect();
        assert_eq!(
            said,
            [
                "bootstrapTokens: invalid value {\"token\":\"x\"}, expected a list",
                "localAPIEndpoint: invalid value [], expected a map of fields",
                "nodeRegistration.kubeletExtraArgs: invalid value {\"v\":4}, expected a map of strings; put what is \
                 meant as text in quotes",
                "nodeRegistration.name: invalid value true, expected a string; put what is meant as text in quotes",
                "nodeRegistration.taints[0]: invalid value 3, expected a map of fields",
            ]
        );
    }
}
