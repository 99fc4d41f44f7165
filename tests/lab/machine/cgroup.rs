//! A cgroup subtree a machine, on cgroup v1 and v2 hosts.
//!
//! nspawn gives a machine a cgroup namespace whose root is the cgroup that nspawn runs in. Each machine therefore needs a cgroup of its own
//! before nspawn starts, else the kubelets of two machines share one `/kubepods` and fight over it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::interrupt::wait_for;

/// One mounted hierarchy: all of v2, or a controller of v1.
struct Hierarchy {
    root: PathBuf,
    unified: bool,
}

/// Makes the cgroup `name` (slash-separated, relative to the roots) everywhere.
pub(crate) fn create(name: &str) -> Result<()> {
    for hierarchy in hierarchies()? {
        let mut place = hierarchy.root.clone();
        for part in name.split('/') {
            hierarchy.prepare(&place);
            let parent = place.clone();
            place.push(part);
            fs::create_dir_all(&place).with_context(|| format!("cannot make the cgroup {}", place.display()))?;
            // A new cpuset of v1 is empty, and no process can enter an empty one.
            for file in ["cpuset.cpus", "cpuset.mems"].into_iter().filter(|_| !hierarchy.unified) {
                if let Ok(value) = fs::read_to_string(parent.join(file)) {
                    fs::write(place.join(file), value.trim())?;
                    fs::write(place.join("cgroup.clone_children"), "1")?;
                }
            }
        }
    }
    Ok(())
}

/// Moves this process into the cgroup.
pub(crate) fn enter(name: &str) -> Result<()> {
    for hierarchy in hierarchies()? {
        let place = hierarchy.root.join(name);
        fs::write(place.join("cgroup.procs"), std::process::id().to_string())
            .with_context(|| format!("cannot enter the cgroup {}", place.display()))?;
    }
    Ok(())
}

/// Kills what is left in the cgroup and removes it with everything below it.
pub(crate) fn remove(name: &str) -> Result<()> {
    for hierarchy in hierarchies()? {
        let place = hierarchy.root.join(name);
        wait_for(&format!("the end of the cgroup {}", place.display()), Duration::from_secs(20), || {
            if !place.exists() {
                return Ok(Some(()));
            }
            for folder in below(&place) {
                for pid in fs::read_to_string(folder.join("cgroup.procs")).unwrap_or_default().lines() {
                    // 0 stands for a process of another pid namespace; as a target of kill it would mean ourselves.
                    if let Some(pid) = pid.parse().ok().filter(|pid| *pid > 1) {
                        let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
                    }
                }
                let _ = fs::remove_dir(&folder);
            }
            Ok((!place.exists()).then_some(()))
        })?;
    }
    Ok(())
}

impl Hierarchy {
    /// On v2 a parent must hand its controllers to its children; one that cannot be handed over is simply not there.
    fn prepare(&self, parent: &Path) {
        if self.unified {
            let controllers = fs::read_to_string(parent.join("cgroup.controllers")).unwrap_or_default();
            for controller in controllers.split_whitespace() {
                let _ = fs::write(parent.join("cgroup.subtree_control"), format!("+{controller}"));
            }
        }
    }
}

fn hierarchies() -> Result<Vec<Hierarchy>> {
    let mounts = fs::read_to_string("/proc/self/mounts")?;
    let mut found: Vec<Hierarchy> = Vec::new();
    for line in mounts.lines() {
        let mut fields = line.split(' ').skip(1);
        if let (Some(root), Some(kind @ ("cgroup" | "cgroup2"))) = (fields.next(), fields.next()) {
            let root = PathBuf::from(root);
            if root.starts_with("/sys/fs/cgroup") && !found.iter().any(|hierarchy| hierarchy.root == root) {
                found.push(Hierarchy { root, unified: kind == "cgroup2" });
            }
        }
    }
    if found.is_empty() {
        bail!("no cgroup file system is mounted below /sys/fs/cgroup");
    }
    Ok(found)
}

/// True on a host with only cgroup v1 controllers, which a kubelet from 1.35 on refuses unless it is told not to.
pub(crate) fn legacy() -> bool {
    !Path::new("/sys/fs/cgroup/cgroup.controllers").exists()
}

/// The directories below `place`, the deepest first, itself last.
fn below(place: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(place).into_iter().flatten().filter_map(Result::ok);
    let folders = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    let mut found: Vec<PathBuf> = folders.flat_map(|entry| below(&entry.path())).collect();
    found.push(place.to_owned());
    found
}
