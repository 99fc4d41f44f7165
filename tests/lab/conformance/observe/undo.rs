//! What a dry run of `reset` says that it would stop, unmount, empty and delete. kinit names each thing that would go as well: of what is said to be
//! emptied or deleted that is no more, and counts only where it is beside that.

use std::path::{Component, Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use crate::conformance::difference::Observation;

/// What a line says, as a regular expression; what would be done, and to which of the paths in it.
#[rustfmt::skip]
const RULES: &[(&str, &str)] = &[
    (r#"^unmount mounted directories in "(.*)"$"#, "unmount"),
    (r"^delete contents of (?:stateful )?directories: \[(.*)\]$", EMPTY),
    (r"^delete contents of the etcd data directory: (.*)$", EMPTY),
    (r"^delete files: \[(.*)\]$", DELETE),
    (r#"^remove "(.*)"$"#, REMOVE),
];
const EMPTY: &str = "empty";
const DELETE: &str = "delete";
const REMOVE: &str = "remove";

static COMPILED: LazyLock<Vec<(Regex, &str)>> =
    LazyLock::new(|| RULES.iter().filter_map(|(pattern, verb)| Some((Regex::new(pattern).ok()?, *verb))).collect());

/// What would be undone. A line that no rule knows counts word by word.
pub(super) fn would(stdout: &str) -> Observation {
    // They begin with `[dryrun]`, before v1.32 with `[reset]`.
    let lines = stdout.lines().filter_map(|line| Some(line.split_once("] Would ")?.1));
    // kubeadm asks a cluster that it made up.
    let own = lines.filter(|line| !line.starts_with("perform action GET "));
    let acts: Vec<(&str, &str)> = own.flat_map(acts).collect();
    let said = |path: &str| acts.iter().any(|act| covers(act, path));
    let counted = acts.iter().filter(|(verb, path)| *verb != REMOVE || !said(path));
    counted.map(|(verb, path)| (format!("would {verb} {path}").trim_end().to_owned(), Value::Null)).collect()
}

fn acts(line: &str) -> Vec<(&str, &str)> {
    let known = COMPILED.iter().find_map(|(rule, verb)| Some((*verb, rule.captures(line)?.get(1)?.as_str())));
    match known {
        Some((verb @ (EMPTY | DELETE), paths)) => paths.split_whitespace().map(|path| (verb, path)).collect(),
        Some(act) => vec![act],
        None => vec![(line, "")],
    }
}

/// Whether a path goes with what is emptied or deleted.
fn covers((verb, place): &(&str, &str), path: &str) -> bool {
    match *verb {
        EMPTY => Path::new(path).strip_prefix(real(place)).is_ok_and(|below| below != Path::new("")),
        DELETE => path == *place,
        _ => false,
    }
}

/// A path without the `..` that it was typed with.
fn real(path: &str) -> PathBuf {
    Path::new(path).components().fold(PathBuf::new(), |mut real, part| {
        match part {
            Component::ParentDir => drop(real.pop()),
            part => real.push(part),
        }
        real
    })
}
