//! Directories of patches, good and bad.

use std::cell::RefCell;

use camino::Utf8Path;
use serde_json::json;

use super::*;
use crate::failure::chain;
use crate::host::FakeHost;

fn failure(name: &str, content: &str) -> String {
    let host = FakeHost::new().with_file(&format!("/p/{name}"), content);
    let patches = Patches::in_directory("/p");
    let error = patches.apply(&host, Target::Etcd, json!({"spec": {"a": 1}}), &|_| ()).unwrap_err();
    chain(&error)
}

#[test]
fn failures_name_the_file_and_the_patch() {
    assert_eq!(
        failure("etcd+x.yaml", "a: b"),
        "the patch file \"/p/etcd+x.yaml\": unknown or missing patch type after '+', must be one of [json merge strategic]"
    );
    assert!(failure("etcd.yaml", "a: [").starts_with("could not read the patch file \"/p/etcd.yaml\": line 1"));
    let text = failure("etcd+json.yaml", "[{op: remove, path: /spec/b}]");
    assert!(text.starts_with(
            "could not apply the following patch of type \"application/json-patch+json\" to target \"etcd\", from the file \
             \"/p/etcd+json.yaml\":\n[{\"op\":\"remove\",\"path\":\"/spec/b\"}]\n"
        ), "{text}");
    assert!(failure("etcd+json.yaml", "a: b").contains("not a list of JSON patch operations"));
    for wrong in ["[a]", "null", "# nothing"] {
        assert!(failure("etcd+merge.yaml", wrong).ends_with("a merge patch has to be a map"), "{wrong}");
    }
    assert!(failure("etcd.yaml", "[a]").ends_with("a strategic merge patch has to be a map"));
}

#[test]
fn a_directory_that_is_none() {
    let host = FakeHost::new().with_file("/p", "");
    let apply = |dir: &str| Patches::in_directory(dir).apply(&host, Target::Etcd, json!({}), &|_| ());
    assert_eq!(apply("/p").unwrap_err().to_string(), "could not list patch files for path \"/p\": not a directory");
    assert_eq!(apply("/q").unwrap_err().to_string(), "could not list patch files for path \"/q\": no such directory");
    assert_eq!(apply("").unwrap(), json!({}));
}

#[test]
fn the_directory_is_read_once_and_told_of_at_the_first_use_that_counts() {
    let host = FakeHost::new().with_file("/p/etcd.yaml", "a: 1\n---\n# nothing\n---\nb: 2\n");
    let patches = Patches::in_directory("/p");
    let said = RefCell::new(Vec::new());
    let say = |line: &str| said.borrow_mut().push(line.to_owned());
    let quiet = patches.quietly(|| patches.apply(&host, Target::Etcd, json!({}), &|_| ())).unwrap();
    assert_eq!(quiet, json!({"a": 1, "b": 2}));
    host.remove(Utf8Path::new("/p")).unwrap();
    patches.apply(&host, Target::KubeScheduler, json!({}), &say).unwrap();
    assert_eq!(patches.apply(&host, Target::Etcd, json!({}), &say).unwrap(), quiet);
    let applied = "[patches] Applied patch of type \"application/strategic-merge-patch+json\" to target \"etcd\"";
    assert_eq!(
        said.into_inner(),
        [
            "[patches] Reading patches from path \"/p\"",
            "[patches] Found the following patch files: [etcd.yaml]",
            applied,
            applied
        ]
    );
}
