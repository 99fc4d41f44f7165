//! What is told while a run goes on: its phases, and what it does or, in a dry run, would do.

use std::cell::Cell;
use std::time::Instant;

use crate::events::Event;
use crate::host::{Effect, Effects};
use crate::phases::Observer;
use crate::ui::Ui;
use crate::yaml;

/// Tells how a run goes: what is done or, in a dry run, would be, and what each phase took.
pub(super) struct Progress<'a> {
    ui: &'a Ui,
    told: Effects,
    began: Cell<Instant>,
}

impl<'a> Progress<'a> {
    /// Of a run that begins now; `told` fills up with what it does.
    pub(super) fn new(ui: &'a Ui, told: Effects) -> Self {
        Self { ui, told, began: Cell::new(Instant::now()) }
    }

    fn tell_effects(&self) {
        for effect in self.told.drain() {
            if self.ui.tells_events() {
                self.ui.event(&Event::of_effect(&effect));
            } else {
                tell(&effect, self.ui);
            }
        }
    }
}

/// What a phase did before it failed is told too.
impl Drop for Progress<'_> {
    fn drop(&mut self) {
        self.tell_effects();
    }
}

impl Observer for Progress<'_> {
    fn started(&self, path: &str) {
        self.began.set(Instant::now());
        self.ui.event(&Event::PhaseStarted { phase: path });
    }

    fn finished(&self, path: &str) {
        let seconds = self.began.get().elapsed().as_secs_f64();
        self.ui.verbose(1, format_args!("[{path}] took {seconds:.3} s"));
        self.tell_effects();
        self.ui.event(&Event::PhaseFinished { phase: path, seconds });
    }
}

/// What a dry run would do, in kubeadm's words where it has some.
fn tell(effect: &Effect, ui: &Ui) {
    match effect {
        Effect::WriteFile { path, mode, content: Some(content) } => {
            ui.line(format_args!("[dryrun] Would write file {path:?} (mode {mode:04o}) with content:"));
            for line in content.lines() {
                ui.line(format_args!("\t{line}"));
            }
        }
        Effect::WriteFile { path, mode, content: None } => ui.line(format_args!(
            "[dryrun] Would write file {path:?} (mode {mode:04o}); its content is secret and not printed"
        )),
        Effect::MakeDir(path) => ui.line(format_args!("[dryrun] Would create directory {path:?}")),
        Effect::Remove(path) => ui.line(format_args!("[dryrun] Would remove {path:?}")),
        Effect::SetMode(path, mode) => {
            ui.line(format_args!("[dryrun] Would change the mode of {path:?} to {mode:04o}"));
        }
        Effect::SetOwner(path, (uid, gid)) => {
            ui.line(format_args!("[dryrun] Would change the owner of {path:?} to {uid}:{gid}"));
        }
        Effect::Unmount(path) => ui.line(format_args!("[dryrun] Would unmount {path:?}")),
        Effect::Act(argv) => ui.line(format_args!("[dryrun] Would run: {}", argv.join(" "))),
        Effect::Api { verb, object, path } => {
            ui.line(format_args!("[dryrun] Would perform action {verb} on resource {path}"));
            if !object.is_null() {
                ui.line("[dryrun] Attached object:");
                for line in yaml::to_string(object).unwrap_or_default().lines() {
                    ui.line(format_args!("\t{line}"));
                }
            }
        }
        Effect::Note(text) => ui.line(format_args!("[dryrun] {text}")),
    }
}
