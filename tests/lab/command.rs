//! Running programs: output captured, errors that carry the command line and what it said, ended by a deadline or an interruption.

use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::interrupt::interrupted;

/// What a program left behind.
#[derive(Debug, Clone)]
pub(crate) struct Output {
    pub(crate) line: String,
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) took: Duration,
}

impl Output {
    /// The standard output of a program that succeeded.
    pub(crate) fn ok(self) -> Result<String> {
        if self.status.success() {
            return Ok(self.stdout);
        }
        bail!("{}: {}\n{}", self.line, self.ending(), tail(&self.both(), 40))
    }

    /// Both streams, for searching.
    pub(crate) fn both(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }

    /// How it ended, in words.
    pub(crate) fn ending(&self) -> String {
        match (self.status.code(), self.status.signal()) {
            (Some(code), _) => format!("exit code {code}"),
            (None, Some(signal)) => format!("killed by signal {signal}"),
            (None, None) => "ended".into(),
        }
    }
}

/// A program under way, its output being gathered.
pub(crate) struct Running {
    line: String,
    child: Child,
    stdout: JoinHandle<String>,
    stderr: JoinHandle<String>,
    started: Instant,
}

impl Running {
    /// Starts `command` with its output captured.
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        let line = line(command);
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {line}"))?;
        let stdout = gather(child.stdout.take());
        let stderr = gather(child.stderr.take());
        Ok(Self { line, child, stdout, stderr, started: Instant::now() })
    }

    /// The process id on this host.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// True once the program ended.
    pub(crate) fn ended(&mut self) -> Result<bool> {
        Ok(self.child.try_wait()?.is_some())
    }

    /// Waits for the end; kills it and everything it started at the deadline or on an interruption.
    pub(crate) fn finish(mut self, limit: Duration) -> Result<Output> {
        let mut pause = Duration::from_millis(1);
        let status = loop {
            if let Some(status) = self.child.try_wait()? {
                break status;
            }
            if interrupted() || self.started.elapsed() > limit {
                let why = if interrupted() { "interrupted".into() } else { format!("still running after {limit:?}") };
                kill_tree(self.child.id());
                self.child.wait()?;
                let said = self.stdout.join().unwrap_or_default() + &self.stderr.join().unwrap_or_default();
                bail!("{}: {why}\n{}", self.line, tail(&said, 40));
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(20));
        };
        let took = self.started.elapsed();
        let (stdout, stderr) = (self.stdout.join().unwrap_or_default(), self.stderr.join().unwrap_or_default());
        Ok(Output { line: self.line, status, stdout, stderr, took })
    }
}

/// Runs a command to its end, an hour at the most.
pub(crate) fn run(command: &mut Command) -> Result<Output> {
    Running::start(command)?.finish(Duration::from_secs(3600))
}

/// Runs a command that must succeed; answers its standard output.
pub(crate) fn check(command: &mut Command) -> Result<String> {
    run(command)?.ok()
}

/// A command from words.
pub(crate) fn command(program: &str, args: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(args);
    command
}

/// Kills a process after its descendants (nsenter's child lives in another pid namespace and would outlive it).
pub(crate) fn kill_tree(pid: u32) {
    for child in children(pid) {
        kill_tree(child);
    }
    let _ = kill(Pid::from_raw(pid.cast_signed()), Signal::SIGKILL);
}

/// The processes that `pid` started and that still live.
pub(crate) fn children(pid: u32) -> Vec<u32> {
    let list = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    list.split_whitespace().filter_map(|child| child.parse().ok()).collect()
}

/// The last `count` lines of a text.
pub(crate) fn tail(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

/// The command line as a person would type it, shortened.
fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let line = words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ");
    if line.len() > 300 { format!("{}…", line.chars().take(300).collect::<String>()) } else { line }
}

/// Reads a pipe in the background, so that neither of two can fill up and stop the program.
fn gather(pipe: Option<impl Read + Send + 'static>) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}
