//! A run on a machine of its own: a small root directory in memory, and own mounts, network, processes, host name. Nothing of the host can be
//! seen but its devices, nothing of it can be changed. Both programs are called `kubeadm` there, as people call them.

pub(crate) mod inside;
mod root;
mod tree;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, ensure};
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};

use self::inside::Inside;
pub(crate) use self::tree::{Entry, Node};
use super::case::Case;
use crate::command::{Running, command, own_program};

/// A program that has not ended by then never does: neither of the two waits for anything that a case could bring.
const LIMIT: Duration = Duration::from_secs(120);

/// What a program made of a case.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    /// Its exit code; none when it was killed because it did not end.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// Everything in its root directory afterwards, by path.
    pub(crate) tree: Vec<Entry>,
    pub(crate) started: SystemTime,
}

/// A directory in memory for root directories. Only this process and what it starts sees it, and it ends with them.
pub(crate) fn memory(place: &Path) -> Result<()> {
    let none: Option<&str> = None;
    unshare(CloneFlags::CLONE_NEWNS).context("cannot make a mount namespace")?;
    mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none).context("cannot make the mounts private")?;
    mount(Some("tmpfs"), place, Some("tmpfs"), MsFlags::empty(), Some("mode=0755"))
        .with_context(|| format!("cannot mount a tmpfs on {}", place.display()))
}

/// Runs `program` on a case, in a root directory that is made at `root` and removed again.
pub(crate) fn run(program: &Path, case: &Case, root: PathBuf) -> Result<Outcome> {
    root::furnish(&root, case)?;
    let inside = Inside { root, program: program.to_owned(), args: case.args.clone(), env: case.env.clone() };
    let description = inside.root.with_extension("json");
    fs::write(&description, serde_json::to_vec(&inside)?)?;
    let mut unshare = command("unshare", &["--mount", "--net", "--uts", "--ipc", "--pid", "--fork", "--kill-child"]);
    unshare.arg(own_program()).arg("inside").arg(&description);
    let started = SystemTime::now();
    let output = Running::start(&mut unshare)?.end(LIMIT)?;
    let code = output.status.code();
    let refused = code == Some(inside::NOT_STARTED.into()) || output.stderr.starts_with("unshare: ");
    ensure!(!refused, "a case could not be run:\n{}", output.both());
    ensure!(code.is_some() || output.took > LIMIT, "a case was interrupted: {}", output.ending());
    let tree = tree::read(&inside.root)?;
    let outcome = Outcome { code, tree, started, stderr: output.stderr, stdout: output.stdout };
    fs::remove_dir_all(&inside.root).with_context(|| format!("cannot remove {}", inside.root.display()))?;
    fs::remove_file(description)?;
    Ok(outcome)
}
