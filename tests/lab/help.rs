//! `cargo lab --help`. clap is built without its own, which kinit has no use for.

use std::ffi::OsString;

use clap::builder::StyledStr;
use clap::{Arg, Command, CommandFactory};

use crate::cli::Cli;

/// What a line that clap does not take asks to be told: a line without a word asks for everything.
pub(crate) fn wanted(words: &[OsString]) -> Option<String> {
    let asks = |word: &OsString| ["help", "--help", "-h"].iter().any(|help| word == help);
    if !words.is_empty() && !words.iter().any(asks) {
        return None;
    }
    let root = Cli::command();
    let below = words.iter().find_map(|word| root.find_subcommand(word));
    Some(of(below.unwrap_or(&root), &root))
}

fn of(command: &Command, root: &Command) -> String {
    let below: Vec<&Command> = command.get_subcommands().filter(|below| !below.is_hide_set()).collect();
    let mut name = "cargo lab".to_owned();
    if command.get_name() != root.get_name() {
        name = format!("{name} {}", command.get_name());
    }
    let words: String = command.get_positionals().map(word).collect();
    let more = if below.is_empty() { "[FLAGS]" } else { "COMMAND" };
    let commands = below.iter().map(|below| (format!("  {}", below.get_name()), text(below.get_about())));
    let global = root.get_arguments().filter(|arg| arg.is_global_set());
    let own = command.get_arguments().filter(|arg| !arg.is_global_set());
    let rows: Vec<(String, String)> = commands.chain(own.chain(global).map(|arg| (head(arg), about(arg)))).collect();
    let width = rows.iter().map(|(head, _)| head.len()).max().unwrap_or(0);
    let rows: Vec<String> =
        rows.iter().map(|(head, about)| format!("{head:width$}  {about}").trim_end().to_owned()).collect();
    let note = if below.is_empty() { "" } else { "\n\ncargo lab COMMAND --help tells a command's flags." };
    format!("{}\n\n  {name}{words} {more}\n\n{}{note}", text(command.get_about()), rows.join("\n"))
}

fn word(arg: &Arg) -> String {
    if arg.is_required_set() { format!(" {}", value(arg)) } else { format!(" [{}]", value(arg)) }
}

fn text(styled: Option<&StyledStr>) -> String {
    styled.map(ToString::to_string).unwrap_or_default()
}

fn value(arg: &Arg) -> String {
    let names = arg.get_value_names().and_then(|names| names.first());
    names.map_or_else(|| arg.get_id().as_str().to_uppercase(), ToString::to_string)
}

fn head(arg: &Arg) -> String {
    let Some(long) = arg.get_long() else { return format!("  {}", value(arg)) };
    let short = arg.get_short().map(|short| format!("-{short}, ")).unwrap_or_default();
    let taken = if arg.get_action().takes_values() { format!(" {}", value(arg)) } else { String::new() };
    format!("  {short}--{long}{taken}")
}

fn about(arg: &Arg) -> String {
    let names: Vec<String> = arg.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
    let defaults: Vec<String> = arg.get_default_values().iter().map(|it| it.to_string_lossy().into_owned()).collect();
    let takes_values = arg.get_action().takes_values();
    let one_of = (takes_values && !names.is_empty()).then(|| format!("one of {}", names.join(", ")));
    let default = (takes_values && !defaults.is_empty()).then(|| format!("[default: {}]", defaults.join(",")));
    let parts = [Some(text(arg.get_help())).filter(|help| !help.is_empty()), one_of, default];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ").replace("; [", " [")
}
