//! What a field may be, as data, and the strategy that makes values of it. The tables are in [`super::api`]; what is wrong
//! with a value is put in later, by [`super::slip`].

use proptest::prelude::*;
use proptest::strategy::Union;
use proptest::{collection, option, sample};

use super::node::Node;
use super::setting::{Setting, V1BETA3};

/// The values of a field. Texts and JSON have good values, the simplest first, and bad ones; `{m}`, `{m-1}` … stand for minors.
pub(super) enum Shape {
    Text(&'static [&'static str], &'static [&'static str]),
    Json(&'static [&'static str], &'static [&'static str]),
    Bool,
    List(&'static Self),
    /// A map from names to values that are alike.
    Map(&'static [&'static str], &'static Self),
    Object(&'static [Field]),
    OneOf(&'static [Self]),
    /// IPv4, IPv6, both.
    PerFamily([&'static Self; 3]),
    /// Up to v1beta3, and since.
    PerApi {
        map: &'static Self,
        list: &'static Self,
    },
    /// kubeadm's feature gates of the minor.
    Gates,
}

/// A field of an object.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) shape: &'static Shape,
    presence: Presence,
    /// The only version of the API that has it.
    api: Option<&'static str>,
    /// The first minor whose kubeadm has it.
    since: u64,
}

#[derive(Clone, Copy, PartialEq)]
enum Presence {
    Always,
    Often,
    Rarely,
}

/// A field that is there or not, in every version.
pub(super) const fn field(name: &'static str, shape: &'static Shape) -> Field {
    Field { name, shape, presence: Presence::Often, api: None, since: 0 }
}

impl Field {
    /// The API or a case's sense needs it.
    pub(super) const fn always(self) -> Self {
        Self { presence: Presence::Always, ..self }
    }

    /// Most cases would say less with it than without.
    pub(super) const fn rarely(self) -> Self {
        Self { presence: Presence::Rarely, ..self }
    }

    pub(super) const fn only(self, api: &'static str) -> Self {
        Self { api: Some(api), ..self }
    }

    pub(super) const fn since(self, minor: u64) -> Self {
        Self { since: minor, ..self }
    }

    /// Whether the version and the minor have it.
    pub(super) fn exists(&self, setting: &Setting) -> bool {
        self.api.is_none_or(|api| api == setting.api) && self.since <= setting.minor
    }

    fn strategy(&self, setting: &Setting) -> BoxedStrategy<Option<(String, Node)>> {
        let name = self.name.to_owned();
        let entry = self.shape.strategy(setting).prop_map(move |value| (name.clone(), value));
        match self.presence {
            Presence::Always => entry.prop_map(Some).boxed(),
            Presence::Often => option::weighted(setting.density, entry).boxed(),
            Presence::Rarely => option::weighted(setting.density / 8.0, entry).boxed(),
        }
    }
}

impl Shape {
    /// The shape in these circumstances.
    pub(super) fn now(&'static self, setting: &Setting) -> &'static Self {
        match self {
            Self::PerFamily(shapes) => shapes[setting.family],
            Self::PerApi { map, .. } if setting.api == V1BETA3 => map,
            Self::PerApi { list, .. } => list,
            other => other,
        }
    }

    /// Good values.
    pub(super) fn strategy(&'static self, setting: &Setting) -> BoxedStrategy<Node> {
        match self {
            Self::Text(good, _) => sample::select(setting.texts(good)).prop_map(Node::text).boxed(),
            Self::Json(good, _) => sample::select(setting.texts(good)).prop_map(|text| Node::json(&text)).boxed(),
            Self::Bool => any::<bool>().prop_map(|value| Node::Scalar(value.into())).boxed(),
            Self::List(item) => collection::vec(item.strategy(setting), 0..4).prop_map(Node::List).boxed(),
            Self::Map(names, value) => map(names.iter().map(|name| (*name).to_owned()).collect(), value, setting),
            Self::Gates => map(setting.gates(), &Self::Bool, setting),
            Self::Object(fields) => fields
                .iter()
                .filter(|field| field.exists(setting))
                .map(|field| field.strategy(setting))
                .collect::<Vec<_>>()
                .prop_map(|entries| Node::Map(entries.into_iter().flatten().collect()))
                .boxed(),
            Self::OneOf(shapes) => Union::new(shapes.iter().map(|shape| shape.strategy(setting))).boxed(),
            Self::PerFamily(_) | Self::PerApi { .. } => self.now(setting).strategy(setting),
        }
    }
}

fn map(names: Vec<String>, value: &'static Shape, setting: &Setting) -> BoxedStrategy<Node> {
    if names.is_empty() {
        return Just(Node::Map(Vec::new())).boxed();
    }
    let most = names.len().min(3);
    let names = sample::subsequence(names, 0..=most);
    (names, collection::vec(value.strategy(setting), most))
        .prop_map(|(names, values)| Node::Map(names.into_iter().zip(values).collect()))
        .boxed()
}
