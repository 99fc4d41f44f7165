//! What is to be seen of an outcome, as values that can be compared: how it ended, what it made, what it said.

mod certificate;
mod dry_run;
mod error;
mod text;

use serde_json::{Value, json};

use self::text::Reader;
use super::case::{Case, Kind};
use super::difference::Observation;
use super::isolate::{Entry, Node, Outcome};

/// What both programs made of a case. What one that fails leaves behind is nobody's promise: then only the error counts.
pub(crate) fn observe(case: &Case, outcomes: [&Outcome; 2]) -> [Observation; 2] {
    let both = outcomes.iter().all(|outcome| outcome.code == Some(0));
    // Times are counted from the same moment, and those of the case are equally far away.
    let reader = Reader::new(case, outcomes[0].started);
    outcomes.map(|outcome| {
        let mut seen = ending(outcome);
        if both {
            let dry = matches!(case.kind, Kind::DryRun | Kind::JoinDryRun | Kind::ResetDryRun);
            let entries = outcome.tree.iter().filter(|entry| !(dry && dry_run::is_written(&entry.path)));
            seen.extend(entries.map(|entry| (entry.path.clone(), file(entry, &reader))));
            seen.extend(dry.then(|| dry_run::would(outcome, &reader)).into_iter().flatten());
            seen.extend(output(case.kind, &outcome.stdout, &reader).map(|value| ("output".to_owned(), value)));
        }
        seen
    })
}

fn ending(outcome: &Outcome) -> Observation {
    let mut seen = Observation::new();
    seen.insert("exit".into(), outcome.code.map_or_else(|| json!("never"), |code| json!(code)));
    if outcome.code != Some(0) {
        let meanings = error::meanings(&outcome.stderr).into_iter();
        seen.insert("error".into(), meanings.map(|meaning| (meaning, Value::Bool(true))).collect());
    }
    seen
}

fn file(entry: &Entry, reader: &Reader) -> Value {
    let (kind, content) = match &entry.node {
        Node::Directory => ("directory", Value::Null),
        Node::Link(target) => ("link", json!(target)),
        Node::Special => ("special", Value::Null),
        Node::File(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => ("file", reader.text(text)),
            Err(_) => ("file", json!(crate::cache::hex(bytes))),
        },
    };
    let mode = format!("{:04o}", entry.mode);
    json!({ "is": kind, "mode": mode, "owner": format!("{}:{}", entry.owner.0, entry.owner.1), "content": content })
}

/// Standard output, where it is what was asked for.
fn output(kind: Kind, stdout: &str, reader: &Reader) -> Option<Value> {
    match kind {
        Kind::ConfigPrint | Kind::ConfigMigrate | Kind::ConfigValidate | Kind::ImagesList | Kind::TokenGenerate => {
            Some(reader.text(stdout))
        }
        Kind::CommandLine if stdout.contains("Usage:") => Some(json!("help")),
        Kind::CommandLine => Some(reader.text(stdout)),
        _ => None,
    }
}
