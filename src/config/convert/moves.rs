//! What the steps do over and over: a field takes another place, or has none any more.
//!
//! Paths are `a.b.c`. Refuses to know any field by name.

use serde_json::{Map, Value, json};

use super::super::form::is_empty;
use super::super::path::{get, put, take};
use super::Lost;

/// A document's fields.
pub(super) type Fields = Map<String, Value>;

/// From where to where.
pub(super) type Move = (&'static str, &'static str);

/// A field that the next version has no place for.
#[derive(Debug)]
pub(super) struct Gone {
    pub(super) field: &'static str,
    /// The value that asks for nothing else than what is so anyhow, as text. An empty value asks for nothing either,
    /// but for `false` where this is `true`.
    pub(super) usual: &'static str,
    pub(super) instead: &'static str,
}

const TAKEN: &str = "nothing: the field that took its place is given as well, and counts";

/// Takes fields from one document to another.
pub(super) fn carry(from: &mut Fields, to: &mut Fields, moves: &[Move]) {
    for (old, new) in moves {
        if let Some(value) = take(from, old) {
            put(to, new, value);
        }
    }
}

/// Takes fields to other places in the same document.
pub(super) fn rename(kind: &'static str, fields: &mut Fields, moves: &[Move]) -> Vec<Lost> {
    let mut lost = Vec::new();
    for (old, new) in moves {
        let Some(value) = take(fields, old) else { continue };
        if !is_set(fields, new) {
            put(fields, new, value);
        } else if !is_empty(&value) {
            lost.push(Lost { kind, field: (*old).to_owned(), instead: TAKEN });
        }
    }
    lost
}

/// Takes out what has no place, and answers what of it had been asked for.
pub(super) fn lose(kind: &'static str, fields: &mut Fields, table: &[Gone]) -> Vec<Lost> {
    let mut lost = Vec::new();
    for Gone { field, usual, instead } in table {
        let asked = |value: Value| text(&value) != *usual && (!is_empty(&value) || *usual == "true");
        if take(fields, field).is_some_and(asked) {
            lost.push(Lost { kind, field: (*field).to_owned(), instead });
        }
    }
    lost
}

/// There, and not empty.
pub(super) fn is_set(fields: &Fields, path: &str) -> bool {
    get(fields, path).is_some_and(|value| !is_empty(value))
}

/// Gives a flag that the user does not give. `args` is a map of flags.
pub(super) fn give_flag(fields: &mut Fields, args: &str, name: &str, value: &str) {
    if get(fields, args).is_none_or(|args| args.get(name).is_none()) {
        put(fields, &format!("{args}.{name}"), json!(value));
    }
}

/// Adds to the end of a list.
pub(super) fn append(fields: &mut Fields, list: &str, more: impl IntoIterator<Item = Value>) {
    let mut items = match take(fields, list) {
        Some(Value::Array(items)) => items,
        _ => Vec::new(),
    };
    items.extend(more);
    put(fields, list, Value::Array(items));
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(value: &Value) -> Fields {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn a_place_that_is_taken_stays() {
        let mut both = fields(&json!({"old": 1, "empty": "", "a": {"new": 2, "other": ""}}));
        let lost = rename("Kind", &mut both, &[("old", "a.new"), ("empty", "a.new"), ("missing", "a.b")]);
        assert_eq!(json!(both), json!({"a": {"new": 2, "other": ""}}));
        assert_eq!(lost, [Lost { kind: "Kind", field: "old".to_owned(), instead: TAKEN }]);
        let mut free = fields(&json!({"old": 1, "a": {"new": ""}}));
        assert_eq!(rename("Kind", &mut free, &[("old", "a.new")]), []);
        assert_eq!(json!(free), json!({"a": {"new": 1}}));
    }

    #[test]
    fn only_what_asked_for_something_is_lost() {
        let table = ["text", "number", "flag"].map(|field| Gone { field, usual: "7", instead: "x" });
        let lost = |value: Value| lose("Kind", &mut fields(&value), &table).len();
        assert_eq!(lost(json!({"text": "7", "number": 7, "flag": false})), 0);
        assert_eq!(lost(json!({"text": "", "number": 0, "flag": true})), 1);
        assert_eq!(lost(json!({"text": "8", "number": 8})), 2);
        let on = [Gone { field: "on", usual: "true", instead: "x" }];
        assert_eq!(lose("Kind", &mut fields(&json!({"on": true})), &on).len(), 0);
        assert_eq!(lose("Kind", &mut fields(&json!({"on": false})), &on).len(), 1);
    }

    #[test]
    fn the_users_flag_counts() {
        let mut given = fields(&json!({"args": {"v": "1"}}));
        give_flag(&mut given, "args", "v", "2");
        give_flag(&mut given, "args", "w", "3");
        give_flag(&mut given, "others", "v", "4");
        assert_eq!(json!(given), json!({"args": {"v": "1", "w": "3"}, "others": {"v": "4"}}));
    }
}
