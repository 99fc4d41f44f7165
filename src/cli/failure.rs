//! How a failure is told: the error with its causes, and hints. The exit status is 1 for every failure, as
//! kubeadm's is.

use std::error::Error;
use std::io;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::failure::Failure;
use crate::ui::Ui;

/// Prints a failure on standard error.
pub(super) fn report(failure: &Failure, ui: &Ui) {
    ui.note(format_args!("error: {failure}"));
    let general = if failure.hints().is_empty() { about_the_machine(failure.error()) } else { None };
    for hint in failure.hints().iter().chain(&general) {
        ui.note(format_args!("hint: {hint}"));
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

/// A command line that clap refuses, in kubeadm's words where it has some; `None` when help was asked for and
/// printed.
#[must_use]
pub(super) fn usage(error: &clap::Error, program: &str) -> Option<Failure> {
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        Some(ContextValue::Strings(texts)) => texts.first().cloned(),
        _ => None,
    };
    let typed = context(ContextKind::InvalidArg).unwrap_or_default();
    let flag = typed.split([' ', '=', '[']).next().unwrap_or_default();
    let failure = match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => return None,
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            Failure::text("subcommand is required")
        }
        ErrorKind::UnknownArgument if flag.starts_with('-') => Failure::text(unknown_flag(flag)),
        ErrorKind::UnknownArgument => Failure::text(format!("unknown command {flag:?} for \"{program}\"")),
        ErrorKind::InvalidSubcommand => {
            let word = context(ContextKind::InvalidSubcommand).unwrap_or_default();
            Failure::text(format!("unknown command {word:?} for \"{program}\""))
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation if context(ContextKind::InvalidValue).is_some() => {
            let value = context(ContextKind::InvalidValue).unwrap_or_default();
            let cause = Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
            if value.is_empty() {
                Failure::text(format!("flag needs an argument: {flag}"))
            } else {
                Failure::text(format!("invalid argument {value:?} for {flag:?} flag{cause}"))
            }
        }
        _ => Failure::text(error.to_string().trim_start_matches("error: ").trim_end().to_owned()),
    };
    let suggestion = context(ContextKind::SuggestedArg).or_else(|| context(ContextKind::SuggestedSubcommand));
    Some(match suggestion {
        Some(suggestion) => failure.hint(format!("did you mean {suggestion}?")),
        None => failure,
    })
}

/// As pflag says it.
#[must_use]
pub(super) fn unknown_flag(flag: &str) -> String {
    if flag.starts_with("--") {
        format!("unknown flag: {flag}")
    } else {
        format!("unknown shorthand flag: {:?} in {flag}", flag.trim_start_matches('-').chars().next().unwrap_or('-'))
    }
}
