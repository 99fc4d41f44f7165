//! A machine: a Debian with its own systemd, containerd, kubelet, network and cgroups, running as a systemd container.

pub(crate) mod cgroup;
pub(crate) mod files;
pub(crate) mod network;
pub(crate) mod nspawn;

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};

use self::nspawn::Spec;
use crate::command::{Output, Running, check, children, command, own_program, tail};
use crate::interrupt::wait_for;

/// A running machine.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Machine {
    pub(crate) name: String,
    pub(crate) address: String,
    folder: PathBuf,
    /// The lab's network namespace.
    namespace: String,
    /// The first process inside, by its id on the host.
    leader: Process,
    /// systemd-nspawn.
    supervisor: Process,
}

/// A process that cannot be mistaken for a later one with the same id.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Process {
    pid: u32,
    started: String,
}

impl Machine {
    /// Boots a machine from `spec` and waits until its containerd answers.
    pub(crate) fn boot(spec: &Spec, address: &str) -> Result<Self> {
        let description = spec.folder.join("boot.json");
        fs::write(&description, serde_json::to_vec_pretty(spec)?)?;
        cgroup::create(&spec.cgroup)?;
        let log = File::create(spec.folder.join("console.log"))?;
        let child = Command::new(own_program())
            .arg("machine")
            .arg(&description)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("cannot start a machine")?;
        let supervisor = Process::of(child.id()).context("the machine's process ended at once")?;
        let console = || tail(&fs::read_to_string(spec.folder.join("console.log")).unwrap_or_default(), 20);
        let leader = wait_for(&format!("a first process in {}", spec.name), Duration::from_secs(20), || {
            if !supervisor.alive() {
                bail!("{} did not boot:\n{}", spec.name, console());
            }
            Ok(leader(supervisor.pid))
        })?;
        let machine = Self {
            name: spec.name.clone(),
            address: address.into(),
            folder: spec.folder.clone(),
            namespace: spec.namespace.clone(),
            leader,
            supervisor,
        };
        fs::write(spec.folder.join("machine.json"), serde_json::to_vec_pretty(&machine)?)?;
        wait_for(&format!("containerd on {}", spec.name), Duration::from_secs(60), || {
            if !machine.alive() {
                bail!("{} ended while it booted:\n{}", spec.name, console());
            }
            let answer = machine.run(["ctr", "--timeout", "5s", "version"])?;
            Ok(answer.status.success().then_some(()))
        })
        .with_context(|| format!("the console of {}:\n{}", spec.name, console()))?;
        Ok(machine)
    }

    /// The machine whose state is in `folder`.
    pub(crate) fn load(folder: &Path) -> Result<Self> {
        let file = folder.join("machine.json");
        let bytes = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        Ok(serde_json::from_slice(&bytes)?)
    }

    /// True while its first process lives.
    pub(crate) fn alive(&self) -> bool {
        self.leader.alive()
    }

    /// A command that will run inside, as root, with a clean environment.
    pub(crate) fn command<S: AsRef<std::ffi::OsStr>>(&self, words: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["--target", &self.leader.pid.to_string(), "--all", "--"]).args(words).env_clear();
        for (name, value) in [
            ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
            ("HOME", "/root"),
            ("LANG", "C.UTF-8"),
            ("KUBECONFIG", "/etc/kubernetes/admin.conf"),
        ] {
            command.env(name, value);
        }
        command.env("TERM", std::env::var_os("TERM").unwrap_or_else(|| "dumb".into()));
        command
    }

    /// Starts a command inside.
    pub(crate) fn start<S: AsRef<std::ffi::OsStr>>(&self, words: impl IntoIterator<Item = S>) -> Result<Running> {
        Running::start(&mut self.command(words))
    }

    /// Runs a command inside to its end, whatever that is.
    pub(crate) fn run<S: AsRef<std::ffi::OsStr>>(&self, words: impl IntoIterator<Item = S>) -> Result<Output> {
        let output = self.start(words)?.finish(Duration::from_secs(900))?;
        self.record(&output)?;
        Ok(output)
    }

    /// Keeps what kinit and kubeadm said, line by line with its time, for the case that a test fails.
    pub(crate) fn record(&self, output: &Output) -> Result<()> {
        if !["-- kinit ", "-- kubeadm "].iter().any(|program| output.line.contains(program)) {
            return Ok(());
        }
        let mut text = format!("\n$ {}\n", output.line);
        for line in &output.lines {
            text += &format!("{:7.3}  {}\n", line.at.as_secs_f64(), line.text);
        }
        text += &format!("{:7.3}  {}\n", output.took.as_secs_f64(), output.ending());
        let mut log = OpenOptions::new().create(true).append(true).open(self.folder.join("commands.log"))?;
        log.write_all(text.as_bytes()).map_err(Into::into)
    }

    /// Runs a command inside that must succeed; answers its standard output.
    pub(crate) fn check<S: AsRef<std::ffi::OsStr>>(&self, words: impl IntoIterator<Item = S>) -> Result<String> {
        self.run(words)?.ok().with_context(|| format!("on {}", self.name))
    }

    /// Runs a command that must succeed on the lab's router, the other end of the machine's cable.
    pub(crate) fn check_in_lab<'a>(&self, words: impl IntoIterator<Item = &'a str>) -> Result<String> {
        check(command("ip", &["netns", "exec", &self.namespace]).args(words))
    }

    /// Runs a shell script inside that must succeed.
    pub(crate) fn script(&self, script: &str) -> Result<String> {
        self.check(["sh", "-ec", script])
    }

    /// Writes a file inside.
    pub(crate) fn push(&self, path: &str, bytes: &[u8], mode: u32) -> Result<()> {
        files::put(&self.inside(path), bytes, mode)
    }

    /// Every file below a directory inside: path, mode, time of change in nanoseconds and content hash, one a line.
    pub(crate) fn files(&self, folder: &str) -> Result<String> {
        let list = "find \"$0\" -type f | LC_ALL=C sort | while read -r f; do stat -c '%n %a %.9Y' \"$f\" | tr '\\n' ' '; sha256sum < \"$f\"; done";
        self.check(["sh", "-c", list, folder])
    }

    /// Ends the machine at once, as if its power was cut.
    pub(crate) fn kill(&self) -> Result<()> {
        for process in [&self.leader, &self.supervisor] {
            if process.alive() {
                let _ = kill(Pid::from_raw(process.pid.cast_signed()), Signal::SIGKILL);
            }
        }
        wait_for(&format!("the end of {}", self.name), Duration::from_secs(20), || {
            // Whoever booted the machine is its parent, and has to take note of its end.
            let _ = waitpid(Pid::from_raw(self.supervisor.pid.cast_signed()), Some(WaitPidFlag::WNOHANG));
            Ok((!self.leader.alive() && !self.supervisor.alive()).then_some(()))
        })
    }

    /// Where the lab keeps what belongs to it.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// A path inside, seen from the host.
    pub(crate) fn inside(&self, path: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/root{path}", self.leader.pid))
    }

    /// True when a file is there.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.inside(path).symlink_metadata().is_ok()
    }
}

impl Process {
    fn of(pid: u32) -> Option<Self> {
        // The name, in parentheses, may hold anything; the fields after it are counted from the last one. A zombie has ended.
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let ended = matches!(*fields.first()?, "Z" | "X");
        (!ended).then_some(Self { pid, started: (*fields.get(19)?).to_owned() })
    }

    fn alive(&self) -> bool {
        Self::of(self.pid).is_some_and(|now| now.started == self.started)
    }
}

/// The child of systemd-nspawn that is process 1 of its own pid namespace.
fn leader(supervisor: u32) -> Option<Process> {
    let first = |pid: &u32| {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let ids = status.lines().find_map(|line| line.strip_prefix("NSpid:")).unwrap_or_default();
        ids.split_whitespace().count() == 2 && ids.split_whitespace().last() == Some("1")
    };
    children(supervisor).into_iter().find(first).and_then(Process::of)
}
