//! A document against the fields of its own version.
//!
//! What Go could not decode is wrong; what Go would drop is unknown, taken out, and told with the known name that comes
//! closest. Refuses to know which command takes an unknown field for an error.

use serde_json::{Map, Value};

use super::super::fields::Shape;
use super::{ApiVersion, Field, Form, Group};

/// What is the matter with a document's fields; paths are `a.b[0].c`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Findings {
    /// Paths, each with the reason.
    pub(in super::super) wrong: Vec<(String, String)>,
    /// Paths, each with the known name that was perhaps meant.
    pub(in super::super) unknown: Vec<(String, Option<&'static str>)>,
}

/// Leaves in `fields` what the version knows.
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
                let meant = closest(key, known().map(|Field(name, ..)| *name));
                self.found.unknown.push((path, meant));
                return false;
            };
            self.form(&path, *form, value);
            true
        });
    }

    fn form(&mut self, path: &str, form: Form, value: &mut Value) {
        match (form, value) {
            (Form::Is(shape), value) => match shape.check(std::mem::take(value)) {
                Ok(checked) => *value = checked,
                Err(reason) => self.found.wrong.push((path.to_owned(), reason)),
            },
            (Form::Fields(group), Value::Object(fields)) => self.group(path, group, fields),
            (Form::List(group), Value::Array(items)) => {
                for (index, item) in items.iter_mut().enumerate() {
                    self.form(&format!("{path}[{index}]"), Form::Fields(group), item);
                }
            }
            (Form::Named(group), Value::Object(named)) => {
                for (name, item) in named {
                    self.form(&format!("{path}.{name}"), Form::Fields(group), item);
                }
            }
            (Form::Fields(_) | Form::Named(_), other) => self.wrong(path, other, Shape::Group),
            (Form::List(_), other) => self.wrong(path, other, Shape::List),
        }
    }

    fn wrong(&mut self, path: &str, value: &mut Value, wanted: Shape) {
        if let Err(reason) = wanted.check(std::mem::take(value)) {
            self.found.wrong.push((path.to_owned(), reason));
        }
    }
}

/// The name that was perhaps meant: alike but for some letters.
fn closest(given: &str, known: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    const ALIKE: f64 = 0.8;
    let alike = |name: &str| strsim::jaro_winkler(&name.to_lowercase(), &given.to_lowercase());
    let (likeness, name) = known.map(|name| (alike(name), name)).max_by(|a, b| a.0.total_cmp(&b.0))?;
    (likeness >= ALIKE).then_some(name)
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
