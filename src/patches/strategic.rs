//! Strategic merge patches: a merge that knows which lists are sets of named things.
//!
//! Works on values, with a table in place of Go's struct tags for those objects that kubeadm patches. What comes out is
//! what `k8s.io/apimachinery` makes of the same input, the order of lists included.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

/// The kind of object that is patched: where the lists with keys are in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Pod,
    /// A Deployment or DaemonSet: a pod below `spec.template`.
    Workload,
    /// Every list is replaced as a whole.
    Plain,
}

/// A patch that cannot be merged.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum StrategicError {
    /// Not a map.
    #[error("a strategic merge patch has to be a map")]
    NotAMap,
    /// `$patch` with a value that has no meaning there.
    #[error("at {at:?}: unknown $patch {directive}: it has to be \"delete\" or \"replace\"")]
    Directive {
        /// Path of the map.
        at: String,
        /// What was given.
        directive: Value,
    },
    /// An item without the field that names it.
    #[error("at {at:?}: an item does not have the key {key:?}, by which items of this list are told apart")]
    NoKey {
        /// Path of the list.
        at: String,
        /// The missing field.
        key: &'static str,
    },
    /// `$retainKeys` is no list, or lacks a key that the patch sets.
    #[error("at {at:?}: $retainKeys has to be a list of all keys that stay, those of the patch included")]
    RetainKeys {
        /// Path of the map.
        at: String,
    },
}

/// The lists that are merged item by item, by path in a pod, and the field that names an item; "" for plain values.
const LISTS: &[(&str, &str)] = &[
    ("metadata/finalizers", ""),
    ("metadata/ownerReferences", "uid"),
    ("spec/volumes", "name"),
    ("spec/containers", "name"),
    ("spec/containers/ports", "containerPort"),
    ("spec/containers/env", "name"),
    ("spec/containers/volumeMounts", "mountPath"),
    ("spec/containers/volumeDevices", "devicePath"),
    ("spec/imagePullSecrets", "name"),
    ("spec/hostAliases", "ip"),
    ("spec/topologySpreadConstraints", "topologyKey"),
    ("spec/schedulingGates", "name"),
    ("spec/resourceClaims", "name"),
];

/// The lists of LISTS' `spec/containers` that go by other names.
const CONTAINERS: [&str; 2] = ["initContainers", "ephemeralContainers"];

const DIRECTIVE: &str = "$patch";
const RETAIN_KEYS: &str = "$retainKeys";
const DELETE_FROM: &str = "$deleteFromPrimitiveList/";
const ELEMENT_ORDER: &str = "$setElementOrder/";
const DIRECTIVES: [&str; 4] = [DIRECTIVE, RETAIN_KEYS, DELETE_FROM, ELEMENT_ORDER];

/// Merges a patch into an object.
pub(super) fn merge(original: Value, patch: &Value, shape: Shape) -> Result<Value, StrategicError> {
    let (Value::Object(original), Value::Object(patch)) = (original, patch) else {
        return Err(StrategicError::NotAMap);
    };
    let mut merged = Value::Object(merge_maps(original, patch, "", shape)?);
    drop_directives(&mut merged);
    Ok(merged)
}

type Object = Map<String, Value>;

fn merge_maps(mut original: Object, patch: &Object, at: &str, shape: Shape) -> Result<Object, StrategicError> {
    if let Some(directive) = patch.get(DIRECTIVE) {
        return match directive.as_str() {
            Some("delete") => Ok(Object::new()),
            Some("replace") => Ok(patch.iter().filter(|(key, _)| *key != DIRECTIVE).map(owned).collect()),
            _ => Err(StrategicError::Directive { at: at.to_owned(), directive: directive.clone() }),
        };
    }
    retain_keys(&mut original, patch, at)?;
    for (key, new) in patch.iter().filter(|(key, _)| *key != RETAIN_KEYS && !key.starts_with(ELEMENT_ORDER)) {
        if let Some(list) = key.strip_prefix(DELETE_FROM) {
            if let (Some(Value::Array(items)), Value::Array(gone)) = (original.get_mut(list), new) {
                let gone: HashSet<&Value> = gone.iter().collect();
                items.retain(|item| !gone.contains(item));
            }
            continue;
        }
        let path = if at.is_empty() { key.clone() } else { format!("{at}/{key}") };
        let merged = match (original.remove(key), new) {
            (_, Value::Null) => continue,
            (Some(Value::Object(old)), Value::Object(new)) => Value::Object(merge_maps(old, new, &path, shape)?),
            (Some(Value::Array(old)), Value::Array(new)) => Value::Array(merge_lists(old, new, &path, shape)?),
            (_, new) => match without_directives(new) {
                Some(new) => new,
                None => continue,
            },
        };
        original.insert(key.clone(), merged);
    }
    Ok(original)
}

fn merge_lists(
    mut original: Vec<Value>,
    patch: &[Value],
    at: &str,
    shape: Shape,
) -> Result<Vec<Value>, StrategicError> {
    let Some(key) = list_key(at, shape) else { return Ok(patch.to_vec()) };
    if key.is_empty() {
        let before = places(&original, Value::clone);
        original.extend(patch.iter().filter(|item| !before.contains_key(item)).cloned());
        return Ok(in_order(original, patch, &before, Value::clone));
    }
    let name = |item: &Value| item.get(key).cloned().unwrap_or_default();
    let (mut items, mut gone, mut replace) = (Vec::new(), HashSet::new(), false);
    for item in patch {
        let named = item.get(key).is_some();
        match item.get(DIRECTIVE).map(|directive| (directive.as_str(), directive)) {
            Some((Some("replace"), _)) => replace = true,
            _ if !named => return Err(StrategicError::NoKey { at: at.to_owned(), key }),
            Some((Some("delete"), _)) => {
                gone.insert(name(item));
            }
            Some((_, directive)) => {
                return Err(StrategicError::Directive { at: at.to_owned(), directive: directive.clone() });
            }
            None => items.push(item.clone()),
        }
    }
    if replace {
        return Ok(items);
    }
    original.retain(|old| !gone.contains(&name(old)));
    let before = places(&original, name);
    let (mut merged, mut known) = (original, before.clone());
    for item in &items {
        let same = known.get(&name(item)).and_then(|place| merged.get_mut(*place));
        match (same, item) {
            (Some(Value::Object(old)), Value::Object(new)) => {
                *old = merge_maps(std::mem::take(old), new, at, shape)?;
            }
            _ => {
                known.entry(name(item)).or_insert(merged.len());
                merged.push(item.clone());
            }
        }
    }
    Ok(in_order(merged, &items, &before, name))
}

/// Where the first item of each name is.
type Places = HashMap<Value, usize>;

fn places(list: &[Value], name: impl Fn(&Value) -> Value) -> Places {
    let mut places = Places::new();
    for (place, item) in list.iter().enumerate() {
        places.entry(name(item)).or_insert(place);
    }
    places
}

/// What the patch names, in its order, and the others, in theirs. Of the next of each, the one of the others comes first
/// only when both had a place before and its was in front; so new items come before all that the patch does not name.
fn in_order(merged: Vec<Value>, patch: &[Value], before: &Places, name: impl Fn(&Value) -> Value) -> Vec<Value> {
    let patch = places(patch, &name);
    let rank = |places: &Places, item: &Value| places.get(&name(item)).copied();
    let (mut named, others): (Vec<_>, Vec<_>) = merged.into_iter().partition(|item| rank(&patch, item).is_some());
    named.sort_by_cached_key(|item| rank(&patch, item));

    let mut others = others.into_iter().peekable();
    let mut result = Vec::new();
    for item in named {
        let place = rank(before, &item);
        let in_front = |other: &Value| place.is_some_and(|place| rank(before, other).is_some_and(|own| own < place));
        while let Some(other) = others.next_if(in_front) {
            result.push(other);
        }
        result.push(item);
    }
    result.extend(others);
    result
}

fn retain_keys(original: &mut Object, patch: &Object, at: &str) -> Result<(), StrategicError> {
    let Some(keys) = patch.get(RETAIN_KEYS) else { return Ok(()) };
    let wrong = || StrategicError::RetainKeys { at: at.to_owned() };
    let keys: HashSet<&str> = keys.as_array().ok_or_else(wrong)?.iter().filter_map(Value::as_str).collect();
    let kept = |key: &str| keys.contains(key);
    let sets = |(key, value): &(&String, &Value)| !key.starts_with('$') && !value.is_null();
    if patch.iter().filter(sets).any(|(key, _)| !kept(key)) {
        return Err(wrong());
    }
    original.retain(|key, _| kept(key));
    Ok(())
}

/// A new value without nulls and without directives; nothing of a map that has one of its own.
fn without_directives(value: &Value) -> Option<Value> {
    match value {
        Value::Object(map) if map.contains_key(DIRECTIVE) => None,
        Value::Object(map) => {
            let kept = map.iter().filter(|(key, inner)| !key.starts_with('$') && !inner.is_null());
            let kept = kept.filter_map(|(key, inner)| Some((key.clone(), without_directives(inner)?)));
            Some(Value::Object(kept.collect()))
        }
        Value::Array(items) => Some(Value::Array(items.iter().filter_map(without_directives).collect())),
        scalar => Some(scalar.clone()),
    }
}

/// Takes out directives that came in with whole new items and lists.
fn drop_directives(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|key, _| !DIRECTIVES.iter().any(|directive| key.starts_with(directive)));
            map.values_mut().for_each(drop_directives);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_directives),
        _ => {}
    }
}

fn list_key(at: &str, shape: Shape) -> Option<&'static str> {
    let in_pod = match shape {
        Shape::Pod => at,
        Shape::Workload => at.strip_prefix("spec/template/").or(Some(at).filter(|at| at.starts_with("metadata/")))?,
        Shape::Plain => return None,
    };
    let usual: Vec<&str> =
        in_pod.split('/').map(|name| if CONTAINERS.contains(&name) { "containers" } else { name }).collect();
    let usual = usual.join("/");
    LISTS.iter().find(|(path, _)| *path == usual).map(|(_, key)| *key)
}

fn owned((key, value): (&String, &Value)) -> (String, Value) {
    (key.clone(), value.clone())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn pod(spec: &Value) -> Value {
        json!({ "spec": spec })
    }

    fn merged(original: &Value, patch: &Value) -> Value {
        merge(pod(original), &pod(patch), Shape::Pod).unwrap()["spec"].take()
    }

    fn names(list: &Value, key: &str) -> Vec<String> {
        list.as_array().unwrap().iter().map(|item| item[key].as_str().unwrap().to_owned()).collect()
    }

    /// Generated objects and patches, and what k8s.io/apimachinery v0.37.2 made of them; null is an error.
    #[test]
    fn as_kubernetes_merges() {
        for line in include_str!("../../tests/golden/strategic-merge.jsonl").lines() {
            let case: Value = serde_json::from_str(line).unwrap();
            let shape = if case["shape"] == "Pod" { Shape::Pod } else { Shape::Workload };
            let result = merge(case["original"].clone(), &case["patch"], shape);
            let mut expected = crate::yaml::without_nulls(case["result"].clone());
            drop_directives(&mut expected);
            let result = result.map_or(Value::Null, crate::yaml::without_nulls);
            assert_eq!(result, expected, "{} patched with {}", case["original"], case["patch"]);
        }
    }

    #[test]
    fn order_is_the_patchs_with_new_items_in_front() {
        let volumes = json!({"volumes": [{"name": "a"}, {"name": "b"}, {"name": "c"}, {"name": "d"}]});
        let order = |patch: &[&str]| {
            let items: Vec<Value> = patch.iter().map(|name| json!({ "name": name })).collect();
            names(&merged(&volumes, &json!({ "volumes": items }))["volumes"], "name").join("")
        };
        assert_eq!(order(&["x"]), "xabcd");
        assert_eq!(order(&["c"]), "abcd");
        assert_eq!(order(&["c", "a"]), "bcad");
        assert_eq!(order(&["b", "x", "d"]), "abxcd");
    }

    #[test]
    fn containers_of_every_kind_and_lists_in_them() {
        let original = json!({"initContainers": [{"name": "i", "env": [{"name": "A", "value": "1"}], "args": ["x"]}]});
        let patch = json!({"initContainers": [{"name": "i", "env": [{"name": "B"}, {"name": "A", "value": "2"}], "args": ["y"]}]});
        let expected = json!([{"name": "i", "env": [{"name": "B"}, {"name": "A", "value": "2"}], "args": ["y"]}]);
        assert_eq!(merged(&original, &patch)["initContainers"], expected);
    }

    #[test]
    fn workloads_are_pods_below_a_template_and_others_have_no_keys() {
        let object =
            json!({"spec": {"template": {"spec": {"tolerations": [{"key": "a"}], "volumes": [{"name": "a"}]}}}});
        let patch =
            json!({"spec": {"template": {"spec": {"tolerations": [{"key": "b"}], "volumes": [{"name": "b"}]}}}});
        let result = merge(object.clone(), &patch, Shape::Workload).unwrap();
        let spec = &result["spec"]["template"]["spec"];
        assert_eq!(*spec, json!({"tolerations": [{"key": "b"}], "volumes": [{"name": "b"}, {"name": "a"}]}));
        assert_eq!(merge(object, &patch, Shape::Plain).unwrap(), patch);
    }

    #[test]
    fn plain_values_are_a_set_and_can_be_taken_out() {
        let object = |list: &[&str]| json!({"metadata": {"finalizers": list}});
        let added = merge(object(&["a", "b"]), &object(&["c", "a"]), Shape::Pod).unwrap();
        assert_eq!(added, object(&["c", "a", "b"]));
        let patch = json!({"metadata": {"$deleteFromPrimitiveList/finalizers": ["a"]}});
        assert_eq!(merge(object(&["a", "b"]), &patch, Shape::Pod).unwrap(), object(&["b"]));
    }

    #[test]
    fn what_cannot_be_merged_is_named() {
        let error = |patch: Value| {
            merge(pod(&json!({"volumes": [{"name": "a"}], "x": {}})), &pod(&patch), Shape::Pod).unwrap_err()
        };
        assert_eq!(
            error(json!({"volumes": [{"hostPath": {}}]})).to_string(),
            "at \"spec/volumes\": an item does not have the key \"name\", by which items of this list are told apart"
        );
        assert_eq!(
            error(json!({"x": {"$patch": "merge"}})).to_string(),
            "at \"spec/x\": unknown $patch \"merge\": it has to be \"delete\" or \"replace\""
        );
        assert!(matches!(error(json!({"x": {"$retainKeys": ["a"], "b": 1}})), StrategicError::RetainKeys { .. }));
        assert_eq!(merge(json!({}), &json!([]), Shape::Pod).unwrap_err(), StrategicError::NotAMap);
    }

    fn volumes() -> impl Strategy<Value = Value> {
        let volume = ("[a-d]", 0..3).prop_map(|(name, size)| json!({"name": name, "emptyDir": {"sizeLimit": size}}));
        prop::collection::vec(volume, 0..5).prop_map(|mut list| {
            let mut seen = Vec::new();
            list.retain(|item| {
                !seen.contains(&item["name"]) && {
                    seen.push(item["name"].clone());
                    true
                }
            });
            json!({ "volumes": list })
        })
    }

    proptest! {
        #[test]
        fn twice_is_once_and_nothing_is_lost(original in volumes(), patch in volumes()) {
            let once = merged(&original, &patch);
            prop_assert_eq!(&merged(&once, &patch), &once);
            let names = names(&once["volumes"], "name");
            for item in original["volumes"].as_array().unwrap().iter().chain(patch["volumes"].as_array().unwrap()) {
                prop_assert_eq!(names.iter().filter(|name| item["name"] == **name).count(), 1);
            }
            for item in patch["volumes"].as_array().unwrap() {
                prop_assert!(once["volumes"].as_array().unwrap().contains(item));
            }
        }
    }
}
