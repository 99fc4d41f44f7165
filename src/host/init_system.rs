//! Services, through systemd or OpenRC.
//!
//! Knows the commands and what they answer; refuses to know which service is meant and why. Asking is done for
//! real in a dry run, starting and stopping is recorded.

use std::collections::HashMap;

use camino::Utf8Path;

use super::{Changed, Host, HostError, Result};

/// What runs the services of a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InitSystem {
    /// systemd.
    Systemd,
    /// OpenRC.
    OpenRc,
}

/// Where programs may be: the search path of a root shell.
const PROGRAM_DIRS: [&str; 6] = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/// The properties of a systemd unit that [`UnitState`] holds.
const PROPERTIES: &str = "--property=LoadState,ActiveState,SubState,Result,NRestarts,ExecMainCode,ExecMainStatus,\
                          MainPID,ExecMainStartTimestamp,ExecMainStartTimestampMonotonic,FragmentPath";

impl InitSystem {
    /// The machine's; `None` when it has neither, or (OpenRC) not all of its commands.
    pub fn detect(host: &dyn Host) -> Result<Option<Self>> {
        if has_program(host, "systemctl")? {
            return Ok(Some(Self::Systemd));
        }
        let openrc =
            has_program(host, "openrc")? && has_program(host, "rc-service")? && has_program(host, "rc-update")?;
        Ok(openrc.then_some(Self::OpenRc))
    }

    /// Whether it runs or tries to: a service that dies and is started again counts.
    pub fn is_active(self, host: &dyn Host, service: &str) -> Result<bool> {
        match self {
            Self::Systemd => {
                let state = systemd_state(host, service)?;
                Ok(matches!(state.as_str(), "active" | "activating" | "reloading"))
            }
            Self::OpenRc => {
                let status = openrc_status(host, service)?;
                Ok(!status.contains("stopped") && !status.contains("does not exist"))
            }
        }
    }

    /// Whether it runs at this moment: a service that died and waits for its next start does not.
    pub fn is_running(self, host: &dyn Host, service: &str) -> Result<bool> {
        match self {
            Self::Systemd => Ok(systemd_state(host, service)? == "active"),
            Self::OpenRc => self.is_active(host, service),
        }
    }

    /// Makes it not run, nor try to.
    pub fn ensure_stopped(self, host: &dyn Host, service: &str) -> Result<Changed> {
        if !self.is_active(host, service)? {
            return Ok(Changed::No);
        }
        self.act(host, "stop", service)
    }

    /// Starts it anew, with its unit read anew where the file changed.
    pub fn restart(self, host: &dyn Host, service: &str) -> Result<Changed> {
        self.act(host, "restart", service)
    }

    /// The command that makes it start with the machine.
    #[must_use]
    pub fn enable_command(self, service: &str) -> String {
        match self {
            Self::Systemd => format!("systemctl enable {service}.service"),
            Self::OpenRc => format!("rc-update add {service} default"),
        }
    }

    fn act(self, host: &dyn Host, verb: &str, service: &str) -> Result<Changed> {
        match self {
            Self::Systemd => {
                if verb != "stop" && needs_reload(host, service)? {
                    host.act(&["systemctl", "daemon-reload"])?;
                }
                host.act(&["systemctl", verb, service])?;
            }
            Self::OpenRc => {
                host.act(&["rc-service", service, verb])?;
            }
        }
        Ok(Changed::Yes)
    }
}

fn systemd_state(host: &dyn Host, service: &str) -> Result<String> {
    Ok(host.query(&["systemctl", "is-active", service])?.stdout.trim().to_owned())
}

/// systemd's own word on whether the unit's files are newer than what it has read.
fn needs_reload(host: &dyn Host, service: &str) -> Result<bool> {
    let output = host.query(&["systemctl", "show", "--property=NeedDaemonReload", "--value", service])?;
    Ok(output.stdout.trim() != "no")
}

fn openrc_status(host: &dyn Host, service: &str) -> Result<String> {
    let output = host.query(&["rc-service", service, "status"])?;
    Ok(output.stdout + &output.stderr)
}

fn has_program(host: &dyn Host, name: &str) -> Result<bool> {
    for dir in PROGRAM_DIRS {
        if host.exists(&Utf8Path::new(dir).join(name))? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// How a systemd service is at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UnitState {
    /// `loaded`, `not-found`, `masked`, `bad-setting`.
    pub load: String,
    /// `active`, `activating`, `inactive`, `failed`.
    pub active: String,
    /// `running`, `auto-restart`, `dead`, `failed`.
    pub sub: String,
    /// Why it last ended: `success`, `exit-code`, `signal`, `start-limit-hit`.
    pub result: String,
    /// How often systemd started it again by itself.
    pub restarts: u32,
    /// Whether the last process exited by itself, rather than by a signal.
    pub exited: bool,
    /// The last process's exit status or signal; 0 while the first one runs.
    pub status: i32,
    /// The running process; 0 when there is none.
    pub main_pid: u32,
    /// When the last process was started, in the words that journalctl takes; empty when never.
    pub started: String,
    /// The same in microseconds since the machine was started.
    pub started_monotonic: u64,
}

impl UnitState {
    /// Whether its process runs.
    #[must_use]
    pub fn running(&self) -> bool {
        self.main_pid != 0 && self.sub != "auto-restart"
    }

    /// Whether its process died and did not do so on request.
    #[must_use]
    pub fn died(&self) -> bool {
        !self.running() && (self.sub.starts_with("auto-restart") || self.active == "failed")
    }

    /// How the last process ended, in words.
    #[must_use]
    pub fn ending(&self) -> String {
        if self.exited { format!("exit status {}", self.status) } else { format!("signal {}", self.status) }
    }

    fn parse(text: &str) -> Self {
        let fields: HashMap<&str, &str> = text.lines().filter_map(|line| line.split_once('=')).collect();
        let word = |name| fields.get(name).copied().unwrap_or_default();
        let number = |name| word(name).parse().unwrap_or_default();
        Self {
            load: word("LoadState").to_owned(),
            active: word("ActiveState").to_owned(),
            sub: word("SubState").to_owned(),
            result: word("Result").to_owned(),
            restarts: number("NRestarts"),
            // waitid's CLD_EXITED is 1; 0 is "has not ended".
            exited: number("ExecMainCode") <= 1,
            status: word("ExecMainStatus").parse().unwrap_or_default(),
            main_pid: number("MainPID"),
            started: word("ExecMainStartTimestamp").to_owned(),
            started_monotonic: word("ExecMainStartTimestampMonotonic").parse().unwrap_or_default(),
        }
    }
}

/// How a systemd service is, in one question; `None` when systemd does not answer.
pub fn unit_state(host: &dyn Host, service: &str) -> Result<Option<UnitState>> {
    let output = host.query(&["systemctl", "show", PROPERTIES, service])?;
    Ok(output.ok().then(|| UnitState::parse(&output.stdout)))
}

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalLine {
    /// Microseconds since 1970.
    pub at: u64,
    /// Who wrote it: the service's process, or systemd (1) about it.
    pub pid: u32,
    /// The text.
    pub text: String,
}

/// A place in the journal to read on from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Since {
    /// A time, in systemd's words.
    Time(String),
    /// After the last line that was read.
    Cursor(String),
}

/// The most lines that one look at the journal takes.
const MOST_LINES: &str = "--lines=1000";

/// What a service wrote to the journal since then, oldest first, and the place to read on from.
pub fn journal(host: &dyn Host, service: &str, since: &Since) -> Result<(Vec<JournalLine>, Since)> {
    let unit = format!("--unit={service}");
    let from = match since {
        Since::Time(time) => format!("--since={time}"),
        Since::Cursor(cursor) => format!("--after-cursor={cursor}"),
    };
    let command = [
        "journalctl",
        "--quiet",
        "--no-pager",
        "--output=json",
        "--output-fields=MESSAGE,_PID",
        MOST_LINES,
        &unit,
        &from,
    ];
    let output = host.query(&command)?;
    if !output.ok() {
        return Err(HostError::Command { command: command.join(" "), status: output.status, stderr: output.stderr });
    }
    let mut next = since.clone();
    let mut lines = Vec::new();
    for entry in output.stdout.lines().filter_map(|line| serde_json::from_str::<Entry>(line).ok()) {
        next = Since::Cursor(entry.cursor);
        let (at, pid) = (entry.realtime.parse().unwrap_or_default(), entry.pid.parse().unwrap_or_default());
        lines.push(JournalLine { at, pid, text: entry.message.into_text() });
    }
    Ok((lines, next))
}

#[derive(serde::Deserialize)]
struct Entry {
    #[serde(rename = "__CURSOR")]
    cursor: String,
    #[serde(rename = "__REALTIME_TIMESTAMP", default)]
    realtime: String,
    #[serde(rename = "_PID", default)]
    pid: String,
    #[serde(rename = "MESSAGE", default)]
    message: Text,
}

/// journalctl writes what is not UTF-8, or holds control characters, as a list of bytes.
#[derive(serde::Deserialize, Default)]
#[serde(untagged)]
enum Text {
    Plain(String),
    Bytes(Vec<u8>),
    #[default]
    TooLong,
}

impl Text {
    fn into_text(self) -> String {
        match self {
            Self::Plain(text) => text,
            Self::Bytes(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Self::TooLong => String::new(),
        }
    }
}

#[cfg(test)]
mod tests;
