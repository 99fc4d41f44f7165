//! JSON patches, RFC 6902: operations one after the other.
//!
//! Knows operations; refuses to know what is patched.

use json_patch::{AddOperation, PatchOperation};
use serde_json::Value;

use super::Misfit;
use super::size::Room;

/// The operations of a patch: kube-apiserver's limit.
const OPERATIONS: usize = 10_000;

/// Applies a list of operations.
pub(super) fn apply(mut object: Value, patch: &Value) -> Result<Value, Misfit> {
    let json_patch::Patch(operations) = serde_json::from_value(patch.clone()).map_err(Misfit::NotOperations)?;
    if operations.len() > OPERATIONS {
        return Err(Misfit::TooLarge(format!("there are more than {OPERATIONS} operations")));
    }
    let mut room = Room::new();
    for (index, operation) in operations.into_iter().enumerate() {
        let operation = as_kubeadm_reads(operation, &object);
        if let Some((value, below)) = put(&object, &operation) {
            room.take(value, below)?;
        }
        // What a failed operation leaves is not used.
        json_patch::patch_unsafe(&mut object, std::slice::from_ref(&operation)).map_err(|mut error| {
            error.operation = index;
            Misfit::Operation(error)
        })?;
    }
    Ok(object)
}

/// kubeadm replaces a field that is not there, too: whoever patches need not know what a version writes. What it copies
/// from such a field is null.
fn as_kubeadm_reads(operation: PatchOperation, object: &Value) -> PatchOperation {
    let in_a_map = |path: &str| path.rsplit_once('/').and_then(|(map, _)| object.pointer(map)?.as_object()).is_some();
    match operation {
        PatchOperation::Replace(it) if in_a_map(it.path.as_str()) => {
            PatchOperation::Add(AddOperation { path: it.path, value: it.value })
        }
        PatchOperation::Copy(it) if in_a_map(it.from.as_str()) && object.pointer(it.from.as_str()).is_none() => {
            PatchOperation::Add(AddOperation { path: it.path, value: Value::Null })
        }
        other => other,
    }
}

/// What an operation puts somewhere, and below how many lists and maps. Nothing where it takes it from a place that
/// there is not: applying it tells.
fn put<'a>(object: &'a Value, operation: &'a PatchOperation) -> Option<(&'a Value, usize)> {
    let (value, path) = match operation {
        PatchOperation::Add(it) => (&it.value, &it.path),
        PatchOperation::Replace(it) => (&it.value, &it.path),
        PatchOperation::Copy(it) => (object.pointer(it.from.as_str())?, &it.path),
        PatchOperation::Move(it) => (object.pointer(it.from.as_str())?, &it.path),
        PatchOperation::Remove(_) | PatchOperation::Test(_) => return None,
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
        assert!(applied(&patch).unwrap_err().starts_with("operation '/1' failed at path '/x': "));
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
