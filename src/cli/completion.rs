//! `completion bash|zsh|fish`: the shell's own script, grown from the command tree.

use clap::Command;
use clap_complete::{Shell, generate};

use crate::failure::{Failure, Outcome};
use crate::ui::Ui;

/// `completion`.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct CompletionArgs {
    /// bash, zsh or fish
    #[arg(value_name = "SHELL", num_args = 0..)]
    shell: Vec<String>,
}

/// Prints the script.
pub(super) fn run(args: &CompletionArgs, mut root: Command, ui: &Ui) -> Outcome {
    let shell = match args.shell.as_slice() {
        [] => return Err(Failure::text("shell not specified").hint(format!("{} completion bash", ui.program))),
        [one] => one.as_str(),
        _ => return Err(Failure::text("too many arguments. expected only the shell type")),
    };
    let shell = match shell {
        "bash" => Shell::Bash,
        "zsh" => Shell::Zsh,
        "fish" => Shell::Fish,
        other => {
            let text = format!("unsupported shell type {other:?}, the supported shell types are [bash fish zsh]");
            return Err(Failure::text(text));
        }
    };
    let mut script = Vec::new();
    generate(shell, &mut root, &ui.program, &mut script);
    ui.line(String::from_utf8_lossy(&script).trim_end());
    if shell == Shell::Fish {
        ui.line(deep_fish(&root, &ui.program).trim_end());
    }
    Ok(())
}

/// What clap leaves out of fish's script: commands below the second level, which phases are.
fn deep_fish(root: &Command, program: &str) -> String {
    let mut script = format!(
        "function __fish_{program}_at\n    set -l words (commandline -opc)\n    set -e words[1]\n    \
         set words (string match -v -- '-*' $words)\n    test \"$words\" = \"$argv\"\nend\n"
    );
    for command in root.get_subcommands().filter(|command| command.get_name() != "help") {
        let name = command.get_name();
        for below in command.get_subcommands().filter(|below| below.has_subcommands() && below.get_name() != "help") {
            fish_rows(below, program, &format!("{name} {}", below.get_name()), &mut script);
        }
    }
    script
}

fn fish_rows(command: &Command, program: &str, at: &str, script: &mut String) {
    let quoted = |text: String| text.replace('\\', "\\\\").replace('\'', "\\'");
    let about = |text: Option<&clap::builder::StyledStr>| quoted(text.map(ToString::to_string).unwrap_or_default());
    let condition = format!("complete -c {program} -n \"__fish_{program}_at {at}\"");
    for child in command.get_subcommands().filter(|child| child.get_name() != "help") {
        let name = child.get_name();
        script.push_str(&format!("{condition} -f -a {name} -d '{}'\n", about(child.get_about())));
        fish_rows(child, program, &format!("{at} {name}"), script);
    }
    for arg in command.get_arguments().filter(|arg| !arg.is_hide_set()) {
        let Some(long) = arg.get_long() else { continue };
        let value = if arg.get_action().takes_values() { " -r" } else { "" };
        script.push_str(&format!("{condition} -l {long}{value} -d '{}'\n", about(arg.get_help())));
    }
}
