//! `completion bash|zsh|fish`: the shell's own script. It asks the program itself, each time.

use crate::failure::{Failure, Outcome};
use crate::ui::Ui;

/// `completion`.
#[derive(Debug, Clone, clap::Args)]
pub(in crate::cli) struct CompletionArgs {
    /// bash, zsh or fish
    #[arg(value_name = "SHELL", num_args = 0..)]
    shell: Vec<String>,
}

/// The shells, and their scripts.
pub(super) const SHELLS: [(&str, &str); 3] = [
    ("bash", include_str!("completion.bash")),
    ("fish", include_str!("completion.fish")),
    ("zsh", include_str!("completion.zsh")),
];

/// What the scripts call the program.
const NAME: &str = "PROGRAM";

/// Prints the script.
pub(in crate::cli) fn run(args: &CompletionArgs, ui: &Ui) -> Outcome {
    let shell = match args.shell.as_slice() {
        [] => return Err(Failure::text("shell not specified").hint(format!("{} completion bash", ui.program))),
        [one] => one,
        _ => return Err(Failure::text("too many arguments. expected only the shell type")),
    };
    let Some((_, script)) = SHELLS.iter().find(|(name, _)| name == shell) else {
        let known = SHELLS.map(|(name, _)| name).join(" ");
        return Err(Failure::text(format!(
            "unsupported shell type {shell:?}, the supported shell types are [{known}]"
        )));
    };
    ui.line(script.replace(NAME, &ui.program).trim_end());
    Ok(())
}
