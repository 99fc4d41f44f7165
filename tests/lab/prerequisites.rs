//! What the host must have: root, and a few programs, which are installed on Debian and Ubuntu.

use std::env::consts::ARCH;
use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::command::{Output, check, command, path, run};
use crate::interrupt::wait_for;
use crate::progress;

/// Programs and the Debian packages that bring them.
const PROGRAMS: &[(&str, &str)] = &[
    ("debootstrap", "debootstrap"),
    ("systemd-nspawn", "systemd-container"),
    ("ip", "iproute2"),
    ("nsenter", "util-linux"),
    ("unshare", "util-linux"),
];

/// How long another apt-get is waited for.
const PATIENCE: Duration = Duration::from_secs(600);

/// Makes sure that the lab can work on this host.
pub(crate) fn ensure() -> Result<()> {
    if !nix::unistd::geteuid().is_root() {
        let runner = format!("CARGO_TARGET_{}_UNKNOWN_LINUX_GNU_RUNNER", ARCH.to_uppercase());
        bail!(
            "the lab boots machines and needs root: run it as root, or build as yourself and let only the lab be root: \
             {runner}=\"sudo -E -H env PATH=$PATH\" cargo lab …"
        );
    }
    let mut packages: Vec<&str> = PROGRAMS.iter().filter(|(program, _)| !found(program)).map(|entry| entry.1).collect();
    // Ubuntu's debootstrap does not bring the keys that Debian's archive is signed with.
    if !Path::new("/usr/share/keyrings/debian-archive-keyring.gpg").exists() {
        packages.push("debian-archive-keyring");
    }
    packages.dedup();
    if packages.is_empty() {
        return Ok(());
    }
    let names = packages.join(" ");
    if !debian() {
        bail!("the lab needs the programs of these Debian packages: {names}");
    }
    progress::step(format!("apt-get install {names}"), || {
        if install(&packages)?.status.success() {
            return Ok(());
        }
        update()?;
        install(&packages)?.ok().map(drop)
    })
}

/// Installs packages, when whoever has dpkg's lock is done: a fresh Debian begins with upgrades of its own.
fn install(packages: &[&str]) -> Result<Output> {
    let wait = format!("DPkg::Lock::Timeout={}", PATIENCE.as_secs());
    let mut install = command("apt-get", &["-o", &wait, "install", "-y", "--no-install-recommends"]);
    run(install.args(packages).env("DEBIAN_FRONTEND", "noninteractive"))
}

/// Fetches the lists of packages. For their lock apt-get does not wait.
fn update() -> Result<()> {
    wait_for("apt-get update", PATIENCE, || match check(command("apt-get", &["update"]).env("LC_ALL", "C")) {
        Err(error) if error.to_string().contains("Could not get lock") => {
            std::thread::sleep(Duration::from_secs(2));
            Err(error)
        }
        fetched => Ok(Some(fetched.map(drop))),
    })?
}

/// Warns when so many more machines may find no inotify instances. The kernel counts them for a user over all machines, and what fails for
/// want of one (systemd, the kubelet) speaks of open files.
pub(crate) fn inotify(machines: usize) {
    /// What a machine with a control plane was seen to use.
    const EACH: usize = 25;
    let limit = std::fs::read_to_string("/proc/sys/fs/inotify/max_user_instances").unwrap_or_default();
    let Ok(limit) = limit.trim().parse::<usize>() else { return };
    let watches = |process: std::fs::DirEntry| {
        let files = std::fs::read_dir(process.path().join("fd")).into_iter().flatten().flatten();
        files
            .filter(|file| std::fs::read_link(file.path()).is_ok_and(|link| link.ends_with("anon_inode:inotify")))
            .count()
    };
    let used: usize = std::fs::read_dir("/proc").into_iter().flatten().flatten().map(watches).sum();
    if used + EACH * machines > limit {
        progress::say(format!(
            "  note: {used} of {limit} inotify instances are in use, and each machine takes about {EACH}: \
             if machines misbehave, `sysctl fs.inotify.max_user_instances=1024`"
        ));
    }
}

fn found(program: &str) -> bool {
    path().split(':').any(|folder| Path::new(folder).join(program).is_file())
}

fn debian() -> bool {
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    release.lines().any(|line| (line.starts_with("ID=") || line.starts_with("ID_LIKE=")) && line.contains("debian"))
}
