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
    Ok(())
}
