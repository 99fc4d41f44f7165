//! The forms of fields: what Go would not decode into one is an error here, with what to write.
//!
//! Knows forms, not meanings.

use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};

use super::duration::GoDuration;
use super::token::Token;
use crate::yaml;

/// A field's form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Fields of its own.
    Group,
    /// A list of groups.
    List,
    /// A list of maps, of which some fields have a form.
    Items(&'static [(&'static str, Self)]),
    Text,
    Flag,
    Int,
    Int32,
    Unsigned32,
    Float,
    /// Go's duration.
    Time,
    /// The same behind a pointer: a null is no duration, where Go reads other nulls as empty ones.
    TimeOrNull,
    /// Nanoseconds or Go's duration.
    TimeOrInt,
    /// RFC 3339.
    Moment,
    /// A bootstrap token; an empty text is none either.
    Token,
    /// Kubernetes' `128Mi`, also a bare number.
    Quantity,
    Texts,
    Ints,
    TextMap,
    /// A map of lists.
    TextsMap,
    FlagMap,
}

impl Shape {
    /// The value as Go would write it, or why Go would not read it.
    pub(super) fn check(self, value: Value) -> Result<Value, String> {
        let value = self.without_nulls(value);
        let all = |wanted: fn(&Value) -> bool| match &value {
            Value::Array(items) => items.iter().all(wanted),
            Value::Object(map) => map.values().all(wanted),
            _ => false,
        };
        let (fits, wanted) = match self {
            Self::Group => (value.is_object(), "a map of fields"),
            Self::List | Self::Items(_) => (value.is_array(), "a list"),
            Self::Token if value.is_string() => return token(&value),
            Self::Text | Self::Token => (value.is_string(), "a string"),
            Self::Flag => (value.is_boolean(), "true or false"),
            Self::Int => (value.is_i64(), "an integer"),
            Self::Int32 if value.is_i64() => (is_i32(&value), "an integer of 32 bits"),
            Self::Int32 => (false, "an integer"),
            Self::Unsigned32 => (
                value.as_u64().is_some_and(|number| u32::try_from(number).is_ok()),
                "an integer of 32 bits, not negative",
            ),
            Self::Float => (value.is_number(), "a number"),
            Self::Time | Self::TimeOrNull => return time(&value),
            Self::TimeOrInt if value.is_string() => return time(&value),
            Self::TimeOrInt => (value.is_i64(), "a duration such as \"5s\", or nanoseconds"),
            Self::Moment => return moment(&value),
            Self::Quantity if value.is_number() => return Ok(json!(value.to_string())),
            Self::Quantity => (value.is_string(), "a quantity such as \"128Mi\""),
            Self::Texts => (value.is_array() && all(Value::is_string), "a list of strings"),
            Self::Ints => (value.is_array() && all(is_i32), "a list of integers"),
            Self::TextMap => (value.is_object() && all(Value::is_string), "a map of strings"),
            Self::TextsMap => {
                let texts = |value: &Value| value.as_array().is_some_and(|list| list.iter().all(Value::is_string));
                (value.is_object() && all(texts), "a map of lists of strings")
            }
            Self::FlagMap => (value.is_object() && all(Value::is_boolean), "a map of true or false"),
        };
        if fits {
            Ok(value)
        } else {
            Err(format!("invalid value {}, expected {wanted}{}", short(&value), self.advice(&value)))
        }
    }

    /// To Go a null in a list or a map is the empty value of its type.
    fn without_nulls(self, value: Value) -> Value {
        let empty = match self {
            Self::Texts | Self::TextMap => json!(""),
            Self::Ints => json!(0),
            Self::FlagMap => json!(false),
            Self::Items(_) | Self::TextsMap => return yaml::without_nulls(value),
            _ => return value,
        };
        let filled = |inner: Value| if inner.is_null() { empty.clone() } else { inner };
        match value {
            Value::Array(items) => items.into_iter().map(filled).collect(),
            Value::Object(map) => Value::Object(map.into_iter().map(|(key, inner)| (key, filled(inner))).collect()),
            scalar => scalar,
        }
    }

    /// YAML reads `n`, `yes` and `1` as what they are not meant to be.
    fn advice(self, value: &Value) -> &'static str {
        let bare = |value: &Value| value.is_boolean() || value.is_number();
        let any = match (self, value) {
            (Self::Text | Self::Token, value) => bare(value),
            (Self::Texts, Value::Array(items)) => items.iter().any(bare),
            (Self::TextMap, Value::Object(map)) => map.values().any(bare),
            _ => false,
        };
        if any { "; put what is meant as text in quotes" } else { "" }
    }
}

fn is_i32(value: &Value) -> bool {
    value.as_i64().is_some_and(|number| i32::try_from(number).is_ok())
}

/// A value as JSON, cut after 40 characters.
pub(super) fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(40) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

fn time(value: &Value) -> Result<Value, String> {
    let Some(text) = value.as_str() else {
        return Err(format!("invalid value {}, expected a duration such as \"1m30s\"", short(value)));
    };
    text.parse::<GoDuration>().map(|time| json!(time.to_string())).map_err(|error| error.to_string())
}

fn token(value: &Value) -> Result<Value, String> {
    let token: Result<Token, _> = value.as_str().unwrap_or_default().parse();
    token.map(|token| json!(token.to_string())).map_err(|error| error.to_string())
}

fn moment(value: &Value) -> Result<Value, String> {
    let read = value.as_str().and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok());
    let written =
        read.and_then(|moment| moment.to_offset(UtcOffset::UTC).replace_nanosecond(0).ok()?.format(&Rfc3339).ok());
    let wanted = "expected a time such as \"2030-01-31T12:00:00Z\"";
    written.map(Value::from).ok_or_else(|| format!("invalid value {}, {wanted}", short(value)))
}
