//! Running programs: output captured, errors that carry the command line and what it said, ended by a deadline or an interruption.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::interrupt::{interrupted, wait_for};

/// A line that a program said, and when, counted from its start.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) at: Duration,
    pub(crate) text: String,
}

/// What a program left behind.
#[derive(Debug, Clone)]
pub(crate) struct Output {
    pub(crate) line: String,
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// Both streams in the order of time.
    pub(crate) lines: Vec<Line>,
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

    /// Everything it said, for searching.
    pub(crate) fn both(&self) -> String {
        self.lines.iter().map(|line| format!("{}\n", line.text)).collect()
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

/// The program that this is, to be started again: also when cargo has put another in its place meanwhile.
pub(crate) fn own_program() -> String {
    format!("/proc/{}/exe", std::process::id())
}

/// A program under way, its output being gathered.
pub(crate) struct Running {
    line: String,
    child: Child,
    said: Said,
    readers: [JoinHandle<String>; 2],
    started: Instant,
}

type Said = Arc<Mutex<Vec<Line>>>;

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
        let (said, started) = (Said::default(), Instant::now());
        let stdout = gather(child.stdout.take(), said.clone(), started);
        let stderr = gather(child.stderr.take(), said.clone(), started);
        Ok(Self { line, child, said, readers: [stdout, stderr], started })
    }

    /// Waits until the program has said a line with `text` in it; fails when it ends without.
    pub(crate) fn says(&mut self, text: &str, limit: Duration) -> Result<()> {
        wait_for(&format!("{text:?} from {}", self.line), limit, || {
            let ended = self.child.try_wait()?;
            let said = self.said.lock().unwrap_or_else(PoisonError::into_inner).clone();
            Ok(match ended {
                _ if said.iter().any(|line| line.text.contains(text)) => Some(Ok(())),
                Some(status) => {
                    let text: String = said.iter().map(|line| format!("{}\n", line.text)).collect();
                    Some(Err(anyhow!("{} ended ({status}) without it:\n{}", self.line, tail(&text, 40))))
                }
                None => None,
            })
        })?
    }

    /// Kills the program and everything it started, with no chance to do anything more.
    pub(crate) fn kill(mut self) -> Result<Output> {
        kill_tree(self.child.id());
        let status = self.child.wait()?;
        Ok(self.output(status))
    }

    /// Waits for the end; it is an error when that has to be forced, at the deadline or on an interruption.
    pub(crate) fn finish(self, limit: Duration) -> Result<Output> {
        let output = self.end(limit)?;
        let late = output.took > limit;
        if output.status.signal() == Some(Signal::SIGKILL as i32) && (late || interrupted()) {
            let why = if late { format!("still running after {limit:?}") } else { "interrupted".into() };
            bail!("{}: {why}\n{}", output.line, tail(&output.both(), 40));
        }
        Ok(output)
    }

    /// Waits for the end; kills the program and everything it started at the deadline or on an interruption.
    pub(crate) fn end(mut self, limit: Duration) -> Result<Output> {
        let mut pause = Duration::from_millis(1);
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(self.output(status));
            }
            if interrupted() || self.started.elapsed() > limit {
                return self.kill();
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(20));
        }
    }

    fn output(self, status: ExitStatus) -> Output {
        let took = self.started.elapsed();
        let [stdout, stderr] = self.readers.map(|reader| reader.join().unwrap_or_default());
        let lines = self.said.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Output { line: self.line, status, stdout, stderr, lines, took }
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
    command.args(args).env("PATH", path());
    command
}

/// Where programs are, those of root included: on Debian a user's own `PATH` lacks them, and sudo may keep that.
pub(crate) fn path() -> String {
    format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap_or_default())
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
fn gather(pipe: Option<impl Read + Send + 'static>, said: Said, started: Instant) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut all = String::new();
        let Some(pipe) = pipe else { return all };
        let mut reader = BufReader::new(pipe);
        let mut bytes = Vec::new();
        while reader.read_until(b'\n', &mut bytes).is_ok_and(|count| count > 0) {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            all += &text;
            let line = Line { at: started.elapsed(), text: text.trim_end_matches('\n').into() };
            said.lock().unwrap_or_else(PoisonError::into_inner).push(line);
            bytes.clear();
        }
        all
    })
}
