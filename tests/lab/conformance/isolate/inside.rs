//! The process that becomes the program: the lab starts itself again inside new namespaces (those of unshare(1)), completes the machine, enters the
//! root directory and turns into the program.

use std::convert::Infallible;
use std::fs;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail, ensure};
use nix::mount::{MsFlags, mount};
use serde::{Deserialize, Serialize};

use crate::conformance::case::{ADDRESS, ADDRESS_V6, HOSTNAME};

/// The exit code that says that the program did not even start. Neither program has it.
pub(super) const NOT_STARTED: u8 = 125;

/// Where the program is, in its root directory.
pub(super) const PROGRAM: &str = "/usr/bin/kubeadm";

/// What is run, and where.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Inside {
    pub(super) root: PathBuf,
    pub(super) program: PathBuf,
    pub(super) args: Vec<String>,
    pub(super) env: Vec<(String, String)>,
}

/// Turns this process into the program described in `file`; comes back only when that fails.
pub(crate) fn start(file: &Path) -> ExitCode {
    let Err(error) = become_program(file);
    eprintln!("cargo lab: {error:#}");
    ExitCode::from(NOT_STARTED)
}

fn become_program(file: &Path) -> Result<Infallible> {
    let Inside { root, program, args, env } = serde_json::from_slice(&fs::read(file)?)?;
    let within = |path: &str| root.join(path.trim_start_matches('/'));
    mounted(&program, &within(PROGRAM), None, MsFlags::MS_BIND)?;
    mounted(Path::new("/dev"), &within("dev"), None, MsFlags::MS_BIND)?;
    mounted(Path::new("proc"), &within("proc"), Some("proc"), MsFlags::empty())?;
    mounted(Path::new("sysfs"), &within("sys"), Some("sysfs"), MsFlags::MS_RDONLY)?;
    network()?;
    nix::unistd::sethostname(HOSTNAME)?;
    nix::unistd::chroot(&root).with_context(|| format!("cannot enter {}", root.display()))?;
    nix::unistd::chdir("/")?;
    let error = Command::new(PROGRAM)
        .args(args)
        .env_clear()
        .env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
        .env("HOME", "/root")
        .envs(env)
        .exec();
    bail!("cannot start {}: {error}", program.display())
}

fn mounted(what: &Path, place: &Path, kind: Option<&str>, flags: MsFlags) -> Result<()> {
    mount(Some(what), place, kind, flags, None::<&str>)
        .with_context(|| format!("cannot mount {} on {}", what.display(), place.display()))
}

/// One interface with an address of each family and the default routes. What is sent goes to its other end, where nobody answers; a name server is not there
/// either, and says so at once, as does the place where kubeadm's dry runs look for a cluster that they made up. That nobody answers is known after a moment: a
/// dry run asks for each object that it would make.
fn network() -> Result<()> {
    let lines = format!(
        "link set lo up\n\
         link add eth0 type veth peer name router\n\
         addr add {ADDRESS}/24 dev eth0\n\
         addr add {ADDRESS_V6}/64 dev eth0 nodad\n\
         link set router up\n\
         link set eth0 up\n\
         route add default via 192.0.2.1\n\
         route add default via 2001:db8::1 dev eth0\n\
         route add unreachable 192.168.0.101\n\
         ntable change name arp_cache dev eth0 retrans 20 mcast_probes 1\n\
         ntable change name ndisc_cache dev eth0 retrans 20 mcast_probes 1\n"
    );
    let mut ip = Command::new("ip").args(["-batch", "-"]).stdin(Stdio::piped()).spawn().context("cannot start ip")?;
    ip.stdin.take().context("ip has no input")?.write_all(lines.as_bytes())?;
    ensure!(ip.wait()?.success(), "ip refused:\n{lines}");
    Ok(())
}
