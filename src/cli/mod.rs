//! What was typed: the command tree, its dispatch, and the end of the program.

mod args;
mod completion;
mod config;
mod context;
mod failure;
mod init;
mod join;
mod phase_tree;
mod reset;
mod version;

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use clap::{ArgMatches, Args, Command, FromArgMatches};

use crate::failure::{Failure, Outcome};
use crate::phases::init::INIT;
use crate::phases::join::JOIN;
use crate::phases::reset::RESET;
use crate::ui::Ui;
use args::{GlobalArgs, INIT_PHASE_ONLY, InitArgs, JoinArgs, ResetArgs};
use context::Invocation;
use phase_tree::{Misuse, Typed, descend, grow};

/// The program: parse, run, exit status.
pub fn main(argv: impl IntoIterator<Item = OsString>) -> ExitCode {
    let argv: Vec<OsString> = argv.into_iter().collect();
    let program = program_name(argv.first());
    let root = root(program);
    let matches = match root.clone().try_get_matches_from(&argv) {
        Ok(matches) => matches,
        Err(error) => return refuse(&root, &argv, &error, program),
    };
    let verbosity = GlobalArgs::from_arg_matches(&matches).map_or(0, |global| global.verbosity);
    let ui = Ui::stdio(program, verbosity);
    match start(root, &matches, &argv, ui) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure::report(&failure, &Ui::stdio(program, verbosity));
            ExitCode::FAILURE
        }
    }
}

/// Under the name `kubeadm` (a link) kinit calls itself so.
fn program_name(argv0: Option<&OsString>) -> &'static str {
    let name = argv0.and_then(|word| Path::new(word).file_name()).and_then(|name| name.to_str());
    if name == Some("kubeadm") { "kubeadm" } else { "kinit" }
}

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
    let completion = completion::CompletionArgs::augment_args(Command::new("completion"));
    let root = Command::new(program)
        .subcommand(grow(init, INIT, INIT_PHASE_ONLY))
        .subcommand(grow(join, JOIN, &[]))
        .subcommand(grow(reset, RESET, &[]))
        .subcommand(config::command())
        .subcommand(version.about(format!("Print the version of {program}")))
        .subcommand(completion.about("Output shell completion code for the specified shell (bash, zsh or fish)"));
    GlobalArgs::augment_args(root).about("Turns Linux hosts into a Kubernetes cluster, as kubeadm does")
}

/// Tells what is wrong with a command line, after the help where that is what is missing.
fn refuse(root: &Command, argv: &[OsString], error: &clap::Error, program: &str) -> ExitCode {
    let ui = Ui::stdio(program, 0);
    let (path, mut deepest) = deepest(root, argv);
    let Some(failure) = failure::usage(error, &path) else {
        ui.line(error.render().to_string().trim_end());
        return ExitCode::SUCCESS;
    };
    if failure.to_string() == SUBCOMMAND_REQUIRED {
        ui.line(deepest.render_long_help().to_string().trim_end());
    }
    failure::report(&failure, &ui);
    ExitCode::FAILURE
}

const SUBCOMMAND_REQUIRED: &str = "subcommand is required";

/// The last command that the words on the line name, and the words to it.
fn deepest(root: &Command, argv: &[OsString]) -> (String, Command) {
    let mut path = root.get_name().to_owned();
    let mut command = root.clone();
    // Tells every command its whole name.
    command.build();
    for word in argv.iter().skip(1).filter_map(|word| word.to_str()) {
        if let Some(next) = command.find_subcommand(word) {
            path = format!("{path} {}", next.get_name());
            command = next.clone();
        }
    }
    (path, command)
}

fn start(root: Command, matches: &ArgMatches, argv: &[OsString], ui: Ui) -> Outcome {
    let global = GlobalArgs::from_arg_matches(matches)?;
    if let Some(rootfs) = &global.rootfs {
        nix::unistd::chroot(rootfs.as_std_path())
            .and_then(|()| nix::unistd::chdir("/"))
            .map_err(|errno| Failure::text(format!("failed to chroot to {rootfs}: {errno}")))?;
    }
    let words = argv.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let outcome = runtime.block_on(dispatch(root, matches, Invocation::of_process(words, ui)));
    // A name that is still being looked up somewhere must not hold up the end.
    runtime.shutdown_background();
    outcome
}

async fn dispatch(mut root: Command, matches: &ArgMatches, invocation: Invocation) -> Outcome {
    let Some((name, below)) = matches.subcommand() else {
        invocation.ui.line(root.render_long_help().to_string().trim_end());
        return Ok(());
    };
    // Builds what clap adds itself (global flags, help) into the tree.
    root.build();
    let command = root.find_subcommand(name).cloned().unwrap_or_default();
    match name {
        "init" => {
            let typed = typed(&command, below, &invocation)?;
            init::run(&InitArgs::from_arg_matches(typed.matches)?, &typed, invocation).await
        }
        "join" => {
            let typed = typed(&command, below, &invocation)?;
            join::run(&JoinArgs::from_arg_matches(typed.matches)?, &typed, invocation).await
        }
        "reset" => {
            let typed = typed(&command, below, &invocation)?;
            reset::run(&ResetArgs::from_arg_matches(typed.matches)?, &typed, invocation).await
        }
        "config" => config::run(below, invocation).await,
        "version" => version::run(&version::VersionArgs::from_arg_matches(below)?, &invocation.ui),
        "completion" => {
            let args = completion::CompletionArgs::from_arg_matches(below)?;
            completion::run(&args, root, &invocation.ui)
        }
        other => Err(Failure::text(format!("unknown command {other:?}"))),
    }
}

/// Which phase was typed; a group without a child prints its help first, as kubeadm does.
fn typed<'a>(command: &Command, matches: &'a ArgMatches, invocation: &Invocation) -> Outcome<Typed<'a>> {
    descend(command, matches).map_err(|misuse| match misuse {
        Misuse::UnknownFlag(flag) => Failure::text(failure::unknown_flag(&flag)),
        Misuse::NeedsSubcommand(words) => {
            let mut at = command.clone();
            for word in &words {
                at = at.find_subcommand(word).cloned().unwrap_or_default();
            }
            invocation.ui.line(at.render_long_help().to_string().trim_end());
            Failure::text(SUBCOMMAND_REQUIRED)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_is_sound() {
        root("kinit").debug_assert();
    }
}
