//! What may come next on a command line: `__complete WORDS… PART`, which the shells' scripts ask.
//!
//! The answer is that of kubeadm's library (cobra), so that scripts made for it understand it: a line for each
//! candidate, with a tab and a description, then `:` and a number that says how the shell goes on. The library that
//! parses flags here could complete too, but not with a look at the rest of the line, at files or at a cluster.

pub(super) mod script;
mod values;

use std::ffi::OsString;

use clap::{Arg, Command};

use super::context::Invocation;
use super::flag::{LIST, help_flag, is_shown, type_of};
use super::line::Found;

/// The commands that scripts call: with descriptions, and without.
pub(super) const COMMANDS: [&str; 2] = ["__complete", "__completeNoDesc"];

/// Candidates, and what the shell may do beyond them.
#[derive(Debug, Default, PartialEq, Eq)]
struct Answer {
    candidates: Vec<Candidate>,
    then: Then,
}

/// A word, and what it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Candidate {
    word: String,
    about: String,
}

/// How the shell goes on, by cobra's numbers.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Then {
    /// File names, where there are no candidates.
    #[default]
    Files = 0,
    /// No file names.
    Nothing = 4,
    /// No file names, and no blank after the word: it may go on.
    MayGoOn = 6,
    /// Names of directories.
    Directories = 16,
}

impl Candidate {
    fn new(word: impl Into<String>, about: impl Into<String>) -> Self {
        Self { word: word.into(), about: about.into() }
    }
}

impl Answer {
    fn of(candidates: impl IntoIterator<Item = Candidate>, then: Then) -> Self {
        Self { candidates: candidates.into_iter().collect(), then }
    }
}

/// Prints what may stand in the place of the last word.
pub(super) async fn run(root: &Command, words: &[OsString], described: bool, invocation: &Invocation) {
    let Some((part, before)) = words.split_last() else { return };
    let found = Found::on(root, before);
    // The words after `help` name a command.
    let found = if found.path == ["help"] { Found::on(root, &found.rest) } else { found };
    let part = part.to_string_lossy();
    let answer = answer(&found, &part, invocation).await;
    for candidate in answer.candidates {
        let about = if described && !candidate.about.is_empty() { "\t" } else { "" };
        invocation.ui.line(format_args!("{}{about}{}", candidate.word, if described { &candidate.about } else { "" }));
    }
    invocation.ui.line(format_args!(":{}", answer.then as u8));
}

async fn answer(found: &Found<'_>, part: &str, invocation: &Invocation) -> Answer {
    let inline = part.split_once('=').filter(|(flag, _)| flag.starts_with("--"));
    let (flag, typed) = match inline {
        Some((flag, typed)) => (found.flag(flag), typed),
        None => (found.unfinished(), part),
    };
    let mut answer = match flag {
        Some(flag) => values::of(flag, typed, found, invocation).await,
        None if inline.is_some() => Answer::default(),
        None if part.starts_with('-') => flags(found),
        None => words(found),
    };
    answer.candidates.retain(|candidate| candidate.word.starts_with(typed));
    answer
}

/// The flags that were not given yet, but for lists, which may be given again.
fn flags(found: &Found<'_>) -> Answer {
    let help = help_flag().help(format!("help for {}", found.path.last().unwrap_or(&"the program")));
    let takes = |arg: &&Arg| is_shown(arg) && (type_of(arg) == LIST || found.given(arg).is_none());
    let mut flags: Vec<Arg> = found.flags().filter(takes).cloned().chain([help]).collect();
    flags.sort_by_key(|flag| flag.get_long().map(str::to_owned));
    let name = |flag: &Arg| {
        let about = flag.get_help().map(ToString::to_string).unwrap_or_default();
        flag.get_long().map(|long| Candidate::new(format!("--{long}"), about))
    };
    Answer::of(flags.iter().filter_map(name), Then::Nothing)
}

/// Commands below this one, or its own arguments.
fn words(found: &Found<'_>) -> Answer {
    if found.path == ["completion"] && found.first_word().is_none() {
        return Answer::of(script::SHELLS.map(|(shell, _)| Candidate::new(shell, "")), Then::Nothing);
    }
    let fresh = found.first_word().is_none();
    let below = found.command.get_subcommands().filter(|below| fresh && !below.is_hide_set());
    let mut below: Vec<Candidate> = below
        .map(|below| Candidate::new(below.get_name(), below.get_about().map(ToString::to_string).unwrap_or_default()))
        .collect();
    below.sort_by(|one, other| one.word.cmp(&other.word));
    Answer::of(below, Then::Nothing)
}

impl Found<'_> {
    /// The flag whose value the next word is.
    fn unfinished(&self) -> Option<&Arg> {
        let mut words = self.rest.iter().filter_map(|word| word.to_str());
        while let Some(word) = words.next() {
            if word.starts_with('-') && self.value_follows(word) && words.next().is_none() {
                return self.flag(word);
            }
        }
        None
    }

    /// The value of a flag on the line, as far as it has one.
    fn given(&self, flag: &Arg) -> Option<&str> {
        let mut words = self.rest.iter().filter_map(|word| word.to_str());
        while let Some(word) = words.next() {
            let (name, inline) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
            let value = if self.value_follows(word) { words.next() } else { inline.or(Some("true")) };
            if name.starts_with('-') && self.flag(name).is_some_and(|known| known.get_id() == flag.get_id()) {
                return value;
            }
        }
        None
    }
}
