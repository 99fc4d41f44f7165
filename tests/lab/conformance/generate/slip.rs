//! What people get wrong in a document: a value, a type, a name, a head. A slip is put into a good document, so that it is
//! the one thing that is wrong with it.

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::Union;

use super::api::Document;
use super::node::Node;
use super::setting::Setting;
use super::shape::Shape;

/// A slip, and the two numbers that say where and which.
#[derive(Debug, Clone)]
pub(super) struct Slip {
    make: Make,
    place: Index,
    choice: Index,
}

type Make = fn(&mut Document, &Setting, &Slip);

/// How often each is made.
const SLIPS: &[(u32, Make)] = &[
    (10, odd_value),
    (3, wrong_type),
    (3, unknown_field),
    (2, misspelt_field),
    (2, repeated_field),
    (1, missing_field),
    (1, null_field),
    (1, both_alternatives),
    (1, other_head),
];

/// Slips of every sort, the commonest first.
pub(super) fn strategy() -> impl Strategy<Value = Slip> {
    let makes = Union::new_weighted(SLIPS.iter().map(|(weight, make)| (*weight, Just(*make))).collect());
    (makes, any::<Index>(), any::<Index>()).prop_map(|(make, place, choice)| Slip { make, place, choice })
}

impl Slip {
    /// Puts the slip into the document.
    pub(super) fn apply(&self, document: &mut Document, setting: &Setting) {
        (self.make)(document, setting, self);
    }

    fn choose<T: Clone>(&self, choices: &[T]) -> T {
        self.choice.get(choices).clone()
    }

    fn take_place<T: Clone>(&self, places: &[T]) -> T {
        self.place.get(places).clone()
    }
}

/// A step on the way to a field.
#[derive(Clone, Copy)]
enum Key {
    Name(&'static str),
    Item,
}

/// Every place that a shape has, itself first, whether a document uses it or not.
fn places(shape: &'static Shape, setting: &Setting) -> Vec<(Vec<Key>, &'static Shape)> {
    let below = match shape {
        Shape::Object(fields) => fields
            .iter()
            .filter(|field| field.exists(setting))
            .map(|field| (Some(Key::Name(field.name)), field.shape))
            .collect(),
        Shape::Map(names, value) => vec![(Some(Key::Name(names[0])), *value)],
        Shape::List(item) => vec![(Some(Key::Item), *item)],
        Shape::OneOf(shapes) => shapes.iter().map(|shape| (None, shape)).collect(),
        Shape::PerFamily(_) | Shape::PerApi { .. } => vec![(None, shape.now(setting))],
        Shape::Text(..) | Shape::Json(..) | Shape::Bool | Shape::Gates => Vec::new(),
    };
    let own =
        (!matches!(shape, Shape::OneOf(_) | Shape::PerFamily(_) | Shape::PerApi { .. })).then(|| (Vec::new(), shape));
    let deeper = below.into_iter().flat_map(|(key, shape)| {
        places(shape, setting).into_iter().map(move |(path, shape)| (key.into_iter().chain(path).collect(), shape))
    });
    own.into_iter().chain(deeper).collect()
}

/// The value at a place, made if it is not there.
fn reach<'a>(node: &'a mut Node, path: &[Key]) -> &'a mut Node {
    path.iter().fold(node, |node, key| match key {
        Key::Name(name) => node.entry(name),
        Key::Item => node.first(),
    })
}

fn odd_value(document: &mut Document, setting: &Setting, slip: &Slip) {
    let odd = places(document.api.shape, setting).into_iter().flat_map(|(path, shape)| {
        let values: Vec<Node> = match shape {
            Shape::Text(_, odd) => setting.texts(odd).into_iter().map(Node::text).collect(),
            Shape::Json(_, odd) => setting.texts(odd).iter().map(|text| Node::json(text)).collect(),
            Shape::Gates => vec![Node::json(r#"{"MadeUpGate":true}"#)],
            _ => Vec::new(),
        };
        (!values.is_empty()).then_some((path, values))
    });
    let odd: Vec<_> = odd.collect();
    if !odd.is_empty() {
        let (path, values) = slip.place.get(&odd);
        *reach(&mut document.node, path) = slip.choose(values);
    }
}

fn wrong_type(document: &mut Document, setting: &Setting, slip: &Slip) {
    let places: Vec<_> = places(document.api.shape, setting).into_iter().filter(|(path, _)| !path.is_empty()).collect();
    let (path, shape) = slip.place.get(&places);
    let others = match shape {
        Shape::Text(..) => ["5", "true", "[]", "{}"],
        Shape::Bool => ["\"true\"", "1", "\"maybe\"", "[]"],
        _ => ["\"text\"", "[\"text\"]", "{\"a\": \"b\"}", "1.5"],
    };
    *reach(&mut document.node, path) = Node::json(slip.choose::<&str>(&others));
}

fn unknown_field(document: &mut Document, setting: &Setting, slip: &Slip) {
    let (path, _) = object(document.api.shape, setting, slip);
    *reach(&mut document.node, &path).entry("madeUp") = Node::json(slip.choose::<&str>(&["1", "\"x\"", "{\"a\":[]}"]));
}

fn misspelt_field(document: &mut Document, setting: &Setting, slip: &Slip) {
    let (path, names) = object(document.api.shape, setting, slip);
    let name = slip.choose(&names);
    let spellings = [
        name.to_lowercase(),
        name[..name.len() - 1].to_owned(),
        format!("{name}s"),
        name[..1].to_uppercase() + &name[1..],
    ];
    *reach(&mut document.node, &path).entry(&slip.choose(&spellings)) = Node::text("x");
}

/// One of the objects of a shape, with the names of its fields.
fn object(shape: &'static Shape, setting: &Setting, slip: &Slip) -> (Vec<Key>, Vec<&'static str>) {
    let objects = places(shape, setting).into_iter().filter_map(|(path, shape)| match shape {
        Shape::Object(fields) => Some((path, fields.iter().map(|field| field.name).collect())),
        _ => None,
    });
    slip.take_place(&objects.collect::<Vec<_>>())
}

fn repeated_field(document: &mut Document, _: &Setting, slip: &Slip) {
    let entries = document.node.entries();
    if let Some((holder, at)) = document.node.holder(&slip.take_place(&entries)) {
        let (name, value) = holder[at].clone();
        holder.push((name, if slip.choice.index(2) == 0 { value } else { Node::text("other") }));
    }
}

fn missing_field(document: &mut Document, _: &Setting, slip: &Slip) {
    let entries = document.node.entries();
    if let Some((holder, at)) = document.node.holder(&slip.take_place(&entries)) {
        holder.remove(at);
    }
}

fn null_field(document: &mut Document, setting: &Setting, slip: &Slip) {
    let places: Vec<_> = places(document.api.shape, setting).into_iter().filter(|(path, _)| !path.is_empty()).collect();
    *reach(&mut document.node, &slip.place.get(&places).0) = Node::json("null");
}

/// Adds what excludes what is there; another slip where a kind has no such fields.
fn both_alternatives(document: &mut Document, setting: &Setting, slip: &Slip) {
    let (path, value) = match document.api.kind {
        "ClusterConfiguration" => (["etcd", slip.choose(&["local", "external"])], r#"{"dataDir":"/srv/etcd"}"#),
        "JoinConfiguration" => {
            (["discovery", slip.choose(&["bootstrapToken", "file"])], r#"{"kubeConfigPath":"/case/none"}"#)
        }
        _ => return odd_value(document, setting, slip),
    };
    *document.node.entry(path[0]).entry(path[1]) = Node::json(value);
}

fn other_head(document: &mut Document, _: &Setting, slip: &Slip) {
    let heads = [
        ("apiVersion", "kubeadm.k8s.io/v1beta2"),
        ("apiVersion", "kubeadm.k8s.io/v1beta3"),
        ("apiVersion", "kubeadm.k8s.io/v1"),
        ("apiVersion", "kubeadm.k8s.io/v1beta9"),
        ("apiVersion", "v1"),
        ("apiVersion", ""),
        ("apiVersion", "a/b/c"),
        ("kind", "ClusterConfig"),
        ("kind", "ConfigMap"),
        ("kind", ""),
        ("kind", "initConfiguration"),
    ];
    let (key, value) = slip.choose(&heads);
    *document.node.entry(key) = Node::text(value);
}

#[cfg(test)]
mod tests {
    use super::super::api;
    use super::super::setting::{V1BETA3, V1BETA4};
    use super::*;

    #[test]
    fn every_value_of_the_tables_is_one() {
        for (minor, api) in [(23, V1BETA3), (37, V1BETA4)] {
            for family in 0..3 {
                let setting = Setting { minor, api, family, density: 1.0 };
                for kind in api::ALL.iter().filter(|kind| kind.exists(&setting)) {
                    for (_, shape) in places(kind.shape, &setting) {
                        let Shape::Json(usual, odd) = shape else { continue };
                        setting.texts(usual).iter().chain(&setting.texts(odd)).for_each(|text| drop(Node::json(text)));
                    }
                }
            }
        }
    }

    proptest! {
        #[test]
        fn a_slip_changes_one_document_and_nothing_breaks(slip in strategy(), at in any::<Index>()) {
            let setting = Setting { minor: 37, api: V1BETA4, family: 0, density: 0.3 };
            let kind = *at.get(api::ALL);
            let mut document = Document { api: kind, node: Node::json(r#"{"apiVersion":"kubeadm.k8s.io/v1beta4","kind":"X"}"#) };
            let before = document.node.clone();
            slip.apply(&mut document, &setting);
            prop_assert_ne!(before, document.node);
        }
    }
}
