//! How a failure is told: the error with its causes, and hints. The exit status is 1 for every failure, as
//! kubeadm's is.

use std::error::Error;
use std::io;
use std::num::ParseIntError;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command};

use super::extra_args::PAIRS;
use super::flag::{BOOL, LIST, is_shown, parse_bool, type_of};
use super::line::Found;
use crate::events::Problem;
use crate::failure::Failure;
use crate::phases::{Phase, SelectionError, walk};
use crate::preflight::ChecksFailed;
use crate::ui::Ui;
use crate::wait::WaitError;

/// Prints a failure on standard error.
pub(super) fn report(failure: &Failure, ui: &Ui) {
    ui.note(format_args!("error: {failure}"));
    hints(failure).iter().for_each(|hint| ui.note(format_args!("hint: {hint}")));
}

/// A failure as programs are told of it.
#[must_use]
pub(super) fn problem(failure: &Failure) -> Problem {
    let causes: Vec<&(dyn Error + 'static)> =
        std::iter::successors(Some(failure.error()), |&error| error.source()).collect();
    let diagnosis = causes.iter().find_map(|error| error.downcast_ref::<WaitError>()?.diagnosis());
    let checks = causes.iter().find_map(|error| error.downcast_ref::<ChecksFailed>());
    let root = causes.last().map(ToString::to_string).unwrap_or_default();
    Problem {
        code: diagnosis.map(|diagnosis| diagnosis.code),
        message: failure.to_string(),
        cause: diagnosis.map_or(root, |diagnosis| diagnosis.cause.clone()),
        evidence: diagnosis.map(|diagnosis| diagnosis.evidence.clone()).unwrap_or_default(),
        remedies: hints(failure),
        checks: checks.map(|failed| failed.names.clone()).unwrap_or_default(),
        ..Problem::default()
    }
}

/// What to do about a failure.
fn hints(failure: &Failure) -> Vec<String> {
    if failure.hints().is_empty() {
        about_the_machine(failure.error()).into_iter().collect()
    } else {
        failure.hints().to_vec()
    }
}

/// What to do where the machine refuses, whatever was wanted.
fn about_the_machine(error: &(dyn Error + 'static)) -> Option<String> {
    let mut cause = Some(error);
    let kind = loop {
        let error = cause?;
        if let Some(refusal) = error.downcast_ref::<io::Error>() {
            break refusal.kind();
        }
        cause = error.source();
    };
    let again = "run the same command again, it goes on from here";
    match kind {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            Some(format!("make room there ('df -h' and 'df -i' say how much is left), then {again}"))
        }
        io::ErrorKind::ReadOnlyFilesystem => {
            Some(format!("mount it writable ('findmnt --target PATH' says what is mounted), then {again}"))
        }
        io::ErrorKind::PermissionDenied if !nix::unistd::geteuid().is_root() => Some("run it with sudo".to_owned()),
        _ => None,
    }
}

/// Flags that can't be read, in kubeadm's words.
#[must_use]
pub(super) fn usage(error: &clap::Error, found: &Found<'_>) -> Failure {
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        _ => String::new(),
    };
    let typed = context(ContextKind::InvalidArg);
    let flag = match typed.as_str() {
        // A flag of one letter may be any letter.
        short if short.starts_with("-=") => "-=",
        typed => typed.split([' ', '=', '[']).next().unwrap_or_default(),
    };
    // A hidden flag is another phase's, whatever its value is.
    let foreign = found.flag(flag).is_some_and(Arg::is_hide_set);
    match (error.kind(), context(ContextKind::InvalidValue).as_str()) {
        (ErrorKind::UnknownArgument, _) => unknown_flag(flag, found),
        (ErrorKind::InvalidValue | ErrorKind::ValueValidation, _) if foreign => unknown_flag(flag, found),
        (ErrorKind::InvalidValue, "") => missing_value(flag, found),
        (ErrorKind::InvalidValue | ErrorKind::ValueValidation, value) => {
            let cause = Error::source(error).map(|cause| format!(": {}", in_plain_words(cause))).unwrap_or_default();
            let name = both_names(flag, found);
            let failure = Failure::text(format!("invalid argument {value:?} for {name:?} flag{cause}"));
            match found.flag(flag).map(type_of) {
                Some("int32") => failure.hint("a port is a number from 1 to 65535"),
                Some(PAIRS) => failure.hint(
                    "write name=value, with commas between several; values that have a comma or a '=' go into extraArgs of a \
                     configuration file",
                ),
                Some(LIST) => failure.hint("a list has commas between its values, and quotes only around whole ones"),
                _ => failure,
            }
        }
        (ErrorKind::MissingRequiredArgument, _) => Failure::text(required(error)),
        _ => Failure::text(error.to_string().trim_start_matches("error: ").trim_end().to_owned()),
    }
}

fn in_plain_words(cause: &(dyn Error + 'static)) -> String {
    if cause.is::<ParseIntError>() { "expected an integer of 32 bits".to_owned() } else { cause.to_string() }
}

/// `-v, --v` for a flag that has a short name too.
fn both_names(flag: &str, found: &Found<'_>) -> String {
    let short = found.flag(flag).and_then(Arg::get_short);
    short.map_or(flag.to_owned(), |short| format!("-{short}, {flag}"))
}

fn missing_value(flag: &str, found: &Found<'_>) -> Failure {
    let last = found.rest.last().and_then(|word| word.to_str()).unwrap_or_default();
    let short = last.strip_prefix('-').filter(|name| !name.starts_with('-')).and_then(|names| names.chars().last());
    match short.filter(|_| found.flag(&format!("-{}", short.unwrap_or_default())).is_some()) {
        Some(short) => Failure::text(format!("flag needs an argument: {short:?} in {last}")),
        None => Failure::text(format!("flag needs an argument: {flag}")),
    }
}

fn required(error: &clap::Error) -> String {
    let Some(ContextValue::Strings(names)) = error.get(ContextKind::InvalidArg) else { return error.to_string() };
    let names = names.iter().filter_map(|name| name.trim_start_matches('-').split(' ').next());
    let quoted: Vec<String> = names.map(|name| format!("{name:?}")).collect();
    format!("required flag(s) {} not set", quoted.join(", "))
}

fn unknown_flag(flag: &str, found: &Found<'_>) -> Failure {
    if flag == "--" || flag.starts_with("---") {
        let nameless = |word: &&str| word.starts_with("--=") || word.starts_with("---");
        let word = found.rest.iter().filter_map(|word| word.to_str()).find(nameless).unwrap_or(flag);
        return Failure::text(format!("bad flag syntax: {word}")).hint("a flag's name follows its dashes");
    }
    if !flag.starts_with("--") {
        let letter = flag.chars().nth(1).unwrap_or('-');
        let within = |word: &&str| word.starts_with('-') && !word.starts_with("--") && word.contains(letter);
        let word = found.rest.iter().filter_map(|word| word.to_str()).find(within).unwrap_or(flag);
        return Failure::text(format!("unknown shorthand flag: {letter:?} in {word}"));
    }
    let known = found.flags().filter(|arg| is_shown(arg)).filter_map(Arg::get_long);
    let failure = Failure::text(format!("unknown flag: {flag}"));
    match nearest(flag.trim_start_matches('-'), known) {
        Some(known) => failure.hint(format!("did you mean --{known}?")),
        None => failure,
    }
}

/// A word that names nothing below a command.
#[must_use]
pub(super) fn unknown_command(word: &str, found: &Found<'_>, program: &str) -> Failure {
    let name = found.name(program);
    let failure = Failure::text(format!("unknown command {word:?} for {name:?}"));
    if let Some(flag) = bool_before(word, found) {
        return failure.hint(format!("write {flag}={word}: a flag that is true or false takes no word after it"));
    }
    match nearest(word, found.command.get_subcommands().map(Command::get_name)) {
        Some(known) if known == word => failure.hint("a word after -- names no command: leave out the --"),
        Some(known) => failure.hint(format!("did you mean {known}?")),
        None if found.command.has_subcommands() => {
            failure.hint(format!("'{name} --help' lists the commands that there are"))
        }
        None => failure.hint(format!("'{name}' takes no arguments")),
    }
}

/// The flag of true or false that a word was meant to be the value of.
fn bool_before<'a>(word: &str, found: &'a Found<'_>) -> Option<&'a str> {
    parse_bool(word)?;
    let at = found.rest.iter().position(|other| other == word)?;
    let flag = found.rest.get(at.checked_sub(1)?)?.to_str()?;
    found.flag(flag).filter(|arg| type_of(arg) == BOOL).map(|_| flag)
}

/// Phases that can't be chosen so.
#[must_use]
pub(super) fn selection<C>(error: SelectionError, table: &'static [Phase<C>], command: &str, program: &str) -> Failure {
    let SelectionError::Unknown(name) = &error else { return error.into() };
    let mut known = Vec::new();
    walk(table, "", &mut |path, _| known.push(path.to_owned()));
    let meant = nearest(name, known.iter().map(String::as_str)).map(|meant| format!("did you mean {meant}?"));
    let list = format!("'{program} {command} --help' lists the phases");
    meant.into_iter().chain([list]).fold(Failure::from(error), Failure::hint)
}

/// The known name that a word is most like, if it is like one at all.
fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let likeness = |name: &str| strsim::jaro(word, name);
    known.filter(|name| likeness(name) > LIKE).max_by(|one, other| likeness(one).total_cmp(&likeness(other)))
}

/// How alike two names are, from 0 to 1, of which one may be meant for the other.
const LIKE: f64 = 0.75;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::diagnose::Diagnosis;

    #[test]
    fn programs_are_told_the_cause_of_a_wait_that_failed() {
        let cause = Diagnosis {
            code: "KI-MANIFEST",
            cause: "the kubelet cannot read it".to_owned(),
            evidence: vec!["kubelet: Could not process manifest file".to_owned()],
            remedy: "mend the file".to_owned(),
            commands: vec!["cat etcd.yaml".to_owned()],
        };
        let timed_out = WaitError::TimedOut {
            what: "a healthy kubelet".to_owned(),
            after: Duration::from_secs(240),
            last: Vec::new(),
            cause: Some(Box::new(cause.clone())),
            seen: Vec::new(),
        };
        for error in [WaitError::Diagnosed(cause.clone()), timed_out] {
            let failure = error.into_failure("kinit").within("failed while waiting for the kubelet to start");
            let problem = problem(&failure);
            assert_eq!(
                (problem.code, &problem.cause, &problem.evidence),
                (Some(cause.code), &cause.cause, &cause.evidence)
            );
            assert_eq!(problem.remedies, ["mend the file", "cat etcd.yaml"]);
            assert_eq!(problem.message.matches("the kubelet cannot read it").count(), 1, "{}", problem.message);
        }
    }
}
