//! How a systemd service is.

use std::collections::HashMap;

use crate::host::{Host, Result};

/// The properties of a systemd unit that [`UnitState`] holds.
pub(super) const PROPERTIES: &str = "--property=LoadState,ActiveState,SubState,Result,NRestarts,ExecMainCode,ExecMainStatus,\
                          MainPID,ExecMainStartTimestamp,ExecMainStartTimestampMonotonic,FragmentPath";

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

    pub(super) fn parse(text: &str) -> Self {
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
