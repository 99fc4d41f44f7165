//! `reset phase preflight`: only root can undo. The question whether to proceed was asked before.

use super::Reset;
use crate::failure::Outcome;
use crate::host::facts::Own;
use crate::preflight::{judge, system};

/// Checks that this is root.
pub(super) async fn run(reset: &Reset) -> Outcome {
    reset.ui.line("[preflight] Running pre-flight checks");
    let findings = system::privileged_user(Own::observe()?.uid);
    Ok(judge(&reset.ui, &findings, &reset.cfg.reset.ignore_preflight_errors)?)
}
