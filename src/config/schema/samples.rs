//! For tests: documents with one field set, for every field of a kind.

use serde_json::{Map, Value, json};

use super::super::shape::Shape;
use super::{ApiVersion, Field, Form, Group, Kind};

/// A field's path, the fields of a document that has nothing but this one, and a text that its value is known by.
pub(in super::super) type Sample = (String, Map<String, Value>, &'static str);

/// One sample for each field that holds a value.
pub(in super::super) fn samples(version: ApiVersion, kind: &Kind) -> Vec<Sample> {
    of_group(version, kind.fields)
}

fn of_group(version: ApiVersion, group: Group) -> Vec<Sample> {
    let known = group.iter().filter(|Field(_, versions, _)| versions.contains(&version));
    known.flat_map(|Field(name, _, form)| of_field(version, name, *form)).collect()
}

fn of_field(version: ApiVersion, name: &str, form: Form) -> Vec<Sample> {
    let only = |value: Value| Map::from_iter([(name.to_owned(), value)]);
    let below = |between: &str, group: Group, wrap: fn(Map<String, Value>) -> Value| -> Vec<Sample> {
        let inner = of_group(version, group).into_iter();
        inner.map(|(path, fields, mark)| (format!("{name}{between}.{path}"), only(wrap(fields)), mark)).collect()
    };
    match form {
        Form::Is(shape) => {
            let (value, mark) = value(shape);
            vec![(name.to_owned(), only(value), mark)]
        }
        Form::Fields(group) => below("", group, Value::Object),
        Form::List(group) => below("[0]", group, |fields| json!([fields])),
        Form::Named(group) => below(".sample", group, |fields| json!({"sample": fields})),
    }
}

fn value(shape: Shape) -> (Value, &'static str) {
    match shape {
        Shape::Flag => (json!(true), "true"),
        Shape::Int | Shape::Int32 | Shape::Unsigned32 => (json!(4711), "4711"),
        Shape::Time | Shape::TimeOrInt => (json!("47m11s"), "47m11s"),
        Shape::Token => (json!("sample.0123456789abcdef"), "sample.0123456789abcdef"),
        Shape::Moment => (json!("2047-11-01T00:00:00Z"), "2047-11-01T00:00:00Z"),
        Shape::Texts => (json!(["sample"]), "sample"),
        Shape::TextMap => (json!({"name": "sample"}), "sample"),
        // A field that every component's configuration has.
        Shape::Group => (json!({"showHiddenMetricsForVersion": "sample"}), "sample"),
        Shape::FlagMap => (json!({"Sample": true}), "Sample"),
        _ => (json!("sample"), "sample"),
    }
}
