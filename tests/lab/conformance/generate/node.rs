//! A document as a tree that can also be wrong: keys keep their order and may come twice. It knows no API.

use serde_json::Value;

/// A YAML or JSON value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Scalar(Value),
    List(Vec<Self>),
    Map(Vec<(String, Self)>),
}

impl Node {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Scalar(Value::String(text.into()))
    }

    /// A value written as JSON.
    pub(super) fn json(text: &str) -> Self {
        match serde_json::from_str::<Value>(text) {
            Ok(value) => Self::from(value),
            Err(error) => panic!("the generator's own table has {text}: {error}"),
        }
    }

    /// The value at a path of keys.
    pub(super) fn get(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |node, key| match node {
            Self::Map(entries) => entries.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        })
    }

    /// The string at a path of keys.
    pub(super) fn str(&self, path: &[&str]) -> Option<&str> {
        match self.get(path) {
            Some(Self::Scalar(Value::String(text))) => Some(text),
            _ => None,
        }
    }

    /// The value of `key`, made if there is none; whatever was there instead of a map is gone.
    pub(super) fn entry(&mut self, key: &str) -> &mut Self {
        if !matches!(self, Self::Map(_)) {
            *self = Self::Map(Vec::new());
        }
        let Self::Map(entries) = self else { unreachable!("it was made a map") };
        let at = entries.iter().position(|(name, _)| name == key).unwrap_or_else(|| {
            entries.push((key.to_owned(), Self::Scalar(Value::Null)));
            entries.len() - 1
        });
        &mut entries[at].1
    }

    /// The first item of a list, made if there is none.
    pub(super) fn first(&mut self) -> &mut Self {
        if !matches!(self, Self::List(items) if !items.is_empty()) {
            *self = Self::List(vec![Self::Scalar(Value::Null)]);
        }
        let Self::List(items) = self else { unreachable!("it was made a list") };
        &mut items[0]
    }

    /// The positions that lead to each entry of a map in the tree, from the outside in.
    pub(super) fn entries(&self) -> Vec<Vec<usize>> {
        let (children, named): (Vec<&Self>, bool) = match self {
            Self::Scalar(_) => return Vec::new(),
            Self::List(items) => (items.iter().collect(), false),
            Self::Map(entries) => (entries.iter().map(|(_, value)| value).collect(), true),
        };
        let below = |(at, child): (usize, &Self)| {
            let own = named.then(|| vec![at]);
            own.into_iter()
                .chain(child.entries().into_iter().map(move |path| [vec![at], path].concat()))
                .collect::<Vec<_>>()
        };
        children.into_iter().enumerate().flat_map(below).collect()
    }

    /// The map that the entry at these positions is in, and the entry's position there.
    pub(super) fn holder(&mut self, path: &[usize]) -> Option<(&mut Vec<(String, Self)>, usize)> {
        match (self, path) {
            (Self::Map(entries), [at]) => Some((entries, *at)),
            (Self::Map(entries), [at, rest @ ..]) => entries.get_mut(*at)?.1.holder(rest),
            (Self::List(items), [at, rest @ ..]) => items.get_mut(*at)?.holder(rest),
            _ => None,
        }
    }
}

impl From<Value> for Node {
    fn from(value: Value) -> Self {
        match value {
            Value::Array(items) => Self::List(items.into_iter().map(Self::from).collect()),
            Value::Object(entries) => Self::Map(entries.into_iter().map(|(key, value)| (key, value.into())).collect()),
            scalar => Self::Scalar(scalar),
        }
    }
}
