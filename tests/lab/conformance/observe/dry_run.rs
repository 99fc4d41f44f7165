//! What a dry run says that it would do: files and API objects. kubeadm writes most files into a directory that it names, and prints the rest;
//! kinit prints all, secrets left out. So a file counts by its name below the certificates' or kubeadm's own directory, and secrets by their names.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use kinit::config::token::DEFAULT_DESCRIPTION;
use kinit::yaml;
use regex::Regex;
use serde_json::{Value, json};

use super::text::Reader;
use crate::conformance::case::Kind;
use crate::conformance::difference::Observation;
use crate::conformance::isolate::{Entry, Node, Outcome};

static WRITES: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"^\[dryrun\] Would write file "([^"]+)"(?: \(mode (\d+)\))?"#).ok());
static ACTS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^\[dryrun\] Would perform action (\w+) ").ok());
static PLACE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"^\[certs\] Using certificateDir folder "([^"]+)""#).ok());

/// Directories of files whose names say enough.
const FOLDERS: [&str; 5] =
    ["/etc/kubernetes/manifests/", "/var/lib/kubelet/", "/etc/kubernetes/pki/", "/srv/pki/", "/etc/kubernetes/"];

/// What the names of files that would be written begin with.
const WRITE: &str = "would write ";

/// What is added to the name of an object, of which there is one already.
const ANOTHER: &str = ", another";

/// What only a cluster knows: where it is, and its name.
const KNOWN_TO_A_CLUSTER: [(&str, &str); 4] =
    [("", "status"), ("/metadata", "resourceVersion"), ("/metadata", "uid"), ("/metadata/ownerReferences/0", "uid")];

/// A line of a dry run, and the lines that belong to it.
struct Block<'a> {
    head: &'a str,
    body: Vec<&'a str>,
}

/// What would be done.
pub(super) fn would(kind: Kind, outcome: &Outcome, reader: &Reader) -> Observation {
    let place = outcome.stdout.lines().find_map(|line| Some(PLACE.as_ref()?.captures(line)?[1].to_owned()));
    // A phase alone does not say where it is.
    let place =
        place.map_or_else(|| "/etc/kubernetes/pki/".to_owned(), |place| format!("{}/", place.trim_end_matches('/')));
    let file = |path: &str, mode: Option<u32>, text: &str| {
        let (mut name, value) = file(path, &place, mode, text, reader);
        if kind == Kind::JoinDryRun {
            name = joined(name, &value);
        }
        if name.strip_prefix(WRITE).is_some_and(|file| is_there(file, &outcome.tree)) {
            name.push_str(", which is there");
        }
        (name, value)
    };
    let mut seen = Observation::new();
    for entry in outcome.tree.iter().filter(|entry| is_written(&entry.path)) {
        if let Node::File(bytes) = &entry.node
            && !is_copy(entry, &outcome.tree)
        {
            let text = String::from_utf8_lossy(bytes);
            seen.extend([file(&entry.path, Some(entry.mode), &text)]);
        }
    }
    let (mut verb, mut names) = ("", BTreeMap::new());
    for block in blocks(&outcome.stdout) {
        let captures = |pattern: &'static LazyLock<Option<Regex>>| pattern.as_ref()?.captures(block.head);
        if let Some(found) = captures(&WRITES) {
            let mode = found.get(2).and_then(|mode| u32::from_str_radix(mode.as_str(), 8).ok());
            let path = found.get(1).map_or("", |path| path.as_str());
            let (name, value) = file(path, mode, &block.body.join("\n"));
            // What is written as well has a mode.
            seen.entry(name).or_insert(value);
        } else if let Some(found) = captures(&ACTS) {
            verb = found.get(1).map_or("", |verb| verb.as_str());
        } else if block.head == "[dryrun] Attached object:"
            && matches!(verb, "CREATE" | "UPDATE")
            && let Some((own, value)) = object(&block.body.join("\n"), reader)
        {
            let name = names.entry(own).or_insert_with_key(|own| {
                let mut name = reader.words(own);
                // Of different names, random ones look the same.
                while seen.contains_key(&name) {
                    name.push_str(ANOTHER);
                }
                name
            });
            seen.insert(name.clone(), value);
        }
    }
    sorted(seen)
}

/// Objects whose random names look the same, by what they hold: their order is random too.
fn sorted(seen: Observation) -> Observation {
    let mut alike: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for (name, value) in seen {
        alike.entry(name.trim_end_matches(ANOTHER).to_owned()).or_default().push(value);
    }
    let named = alike.into_iter().flat_map(|(name, mut values)| {
        values.sort_by_cached_key(|value| (undescribed(value), value.to_string()));
        values.into_iter().enumerate().map(move |(at, value)| (format!("{name}{}", ANOTHER.repeat(at)), value))
    });
    named.collect()
}

/// An object without the description that kinit gives a token of its own: it is told apart by the rest.
fn undescribed(value: &Value) -> String {
    let mut value = value.clone();
    if let Some(data) = value.pointer_mut("/data").and_then(Value::as_object_mut)
        && data.get("description").is_some_and(|text| *text == DEFAULT_DESCRIPTION)
    {
        data.remove("description");
    }
    value.to_string()
}

/// Whether a path is in the directory that kubeadm writes a dry run's files to.
pub(super) fn is_written(path: &str) -> bool {
    path.starts_with("/etc/kubernetes/tmp/")
}

/// Whether it is what a file of the same name holds already: kubeadm copies what a dry run will read.
fn is_copy(written: &Entry, tree: &[Entry]) -> bool {
    let Some(name) = written.path.splitn(6, '/').nth(5) else { return false };
    let mut others = tree.iter().filter(|entry| !is_written(&entry.path) && entry.node == written.node);
    others.any(|entry| entry.path.strip_suffix(name).is_some_and(|folder| folder.ends_with('/')))
}

/// Whether the machine has a file of this name, in the directory of certificates or another.
fn is_there(name: &str, tree: &[Entry]) -> bool {
    let folder = |entry: &Entry| entry.path.strip_suffix(name).map(str::to_owned);
    let others = tree.iter().filter(|entry| !is_written(&entry.path) && !entry.path.starts_with("/case/"));
    let mut folders = others.filter_map(folder);
    folders.any(|folder| folder.ends_with('/') && !folder.ends_with("/etcd/"))
}

fn blocks(stdout: &str) -> Vec<Block<'_>> {
    let mut blocks: Vec<Block<'_>> = Vec::new();
    for line in stdout.lines() {
        match blocks.last_mut() {
            Some(block) if !line.starts_with('[') => block.body.push(line.strip_prefix('\t').unwrap_or(line)),
            _ => blocks.push(Block { head: line, body: Vec::new() }),
        }
    }
    blocks
}

fn file(path: &str, place: &str, mode: Option<u32>, text: &str, reader: &Reader) -> (String, Value) {
    let written =
        path.strip_prefix("/etc/kubernetes/tmp/").and_then(|below| below.split_once('/')).map(|parts| parts.1);
    let known = || FOLDERS.iter().find_map(|folder| path.strip_prefix(folder));
    let name = written.or_else(|| path.strip_prefix(place)).or_else(known).unwrap_or(path);
    let secret = name.ends_with(".key") || name.ends_with(".conf");
    let content = if secret { Value::Null } else { reader.text(text.trim_end()) };
    let mode = mode.map(|mode| format!("{mode:04o}"));
    (format!("{WRITE}{name}"), json!({ "mode": mode, "content": content }))
}

/// A join writes one certificate, the cluster's CA; kubeadm's dry run does not tell where.
fn joined(name: String, file: &Value) -> String {
    if file["content"][0]["block"] == "CERTIFICATE" { "would write ca.crt".to_owned() } else { name }
}

fn object(text: &str, reader: &Reader) -> Option<(String, Value)> {
    // After the last object of a run, kubeadm speaks to people.
    let text = text.split("\nYour Kubernetes control-plane").next().unwrap_or(text);
    let mut object = yaml::document(text).ok()?;
    if object["kind"] == "Secret" {
        hide(&mut object["data"]);
    }
    if object["kind"].as_str().is_some_and(|kind| kind.starts_with("ClusterRole")) {
        // It is in none, whatever old minors say.
        object["metadata"]["namespace"].take();
    }
    let name = |field: &str| object["metadata"][field].as_str().unwrap_or_default().to_owned();
    let name = format!("would make {} {}/{}", object["kind"].as_str()?, name("namespace"), name("name"));
    let mut object = reader.value(yaml::without_nulls(object));
    for (holder, field) in KNOWN_TO_A_CLUSTER {
        if let Some(holder) = object.pointer_mut(holder).and_then(Value::as_object_mut) {
            holder.remove(field);
        }
    }
    Some((name, without_unset(object)))
}

/// Of a Secret's data, what is no secret.
fn hide(data: &mut Value) {
    for (key, value) in data.as_object_mut().into_iter().flatten() {
        let secret = ["token-id", "token-secret"].contains(&key.as_str()) || key.contains('.');
        let plain = value.as_str().and_then(|text| String::from_utf8(BASE64_STANDARD.decode(text).ok()?).ok());
        *value = plain.filter(|_| !secret).map_or(json!("…"), Value::from);
    }
}

/// Fields that Go writes, or leaves out, where nobody set them; the API server reads the same either way. An empty object anywhere else has a meaning, such as
/// a volume that is an `emptyDir`.
fn is_unset(key: &str, value: &Value) -> bool {
    match key {
        "metadata" | "annotations" | "preferences" | "resources" | "spec" | "strategy" | "updateStrategy" => {
            *value == json!({})
        }
        "readOnly" => *value == json!(false),
        _ => false,
    }
}

fn without_unset(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(without_unset).collect(),
        Value::Object(map) => {
            let fields = map.into_iter().map(|(key, value)| (key, without_unset(value)));
            fields.filter(|(key, value)| !is_unset(key, value)).collect()
        }
        other => other,
    }
}
