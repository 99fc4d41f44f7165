//! Help, in the form of kubeadm's: what a command is for, how it is typed, its commands, its flags.
//!
//! On a terminal lines are broken at its width; elsewhere every flag has one line, for programs that read it.

use std::ffi::{OsStr, OsString};

use clap::{Arg, Command};

use super::flag::{BOOL, help_flag, is_shown, type_of};
use super::line::{Found, Line};
use crate::ui::Ui;

/// Commands are padded to this width, or the longest.
const COMMAND_WIDTH: usize = 11;
/// A description that would begin further right goes on at the margin.
const WIDEST_HEAD: usize = 60;

/// The help of a command.
#[must_use]
pub(super) fn of(found: &Found<'_>, program: &str, width: Option<usize>) -> String {
    let about = found.command.get_long_about().or(found.command.get_about());
    let about = about.map(ToString::to_string).unwrap_or_default();
    if found.command.is_arg_required_else_help_set() && !found.command.has_subcommands() {
        return format!("{}\n", about.trim());
    }
    let text = format!("{}\n\n{}", about.trim(), usage(found, program));
    width.map_or(text.clone(), |width| wrap(&text, width))
}

/// `help WORDS`: the help of another command.
pub(super) fn topic(root: &Command, line: &Line<'_>, ui: &Ui) {
    let words: Vec<OsString> = line.matches.get_many::<String>("topic").unwrap_or_default().map(Into::into).collect();
    let found = Found::on(root, &words);
    if found.path.is_empty() && !words.is_empty() {
        ui.note(format_args!("Unknown help topic [`{}`]", words.join(OsStr::new(" ")).to_string_lossy()));
        ui.note(usage(&Found::on(root, &[]), &ui.program));
    } else {
        ui.line(of(&found, &ui.program, ui.width()));
    }
}

/// All of it but what the command is for.
fn usage(found: &Found<'_>, program: &str) -> String {
    let (command, name) = (found.command, found.name(program));
    let mut own: Vec<Arg> = shown(command.get_arguments());
    own.push(help_flag().help(format!("help for {}", found.path.last().unwrap_or(&program))));
    let sections = [
        section("Usage:", &forms(command, &name)),
        section("Aliases:", &aliases(command)),
        section("Available Commands:", &commands(command)),
        section("Flags:", &flags(own)),
        section("Global Flags:", &flags(shown(found.inherited.iter().copied()))),
        section("Additional help topics:", &topics(command, &name)),
    ];
    let mut text = sections.into_iter().flatten().collect::<Vec<_>>().join("\n\n");
    if command.has_subcommands() {
        text.push_str(&format!("\n\nUse \"{name} [command] --help\" for more information about a command."));
    }
    text
}

fn section(title: &str, rows: &[String]) -> Option<String> {
    (!rows.is_empty()).then(|| format!("{title}\n{}", rows.join("\n")))
}

fn forms(command: &Command, name: &str) -> Vec<String> {
    let words =
        command.get_positionals().filter(|arg| !arg.is_hide_set()).filter_map(|arg| arg.get_value_names()?.first());
    let words: String = words.map(|word| format!(" {word}")).collect();
    let runs = (!command.is_arg_required_else_help_set()).then(|| format!("  {name}{words} [flags]"));
    let holds = visible(command).next().map(|_| format!("  {name} [command]"));
    runs.into_iter().chain(holds).collect()
}

fn aliases(command: &Command) -> Vec<String> {
    let names: Vec<&str> = std::iter::once(command.get_name()).chain(command.get_all_aliases()).collect();
    if names.len() > 1 { vec![format!("  {}", names.join(", "))] } else { Vec::new() }
}

fn visible(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|below| !below.is_hide_set())
}

fn about(command: &Command) -> String {
    command.get_about().map(ToString::to_string).unwrap_or_default()
}

fn commands(command: &Command) -> Vec<String> {
    let mut below: Vec<&Command> = visible(command).collect();
    below.sort_by_key(|below| below.get_name());
    let width = below.iter().map(|below| below.get_name().len()).max().unwrap_or(0).max(COMMAND_WIDTH);
    below.iter().map(|below| format!("  {:width$} {}", below.get_name(), about(below))).collect()
}

fn topics(command: &Command, name: &str) -> Vec<String> {
    let hidden = command.get_subcommands().filter(|below| below.is_hide_set());
    hidden.map(|below| format!("  {name} {}      {}", below.get_name(), about(below))).collect()
}

fn shown<'a>(args: impl Iterator<Item = &'a Arg>) -> Vec<Arg> {
    args.filter(|arg| is_shown(arg) && !arg.is_positional()).cloned().collect()
}

fn flags(mut args: Vec<Arg>) -> Vec<String> {
    args.sort_by_key(|arg| arg.get_long().map(str::to_owned));
    let heads: Vec<String> = args.iter().map(head).collect();
    let width = heads.iter().map(String::len).max().unwrap_or(0);
    let help = |arg: &Arg| arg.get_help().map(ToString::to_string).unwrap_or_default();
    args.iter().zip(heads).map(|(arg, head)| format!("{head:width$}   {}", help(arg))).collect()
}

fn head(arg: &Arg) -> String {
    let short = arg.get_short().map_or("    ".to_owned(), |short| format!("-{short}, "));
    let kind = if type_of(arg) == BOOL { String::new() } else { format!(" {}", type_of(arg)) };
    format!("  {short}--{}{kind}", arg.get_long().unwrap_or_default())
}

/// Breaks long lines; what goes on stands below the description that it belongs to.
fn wrap(text: &str, width: usize) -> String {
    text.lines().map(|line| wrap_line(line, width)).collect::<Vec<_>>().join("\n")
}

fn wrap_line(line: &str, width: usize) -> String {
    let gap = line.match_indices("  ").map(|(at, _)| at + 2).filter(|at| *at <= WIDEST_HEAD.min(width * 2 / 3)).last();
    let indent = gap.map_or(0, |at| at + line[at..].len() - line[at..].trim_start().len());
    let (head, words) = line.split_at(indent);
    let mut lines = vec![head.to_owned()];
    let mut used = indent;
    for (number, word) in words.split(' ').enumerate() {
        let length = word.chars().count();
        if number > 0 && used + 1 + length > width {
            lines.push(format!("{:indent$}{word}", ""));
            used = indent + length;
        } else if let Some(last) = lines.last_mut() {
            let blank = if number > 0 { " " } else { "" };
            last.push_str(blank);
            last.push_str(word);
            used += blank.len() + length;
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_on_stands_below_its_description() {
        assert_eq!(
            wrap_line("  -v, --v Level   number for the log", 30),
            "  -v, --v Level   number for\n                  the log"
        );
        assert_eq!(wrap_line("a line of words", 8), "a line\nof words");
        assert_eq!(wrap_line("", 8), "");
        assert_eq!(wrap_line("    one two", 9), "    one\n    two");
    }

    #[test]
    fn a_word_that_is_longer_than_the_terminal_stays_whole() {
        assert_eq!(wrap_line("https://kubernetes.io/docs now", 10), "https://kubernetes.io/docs\nnow");
    }
}
