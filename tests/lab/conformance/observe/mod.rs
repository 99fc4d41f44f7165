//! What is to be seen of an outcome, as values that can be compared: how it ended, what it made, what it said.

mod certificate;
mod dry_run;
mod error;
mod text;
mod undo;

use kinit::yaml;
use serde_json::{Value, json};

use self::text::Reader;
use super::case::{Case, Kind};
use super::difference::Observation;
use super::isolate::{Entry, Node, Outcome};

/// What the meanings of an error begin with, where both programs refuse a case, and where only one does.
pub(crate) const BOTH_REFUSE: &str = "error: ";
pub(crate) const ONE_REFUSES: &str = "refuses: ";

/// What both programs made of a case. What one that fails leaves behind is nobody's promise: then only the error counts.
pub(crate) fn observe(case: &Case, outcomes: [&Outcome; 2]) -> [Observation; 2] {
    let accepted = outcomes.map(|outcome| outcome.code == Some(0));
    // Times are counted from the same moment, and those of the case are equally far away.
    let reader = Reader::new(case, outcomes[0].started);
    let dry = is_dry(case.kind, outcomes[0]);
    outcomes.map(|outcome| match accepted {
        [true, true] => made(case.kind, dry, outcome, &reader),
        [false, false] => refusal(BOTH_REFUSE, outcome),
        _ if outcome.code == Some(0) => Observation::new(),
        _ => refusal(ONE_REFUSES, outcome),
    })
}

/// Why a program failed: each meaning of its error, and how it ended where that is not with the exit code 1.
fn refusal(begin: &str, outcome: &Outcome) -> Observation {
    let mut seen = Observation::new();
    for meaning in error::meanings(&outcome.stderr) {
        seen.insert(format!("{begin}{meaning}"), Value::Null);
    }
    let code = outcome.code.map_or_else(|| json!("never"), |code| json!(code));
    seen.extend((code != 1).then(|| ("exit".to_owned(), code)));
    seen
}

/// Whether only files are to be seen that would be written. kubeadm's dry run of a phase alone is known by the directory that it makes for them.
fn is_dry(kind: Kind, kubeadm: &Outcome) -> bool {
    matches!(kind, Kind::DryRun | Kind::JoinDryRun | Kind::ResetDryRun)
        || kubeadm.tree.iter().any(|entry| dry_run::is_written(&entry.path))
}

fn made(kind: Kind, dry: bool, outcome: &Outcome, reader: &Reader) -> Observation {
    let entries = outcome.tree.iter().filter(|entry| !(dry && dry_run::is_written(&entry.path)));
    let mut seen: Observation = entries.map(|entry| (entry.path.clone(), file(entry, reader))).collect();
    seen.extend(dry.then(|| dry_run::would(kind, outcome, reader)).into_iter().flatten());
    seen.extend((kind == Kind::ResetDryRun).then(|| undo::would(&outcome.stdout)).into_iter().flatten());
    seen.extend(output(kind, &outcome.stdout, reader).map(|value| ("output".to_owned(), value)));
    seen
}

fn file(entry: &Entry, reader: &Reader) -> Value {
    let (kind, content) = match &entry.node {
        Node::Directory => ("directory", None),
        Node::Link(target) => ("link", Some(json!(target))),
        Node::Special => ("special", None),
        Node::File(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => ("file", Some(reader.text(text))),
            Err(_) => ("file", Some(json!(crate::cache::hex(bytes)))),
        },
    };
    let owner = format!("{}:{}", entry.owner.0, entry.owner.1);
    let mut seen = json!({ "is": kind, "mode": format!("{:04o}", entry.mode), "owner": owner });
    if let Some(content) = content {
        seen["content"] = content;
    }
    seen
}

/// Standard output, where it is what was asked for.
fn output(kind: Kind, stdout: &str, reader: &Reader) -> Option<Value> {
    match kind {
        _ if stdout.contains("\nUsage:\n") => Some(json!("help")),
        Kind::ConfigPrint | Kind::ConfigMigrate | Kind::ConfigValidate | Kind::ImagesList | Kind::TokenGenerate => {
            Some(reader.text(stdout))
        }
        Kind::CommandLine if stdout.contains("Usage:") => Some(json!("help")),
        Kind::CommandLine if ["#compdef ", "# bash completion "].iter().any(|head| stdout.contains(head)) => {
            Some(json!("completion script"))
        }
        // The version is a document without a kind.
        Kind::CommandLine => Some(match yaml::document(stdout) {
            Ok(document) if document["clientVersion"].is_object() => reader.value(document),
            _ => reader.text(stdout),
        }),
        _ => None,
    }
}
