//! Texts by what they mean: YAML by its content, PEM by its fields, also where one is inside the other; and what is random, or the time of day, by its
//! kind. What a case states itself is never random.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::SystemTime;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use kinit::yaml;
use regex::{Captures, Regex};
use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::certificate;
use crate::conformance::case::Case;

/// What is random, and what stands for it. Times are told by how far away they are.
static RANDOM: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let patterns = [
        (r"\b[a-z0-9]{6}\.[a-z0-9]{16}\b", "TOKEN"),
        (r"\b[0-9a-f]{64}\b", "HASH"),
        (r"\bbootstrap-token-[a-z0-9]{6}\b", "bootstrap-token-ID"),
        (r"kubeadm-(?:init|join|reset)-dryrun\d+", "DRYRUN"),
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)", "TIME"),
    ];
    patterns.into_iter().filter_map(|(pattern, name)| Some((Regex::new(pattern).ok()?, name))).collect()
});

/// Reads the texts of one outcome.
pub(super) struct Reader {
    /// All that the case states.
    given: String,
    now: SystemTime,
    /// Whether kubeadm leaves the variables of a container in the order of its own environment (before v1.28), or in none (before v1.32).
    unsorted_env: bool,
}

impl Reader {
    /// For a case that was run at `now`.
    pub(super) fn new(case: &Case, now: SystemTime) -> Self {
        let words = case.args.iter().chain(case.files.values()).chain(case.env.iter().map(|variable| &variable.1));
        Self { given: words.map(|word| format!("{word}\n")).collect(), now, unsorted_env: case.minor < 32 }
    }

    /// Any text: YAML documents by kind, PEM blocks in their order, the kubelet's flags, else lines.
    pub(super) fn text(&self, text: &str) -> Value {
        let known = self.documents(text).or_else(|| self.pem(text)).or_else(|| self.flags(text));
        known.unwrap_or_else(|| self.lines(text))
    }

    /// Line by line.
    pub(super) fn lines(&self, text: &str) -> Value {
        text.lines().map(|line| Value::from(self.words(line))).collect()
    }

    /// The kubelet's flags, by their names: the values of each, in their order.
    fn flags(&self, text: &str) -> Option<Value> {
        let line = format!(" {}", text.trim_end().strip_prefix("KUBELET_KUBEADM_ARGS=\"")?.strip_suffix('"')?);
        let mut flags = Map::new();
        // A value may have blanks in it, also around it.
        for flag in line.split(" --").skip(1) {
            let (name, value) = flag.split_once('=').unwrap_or((flag, ""));
            let values = flags.entry(format!("--{name}")).or_insert_with(|| Value::Array(Vec::new()));
            values.as_array_mut()?.push(self.words(value).into());
        }
        Some(flags.into())
    }

    /// YAML, or JSON, that says which kind it is of; several documents together are told apart by it.
    fn documents(&self, text: &str) -> Option<Value> {
        if !text.contains("kind") {
            return None;
        }
        let mut kinds: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for document in yaml::documents(text).ok()? {
            let kind = document["kind"].as_str()?.to_owned();
            kinds.entry(kind).or_default().push(self.value(yaml::without_nulls(document)));
        }
        let named = kinds.into_iter().flat_map(|(kind, documents)| {
            let name = move |at: usize| if at == 0 { kind.clone() } else { format!("{kind}-{}", at + 1) };
            documents.into_iter().enumerate().map(move |(at, document)| (name(at), document))
        });
        Some(Value::Object(named.collect())).filter(|value| *value != Value::Object(Map::new()))
    }

    /// A value with every text in it opened.
    pub(super) fn value(&self, value: Value) -> Value {
        match value {
            Value::String(text) => self.scalar(&text),
            Value::Array(items) => items.into_iter().map(|item| self.value(item)).collect(),
            Value::Object(map) => {
                map.into_iter().map(|(key, value)| (self.words(&key), self.field(&key, value))).collect()
            }
            other => other,
        }
    }

    fn field(&self, key: &str, value: Value) -> Value {
        match self.value(value) {
            Value::Array(mut variables) if self.unsorted_env && key == "env" => {
                variables.sort_by_key(|variable| variable["name"].as_str().map(str::to_owned));
                variables.into()
            }
            value => value,
        }
    }

    fn scalar(&self, text: &str) -> Value {
        if let Some(inner) = self.pem(text) {
            return inner;
        }
        // What a Secret or a kubeconfig holds.
        let decoded = BASE64_STANDARD.decode(text).ok().filter(|bytes| bytes.len() > 40);
        if let Some(inner) = decoded.and_then(|bytes| self.pem(&String::from_utf8(bytes).ok()?)) {
            return inner;
        }
        // What a ConfigMap holds.
        let inner = text.contains('\n').then(|| self.documents(text)).flatten();
        inner.unwrap_or_else(|| Value::from(self.words(text)))
    }

    fn pem(&self, text: &str) -> Option<Value> {
        text.contains("-----BEGIN ").then(|| certificate::blocks(text, self.now).into())
    }

    /// A text with what is random in it named.
    pub(super) fn words(&self, text: &str) -> String {
        RANDOM.iter().fold(text.to_owned(), |text, (pattern, name)| {
            pattern.replace_all(&text, |found: &Captures<'_>| self.named(&found[0], name)).into_owned()
        })
    }

    fn named(&self, found: &str, name: &str) -> String {
        if self.given.contains(found) {
            return found.to_owned();
        }
        match OffsetDateTime::parse(found, &Rfc3339) {
            Ok(time) => format!("TIME{:+}min", certificate::minutes(time.unix_timestamp(), self.now)),
            Err(_) => name.to_owned(),
        }
    }
}
