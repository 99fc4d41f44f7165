//! What a command knows of the process and the machine before it knows what is wanted: read here, once.

use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};
use time::OffsetDateTime;

use super::line::Line;
use super::progress::Progress;
use crate::config::error::ConfigError;
use crate::config::remedy::Asking;
use crate::config::resolve::Machine;
use crate::cri;
use crate::failure::{Failure, Outcome};
use crate::host::lock::{Lock, LockError};
use crate::host::{DryRun, Effects, Host, RealHost, Told, net};
use crate::paths;
use crate::ui::Ui;

/// One call of the program.
pub(super) struct Invocation {
    /// The command line.
    pub(super) words: Vec<String>,
    /// Its command: `init`, `phase`, `certs`.
    pub(super) path: Vec<String>,
    /// The long names of the flags that the command takes.
    pub(super) takes: Vec<String>,
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
        let none = Vec::new;
        Self { words, path: none(), takes: none(), ui, host, proxies, kubeconfigs, now: OffsetDateTime::now_utc() }
    }

    /// Of the command that a line names.
    #[must_use]
    pub(super) fn of_command(self, line: &Line<'_>) -> Self {
        let path = line.path.iter().map(|&word| word.to_owned()).collect();
        Self { path, takes: line.takes.clone(), ..self }
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
        let path = Utf8Path::new(paths::LOCK);
        // A root directory in the making (`--rootfs`) need not have it yet.
        path.parent().map(|dir| self.host.ensure_dir(dir, 0o755)).transpose()?;
        match Lock::take(path, &without_secrets(&self.words)) {
            Ok(lock) => Ok(Some(lock)),
            Err(error @ LockError::Held { .. }) => {
                Err(Failure::from(error).hint("wait for it to end; running the same command again then is safe"))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// What a configuration came to. Its warnings are told first: they may be what explains why it is refused.
    pub(super) fn resolved<T>(&self, outcome: Result<T, ConfigError>, warnings: &[String]) -> Outcome<T> {
        warnings.iter().for_each(|warning| self.ui.warn(warning));
        outcome.map_err(|error| error.into_failure_of(&self.asking()))
    }

    fn asking(&self) -> Asking<'_> {
        let words: Vec<&str> = self.path.iter().map(String::as_str).collect();
        let defaults = match words[..] {
            ["config", "images", ..] => Some("init"),
            ["config", ..] => None,
            ref words => words.first().copied(),
        };
        Asking { program: &self.ui.program, defaults, flags: &self.takes }
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
        Progress::new(ui, self.told.clone())
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
