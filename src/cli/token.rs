//! `token`: bootstrap tokens.

use clap::{Arg, Command};

use crate::config::token;
use crate::failure::{Failure, Outcome};
use crate::ui::Ui;

/// The command tree of `token`.
#[must_use]
pub(super) fn command() -> Command {
    let kubeconfig = Arg::new("kubeconfig").long("kubeconfig").value_name("string").global(true).help(
        "The kubeconfig file to use when talking to the cluster. If it is not given, $KUBECONFIG and $HOME/.kube/config \
         are looked at first (default \"/etc/kubernetes/admin.conf\")",
    );
    let dry_run = Arg::new("dry_run")
        .long("dry-run")
        .value_name("bool")
        .global(true)
        .help("Don't change anything in the cluster; just output what would be done");
    Command::new("token")
        .about("Manage bootstrap tokens")
        .subcommand_required(true)
        .args([kubeconfig, dry_run])
        .subcommand(Command::new("generate").about("Print a random bootstrap token; the cluster does not learn of it"))
}

/// Runs one of them.
pub(super) fn run(words: &[&str], ui: &Ui) -> Outcome {
    match words {
        ["generate"] => Ok(ui.text(format_args!("{}\n", token::generate_token()?))?),
        _ => Err(Failure::text(super::SUBCOMMAND_REQUIRED)),
    }
}
