//! For tests: any document of a kind, most of its fields in their right form.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::super::shape::Shape;
use super::{ApiVersion, Field, Form, Group};

/// Any of the version's fields, one in eight of them with any value at all.
pub(in super::super) fn fields(version: ApiVersion, group: Group) -> BoxedStrategy<Map<String, Value>> {
    let known = group.iter().filter(|Field(_, versions, _)| versions.contains(&version));
    let each: Vec<_> = known
        .map(|Field(name, _, form)| {
            let value = prop_oneof![7 => right(version, *form), 1 => any_value()];
            (Just((*name).to_owned()), prop::option::of(value))
        })
        .collect();
    each.prop_map(|each| each.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()).boxed()
}

fn right(version: ApiVersion, form: Form) -> BoxedStrategy<Value> {
    let group = |group| fields(version, group).prop_map(Value::Object);
    match form {
        Form::Fields(inner) => group(inner).boxed(),
        Form::List(inner) => prop::collection::vec(group(inner), 0..3).prop_map(Value::from).boxed(),
        Form::Named(inner) => group(inner).prop_map(|fields| json!({"node-1": fields})).boxed(),
        Form::Is(shape) => value(shape),
    }
}

/// Texts that steps take apart are among them.
fn value(shape: Shape) -> BoxedStrategy<Value> {
    let text = prop_oneof!["[a-z]{0,3}", Just("ABAC".to_owned()), Just("example.com/etcd:1".to_owned())];
    match shape {
        Shape::Flag => any::<bool>().prop_map(Value::from).boxed(),
        Shape::Int | Shape::Int32 => any::<i32>().prop_map(Value::from).boxed(),
        Shape::Unsigned32 => any::<u32>().prop_map(Value::from).boxed(),
        Shape::Token => Just(json!("abcdef.0123456789abcdef")).boxed(),
        Shape::Moment => Just(json!("2030-01-31T12:00:00Z")).boxed(),
        Shape::Time => Just(json!("1m0s")).boxed(),
        Shape::TimeOrInt => prop_oneof![Just(json!("0s")), any::<i64>().prop_map(Value::from)].boxed(),
        Shape::Texts => prop::collection::vec(text, 0..3).prop_map(Value::from).boxed(),
        Shape::TextMap => text.prop_map(|text| json!({"cloud-provider": text})).boxed(),
        Shape::FlagMap => any::<bool>().prop_map(|on| json!({"Auditing": on, "CoreDNS": on, "Other": on})).boxed(),
        Shape::Group => text.prop_map(|text| json!({"featureGates": text, "podManifestPath": text})).boxed(),
        _ => text.prop_map(Value::from).boxed(),
    }
}

/// Any JSON of some depth.
fn any_value() -> impl Strategy<Value = Value> {
    let text = "[a-z.,=]{0,8}".prop_map(Value::from);
    let leaf = prop_oneof![Just(json!(true)), Just(Value::Null), any::<i64>().prop_map(Value::from), text];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let map = prop::collection::btree_map("[a-zA-Z.]{0,6}", inner.clone(), 0..3);
        prop_oneof![
            prop::collection::vec(inner, 0..3).prop_map(Value::from),
            map.prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}
