//! YAML (and so JSON) in and out, the way Go's `sigs.k8s.io/yaml` reads and writes it.
//!
//! The only user of the YAML library: it knows scalars, documents and limits, and refuses to know Kubernetes kinds.
//! What is read becomes [`serde_json::Value`], as kubeadm's YAML becomes JSON; what is written has sorted keys when it
//! comes from such a value, and reads back equal in Go, which is YAML 1.1 (`yes`, `0755`, `1_000`).

mod places;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

pub use places::{Place, Places};

/// YAML that could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum YamlError {
    /// Not YAML, a key given twice, or more than the limits allow.
    #[error("line {line}, column {column}: {reason}")]
    Syntax {
        /// From 1.
        line: u64,
        /// From 1.
        column: u64,
        /// What is wrong there.
        reason: String,
    },
    /// Wrong as a whole.
    #[error("{0}")]
    Whole(String),
    /// Bytes that are no text.
    #[error("line {line}: not UTF-8 text{hint}")]
    NotText {
        /// The first line with such bytes, from 1.
        line: usize,
        /// A guess at what it is instead.
        hint: &'static str,
    },
    /// Another number of documents than one.
    #[error("expected one YAML document, found {0}")]
    NotOne(usize),
    /// A value that YAML has no form for.
    #[error("cannot write YAML: {0}")]
    Write(String),
}

/// Reads every document of a text, in order; empty ones are left out. A key given twice in one map is an error.
/// Nulls stay: see [`without_nulls`].
pub fn documents(text: &str) -> Result<Vec<Value>, YamlError> {
    let all: Vec<Value> = read(text).map_err(|error| read_error(&error))?;
    Ok(all.into_iter().filter(|document| !document.is_null()).collect())
}

/// The places of everything in every document that [`documents`] reads; nothing if it reads none.
#[must_use]
pub fn places(text: &str) -> Vec<Places> {
    let all: Vec<Places> = read(text).unwrap_or_default();
    all.into_iter().filter(|document| !matches!(document, Places::Null)).collect()
}

fn read<T: DeserializeOwned>(text: &str) -> Result<Vec<T>, serde_saphyr::Error> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let options = serde_saphyr::options! {
        legacy_octal_numbers: true,
        with_snippet: false,
        budget: serde_saphyr::budget! { max_depth: 100, max_nodes: 200_000, max_aliases: 1_000, max_documents: 1_000 },
    };
    serde_saphyr::from_multiple_with_options(text, options)
}

/// Reads a text that is one document.
pub fn document(text: &str) -> Result<Value, YamlError> {
    let mut all = documents(text)?;
    match all.pop() {
        Some(only) if all.is_empty() => Ok(only),
        last => Err(YamlError::NotOne(all.len() + usize::from(last.is_some()))),
    }
}

/// The text in a file's bytes.
pub fn text(bytes: &[u8]) -> Result<&str, YamlError> {
    let not_text = |end: usize, hint| YamlError::NotText { line: line_at(bytes, end), hint };
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(not_text(0, " (it looks like UTF-16: save it as UTF-8)"));
    }
    if let Some(nul) = bytes.iter().position(|byte| *byte == 0) {
        return Err(not_text(nul, " (it holds a NUL byte)"));
    }
    std::str::from_utf8(bytes).map_err(|error| not_text(error.valid_up_to(), ""))
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

fn read_error(error: &serde_saphyr::Error) -> YamlError {
    let error = error.without_snippet();
    match error.location() {
        Some(at) => YamlError::Syntax { line: at.line(), column: at.column(), reason: reason(error) },
        None => YamlError::Whole(reason(error)),
    }
}

/// The library's words without its own "at line, column" and its advice to programmers.
fn reason(error: &serde_saphyr::Error) -> String {
    let words = error.to_string();
    let cut = [" at line ", ", set DuplicateKeyPolicy"].iter().filter_map(|tail| words.find(tail)).min();
    words[..cut.unwrap_or(words.len())].trim_end_matches([' ', ':']).to_owned()
}

fn line_at(bytes: &[u8], end: usize) -> usize {
    1 + bytes[..end].iter().filter(|byte| **byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn reads_scalars_as_go_does() {
        let read = document("{d: 0755, m: 010, f: 1_000, y: yes, n: off, s: 'on', v: 1.10, t: \"1e3\"}").unwrap();
        assert_eq!(read, json!({"d": 493, "m": 8, "f": 1000, "y": true, "n": false, "s": "on", "v": 1.1, "t": "1e3"}));
    }

    #[test]
    fn splits_documents_and_keeps_nulls() {
        let read = documents("\u{feff}# c\r\n---\r\na: null\r\n---\r\n---\r\n{\"b\": [1]}\r\n---\r\n").unwrap();
        assert_eq!(read, [json!({"a": null}), json!({"b": [1]})]);
        assert_eq!(without_nulls(read[0].clone()), json!({}));
        assert!(documents("").unwrap().is_empty());
        assert!(documents("# nothing\n---\n").unwrap().is_empty());
        assert!(matches!(document("a: 1\n---\nb: 2\n"), Err(YamlError::NotOne(2))));
        assert!(matches!(document(""), Err(YamlError::NotOne(0))));
    }

    #[test]
    fn says_where_and_what() {
        let said = |text| documents(text).unwrap_err().to_string();
        let twice = said("a: 1\nb:\n  c: 1\n  c: 2\n");
        assert!(twice.starts_with("line 4, column 3: duplicate") && twice.ends_with(": c"), "{twice}");
        let tab = said("a:\n\tb: 1\n");
        assert!(tab.starts_with("line 2, "), "{tab}");
        assert!(!tab.contains('\n') && !tab.contains(" at line "), "{tab}");
    }

    #[test]
    fn says_where_things_stand() {
        let text = "a: 1\n---\n---\nb:\n  - c\n  - {d: 1, e.f: [x, y]}\n1: {g: 2}\nk: &a {z: 1}\nl: *a\n";
        let [_, second] = &places(text)[..] else { unreachable!() };
        let at = |path| second.of(path).map(|place| (place.line, place.column));
        assert_eq!(at("b"), Some((4, 1)));
        assert_eq!(at("b[0]"), Some((5, 5)));
        assert_eq!(at("b.1.d"), Some((6, 6)));
        assert_eq!(at("b[1].e.f[1]"), Some((6, 21)));
        assert_eq!(at("1.g"), Some((7, 5)));
        assert_eq!(at("l.z"), Some((9, 4)), "an alias, where it is used");
        for nowhere in ["", "c", "b[2]", "b[x]", "b[0].c", "bb", "b..c"] {
            assert_eq!(at(nowhere), None, "{nowhere}");
        }
        assert!(places("a: [").is_empty());
    }

    #[test]
    fn refuses_bombs_quickly() {
        let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        for level in 1..12 {
            let below = vec![format!("*a{}", level - 1); 9].join(", ");
            bomb.push_str(&format!("a{level}: &a{level} [{below}]\n"));
        }
        assert!(documents(&bomb).is_err());
        assert!(documents(&"[".repeat(5000)).is_err());
        assert!(documents(&"{a: ".repeat(5000)).is_err());
    }

    #[test]
    fn bytes_that_are_no_text() {
        assert_eq!(text(b"a: 1\n\xff").unwrap_err().to_string(), "line 2: not UTF-8 text");
        assert!(text(b"a: 1\n\n\0").unwrap_err().to_string().starts_with("line 3: not UTF-8 text (it holds a NUL"));
        assert!(text(b"\xff\xfea\0").unwrap_err().to_string().contains("UTF-16"));
    }

    #[test]
    fn writes_what_go_reads_back_equal() {
        let tricky = json!({
            "yes": "yes", "on": "on", "n": "n", "octal": "0755", "under": "1_000", "float": "1e3", "date": "2020-01-01",
            "null": "null", "tilde": "~", "empty": "", "colon": "a: b", "hash": "a #b", "version": "1.10",
            "lines": "a\nb\n", "none": {}, "list": [], "seq": [{"a": 1}],
        });
        let written = to_string(&tricky).unwrap();
        assert_eq!(document(&written).unwrap(), tricky, "{written}");
        for word in ["\"yes\": \"yes\"", "lines: |", "none: {}", "list: []"] {
            assert!(written.contains(word), "{word} in {written}");
        }
        assert!(written.contains("seq:\n- a: 1\n"), "{written}");
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let text = prop_oneof!["[ -~]{0,40}", "[a-z\n]{0,20}", "[0-9_.:eExyn+-]{0,8}", "\\PC{0,12}"];
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            text.clone().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 5, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::btree_map("[a-zA-Z0-9./_ -]{1,12}", inner, 0..5)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn reads_back_what_it_wrote(value in any_value()) {
            let written = to_string(&value).unwrap();
            prop_assert_eq!(document(&written).unwrap(), value, "{}", written);
        }

        #[test]
        fn never_panics(noise in "\\PC{0,60}") {
            let _ = documents(&noise);
            let _ = places(&noise).iter().map(|places| places.of(&noise)).collect::<Vec<_>>();
        }
    }
}
