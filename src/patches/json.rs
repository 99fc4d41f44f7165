//! JSON patches, RFC 6902: operations one after the other.
//!
//! Knows operations; refuses to know what is patched.

use json_patch::jsonptr::{Pointer, PointerBuf};
use json_patch::{AddOperation, CopyOperation, PatchOperation, RemoveOperation, ReplaceOperation, TestOperation};
use serde_json::Value;

use super::Misfit;
use super::size::Room;

/// The operations of a patch: kube-apiserver's limit.
const OPERATIONS: usize = 10_000;

/// Applies a list of operations.
pub(super) fn apply(mut object: Value, patch: &Value) -> Result<Value, Misfit> {
    let json_patch::Patch(operations) = serde_json::from_value(with_values(patch)).map_err(Misfit::NotOperations)?;
    if operations.len() > OPERATIONS {
        return Err(Misfit::TooLarge(format!("there are more than {OPERATIONS} operations")));
    }
    let mut room = Room::new();
    for (index, operation) in operations.into_iter().enumerate() {
        // What a failed operation leaves is not used.
        apply_one(&mut object, operation, &mut room).map_err(|mut misfit| {
            if let Misfit::Operation(error) = &mut misfit {
                error.operation = index;
            }
            misfit
        })?;
    }
    Ok(object)
}

/// To kubeadm a value that is left out is null.
fn with_values(patch: &Value) -> Value {
    let mut patch = patch.clone();
    for operation in patch.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
        operation.entry("value").or_insert(Value::Null);
    }
    patch
}

/// Applies one as kubeadm does: a field of a map that is not there is null to whoever tests, copies or replaces it.
/// Whoever patches need not know what a version writes.
fn apply_one(object: &mut Value, operation: PatchOperation, room: &mut Room) -> Result<(), Misfit> {
    let absent = |path: &PointerBuf| {
        let parent = path.parent().and_then(|parent| object.pointer(parent.as_str()));
        parent.is_some_and(Value::is_object) && object.pointer(path.as_str()).is_none()
    };
    let step = match operation {
        PatchOperation::Add(it) => PatchOperation::Add(AddOperation { path: plain(object, &it.path, 1), ..it }),
        PatchOperation::Remove(it) => PatchOperation::Remove(RemoveOperation { path: plain(object, &it.path, 0) }),
        PatchOperation::Replace(it) => match plain(object, &it.path, 0) {
            path if absent(&path) => PatchOperation::Add(AddOperation { path, value: it.value }),
            path => PatchOperation::Replace(ReplaceOperation { path, value: it.value }),
        },
        PatchOperation::Test(it) => match plain(object, &it.path, 0) {
            path if absent(&path) && it.value.is_null() => return Ok(()),
            path => PatchOperation::Test(TestOperation { path, value: it.value }),
        },
        PatchOperation::Copy(it) => match plain(object, &it.from, 0) {
            from if absent(&from) => {
                PatchOperation::Add(AddOperation { path: plain(object, &it.path, 1), value: Value::Null })
            }
            from => PatchOperation::Copy(CopyOperation { path: plain(object, &it.path, 1), from }),
        },
        // Where it goes is counted when it is taken away.
        PatchOperation::Move(it) => {
            let from = plain(object, &it.from, 0);
            let value = object.pointer(from.as_str()).cloned().unwrap_or_default();
            step(object, PatchOperation::Remove(RemoveOperation { path: from }))?;
            PatchOperation::Add(AddOperation { path: plain(object, &it.path, 1), value })
        }
    };
    if let Some((value, below)) = put(object, &step) {
        room.take(value, below)?;
    }
    self::step(object, step)
}

fn step(object: &mut Value, operation: PatchOperation) -> Result<(), Misfit> {
    json_patch::patch_unsafe(object, &[operation]).map_err(Misfit::Operation)
}

/// A path whose indices are all plain: kubeadm counts negative ones from the end, and reads 01 and +1 as 1. `more` is
/// how many places more than items the last list has.
fn plain(object: &Value, path: &Pointer, more: usize) -> PointerBuf {
    let mut plain = PointerBuf::new();
    let last = path.count().saturating_sub(1);
    for (at, token) in path.tokens().enumerate() {
        let list = object.pointer(plain.as_str()).and_then(Value::as_array);
        let places = list.map(|items| items.len() + if at == last { more } else { 0 });
        match places.and_then(|places| index(&token.decoded(), places)) {
            Some(index) => plain.push_back(index),
            None => plain.push_back(token),
        }
    }
    plain
}

fn index(text: &str, places: usize) -> Option<usize> {
    let index: isize = text.parse().ok()?;
    let from_end = places.checked_sub(index.unsigned_abs());
    if index < 0 { from_end } else { usize::try_from(index).ok() }
}

/// What an operation puts somewhere, and below how many lists and maps. Nothing where it takes it from a place that
/// there is not: applying it tells.
fn put<'a>(object: &'a Value, operation: &'a PatchOperation) -> Option<(&'a Value, usize)> {
    let (value, path) = match operation {
        PatchOperation::Add(it) => (&it.value, &it.path),
        PatchOperation::Replace(it) => (&it.value, &it.path),
        PatchOperation::Copy(it) => (object.pointer(it.from.as_str())?, &it.path),
        PatchOperation::Move(_) | PatchOperation::Remove(_) | PatchOperation::Test(_) => return None,
    };
    Some((value, path.count()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn applied(patch: &Value) -> Result<Value, String> {
        apply(json!({"spec": {"a": 1}}), patch).map_err(|error| error.to_string())
    }

    #[test]
    fn operations_in_their_order() {
        let patch = json!([{"op": "add", "path": "/b", "value": 2}, {"op": "move", "from": "/b", "path": "/spec/b"}]);
        assert_eq!(applied(&patch).unwrap(), json!({"spec": {"a": 1, "b": 2}}));
        let patch = json!([{"op": "remove", "path": "/spec/a"}, {"op": "copy", "from": "/spec/a", "path": "/x"}]);
        assert_eq!(applied(&patch).unwrap(), json!({"spec": {}, "x": null}));
        let patch = json!([{"op": "remove", "path": "/spec/a"}, {"op": "move", "from": "/spec/a", "path": "/x"}]);
        assert!(applied(&patch).unwrap_err().starts_with("operation '/1' failed at path '/spec/a': "));
    }

    #[test]
    fn what_is_replaced_need_not_be_there() {
        let replaced = |path: &str| applied(&json!([{"op": "replace", "path": path, "value": [2]}]));
        assert_eq!(replaced("/spec/a").unwrap(), json!({"spec": {"a": [2]}}));
        assert_eq!(replaced("/spec/b").unwrap(), json!({"spec": {"a": 1, "b": [2]}}));
        assert_eq!(replaced("").unwrap(), json!([2]));
        for path in ["/none/b", "/spec/a/b"] {
            assert!(replaced(path).unwrap_err().starts_with("operation '/0' failed at path"), "{path}");
        }
    }

    #[test]
    fn indices_as_kubeadm_counts_them() {
        let applied = |patch: Value| apply(json!({"l": ["a", "b"]}), &patch).map_err(|error| error.to_string());
        for (patch, list) in [
            (json!({"op": "remove", "path": "/l/-1"}), Ok(json!(["a"]))),
            (json!({"op": "add", "path": "/l/-1", "value": "c"}), Ok(json!(["a", "b", "c"]))),
            (json!({"op": "add", "path": "/l/-3", "value": "c"}), Ok(json!(["c", "a", "b"]))),
            (json!({"op": "add", "path": "/l/-", "value": "c"}), Ok(json!(["a", "b", "c"]))),
            (json!({"op": "replace", "path": "/l/01", "value": "c"}), Ok(json!(["a", "c"]))),
            (json!({"op": "replace", "path": "/l/+1", "value": "c"}), Ok(json!(["a", "c"]))),
            (json!({"op": "test", "path": "/l/-2", "value": "a"}), Ok(json!(["a", "b"]))),
            (json!({"op": "copy", "from": "/l/-1", "path": "/l/0"}), Ok(json!(["b", "a", "b"]))),
            (json!({"op": "move", "from": "/l/-2", "path": "/l/-1"}), Ok(json!(["b", "a"]))),
            (json!({"op": "move", "from": "/l/0", "path": "/l/1"}), Ok(json!(["b", "a"]))),
            (json!({"op": "remove", "path": "/l/-3"}), Err(())),
            (json!({"op": "add", "path": "/l/-4", "value": "c"}), Err(())),
            (json!({"op": "replace", "path": "/l/2", "value": "c"}), Err(())),
        ] {
            let found = applied(json!([patch])).map(|mut object| object["l"].take()).map_err(drop);
            assert_eq!(found, list, "{patch}");
        }
        let deep = json!([{"op": "add", "path": "/l/-1", "value": {"m": [1]}}, {"op": "add", "path": "/l/-1/m/-1"}]);
        assert_eq!(applied(deep), Ok(json!({"l": ["a", "b", {"m": [1, null]}]})));
    }

    #[test]
    fn what_is_not_there_is_null() {
        let tested = |path: &str, value: Value| applied(&json!([{"op": "test", "path": path, "value": value}]));
        assert!(tested("/spec/none", Value::Null).is_ok());
        for (path, value) in [("/spec/none", json!(1)), ("/spec/a", Value::Null), ("/none/b", Value::Null)] {
            assert!(tested(path, value).is_err(), "{path}");
        }
        assert!(applied(&json!([{"op": "test", "path": "/spec/none"}])).is_ok());
        let added = applied(&json!([{"op": "add", "path": "/spec/b"}, {"op": "replace", "path": "/spec/a"}]));
        assert_eq!(added.unwrap(), json!({"spec": {"a": null, "b": null}}));
        assert!(applied(&json!([{"op": "add"}])).unwrap_err().starts_with("not a list of JSON patch operations"));
    }

    #[test]
    fn what_grows_without_end_is_refused() {
        let double = (0..40).map(|at| json!({"op": "copy", "from": "", "path": format!("/{at}")}));
        assert_eq!(applied(&double.collect()).unwrap_err(), "too large: more than 16 MiB would be filled");
        let long = json!({"op": "add", "path": "/long", "value": "x".repeat(1 << 20)});
        let again = (0..20).map(|at| json!({"op": "copy", "from": "/long", "path": format!("/{at}")}));
        let patch = std::iter::once(long).chain(again).collect();
        assert_eq!(applied(&patch).unwrap_err(), "too large: more than 16 MiB would be filled");
        let test = json!({"op": "test", "path": "", "value": 1});
        let said = applied(&json!(vec![test; 10_001])).unwrap_err();
        assert_eq!(said, "too large: there are more than 10000 operations");
        let deep = json!([{"op": "add", "path": "/a".repeat(50), "value": {}}]);
        let said = applied(&deep).unwrap_err();
        assert_eq!(said, "too large: more than 50 lists and maps would be within each other");
    }
}
