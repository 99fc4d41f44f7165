//! What a run made, as lines to compare: files, API objects, image names. A line is a thing, a place in it and a
//! value. What is random or a moment is replaced by what it is for; refuses to know who made it.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use kinit::pki::Certificate;
use kinit::versions::Version;
use kinit::yaml;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The bootstrap token of the configurations; others are random.
const TOKEN_SECRET: &str = "bootstrap-token-abcdef";
const RANDOM: &str = "(random)";
/// What kubeadm's types write of an object though it says nothing: the group, and the field.
const NOTHING_SAID: [(&str, &str); 2] = [("", "status"), ("/metadata", "creationTimestamp")];

/// Everything that one run made.
#[derive(Debug)]
pub(super) struct Made {
    things: BTreeMap<String, Value>,
    now: OffsetDateTime,
}

impl Made {
    /// Nothing, at the moment when the run began.
    pub(super) fn since(now: OffsetDateTime) -> Self {
        Self { things: BTreeMap::new(), now }
    }

    /// The names of images, in order.
    pub(super) fn images(&mut self, names: &[String]) {
        self.things.insert("images".to_owned(), json!(names));
    }

    /// A file.
    pub(super) fn file(&mut self, path: &str, mode: u32, content: &[u8]) {
        let text = || String::from_utf8_lossy(content).into_owned();
        let says = match path.rsplit_once('.').map(|(_, ending)| ending) {
            Some("crt") => certificate(content),
            Some("key" | "pub") => json!("(a key)"),
            Some("conf" | "yaml") => document(&text()).unwrap_or_else(|| json!(text())),
            _ => json!(text()),
        };
        self.things.insert(format!("file {path}"), json!({"mode": format!("{mode:o}"), "says": says}));
    }

    /// An API object as it was sent; of one that is sent again, the last.
    pub(super) fn object(&mut self, object: &Value) {
        let mut object = object.clone();
        let kind = object["kind"].as_str().unwrap_or_default().to_owned();
        match kind.as_str() {
            "ConfigMap" => texts(&mut object["data"], |text| document(text).unwrap_or_else(|| json!(text))),
            "Secret" => self.secret(&mut object),
            _ => object = pruned(object),
        }
        if let Some(signature) = object.pointer_mut("/data/jws-kubeconfig-abcdef") {
            *signature = json!(RANDOM);
        }
        object["metadata"] = pruned(object["metadata"].take());
        for (parent, field) in NOTHING_SAID {
            if let Some(fields) = object.pointer_mut(parent).and_then(Value::as_object_mut) {
                fields.remove(field);
            }
        }
        if kind.starts_with("Cluster") {
            // It has none; the API server does not look at what is said.
            object["metadata"]["namespace"].take();
        }
        if let Some(hash) = object.pointer_mut("/metadata/annotations/kubeadm.kubernetes.io~1component-config.hash") {
            *hash = json!("(of the documents)");
        }
        self.things.insert(name(&object), yaml::without_nulls(object));
    }

    /// A change of the node's object: several add up.
    pub(super) fn node(&mut self, patch: &Value) {
        let mut patch = pruned(patch.clone());
        if let Some(metadata) = patch["metadata"].as_object_mut() {
            metadata.remove("resourceVersion");
        }
        json_patch::merge(self.things.entry("Node".to_owned()).or_insert(Value::Null), &patch);
    }

    /// All of it, a line for each value, in order; the version is only called so.
    pub(super) fn lines(&self, version: &Version) -> Vec<String> {
        let mut lines = Vec::new();
        for (thing, value) in &self.things {
            flatten(value, &format!("{thing}: "), &mut lines);
        }
        lines.iter().map(|line| line.replace(&version.to_string(), "(version)")).collect()
    }

    fn secret(&self, secret: &mut Value) {
        let token = secret["type"] == "bootstrap.kubernetes.io/token";
        if token && secret["metadata"]["name"] != TOKEN_SECRET {
            secret["metadata"]["name"] = json!("bootstrap-token-(random)");
            secret["data"]["token-id"] = json!(RANDOM);
        }
        let plain = |text: &str| BASE64.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        for (key, value) in secret["data"].as_object_mut().into_iter().flatten() {
            *value = match key.as_str() {
                _ if !token => json!(RANDOM),
                "token-id" if *value == RANDOM => continue,
                "token-secret" => json!(RANDOM),
                _ => json!(value.as_str().and_then(plain)),
            };
            if key == "expiration" {
                *value = json!(self.minutes_until(value.as_str().unwrap_or_default()));
            }
        }
        if secret["metadata"]["ownerReferences"].is_array() {
            secret["metadata"]["ownerReferences"][0]["name"] = json!("bootstrap-token-(random)");
            secret["metadata"]["ownerReferences"][0]["uid"] = json!(RANDOM);
        }
    }

    fn minutes_until(&self, moment: &str) -> String {
        let end = OffsetDateTime::parse(moment, &Rfc3339).expect("RFC 3339");
        format!("in {} minutes", (end - self.now + time::Duration::seconds(30)).whole_minutes())
    }
}

/// Kind, namespace and name.
fn name(object: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (kind, name) = (text(&object["kind"]), text(&object["metadata"]["name"]));
    match text(&object["metadata"]["namespace"]).as_str() {
        "" => format!("{kind} {name}"),
        namespace => format!("{kind} {namespace}/{name}"),
    }
}

fn certificate(pem: &[u8]) -> Value {
    let certificate = Certificate::chain_from_pem(pem).expect("a certificate").first;
    let life = certificate.not_after - certificate.not_before;
    json!({
        "subject": certificate.subject,
        "issuer": certificate.issuer,
        "names": certificate.dns_names,
        "addresses": certificate.ip_addresses,
        "usages": certificate.usages.map(|usages| format!("{usages:?}")),
        "authority": certificate.is_authority,
        "hours": life.whole_hours(),
    })
}

/// A YAML mapping, if the text is one, with what keys it holds.
fn document(text: &str) -> Option<Value> {
    let mut document = yaml::document(text).ok().filter(Value::is_object)?;
    for cluster in document["clusters"].as_array_mut().into_iter().flatten() {
        if cluster["cluster"]["certificate-authority-data"].is_string() {
            cluster["cluster"]["certificate-authority-data"] = json!("(a CA)");
        }
    }
    for user in document["users"].as_array_mut().into_iter().flatten() {
        let user = &mut user["user"];
        if let Some(pem) = user["client-certificate-data"].as_str().and_then(|text| BASE64.decode(text).ok()) {
            user["client-certificate-data"] = certificate(&pem);
            user["client-key-data"] = json!("(a key)");
        }
    }
    let kubeconfig = document["kind"] == "Config";
    // Indexing has added what was looked for.
    let document = yaml::without_nulls(document);
    Some(if kubeconfig { pruned(document) } else { document })
}

fn texts(map: &mut Value, change: impl Fn(&str) -> Value) {
    for value in map.as_object_mut().into_iter().flat_map(Map::values_mut) {
        if let Some(text) = value.as_str() {
            *value = change(text);
        }
    }
}

/// Without what an object may say or leave out: nulls, groups and lists with nothing in them, and that a volume can be
/// written to.
fn pruned(value: Value) -> Value {
    let empty = |key: &str, value: &Value| match value {
        Value::Null => true,
        Value::Bool(value) => !value && key == "readOnly",
        Value::Object(fields) => fields.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    };
    match value {
        Value::Object(fields) => {
            let fields = fields.into_iter().map(|(key, value)| (key, pruned(value)));
            fields.filter(|(key, value)| !empty(key, value)).collect()
        }
        Value::Array(items) => items.into_iter().map(pruned).collect(),
        other => other,
    }
}

/// Items of a list stand under their name, or in their order.
fn flatten(value: &Value, at: &str, lines: &mut Vec<String>) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            fields.iter().for_each(|(key, value)| flatten(value, &format!("{at}/{key}"), lines));
        }
        Value::Array(items) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                let place = match item {
                    Value::Object(fields) => fields.get("name").and_then(Value::as_str).map(str::to_owned),
                    _ => Some(String::new()),
                };
                flatten(item, &format!("{at}/{}", place.unwrap_or_else(|| index.to_string())), lines);
            }
        }
        scalar => lines.push(format!("{at} {scalar}")),
    }
}
