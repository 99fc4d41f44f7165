//! YAML (and so JSON) in and out, the way Go's `sigs.k8s.io/yaml` reads and writes it.
//!
//! The only user of the YAML library: it knows scalars, documents and limits, and refuses to know Kubernetes kinds.
//! What is read becomes [`serde_json::Value`], as kubeadm's YAML becomes JSON; what is written has sorted keys when it
//! comes from such a value, and reads back equal in Go, which is YAML 1.1 (`yes`, `0755`, `1_000`).

mod error;
mod places;
#[cfg(test)]
mod tests;
mod text;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Number, Value};

pub use error::YamlError;
pub use places::{Place, Places};
pub use text::text;

/// How much a text may hold. No configuration of Kubernetes comes near; what does would only cost time and memory.
pub(crate) mod limits {
    /// Values, those that aliases repeat included.
    pub(super) const VALUES: usize = 100_000;
    /// Lists and maps within each other.
    pub(crate) const DEPTH: usize = 50;
    /// Aliases.
    pub(super) const ALIASES: usize = 1_000;
    /// Values that aliases repeat: a few aliases of aliases stand for billions.
    pub(super) const REPEATED: usize = 50_000;
    /// Documents.
    pub(super) const DOCUMENTS: usize = 1_000;
    /// Bytes of all scalars, those that aliases repeat included.
    pub(super) const BYTES: usize = 32 << 20;
}

/// Whole floats are exact below it.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Reads every document of a text, in order; empty ones are left out. A key given twice in one map is an error.
/// Nulls stay: see [`without_nulls`].
pub fn documents(text: &str) -> Result<Vec<Value>, YamlError> {
    let all: Vec<Value> = read(text).map_err(|error| error::of(&error))?;
    Ok(all.into_iter().filter(|document| !document.is_null()).map(whole_numbers).collect())
}

/// The places of everything in every document that [`documents`] reads; nothing if it reads none.
#[must_use]
pub fn places(text: &str) -> Vec<Places> {
    let all: Vec<Places> = read(text).unwrap_or_default();
    all.into_iter().filter(|document| !matches!(document, Places::Null)).collect()
}

fn read<T: DeserializeOwned>(text: &str) -> Result<Vec<T>, serde_saphyr::Error> {
    let options = serde_saphyr::options! {
        legacy_octal_numbers: true,
        with_snippet: false,
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: limits::REPEATED },
        budget: serde_saphyr::budget! {
            max_depth: limits::DEPTH,
            max_nodes: limits::VALUES,
            max_aliases: limits::ALIASES,
            enforce_alias_anchor_ratio: false,
            max_documents: limits::DOCUMENTS,
            max_total_scalar_bytes: limits::BYTES,
        },
    };
    serde_saphyr::from_multiple_with_options(&text::without_marks(text), options)
}

/// Reads a text that is one document.
pub fn document(text: &str) -> Result<Value, YamlError> {
    let mut all = documents(text)?;
    match all.pop() {
        Some(only) if all.is_empty() => Ok(only),
        last => Err(YamlError::NotOne(all.len() + usize::from(last.is_some()))),
    }
}

/// Writes one document, ending in a newline.
pub fn to_string(value: &impl Serialize) -> Result<String, YamlError> {
    let options = serde_saphyr::ser_options! {
        prefer_block_scalars: true,
        min_fold_chars: 100_000,
        folded_wrap_chars: 100_000,
    };
    serde_saphyr::to_string_with_options(value, options).map_err(|error| YamlError::Write(error.to_string()))
}

/// The value with every null in a map left out, at any depth: Go's decoder takes null as "not there".
#[must_use]
pub fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.into_iter().filter(|(_, inner)| !inner.is_null());
            Value::Object(kept.map(|(key, inner)| (key, without_nulls(inner))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(without_nulls).collect()),
        scalar => scalar,
    }
}

/// Floats without a fraction as integers: `6.443e3` and `6443.0` are ports, since Go makes JSON of YAML first, and its
/// JSON writes them so.
fn whole_numbers(value: Value) -> Value {
    match value {
        Value::Object(map) => Value::Object(map.into_iter().map(|(key, inner)| (key, whole_numbers(inner))).collect()),
        Value::Array(items) => Value::Array(items.into_iter().map(whole_numbers).collect()),
        Value::Number(number) => Value::Number(whole(&number).unwrap_or(number)),
        other => other,
    }
}

fn whole(number: &Number) -> Option<Number> {
    let float = number.as_f64().filter(|float| number.is_f64() && float.fract() == 0.0 && float.abs() < EXACT)?;
    // Exact, as said above.
    Some(Number::from(float as i64))
}
