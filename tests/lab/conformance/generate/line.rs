//! Command lines: a command with flags as they are meant, and what people get wrong with one.

use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::strategy::Union;

use super::super::case::CONFIG;
use super::commands::Command;
use super::flags::{self, Flag};

/// Flags that may stand beside `--config`; the others exclude it.
const BESIDE_CONFIG: &[&str] = &[
    "allow-missing-template-keys",
    "dry-run",
    "ignore-preflight-errors",
    "kubeconfig-dir",
    "node-name",
    "output",
    "show-managed-fields",
    "skip-certificate-key-print",
    "skip-phases",
    "skip-token-print",
    "upload-certs",
    "allow-deprecated-api",
    "allow-experimental-api",
];

/// Flags that mostly end a case early: a dry run of a phase alone finds nothing of what the phases before it would have made, and
/// the cluster that a dry join makes up takes no control planes.
const REFUSED_OFFLINE: &[&str] = &["dry-run", "control-plane"];

/// How a configuration is given.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Config {
    /// With `--config`, or `--old-config`.
    File(&'static str),
    None,
}

/// The words after the program's name for a command, its sub-commands first.
pub(super) fn strategy(command: &'static Command, minor: u64, config: Config) -> BoxedStrategy<Vec<String>> {
    // Without a version, kubeadm takes its own and kinit its own.
    let needed = (config == Config::None && minor < 37)
        .then_some("kubernetes-version")
        .filter(|_| command.has("kubernetes-version"));
    let names: Vec<&'static str> = command.flags(minor).filter(|name| needed.as_ref() != Some(name)).collect();
    let (beside, others): (Vec<_>, Vec<_>) =
        names.into_iter().partition(|name| config == Config::None || BESIDE_CONFIG.contains(name));
    let chance = |name: &str| match config {
        _ if REFUSED_OFFLINE.contains(&name) => 0.04,
        Config::None => 0.25,
        Config::File(_) => 0.1,
    };
    let mut groups: Vec<BoxedStrategy<Option<Vec<String>>>> = Vec::new();
    groups.extend(needed.map(|name| flags::flag(name).usual(minor).prop_map(Some).boxed()));
    groups.extend(beside.iter().map(|name| option::weighted(chance(name), flags::flag(name).usual(minor)).boxed()));
    // At most one flag that should not be there, or that has an odd value.
    groups.push(option::weighted(0.03, one_of(&others, minor, Flag::usual)).prop_map(Option::flatten).boxed());
    groups.push(option::weighted(0.05, one_of(&beside, minor, Flag::odd)).prop_map(Option::flatten).boxed());
    groups.push(option::weighted(0.05, flags::flag("v").usual(minor)).boxed());
    if let Config::File(flag) = config {
        groups.push(given(flag).prop_map(Some).boxed());
    }
    let alone = if config == Config::None { command.alone } else { "" };
    let words: Vec<String> = command.words.split(' ').chain(alone.split_whitespace()).map(str::to_owned).collect();
    let flags = groups.prop_map(|groups| groups.into_iter().flatten().collect::<Vec<_>>()).prop_shuffle();
    (flags, option::weighted(0.02, slip()))
        .prop_map(move |(flags, slip)| {
            let line = [words.clone(), flags.concat()].concat();
            let mut slipped = line.clone();
            if let Some(slip) = slip {
                slip.apply(&mut slipped);
            }
            if minor >= 37 || still_says_a_version(&line, &slipped) { slipped } else { line }
        })
        .boxed()
}

/// Whether a line still gives what it gave before a slip, a version or a file that has one: without, each program takes its own.
fn still_says_a_version(line: &[String], slipped: &[String]) -> bool {
    let mut telling = line.iter().filter(|word| ["config", "version", "v1."].iter().any(|part| word.contains(part)));
    telling.all(|word| slipped.contains(word)) && slipped.last().is_none_or(|word| !word.is_empty())
}

fn one_of(
    names: &[&'static str],
    minor: u64,
    words: fn(&'static Flag, u64) -> BoxedStrategy<Vec<String>>,
) -> BoxedStrategy<Option<Vec<String>>> {
    if names.is_empty() {
        return Just(None).boxed();
    }
    Union::new(names.iter().map(|name| words(flags::flag(name), minor))).prop_map(Some).boxed()
}

fn given(flag: &'static str) -> impl Strategy<Value = Vec<String>> {
    select(vec![vec![format!("--{flag}"), CONFIG.to_owned()], vec![format!("--{flag}={CONFIG}")]])
}

/// What is wrong with a whole line, and where.
#[derive(Debug, Clone)]
pub(super) struct Slip {
    make: fn(&mut Vec<String>, usize),
    place: Index,
}

/// Every sort of slip.
pub(super) fn slip() -> impl Strategy<Value = Slip> {
    (select(SLIPS), any::<Index>()).prop_map(|(make, place)| Slip { make, place })
}

impl Slip {
    /// Makes the slip.
    pub(super) fn apply(&self, line: &mut Vec<String>) {
        (self.make)(line, self.place.index(line.len() + 1));
    }
}

const SLIPS: &[fn(&mut Vec<String>, usize)] = &[
    |line, at| line.insert(at, "--no-such-flag".to_owned()),
    |line, at| line.insert(at, "--no-such-flag=x".to_owned()),
    |line, at| line.insert(at, "-x".to_owned()),
    |line, at| line.insert(at, "extra".to_owned()),
    |line, at| line.insert(at, String::new()),
    |line, at| line.insert(at, "--help".to_owned()),
    |line, at| line.insert(at, "-h".to_owned()),
    |line, at| line.insert(at, "--".to_owned()),
    |line, at| line.insert(at, "-".to_owned()),
    |line, _| line.push("--config".to_owned()),
    |line, _| line.push("--v".to_owned()),
    |line, _| line.push("--dry-run=maybe".to_owned()),
    |line, _| line.extend(["--config".to_owned(), "/case/none".to_owned()]),
    |line, _| line.extend(["--config".to_owned(), String::new()]),
    |line, _| line.extend(["--rootfs".to_owned(), "/".to_owned()]),
    |line, at| on_a_word(line, at, str::to_uppercase),
    |line, at| on_a_word(line, at, |word| word.replace('-', "_")),
    |line, at| on_a_word(line, at, |word| word.replacen("--", "-", 1)),
    |line, at| on_a_word(line, at, |word| word.chars().take(word.chars().count().saturating_sub(1)).collect()),
    |line, at| on_a_word(line, at, |word| format!("{word} ")),
    |line, at| {
        if at < line.len() {
            line.remove(at);
        }
    },
    |line, at| {
        if at < line.len() {
            line.push(line[at].clone());
        }
    },
];

fn on_a_word(line: &mut [String], at: usize, change: fn(&str) -> String) {
    if let Some(word) = line.get_mut(at) {
        *word = change(word);
    }
}
