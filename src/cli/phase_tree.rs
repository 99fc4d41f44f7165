//! Sub-commands and help grown from a phase table.
//!
//! A phase's command takes the flags that its row names, an `all` command those of its siblings together. Every
//! command carries all flags of its pipeline, so that one type reads them; those that it does not take are hidden, and
//! unknown when they are typed.

use clap::{Arg, Command};

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
    command.mut_args(shown).long_about(list).subcommand(phase.subcommand_required(true))
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
                    command.subcommand_required(true).subcommands(all).subcommands(rows(children, args))
                }
            }
        })
        .collect()
}

fn takes(command: Command, args: &[Arg], flags: &[&str]) -> Command {
    let args = args.iter().map(|arg| {
        // The one argument, the API server to join through, goes with the flags that say why to trust it.
        let taken = flags.contains(&arg.get_long().unwrap_or("discovery-token"));
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
    let lines = rows.iter().map(|(name, depth, about)| format!("{name:0$}{about}", width + 2 + depth * 2));
    lines.collect::<Vec<_>>().join("\n")
}

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
