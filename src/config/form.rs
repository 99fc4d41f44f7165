//! The form of a component configuration's fields: what Go would refuse is an error here, before a kubelet dies of it.
//!
//! Knows forms, not meanings. Unknown fields stay and are named in a warning.

use serde_json::{Map, Value, json};

use super::duration::GoDuration;
use super::error::ConfigError;
use super::fields::{Fields, Shape, Zero};

/// What the user wrote, with every known field of the right form, written as Go writes it.
pub(super) fn checked(
    kind: &'static str,
    table: &[Fields],
    user: Option<Value>,
    warnings: &mut Vec<String>,
) -> Result<Map<String, Value>, ConfigError> {
    let Some(Value::Object(user)) = user else { return Ok(Map::new()) };
    let mut unknown = Vec::new();
    let checked = check_group(kind, table, user, "", &mut unknown)?;
    if !unknown.is_empty() {
        let fields: Vec<String> = unknown.iter().map(|path| format!("unknown field {path:?}")).collect();
        warnings.push(format!("error unmarshaling configuration {kind}: strict decoding error: {}", fields.join(", ")));
    }
    Ok(checked)
}

fn check_group(
    kind: &'static str,
    table: &[Fields],
    fields: Map<String, Value>,
    above: &str,
    unknown: &mut Vec<String>,
) -> Result<Map<String, Value>, ConfigError> {
    let mut kept = Map::new();
    for (key, value) in fields {
        let path = format!("{above}{key}");
        let Some(row) = table.iter().find(|row| row.names.split(' ').any(|name| name == path)) else {
            unknown.push(path);
            kept.insert(key, value);
            continue;
        };
        let value = match (row.shape, value) {
            (Shape::Group, Value::Object(inner)) => {
                Value::Object(check_group(kind, table, inner, &format!("{path}."), unknown)?)
            }
            (shape, value) => shape.check(value).map_err(|reason| ConfigError::Field { kind, path, reason })?,
        };
        if row.zero == Zero::Kept || !is_empty(&value) {
            kept.insert(key, value);
        }
    }
    Ok(kept)
}

impl Shape {
    /// The value as Go would write it, or why Go would not read it.
    pub(super) fn check(self, value: Value) -> Result<Value, String> {
        let all = |wanted: fn(&Value) -> bool| match &value {
            Value::Array(items) => items.iter().all(wanted),
            Value::Object(map) => map.values().all(wanted),
            _ => false,
        };
        let (fits, wanted) = match self {
            Self::Group => (value.is_object(), "a map of fields"),
            Self::List => (value.is_array(), "a list"),
            Self::Text => (value.is_string(), "a string"),
            Self::Flag => (value.is_boolean(), "true or false"),
            Self::Int => (value.is_i64(), "an integer"),
            Self::Int32 => {
                (value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()), "an integer of 32 bits")
            }
            Self::Float => (value.is_number(), "a number"),
            Self::Time => return time(&value),
            Self::TimeOrInt if value.is_string() => return time(&value),
            Self::TimeOrInt => (value.is_i64(), "a duration such as \"5s\", or nanoseconds"),
            Self::Quantity if value.is_number() => return Ok(json!(value.to_string())),
            Self::Quantity => (value.is_string(), "a quantity such as \"128Mi\""),
            Self::Texts => (value.is_array() && all(Value::is_string), "a list of strings"),
            Self::Ints => (value.is_array() && all(Value::is_i64), "a list of integers"),
            Self::TextMap => (value.is_object() && all(Value::is_string), "a map of strings"),
            Self::FlagMap => (value.is_object() && all(Value::is_boolean), "a map of true or false"),
            Self::Any => (true, ""),
        };
        if fits {
            Ok(value)
        } else {
            Err(format!("invalid value {}, expected {wanted}{}", short(&value), self.advice(&value)))
        }
    }

    /// YAML reads `n`, `yes` and `1` as what they are not meant to be.
    fn advice(self, value: &Value) -> &'static str {
        let bare = |value: &Value| value.is_boolean() || value.is_number();
        let any = match (self, value) {
            (Self::Text, value) => bare(value),
            (Self::Texts, Value::Array(items)) => items.iter().any(bare),
            (Self::TextMap, Value::Object(map)) => map.values().any(bare),
            _ => false,
        };
        if any { "; put what is meant as text in quotes" } else { "" }
    }
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
        return Err(format!("invalid value {value}, expected a duration such as \"1m30s\""));
    };
    text.parse::<GoDuration>().map(|time| json!(time.to_string())).map_err(|error| error.to_string())
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
