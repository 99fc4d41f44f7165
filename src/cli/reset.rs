//! `reset`: asks first, then undoes, going on past single errors.

use std::io::BufRead;

use super::args::ResetArgs;
use super::context::{Hosts, Invocation};
use super::failure;
use super::line::Line;
use crate::config::resolve::{self, ResetFlags};
use crate::cri::Cri;
use crate::failure::{Failure, Outcome};
use crate::kubelet;
use crate::paths;
use crate::phases::reset::{RESET, Reset};
use crate::phases::{Selection, drive};
use crate::ui::Ui;

/// Runs `reset`, or one phase of it.
pub(super) async fn run(args: &ResetArgs, line: &Line<'_>, invocation: Invocation) -> Outcome {
    let only = line.phase();
    let machine = invocation.machine(true).await?;
    let registered = kubelet::registered_socket(&*invocation.host)?;
    let mut warnings = Vec::new();
    let flags = flags(args, line);
    let resolved = resolve::reset(&flags, &*invocation.host, &machine, registered.as_ref(), &mut warnings);
    let cfg = invocation.resolved(resolved, &warnings)?;
    let selection = Selection::new(only.as_deref(), &cfg.reset.skip_phases);
    let program = &invocation.ui.program;
    selection.check(RESET).map_err(|error| failure::selection(error, RESET, "reset", program))?;

    let dry_run = cfg.reset.dry_run;
    let asks = only.as_deref().is_none_or(|only| only == "preflight");
    if asks && !cfg.reset.force && !dry_run {
        confirm(&invocation.ui)?;
    }
    let _lock = invocation.lock(dry_run)?;
    let hosts = Hosts::new(&invocation.host, dry_run, &invocation.ui);
    let cri = Cri::new(&cfg.reset.cri_socket, hosts.effects.clone());
    let kubeconfig = args.kubeconfig.clone().unwrap_or_else(|| paths::ADMIN_CONF.into());
    let clears_etcd = selection.takes("remove-etcd-member");
    let reset = Reset::new(cfg, kubeconfig, args.cleanup_network, clears_etcd, hosts.host.clone(), cri, invocation.ui);
    drive(RESET, &reset, &selection, &hosts.progress(&reset.ui)).await
}

/// As kubeadm asks: only `y` or `yes` goes on.
fn confirm(ui: &Ui) -> Outcome {
    ui.warn(format_args!("changes made to this host by '{0} init' or '{0} join' will be reverted", ui.program));
    ui.text("[reset] Are you sure you want to proceed? [y/N]: ")?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    if matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes") {
        return Ok(());
    }
    Err(Failure::text("won't proceed; the user didn't answer (Y|y) in order to continue")
        .hint(format!("{} reset --force does not ask", ui.program)))
}

fn flags(args: &ResetArgs, line: &Line<'_>) -> ResetFlags {
    let args = args.clone();
    ResetFlags {
        config: args.config,
        cert_dir: args.cert_dir,
        cleanup_tmp_dir: args.cleanup_tmp_dir,
        cri_socket: args.cri_socket,
        dry_run: args.dry_run,
        force: args.force,
        ignore_preflight_errors: args.ignore_preflight_errors,
        skip_phases: args.skip_phases,
        set: line.flags.clone(),
    }
}
