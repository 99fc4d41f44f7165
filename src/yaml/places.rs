//! Where in a text its keys and items stand. Read only when there is something to say about one.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

/// A line and a column, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The line.
    pub line: u64,
    /// The column.
    pub column: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// The places of one document.
#[derive(Debug)]
pub enum Places {
    /// Keys, and what is below them.
    Map(Vec<(String, Place, Self)>),
    /// Items.
    List(Vec<(Place, Self)>),
    /// A value.
    Scalar,
    /// No value.
    Null,
}

impl Places {
    /// The place of a field: `a.b[0].c`, where a number may also stand between dots.
    #[must_use]
    pub fn of(&self, path: &str) -> Option<Place> {
        match self {
            Self::Map(entries) => entries.iter().find_map(|(key, place, below)| {
                let rest = path.strip_prefix(key.as_str())?;
                below.at(*place, rest)
            }),
            Self::List(items) => {
                let end = path.find(|c: char| !c.is_ascii_digit()).unwrap_or(path.len());
                let (place, below) = items.get(path[..end].parse::<usize>().ok()?)?;
                below.at(*place, path[end..].trim_start_matches(']'))
            }
            Self::Scalar | Self::Null => None,
        }
    }

    /// Where the first key or item stands.
    #[must_use]
    pub fn start(&self) -> Option<Place> {
        match self {
            Self::Map(entries) => entries.first().map(|(_, place, _)| *place),
            Self::List(items) => items.first().map(|(place, _)| *place),
            Self::Scalar | Self::Null => None,
        }
    }

    /// This, when the path ends here, or what is below.
    fn at(&self, place: Place, rest: &str) -> Option<Place> {
        match rest.strip_prefix(['.', '[']) {
            Some(further) => self.of(further),
            None => rest.is_empty().then_some(place),
        }
    }
}

impl<'de> Deserialize<'de> for Places {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

macro_rules! scalars {
    ($($method:ident: $type:ty),*) => {
        $(fn $method<E>(self, _: $type) -> Result<Places, E> { Ok(Places::Scalar) })*
    };
}

impl<'de> Visitor<'de> for Reader {
    type Value = Places;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    scalars!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_i128: i128, visit_u128: u128, visit_f64: f64);
    scalars!(visit_str: &str, visit_bytes: &[u8]);

    fn visit_unit<E>(self) -> Result<Places, E> {
        Ok(Places::Null)
    }

    fn visit_none<E>(self) -> Result<Places, E> {
        Ok(Places::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Places, D::Error> {
        Places::deserialize(deserializer)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Places, A::Error> {
        let mut entries = Vec::new();
        while let Some((key, below)) = map.next_entry::<Spanned<String>, Places>()? {
            entries.push((key.value, place(key.referenced), below));
        }
        Ok(Places::Map(entries))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Places, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element::<Spanned<Places>>()? {
            items.push((place(item.referenced), item.value));
        }
        Ok(Places::List(items))
    }
}

fn place(location: serde_saphyr::Location) -> Place {
    Place { line: location.line(), column: location.column() }
}
