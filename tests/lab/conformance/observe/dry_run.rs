//! What a dry run says that it would do: files and API objects. kubeadm writes most files into a directory that it names, and prints the rest;
//! kinit prints all, secrets left out. So a file counts by its name below the certificates' or kubeadm's own directory, and secrets by their names.

use std::sync::LazyLock;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use kinit::yaml;
use regex::Regex;
use serde_json::{Map, Value, json};

use super::text::Reader;
use crate::conformance::case::Kind;
use crate::conformance::difference::Observation;
use crate::conformance::isolate::{Node, Outcome};

static WRITES: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"^\[dryrun\] Would write file "([^"]+)"(?: \(mode (\d+)\))?"#).ok());
static ACTS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^\[dryrun\] Would perform action (\w+) ").ok());
static PLACE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"^\[certs\] Using certificateDir folder "([^"]+)""#).ok());

/// Directories of files whose names say enough.
const FOLDERS: [&str; 5] =
    ["/etc/kubernetes/manifests/", "/var/lib/kubelet/", "/etc/kubernetes/pki/", "/srv/pki/", "/etc/kubernetes/"];

/// A line of a dry run, and the lines that belong to it.
struct Block<'a> {
    head: &'a str,
    body: Vec<&'a str>,
}

/// What would be done.
pub(super) fn would(kind: Kind, outcome: &Outcome, reader: &Reader) -> Observation {
    let place = outcome.stdout.lines().find_map(|line| Some(PLACE.as_ref()?.captures(line)?[1].to_owned()));
    // A phase alone does not say where it is.
    let place = place.map_or_else(|| "/etc/kubernetes/pki/".to_owned(), |place| format!("{place}/"));
    let named =
        |(name, value): (String, Value)| (if kind == Kind::JoinDryRun { joined(name, &value) } else { name }, value);
    let mut seen = Observation::new();
    for entry in outcome.tree.iter().filter(|entry| is_written(&entry.path)) {
        if let Node::File(bytes) = &entry.node {
            let text = String::from_utf8_lossy(bytes);
            seen.extend([named(file(&entry.path, &place, Some(entry.mode), &text, reader))]);
        }
    }
    let mut verb = "";
    for block in blocks(&outcome.stdout) {
        let captures = |pattern: &'static LazyLock<Option<Regex>>| pattern.as_ref()?.captures(block.head);
        if let Some(found) = captures(&WRITES) {
            let mode = found.get(2).and_then(|mode| u32::from_str_radix(mode.as_str(), 8).ok());
            let path = found.get(1).map_or("", |path| path.as_str());
            let (name, value) = named(file(path, &place, mode, &block.body.join("\n"), reader));
            // What is written as well has a mode.
            seen.entry(name).or_insert(value);
        } else if let Some(found) = captures(&ACTS) {
            verb = found.get(1).map_or("", |verb| verb.as_str());
        } else if block.head == "[dryrun] Attached object:" && matches!(verb, "CREATE" | "UPDATE") {
            seen.extend(object(&block.body.join("\n"), reader));
        }
    }
    seen
}

/// Whether a path is in the directory that kubeadm writes a dry run's files to.
pub(super) fn is_written(path: &str) -> bool {
    path.starts_with("/etc/kubernetes/tmp/")
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
    (format!("would write {name}"), json!({ "mode": mode, "content": content }))
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
    let name = |field: &str| object["metadata"][field].as_str().unwrap_or_default().to_owned();
    let name = format!("would make {} {}/{}", object["kind"].as_str()?, name("namespace"), name("name"));
    let object = reader.value(yaml::without_nulls(object));
    Some((reader.words(&name), without_empty(object)))
}

/// Of a Secret's data, what is no secret.
fn hide(data: &mut Value) {
    for (key, value) in data.as_object_mut().into_iter().flatten() {
        let secret = ["token-id", "token-secret"].contains(&key.as_str()) || key.contains('.');
        let plain = value.as_str().and_then(|text| String::from_utf8(BASE64_STANDARD.decode(text).ok()?).ok());
        *value = plain.filter(|_| !secret).map_or(json!("…"), Value::from);
    }
}

/// Without what Go writes of fields that nobody set, and without what only a cluster knows.
fn without_empty(value: Value) -> Value {
    let Value::Object(map) = value else { return value };
    let kept = map.into_iter().filter(|(key, _)| !["status", "resourceVersion", "uid"].contains(&key.as_str()));
    let kept =
        kept.map(|(key, value)| (key, without_empty(value))).filter(|(_, value)| *value != Value::Object(Map::new()));
    Value::Object(kept.collect())
}
