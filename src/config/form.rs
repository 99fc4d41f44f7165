//! A component configuration against the fields of its kind, before a kubelet dies of it.
//!
//! Unknown fields stay: the kubelet of another version may know them.

use serde_json::{Map, Value};

use super::fields::{Fields, Zero};
use super::findings::{Findings, TYPE_KEYS, closest};
use super::shape::Shape;
use crate::yaml;

/// Writes every known field as Go writes it.
pub(super) fn check(table: &'static [Fields], fields: &mut Map<String, Value>) -> Findings {
    let mut found = Findings::default();
    group(table, fields, "", &mut found);
    found
}

fn group(table: &'static [Fields], fields: &mut Map<String, Value>, above: &str, found: &mut Findings) {
    for (key, value) in std::mem::take(fields) {
        let path = format!("{above}{key}");
        let Some(row) = table.iter().find(|row| row.names.split(' ').any(|name| name == path)) else {
            let of_document = TYPE_KEYS.into_iter().filter(|_| above.is_empty());
            found.unknown.push((path, closest(&key, names(table, above).chain(of_document))));
            fields.insert(key, yaml::without_nulls(value));
            continue;
        };
        let value = match (row.shape, value) {
            (Shape::Time, Value::Null) => {
                let reason = "time: invalid duration \"\"; leave the field away for its default";
                found.wrong.push((path, reason.to_owned()));
                continue;
            }
            (_, Value::Null) => continue,
            (Shape::Group, Value::Object(mut inner)) => {
                group(table, &mut inner, &format!("{path}."), found);
                Value::Object(inner)
            }
            (Shape::Items(forms), Value::Array(mut list)) => {
                items(forms, &mut list, &path, found);
                yaml::without_nulls(Value::Array(list))
            }
            (shape, value) => match shape.check(value) {
                Ok(value) => value,
                Err(reason) => {
                    found.wrong.push((path, reason));
                    continue;
                }
            },
        };
        if row.zero == Zero::Kept || !is_empty(&value) {
            fields.insert(key, value);
        }
    }
}

/// Checks the fields of a list's items that have a form.
fn items(forms: &[(&str, Shape)], list: &mut [Value], path: &str, found: &mut Findings) {
    for (at, item) in list.iter_mut().enumerate().filter(|(_, item)| !item.is_null()) {
        let Value::Object(fields) = item else {
            found.wrong.extend(Shape::Group.check(item.take()).err().map(|reason| (format!("{path}[{at}]"), reason)));
            continue;
        };
        for (name, form) in forms {
            let Some(field) = fields.get_mut(*name).filter(|field| !field.is_null()) else { continue };
            match form.check(field.take()) {
                Ok(checked) => *field = checked,
                Err(reason) => found.wrong.push((format!("{path}[{at}].{name}"), reason)),
            }
        }
    }
}

/// The names of the fields that stand together below a path.
fn names(table: &'static [Fields], above: &str) -> impl Iterator<Item = &'static str> {
    let all = table.iter().flat_map(|row| row.names.split(' '));
    all.filter_map(move |path| path.strip_prefix(above)).filter(|name| !name.contains('.'))
}

/// Nothing in it: what Go leaves out.
pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(flag) => !flag,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
    }
}
