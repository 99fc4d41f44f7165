//! What was typed: the command tree, its dispatch, and the end of the program.

mod args;
mod certs;
mod complete;
mod config;
mod config_file;
mod context;
mod extra_args;
mod failure;
mod flag;
mod global;
mod help;
mod init;
mod join;
mod later;
mod line;
mod list;
mod long;
mod output;
mod phase_tree;
mod progress;
mod reset;
mod token;
mod version;

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use clap::{Arg, Args, Command, FromArgMatches};

use crate::events::{Event, SCHEMA};
use crate::failure::{Failure, Outcome};
use crate::phases::init::INIT;
use crate::phases::join::JOIN;
use crate::phases::reset::RESET;
use crate::ui::Ui;
use args::{INIT_PHASE_ONLY, InitArgs, JoinArgs, ResetArgs};
use context::Invocation;
use global::GlobalArgs;
use line::{Found, Line};
use phase_tree::grow;

/// The program: parse, run, exit status.
pub fn main(argv: impl IntoIterator<Item = OsString>) -> ExitCode {
    let argv: Vec<OsString> = argv.into_iter().collect();
    let program = program_name(argv.first());
    match run(&argv, program) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure::report(&failure, &Ui::stdio(program, 0));
            ExitCode::FAILURE
        }
    }
}

/// Under the name `kubeadm` (a link) kinit calls itself so.
fn program_name(argv0: Option<&OsString>) -> &'static str {
    let name = argv0.and_then(|word| Path::new(word).file_name()).and_then(|name| name.to_str());
    if name == Some("kubeadm") { "kubeadm" } else { "kinit" }
}

fn capitalized(program: &str) -> String {
    let (first, rest) = program.split_at(1);
    first.to_uppercase() + rest
}

/// Every command. One that only holds others requires one of them; the root, `alpha` and `help` answer with help.
fn root(program: &'static str) -> Command {
    // Words about a command come after its arguments: these bring words of their own, meant for programmers.
    let init = InitArgs::augment_args(Command::new("init"))
        .about("Run this command in order to set up the Kubernetes control plane");
    let join = JoinArgs::augment_args(Command::new("join"))
        .about("Run this on any machine you wish to join an existing cluster");
    let reset = ResetArgs::augment_args(Command::new("reset")).about(format!(
        "Performs a best effort revert of changes made to this host by '{program} init' or '{program} join'"
    ));
    let version = version::VersionArgs::augment_args(Command::new("version"));
    let completion = complete::script::CompletionArgs::augment_args(Command::new("completion"));
    let topic = Arg::new("topic").value_name("[command]").num_args(0..);
    let root = Command::new(program)
        .arg_required_else_help(true)
        .subcommand(grow(init, INIT, INIT_PHASE_ONLY))
        .subcommand(grow(join, JOIN, &[]))
        .subcommand(grow(reset, RESET, &[]))
        .subcommand(config::command())
        .subcommand(certs::command())
        .subcommand(token::command())
        .subcommand(version.about(format!("Print the version of {program}")))
        .subcommand(completion.about("Output shell completion code for the specified shell (bash, zsh or fish)"))
        .subcommand(Command::new("help").about("Help about any command").arg(topic))
        .subcommand(
            Command::new("alpha")
                .about(format!("{} experimental sub-commands", capitalized(program)))
                .hide(true)
                .arg_required_else_help(true),
        );
    GlobalArgs::augment_args(long::told(root, program))
        .about("Turns Linux hosts into a Kubernetes cluster, as kubeadm does")
}

const SUBCOMMAND_REQUIRED: &str = "subcommand is required";

/// What a command line comes to before its command runs, in the order in which kubeadm looks: is there such a command,
/// are its flags right, is help wanted, are its arguments right.
fn run(argv: &[OsString], program: &'static str) -> Outcome {
    let root = root(program);
    let words = argv.get(1..).unwrap_or_default();
    if let [asked, words @ ..] = words
        && complete::COMMANDS.iter().any(|command| *command == asked)
    {
        let described = asked == complete::COMMANDS[0];
        let invocation = Invocation::of_process(Vec::new(), Ui::stdio(program, 0));
        return on_this_thread(complete::run(&root, words, described, &invocation));
    }
    let found = Found::on(&root, words);
    if let Some(later) = later::named(&found, program) {
        return Err(later);
    }
    let unknown_command = |word: &str| Err(failure::unknown_command(word, &found, program));
    if found.path.is_empty()
        && let Some(at) = found.first_word()
    {
        return unknown_command(&found.rest[at].to_string_lossy());
    }
    let line = found.read().and_then(|matches| Line::new(&found, matches));
    let line = line.map_err(|error| failure::usage(&error, &found))?;
    let global = GlobalArgs::from_arg_matches(&line.matches)?;
    let ui = Ui::stdio(program, global.verbosity);
    extra_args::deprecations(&line.flags).for_each(|said| ui.note(said));
    if line.help() || found.command.is_arg_required_else_help_set() {
        ui.line(help::of(&found, program, ui.width()));
        return Ok(());
    }
    if let Some(word) = &line.stray {
        return unknown_command(word);
    }
    if found.command.is_subcommand_required_set() {
        ui.line(help::of(&found, program, ui.width()));
        return Err(Failure::text(SUBCOMMAND_REQUIRED));
    }
    start(&line, &root, argv, &global, ui)
}

fn start(line: &Line<'_>, root: &Command, argv: &[OsString], global: &GlobalArgs, ui: Ui) -> Outcome {
    // An empty name is none, as it is to kubeadm.
    if let Some(rootfs) = global.rootfs.as_ref().filter(|rootfs| !rootfs.as_str().is_empty()) {
        nix::unistd::chroot(rootfs.as_std_path())
            .and_then(|()| nix::unistd::chdir("/"))
            .map_err(|errno| Failure::text(format!("failed to chroot to {rootfs}: {errno}")))?;
    }
    let ui = if tells_events(line)? { ui.with_events() } else { ui };
    ui.event(&Event::Started {
        schema: SCHEMA,
        program: &ui.program,
        kinit_version: version::KINIT,
        command: line.path.first().copied().unwrap_or_default(),
    });
    let words = argv.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let invocation = Invocation::of_process(words, ui.clone()).of_command(line);
    let outcome = on_this_thread(dispatch(line, root, invocation))?;
    ui.result(outcome.as_ref().err().map(failure::problem));
    outcome
}

/// Whether `init` or `join` is to tell its run to programs.
fn tells_events(line: &Line<'_>) -> Outcome<bool> {
    if !matches!(line.path[..], ["init" | "join"]) {
        return Ok(false);
    }
    match line.matches.get_one::<String>("output").map_or("text", String::as_str) {
        "text" => Ok(false),
        "json" => Ok(true),
        other => Err(Failure::text(format!("invalid output format: {other}")).hint("use text or json")),
    }
}

fn on_this_thread<T>(work: impl Future<Output = T>) -> Outcome<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let outcome = runtime.block_on(work);
    // A name that is still being looked up somewhere must not hold up the end.
    runtime.shutdown_background();
    Ok(outcome)
}

async fn dispatch(line: &Line<'_>, root: &Command, invocation: Invocation) -> Outcome {
    let matches = &line.matches;
    match line.path[..] {
        ["init", ..] => init::run(&InitArgs::from_arg_matches(matches)?, line, invocation).await,
        ["join", ..] => join::run(&JoinArgs::from_arg_matches(matches)?, line, invocation).await,
        ["reset", ..] => reset::run(&ResetArgs::from_arg_matches(matches)?, line, invocation).await,
        ["config", ref below @ ..] => config::run(below, matches, invocation).await,
        ["certs", ref below @ ..] => certs::run(below, &invocation.ui),
        ["token", ref below @ ..] => token::run(below, &invocation.ui),
        ["version"] => version::run(&version::VersionArgs::from_arg_matches(matches)?, &invocation.ui),
        ["completion"] => {
            complete::script::run(&complete::script::CompletionArgs::from_arg_matches(matches)?, &invocation.ui)
        }
        ["help"] => {
            help::topic(root, line, &invocation.ui);
            Ok(())
        }
        _ => Err(Failure::text(SUBCOMMAND_REQUIRED)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_is_sound() {
        root("kinit").debug_assert();
    }
}
