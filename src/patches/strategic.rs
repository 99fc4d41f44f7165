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
mod tests;
