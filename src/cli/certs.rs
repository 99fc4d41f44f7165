//! `certs`: certificates and what guards them.

use clap::Command;

use crate::config::token;
use crate::failure::{Failure, Outcome};
use crate::ui::Ui;

/// The command tree of `certs`.
#[must_use]
pub(super) fn command() -> Command {
    let key = Command::new("certificate-key")
        .about("Print a random key that control-plane certificates can be uploaded under, see init --certificate-key");
    Command::new("certs")
        .about("Commands related to handling Kubernetes certificates")
        .alias("certificates")
        .subcommand_required(true)
        .subcommand(key)
}

/// Runs one of them.
pub(super) fn run(words: &[&str], ui: &Ui) -> Outcome {
    match words {
        ["certificate-key"] => Ok(ui.text(token::generate_certificate_key()? + "\n")?),
        _ => Err(Failure::text(super::SUBCOMMAND_REQUIRED)),
    }
}
