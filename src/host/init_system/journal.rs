//! What a service wrote to systemd's journal.

use crate::host::{Host, HostError, Result};

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
