//! The process that becomes a machine: the lab starts itself again with a hidden command, which moves into the machine's cgroups, network and
//! mount namespace, mounts the root, and turns into systemd-nspawn. Mounts made this way end with the machine, however it ends.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, setns, unshare};
use serde::{Deserialize, Serialize};

use super::{cgroup, network};

/// What a machine is booted from.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Spec {
    /// Host name.
    pub(crate) name: String,
    /// The name that nspawn knows it by, unique on the host.
    pub(crate) unique: String,
    /// Its directory: `upper`, `work` and `root` are in it.
    pub(crate) folder: PathBuf,
    /// The shared read-only root.
    pub(crate) lower: PathBuf,
    /// Its `/var/lib/containerd`.
    pub(crate) store: PathBuf,
    /// Directories of the host that it sees read-only.
    pub(crate) shared: Vec<(PathBuf, String)>,
    /// Network namespace that holds the bridge.
    pub(crate) namespace: String,
    /// Cgroup, relative to each hierarchy's root.
    pub(crate) cgroup: String,
}

/// Turns this process into the machine described in `file`.
pub(crate) fn become_machine(file: &Path) -> Result<()> {
    let spec: Spec = serde_json::from_slice(&fs::read(file)?)?;
    // A session of its own: the Ctrl-C of a terminal must not reach the machines.
    nix::unistd::setsid().context("setsid")?;
    cgroup::enter(&spec.cgroup)?;
    let namespace = File::open(Path::new("/run/netns").join(&spec.namespace))?;
    setns(namespace, CloneFlags::CLONE_NEWNET).context("cannot enter the lab's network namespace")?;
    unshare(CloneFlags::CLONE_NEWNS).context("cannot make a mount namespace")?;
    let none: Option<&str> = None;
    mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none).context("cannot make the mounts private")?;
    let root = mount_root(&spec)?;
    let error = Command::new("systemd-nspawn")
        .args(["--boot", "--console=pipe", "--register=no", "--keep-unit", "--capability=all", "--resolv-conf=off"])
        // runc wants keyrings, and bpf() for the device rules of cgroup v2.
        .arg("--system-call-filter=@keyring bpf")
        // The kubelet reads out-of-memory messages from it.
        .arg("--bind=/dev/kmsg")
        .arg(format!("--network-bridge={}", network::BRIDGE))
        .arg(format!("--machine={}", spec.unique))
        .arg(format!("--hostname={}", spec.name))
        .arg(format!("--directory={}", root.display()))
        .args(spec.shared.iter().map(|(from, to)| format!("--bind-ro={}:{to}", from.display())))
        // A second overlay below the first one does not work, and containerd makes them in here: a real directory.
        .arg(format!("--bind={}:/var/lib/containerd", spec.store.display()))
        // Without a writable /sys and /proc/sys/net there is no kubelet and no kube-proxy; boot.sh closes the rest of /proc/sys.
        .env("SYSTEMD_NSPAWN_API_VFS_WRITABLE", "1")
        .env("SYSTEMD_NSPAWN_LOCK", "0")
        .exec();
    bail!("cannot start systemd-nspawn: {error}")
}

fn mount_root(spec: &Spec) -> Result<PathBuf> {
    let root = spec.folder.join("root");
    for part in ["upper", "work", "root"] {
        fs::create_dir_all(spec.folder.join(part))?;
    }
    let options = format!(
        "lowerdir={},upperdir={},workdir={}",
        spec.lower.display(),
        spec.folder.join("upper").display(),
        spec.folder.join("work").display()
    );
    mount(Some("overlay"), &root, Some("overlay"), MsFlags::empty(), Some(options.as_str()))
        .with_context(|| format!("cannot mount the root of {} ({options})", spec.name))?;
    Ok(root)
}
