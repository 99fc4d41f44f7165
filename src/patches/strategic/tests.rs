//! Merges, beside those that Kubernetes made of the same.

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
    for line in include_str!("../../../tests/golden/strategic-merge.jsonl").lines() {
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
    let patch =
        json!({"initContainers": [{"name": "i", "env": [{"name": "B"}, {"name": "A", "value": "2"}], "args": ["y"]}]});
    let expected = json!([{"name": "i", "env": [{"name": "B"}, {"name": "A", "value": "2"}], "args": ["y"]}]);
    assert_eq!(merged(&original, &patch)["initContainers"], expected);
}

#[test]
fn workloads_are_pods_below_a_template_and_others_have_no_keys() {
    let object = json!({"spec": {"template": {"spec": {"tolerations": [{"key": "a"}], "volumes": [{"name": "a"}]}}}});
    let patch = json!({"spec": {"template": {"spec": {"tolerations": [{"key": "b"}], "volumes": [{"name": "b"}]}}}});
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
    let error =
        |patch: Value| merge(pod(&json!({"volumes": [{"name": "a"}], "x": {}})), &pod(&patch), Shape::Pod).unwrap_err();
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
