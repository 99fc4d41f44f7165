//! Sub-commands and help grown from a phase table.
//!
//! A phase's command takes the flags that its row names, an `all` command those of its siblings together. Every
//! command carries all flags of its pipeline, the others hidden, so that one type reads them; [`refuse_foreign`]
//! turns a hidden one down as the unknown flag that it is.

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command};

use crate::phases::{Body, Phase, walk};

/// Not taken by an `all` command though its children take it: it makes sense for one addon only.
const SINGLE_ONLY: &str = "print-manifest";

/// Gives a pipeline's command its `phase` tree, its list of phases, and hides the flags that only phases take.
#[must_use]
pub(super) fn grow<C>(command: Command, table: &'static [Phase<C>], phase_only: &[&str]) -> Command {
    let name = command.get_name().to_owned();
    let args: Vec<Arg> = command.get_arguments().cloned().collect();
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let phase = Command::new("phase")
        .about(format!("Use this command to invoke single phase of the \"{name}\" workflow"))
        .subcommands(rows(table, &args));
    let list = format!("{about}\n\nThe \"{name}\" command executes the following phases:\n{}", listing(table));
    let shown = |arg: Arg| {
        let hide = arg.is_hide_set() || phase_only.contains(&arg.get_id().as_str());
        arg.hide(hide)
    };
    command.mut_args(shown).long_about(list).subcommand(phase).subcommand_negates_reqs(true)
}

fn rows<C>(table: &'static [Phase<C>], args: &[Arg]) -> Vec<Command> {
    let visible = table.iter().filter(|phase| !phase.hidden);
    visible
        .map(|phase| {
            let command = Command::new(phase.name).about(phase.about).aliases(phase.aliases.iter().copied());
            match &phase.body {
                Body::Leaf(_) => takes(command, args, phase.flags),
                Body::Group(children) => {
                    let all =
                        phase.all.map(|about| takes(Command::new("all").about(about), args, &all_flags(children)));
                    command.subcommands(all).subcommands(rows(children, args))
                }
            }
        })
        .collect()
}

fn takes(command: Command, args: &[Arg], flags: &[&str]) -> Command {
    let args = args.iter().map(|arg| {
        let taken = arg.get_long().is_none() || arg.get_long().is_some_and(|long| flags.contains(&long));
        arg.clone().hide(!taken)
    });
    command.args(args)
}

fn all_flags<C>(children: &'static [Phase<C>]) -> Vec<&'static str> {
    let flags = children.iter().flat_map(|child| child.flags.iter().copied());
    flags.filter(|&flag| flag != SINGLE_ONLY).collect()
}

/// The table as kubeadm's help shows it: children indented below their parent.
fn listing<C>(table: &'static [Phase<C>]) -> String {
    let mut rows = Vec::new();
    walk(table, "", &mut |path, phase| {
        if !phase.hidden {
            let depth = path.matches('/').count();
            let name = if depth == 0 { phase.name.to_owned() } else { format!("{:1$}/{2}", "", depth * 2, phase.name) };
            rows.push((name, depth, phase.about));
        }
    });
    let width = rows.iter().map(|(name, ..)| name.len()).max().unwrap_or(0);
    let lines = rows.iter().map(|(name, depth, about)| {
        let indent = width + 2 + depth * 2;
        format!("{name:indent$}{}", hanging(about, indent))
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The usual terminal's columns; help is wrapped to them here, since clap knows no indent for lines that go on.
const COLUMNS: usize = 80;

fn hanging(text: &str, indent: usize) -> String {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if indent + line.len() + 1 + word.len() <= COLUMNS => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.join(&format!("\n{:indent$}", ""))
}

/// What was typed after `phase`.
#[derive(Debug)]
pub(super) struct Typed<'a> {
    /// The phase's full path; `None` for the whole pipeline.
    pub(super) only: Option<String>,
    /// The flags' values, from the deepest command.
    pub(super) matches: &'a ArgMatches,
    /// The long names of the flags that were given.
    pub(super) flags: Vec<String>,
}

/// Why a command line that clap accepts is not one.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Misuse {
    /// A command that only holds others: its words so far.
    NeedsSubcommand(Vec<String>),
    /// A flag that this command does not take.
    UnknownFlag(String),
}

/// Follows `phase certs ca` down to the command that counts.
pub(super) fn descend<'a>(command: &Command, matches: &'a ArgMatches) -> Result<Typed<'a>, Misuse> {
    let mut words = Vec::new();
    let (mut command, mut matches) = (command, matches);
    while let Some((name, below)) = matches.subcommand() {
        let Some(next) = command.find_subcommand(name) else { break };
        words.push(next.get_name().to_owned());
        (command, matches) = (next, below);
    }
    if !words.is_empty() && command.has_subcommands() {
        return Err(Misuse::NeedsSubcommand(words));
    }
    refuse_foreign(command, matches)?;
    let path: Vec<String> = words.into_iter().skip(1).filter(|word| word != "all").collect();
    let only = (!path.is_empty()).then(|| path.join("/"));
    Ok(Typed { only, matches, flags: given(command, matches).map(ToOwned::to_owned).collect() })
}

fn refuse_foreign(command: &Command, matches: &ArgMatches) -> Result<(), Misuse> {
    let hidden = |long: &str| {
        let arg = command.get_arguments().find(|arg| arg.get_long() == Some(long));
        arg.is_some_and(|arg| arg.is_hide_set() && !arg.is_global_set())
    };
    match given(command, matches).find(|long| hidden(long) && !ALWAYS_TAKEN.contains(long)) {
        Some(long) => Err(Misuse::UnknownFlag(format!("--{long}"))),
        None => Ok(()),
    }
}

/// The long names of the flags on the line.
fn given<'a>(command: &'a Command, matches: &'a ArgMatches) -> impl Iterator<Item = &'a str> {
    let typed = |arg: &&Arg| matches.value_source(arg.get_id().as_str()) == Some(ValueSource::CommandLine);
    command.get_arguments().filter(typed).filter_map(Arg::get_long)
}

/// Hidden, yet taken: kubeadm's deprecated flags, and the crash tests' list.
const ALWAYS_TAKEN: &[&str] =
    &["apiserver-extra-args", "controller-manager-extra-args", "scheduler-extra-args", "list"];

/// Whether a phase's command takes a flag (any of its children's, for a group).
#[must_use]
pub(super) fn takes_flag<C>(table: &'static [Phase<C>], path: &str, flag: &str) -> bool {
    let mut takes = false;
    walk(table, "", &mut |at, phase| {
        let inside = at == path || at.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'));
        takes |= inside && phase.flags.contains(&flag);
    });
    takes
}
