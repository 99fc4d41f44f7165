//! What `-o json` tells of a run: one JSON object a line, then one that holds the result. docs/output.md says what is
//! promised of them.
//!
//! Knows the form of events; refuses to know when they happen.

use std::cell::RefCell;

use serde::Serialize;
use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::host::Effect;
use crate::preflight::{Finding, Severity};

/// Grows when a field changes its meaning or goes away; not when one is added.
pub const SCHEMA: u32 = 1;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Event<'a> {
    /// The first of all.
    Started {
        /// [`SCHEMA`].
        schema: u32,
        /// What the program is called.
        program: &'a str,
        /// kinit's release.
        kinit_version: &'a str,
        /// `init` or `join`.
        command: &'a str,
    },
    /// A phase begins.
    PhaseStarted {
        /// Its path: `certs/ca`.
        phase: &'a str,
    },
    /// A phase ended well.
    PhaseFinished {
        /// Its path.
        phase: &'a str,
        /// How long it took.
        seconds: f64,
    },
    /// A line that is printed without `-o json`.
    Message {
        /// The line.
        text: &'a str,
    },
    /// What may go wrong later.
    Warning {
        /// A sentence.
        text: &'a str,
    },
    /// What a pre-flight check found.
    Finding {
        /// The check's name, which `--ignore-preflight-errors` takes.
        check: &'a str,
        /// `warning` or `error`.
        severity: &'static str,
        /// An error that was ignored as told.
        ignored: bool,
        /// What is so.
        text: &'a str,
        /// What to do about it.
        #[serde(skip_serializing_if = "Option::is_none")]
        remedy: Option<&'a str>,
    },
    /// Something on the machine was changed, or in a dry run would be.
    Change(Change<'a>),
    /// The last of all.
    Result(Box<End<'a>>),
}

/// A change, by what was done.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "change", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Change<'a> {
    /// A file.
    WriteFile {
        /// Where.
        path: &'a str,
        /// Permission bits, octal.
        mode: String,
        /// In a dry run, and if it is no secret.
        #[serde(skip_serializing_if = "Option::is_none")]
        content: Option<&'a str>,
    },
    /// A directory.
    MakeDirectory {
        /// Where.
        path: &'a str,
    },
    /// A file or directory.
    Remove {
        /// Where.
        path: &'a str,
    },
    /// Permission bits.
    SetMode {
        /// Where.
        path: &'a str,
        /// Octal.
        mode: String,
    },
    /// The owner.
    SetOwner {
        /// Where.
        path: &'a str,
        /// The user's id.
        uid: u32,
        /// The group's id.
        gid: u32,
    },
    /// A mount.
    Unmount {
        /// Where.
        path: &'a str,
    },
    /// A command.
    Run {
        /// Its words.
        command: &'a [String],
    },
    /// An object of the cluster; in a dry run only.
    WriteObject {
        /// CREATE, UPDATE, PATCH or DELETE.
        verb: &'a str,
        /// Its path on the API server.
        path: &'a str,
        /// The object, without its secrets.
        #[serde(skip_serializing_if = "Value::is_null")]
        object: &'a Value,
    },
    /// Something else that a dry run leaves out.
    Other {
        /// A sentence.
        text: &'a str,
    },
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct End<'a> {
    /// `succeeded` or `failed`.
    status: &'static str,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Problem>,
    /// What the command has to tell.
    #[serde(flatten)]
    facts: &'a Map<String, Value>,
}

/// Why something failed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// The phase that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<String>,
    /// A stable name, where the cause is a known one: `KI-KUBELET-CGROUP-V1`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<&'static str>,
    /// The whole error, as it is printed.
    pub message: String,
    /// What is at its root.
    pub cause: String,
    /// What shows the cause: lines of logs, states.
    pub evidence: Vec<String>,
    /// What to do, sentences and commands.
    pub remedies: Vec<String>,
    /// The pre-flight checks that failed.
    pub checks: Vec<String>,
}

impl<'a> Event<'a> {
    /// What was done.
    #[must_use]
    pub fn of_effect(effect: &'a Effect) -> Self {
        let octal = |mode: &u32| format!("{mode:04o}");
        Self::Change(match effect {
            Effect::WriteFile { path, mode, content } => {
                Change::WriteFile { path: path.as_str(), mode: octal(mode), content: content.as_deref() }
            }
            Effect::MakeDir(path) => Change::MakeDirectory { path: path.as_str() },
            Effect::Remove(path) => Change::Remove { path: path.as_str() },
            Effect::SetMode(path, mode) => Change::SetMode { path: path.as_str(), mode: octal(mode) },
            Effect::SetOwner(path, (uid, gid)) => Change::SetOwner { path: path.as_str(), uid: *uid, gid: *gid },
            Effect::Unmount(path) => Change::Unmount { path: path.as_str() },
            Effect::Act(command) => Change::Run { command },
            Effect::Api { verb, object, path } => Change::WriteObject { verb, path, object },
            Effect::Note(text) => Change::Other { text },
        })
    }

    /// What a check found, unless it found an earlier run's work.
    #[must_use]
    pub fn of_finding(finding: &'a Finding, ignored: bool) -> Option<Self> {
        let severity = match finding.severity {
            Severity::Ours => return None,
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        let remedy = finding.remedy.as_deref();
        Some(Self::Finding { check: &finding.name, severity, ignored, text: &finding.message, remedy })
    }
}

/// What was told so far.
#[derive(Debug, Default)]
pub struct Report {
    facts: RefCell<Map<String, Value>>,
    /// The phase that has begun and not ended.
    phase: RefCell<Option<String>>,
}

/// A line: an event, and when it happened.
#[derive(Serialize)]
struct Line<'a> {
    time: String,
    #[serde(flatten)]
    event: &'a Event<'a>,
}

impl Report {
    /// The line of an event. There is always one: writing into memory has nothing to fail at.
    pub(crate) fn line(&self, event: &Event<'_>) -> Option<String> {
        match event {
            Event::PhaseStarted { phase } => *self.phase.borrow_mut() = Some((*phase).to_owned()),
            Event::PhaseFinished { .. } => *self.phase.borrow_mut() = None,
            _ => {}
        }
        let time = OffsetDateTime::now_utc().format(&Rfc3339).ok()?;
        serde_json::to_string(&Line { time, event }).ok()
    }

    /// Keeps something for the result.
    pub(crate) fn fact(&self, name: &str, value: Value) {
        self.facts.borrow_mut().insert(name.to_owned(), value);
    }

    /// The line of the result.
    pub(crate) fn result(&self, problem: Option<Problem>) -> Option<String> {
        let status = if problem.is_some() { "failed" } else { "succeeded" };
        let error = problem.map(|problem| Problem { phase: self.phase.take(), ..problem });
        let facts = self.facts.take();
        self.line(&Event::Result(Box::new(End { status, error, facts: &facts })))
    }
}
