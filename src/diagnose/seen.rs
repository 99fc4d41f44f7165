//! Everything that was seen of a node while something was waited for. Pure state; it is filled by
//! [`Watch`](super::Watch) and weighed by the families of causes.

use std::collections::BTreeMap;
use std::time::Duration;

use super::text;
use crate::host::init_system::UnitState;

/// What the node is about to become: decides what matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Role {
    /// The first control plane, or any that runs already: its static pods matter.
    #[default]
    ControlPlane,
    /// A worker whose kubelet asks for its certificate.
    Worker,
    /// A control plane that joins: its kubelet asks its own, still starting API server for a certificate.
    JoiningControlPlane,
}

/// A line of the kubelet's journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Microseconds since 1970: when it was written.
    pub at: u64,
    /// When it was first seen, from the start of the wait.
    pub seen: Duration,
    /// It was written before the run began: perhaps what it complains of has been mended since.
    pub old: bool,
    /// Which process wrote it; 1 is systemd.
    pub pid: u32,
    /// Its text.
    pub text: String,
}

/// What was seen, from the start of a wait until now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// What the node is about to become.
    pub role: Role,
    /// The static pods that matter, in the order in which they need each other.
    pub components: Vec<Component>,
    /// From the start of the wait.
    pub elapsed: Duration,
    /// The kubelet's unit; `None` when no systemd tells.
    pub unit: Option<UnitState>,
    /// How often the kubelet died since the start of the wait.
    pub deaths: u32,
    /// Since when the kubelet's unit is neither running nor about to be.
    pub stopped: Option<Duration>,
    /// Since when the same kubelet process has run, and its pid.
    pub steady: Option<(u32, Duration)>,
    /// The kubelet's health endpoint has answered: it runs, whatever its unit says.
    pub kubelet_answered: bool,
    /// The kubelet's journal since the kubelet was started.
    pub journal: Vec<Line>,
    /// Since when the runtime does not answer, and its last words.
    pub runtime_trouble: Option<(Duration, String)>,
    /// The runtime's address, for commands.
    pub socket: String,
    /// Sources that could not be asked, by name.
    pub blind: BTreeMap<&'static str, String>,
}

/// A static pod that is waited for, by its container's name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Component {
    /// The container's name: `etcd`.
    pub name: String,
    /// A sandbox of its pod is ready.
    pub sandbox: bool,
    /// Its newest container was made and not started yet.
    pub created: bool,
    /// Since when its newest container has been running, and its id.
    pub running: Option<(String, Duration)>,
    /// Its log file, while it runs.
    pub log_path: String,
    /// Its containers that ended, oldest first.
    pub exits: Vec<Exit>,
    /// Since when its endpoint has answered.
    pub healthy: Option<Duration>,
}

/// A container that ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exit {
    /// The container's id.
    pub id: String,
    /// When it was first seen to be over.
    pub seen: Duration,
    /// It was over before the wait began: perhaps the manifest has been mended since.
    pub old: bool,
    /// Its exit code.
    pub code: i32,
    /// `Error`, `OOMKilled`, `StartError`.
    pub reason: String,
    /// The runtime's words on the reason.
    pub message: String,
    /// The last lines of its log.
    pub log: Vec<String>,
}

impl Exit {
    /// Why it ended, in its own words, or in the runtime's where it never ran.
    #[must_use]
    pub fn last_words(&self) -> String {
        let line = text::last_words(self.log.iter().map(String::as_str));
        match line {
            Some(line) => text::plain(line),
            None if self.message.is_empty() => self.reason.clone(),
            None => text::shorten(&self.message),
        }
    }
}

/// What the kubelet said when it could not sync a pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PodError {
    /// The component that the pod is.
    pub(super) component: String,
    /// The kind: `CreatePodSandboxError`, `ErrImagePull`.
    pub(super) kind: &'static str,
    /// The runtime's own words, without the kubelet's layers around them.
    pub(super) error: String,
    /// When it was written, microseconds since 1970.
    pub(super) at: u64,
    /// When it was first seen.
    pub(super) seen: Duration,
}

/// The kubelet's reasons that matter, and the message in front of them.
const POD_SYNC: &str = r#""Error syncing pod, skipping""#;

impl Seen {
    /// The component of that name.
    #[must_use]
    pub fn component(&self, name: &str) -> Option<&Component> {
        self.components.iter().find(|component| component.name == name)
    }

    /// The component that a pod (`namespace/name`) is: static pods are called after it and the node.
    #[must_use]
    pub fn component_of_pod(&self, pod: &str) -> Option<&Component> {
        let name = pod.strip_prefix("kube-system/")?;
        let is = |component: &&Component| {
            name.strip_prefix(&component.name).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        };
        self.components.iter().find(is)
    }

    /// Lines that the kubelet itself wrote in this run.
    pub(super) fn kubelet_lines(&self) -> impl DoubleEndedIterator<Item = &Line> + Clone {
        self.journal.iter().filter(|line| line.pid > 1 && !line.old)
    }

    /// What kept the awaited pods from being made, of these kinds, oldest first.
    pub(super) fn pod_errors(&self, kinds: &[&'static str]) -> Vec<PodError> {
        let of = |line: &Line| {
            let error = text::field(&line.text, "err")?;
            let kind = kinds.iter().find(|kind| error.contains(&format!(" with {kind}: ")))?;
            let component = self.component_of_pod(&text::field(&line.text, "pod")?)?.name.clone();
            let error = inner(&error);
            Some(PodError { component, kind, error, at: line.at, seen: line.seen })
        };
        self.kubelet_lines().filter(|line| line.text.contains(POD_SYNC)).filter_map(of).collect()
    }

    /// How the kubelet's unit is, for evidence.
    #[must_use]
    pub fn unit_line(&self) -> Option<String> {
        let unit = self.unit.as_ref()?;
        let mut line = format!("kubelet.service: {} ({})", unit.active, unit.sub);
        if unit.died() || self.deaths > 0 {
            line += &format!(", last {}, died {} while kinit waited", unit.ending(), times(self.deaths));
        }
        Some(line)
    }

    /// Everything in a few lines, for a wait that timed out.
    #[must_use]
    pub fn summary(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.unit_line().into_iter().collect();
        lines.extend(self.runtime_trouble.iter().map(|(_, words)| format!("runtime: {words}")));
        lines.extend(self.components.iter().map(Component::line));
        lines.extend(self.blind.iter().map(|(source, why)| format!("{source} could not be asked: {why}")));
        lines.extend(self.last_errors());
        lines
    }

    /// The kubelet's last few errors, each once.
    fn last_errors(&self) -> Vec<String> {
        let mut last: Vec<String> = Vec::new();
        for line in self.kubelet_lines().rev().filter(|line| text::severity(&line.text) == Some('E')) {
            let words = format!("kubelet: {}", text::plain(&line.text));
            if !last.contains(&words) {
                last.push(words);
            }
            if last.len() == 3 {
                break;
            }
        }
        last.reverse();
        last
    }
}

impl Component {
    /// What it is doing, in a few words.
    #[must_use]
    pub fn doing(&self) -> String {
        if self.healthy.is_some() {
            "healthy".to_owned()
        } else if self.running.is_some() {
            "running, not healthy yet".to_owned()
        } else if let (Some(exit), false) = (self.exits.last().filter(|exit| !exit.old), self.created) {
            format!("exited with {}, to be started again", exit.code)
        } else if self.sandbox || self.created {
            "container starting".to_owned()
        } else {
            "no sandbox yet".to_owned()
        }
    }

    fn line(&self) -> String {
        let exits = self.exits.iter().filter(|exit| !exit.old).count();
        let mut line = format!("{}: {}", self.name, self.doing());
        if exits > 0 {
            line += &format!(", exited {}", times(u32::try_from(exits).unwrap_or(u32::MAX)));
        }
        if let Some(exit) = self.exits.last() {
            line += &format!("; last words: {}", exit.last_words());
        }
        line
    }
}

/// `failed to "X" for "pod" with Kind: "…: rpc error: code = Unknown desc = WORDS"` is `WORDS`.
fn inner(error: &str) -> String {
    let inner = error.rsplit_once(" desc = ").map_or_else(
        || error.split_once(" with ").and_then(|(_, rest)| rest.split_once(": ")).map_or(error, |(_, words)| words),
        |(_, words)| words,
    );
    // The kubelet quotes what was quoted before.
    inner.trim_matches('"').replace("\\\\", "\\").replace("\\\"", "\"")
}

/// `once`, `twice`, `3 times`.
pub(super) fn times(count: u32) -> String {
    match count {
        0 => "never".to_owned(),
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        count => format!("{count} times"),
    }
}
