//! What a command knows of the process and the machine before it knows what is wanted: read here, once.

use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};
use time::OffsetDateTime;

use crate::config::resolve::Machine;
use crate::cri;
use crate::events::Event;
use crate::failure::{Failure, Outcome};
use crate::host::lock::{Lock, LockError};
use crate::host::{DryRun, Effect, Effects, Host, RealHost, Told, net};
use crate::phases::Observer;
use crate::ui::Ui;
use crate::{paths, yaml};

/// One call of the program.
pub(super) struct Invocation {
    /// The command line.
    pub(super) words: Vec<String>,
    /// Words for people.
    pub(super) ui: Ui,
    /// The machine.
    pub(super) host: Rc<dyn Host>,
    /// The environment's `*_proxy` variables, sorted by name.
    pub(super) proxies: Vec<(String, String)>,
    /// Where the environment has kubeconfig files, the first that is there counting.
    kubeconfigs: Vec<Utf8PathBuf>,
    /// The start.
    pub(super) now: OffsetDateTime,
}

impl Invocation {
    /// This process.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the environment is read here and nowhere else")]
    pub(super) fn of_process(words: Vec<String>, ui: Ui) -> Self {
        let mut proxies: Vec<(String, String)> = std::env::vars()
            .filter(|(name, value)| name.to_ascii_lowercase().ends_with("_proxy") && !value.is_empty())
            .collect();
        proxies.sort();
        let mut kubeconfigs: Vec<Utf8PathBuf> = match std::env::var("KUBECONFIG") {
            Ok(paths) if !paths.is_empty() => paths.split(':').map(Utf8PathBuf::from).collect(),
            _ => std::env::var("HOME").iter().map(|home| Utf8Path::new(home).join(".kube/config")).collect(),
        };
        kubeconfigs.push(paths::ADMIN_CONF.into());
        let host = Rc::new(RealHost::new(Utf8Path::new("/")));
        Self { words, ui, host, proxies, kubeconfigs, now: OffsetDateTime::now_utc() }
    }

    /// The kubeconfig to speak to the cluster with: the one that was asked for, else the first of the usual ones that
    /// is there, else the first.
    pub(super) fn kubeconfig(&self, asked: Option<&Utf8Path>) -> Utf8PathBuf {
        let there = |path: &&Utf8PathBuf| self.host.exists(path).unwrap_or_default();
        let usual = || self.kubeconfigs.iter().find(there).or(self.kubeconfigs.first());
        asked.map(Utf8Path::to_owned).or_else(|| usual().cloned()).unwrap_or_else(|| paths::ADMIN_CONF.into())
    }

    /// Sees to it that no other run is under way. Without root nothing shared can be changed, so nothing is locked.
    pub(super) fn lock(&self, dry_run: bool) -> Outcome<Option<Lock>> {
        if dry_run || !nix::unistd::geteuid().is_root() {
            return Ok(None);
        }
        match Lock::take(Utf8Path::new(paths::LOCK), &without_secrets(&self.words)) {
            Ok(lock) => Ok(Some(lock)),
            Err(error @ LockError::Held { .. }) => {
                Err(Failure::from(error).hint("wait for it to end; running the same command again then is safe"))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The facts that defaults are made of. Container runtimes are dialled only where a socket is wanted.
    pub(super) async fn machine(&self, sockets: bool) -> Outcome<Machine> {
        Ok(Machine {
            hostname: net::hostname()?,
            default_addresses: net::default_addresses(&*self.host)?,
            loopback_addresses: net::loopback_addresses()?,
            cri_sockets: if sockets { cri::detect_sockets().await } else { Vec::new() },
            now: self.now,
        })
    }
}

/// Flags whose values are nobody else's business; the lock's file tells them, and outlives the run.
const SECRET_FLAGS: [&str; 4] = ["--token", "--discovery-token", "--tls-bootstrap-token", "--certificate-key"];

/// A command line that may be shown.
fn without_secrets(words: &[String]) -> String {
    let mut shown: Vec<&str> = Vec::new();
    for word in words {
        let flag = shown.last().is_some_and(|last| SECRET_FLAGS.contains(last));
        match word.split_once('=') {
            _ if flag => shown.push("<value withheld>"),
            Some((flag, _)) if SECRET_FLAGS.contains(&flag) => shown.extend([flag, "<value withheld>"]),
            _ => shown.push(word),
        }
    }
    shown.join(" ")
}

/// The machine as a run sees it.
pub(super) struct Hosts {
    /// Itself, telling what is done to it, or recorded.
    pub(super) host: Rc<dyn Host>,
    /// What a dry run would do; `None` when this is none.
    pub(super) effects: Option<Effects>,
    /// What is to be told of the run.
    told: Effects,
}

impl Hosts {
    /// Over the real one. Only programs are told what is really done; people see the lines of the phases.
    #[must_use]
    pub(super) fn new(real: &Rc<dyn Host>, dry_run: bool, ui: &Ui) -> Self {
        let told = Effects::default();
        let host: Rc<dyn Host> = match dry_run {
            true => Rc::new(DryRun::new(real.clone(), told.clone())),
            false if ui.tells_events() => Rc::new(Told::new(real.clone(), told.clone())),
            false => real.clone(),
        };
        Self { host, effects: dry_run.then(|| told.clone()), told }
    }

    /// What tells of the run.
    #[must_use]
    pub(super) fn progress<'a>(&self, ui: &'a Ui) -> Progress<'a> {
        Progress { ui, told: self.told.clone(), began: std::cell::Cell::new(std::time::Instant::now()) }
    }
}

/// Tells how a run goes: what is done or, in a dry run, would be, and what each phase took.
pub(super) struct Progress<'a> {
    ui: &'a Ui,
    told: Effects,
    began: std::cell::Cell<std::time::Instant>,
}

impl Progress<'_> {
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
        self.began.set(std::time::Instant::now());
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_tells_no_secret() {
        let words = "kinit join a:6443 --token abcdef.0123456789abcdef --certificate-key=00ff --node-name=x -v 5";
        let words: Vec<String> = words.split(' ').map(str::to_owned).collect();
        let shown = "kinit join a:6443 --token <value withheld> --certificate-key <value withheld> --node-name=x -v 5";
        assert_eq!(without_secrets(&words), shown);
    }
}
