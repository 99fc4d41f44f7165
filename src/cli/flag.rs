//! What a flag is: its type, how its value is written, and who is to see it.

use clap::{Arg, ArgAction};

/// The name of an argument's type, as pflag says it. A value's name is its type.
#[must_use]
pub(super) fn type_of(arg: &Arg) -> &str {
    let name = arg.get_value_names().and_then(|names| names.first());
    name.filter(|_| arg.get_action().takes_values()).map_or(BOOL, |name| name.as_str())
}

/// The type whose flags stand without a value.
pub(super) const BOOL: &str = "bool";

/// The type whose flags take several values.
pub(super) const LIST: &str = "strings";

/// Reads values as pflag does: a bool alone is true, `=` gives it a value; the word after any other flag is its value, also if it begins with a dash.
#[must_use]
pub(super) fn as_pflag(arg: Arg) -> Arg {
    if type_of(&arg) == BOOL {
        let default = matches!(arg.get_action(), ArgAction::SetTrue).then_some("false");
        let value = |text: &str| parse_bool(text).ok_or("a bool is true or false");
        return arg
            .action(ArgAction::Set)
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("true")
            .default_value(default)
            .value_parser(value);
    }
    if arg.is_positional() { arg } else { arg.allow_hyphen_values(true) }
}

/// As Go's `strconv.ParseBool` has it.
#[must_use]
pub(super) fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

/// `-h`, `--help`: of every command.
#[must_use]
pub(super) fn help_flag() -> Arg {
    Arg::new("help").short('h').long("help").action(ArgAction::SetTrue)
}

/// Whether help and completion show a flag: the command takes it, and it is not deprecated.
#[must_use]
pub(super) fn is_shown(arg: &Arg) -> bool {
    !arg.is_hide_set() && !arg.is_hide_long_help_set()
}
