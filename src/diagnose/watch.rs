//! Looking, again and again: the kubelet's unit and journal, the runtime's sandboxes and containers with their last
//! words. Fills [`Seen`]; what it means is for the families of causes to say.

mod kubelet;
mod runtime;

use std::cell::RefCell;
use std::collections::HashSet;
use std::time::Duration;

use time::OffsetDateTime;
use tokio::time::Instant;

use super::{Component, Diagnosis, Role, Seen, certain, text};
use crate::cri::Cri;
use crate::host::Host;
use crate::host::init_system::Since;

/// How many lines of a container's log are read.
const TAIL: &str = "40";

/// An eye on a node, for as long as something is waited for. Several waits can share one.
#[derive(Debug)]
pub struct Watch<'a> {
    host: &'a dyn Host,
    cri: &'a Cri,
    start: Instant,
    /// The start of the run, in microseconds since 1970.
    began: u64,
    seen: RefCell<Seen>,
    notes: RefCell<Notes>,
}

/// What must be remembered between looks, and tells nothing by itself.
#[derive(Debug, Default)]
struct Notes {
    /// The runtime has answered before.
    looked: bool,
    /// The unit's restarts at the first look.
    restarts: u32,
    since: Option<Since>,
    read: Option<Duration>,
    /// Containers whose end is known.
    over: HashSet<String>,
}

impl<'a> Watch<'a> {
    /// An eye on the kubelet, the runtime and these static pods (named in the order in which they need each other), in
    /// a run that began then: what the kubelet said before may have been mended since.
    #[must_use]
    pub fn new(host: &'a dyn Host, cri: &'a Cri, role: Role, components: &[&str], began: OffsetDateTime) -> Self {
        let named = |name: &&str| Component { name: (*name).to_owned(), ..Component::default() };
        let components = components.iter().map(named).collect();
        let seen = Seen { role, components, socket: cri.socket().to_owned(), ..Seen::default() };
        // A clock that has not been set yet does not stand before 1970.
        let began = u64::try_from(began.unix_timestamp_nanos() / 1000).unwrap_or_default();
        Self { host, cri, start: Instant::now(), began, seen: RefCell::new(seen), notes: RefCell::default() }
    }

    /// Looks once; answers the cause when it has become certain that waiting is in vain.
    pub async fn look(&self) -> Option<Diagnosis> {
        self.seen.borrow_mut().elapsed = self.start.elapsed();
        self.look_at_kubelet();
        if !self.seen.borrow().components.is_empty() {
            self.look_at_runtime().await;
        }
        certain(&self.seen.borrow())
    }

    /// A component's endpoint has answered.
    pub fn healthy(&self, component: &str) {
        let now = self.start.elapsed();
        let mut seen = self.seen.borrow_mut();
        let component = seen.components.iter_mut().find(|it| it.name == component);
        if let Some(component) = component {
            component.healthy.get_or_insert(now);
        }
    }

    /// The kubelet's health endpoint has answered.
    pub fn kubelet_answered(&self) {
        self.seen.borrow_mut().kubelet_answered = true;
    }

    /// How long the kubelet's present process has been seen to run, and how often the kubelet died before. `None`
    /// when nothing here can tell.
    #[must_use]
    pub fn kubelet_steady(&self) -> Option<(Duration, u32)> {
        let seen = self.seen.borrow();
        let unit = seen.unit.as_ref()?;
        // It answers, and is not the unit's: somebody runs it by other means.
        if unit.load == "not-found" || seen.kubelet_answered && seen.deaths == 0 && !unit.running() {
            return None;
        }
        let steady = seen.steady.map_or(Duration::ZERO, |(_, since)| seen.elapsed.saturating_sub(since));
        Some((steady, seen.deaths))
    }

    /// What was seen so far.
    #[must_use]
    pub fn seen(&self) -> Seen {
        self.seen.borrow().clone()
    }

    /// In a few words, what is going on: `kube-apiserver: container starting`.
    #[must_use]
    pub fn progress(&self) -> String {
        let seen = self.seen.borrow();
        if let Some(unit) = seen.unit.as_ref().filter(|unit| !unit.running()) {
            return format!("kubelet: {} ({})", unit.active, unit.sub);
        }
        let waiting: Vec<String> = seen
            .components
            .iter()
            .filter(|it| it.healthy.is_none() && (it.name != "etcd" || it.running.is_none()))
            .map(|it| format!("{}: {}", it.name, it.doing()))
            .collect();
        waiting.join(", ")
    }

    /// Everything that was seen, with the last words of what still runs: for a wait that timed out.
    #[must_use]
    pub fn summary(&self) -> Vec<String> {
        let seen = self.seen.borrow();
        let mut lines = seen.summary();
        for component in seen.components.iter().filter(|it| it.healthy.is_none() && it.running.is_some()) {
            let log = self.tail(&component.log_path);
            let words = text::last_words(log.iter().map(String::as_str)).map(text::plain);
            lines.extend(words.map(|words| format!("{} says: {words}", component.name)));
        }
        lines
    }

    fn tail(&self, path: &str) -> Vec<String> {
        if path.is_empty() {
            return Vec::new();
        }
        // A log that is gone tells nothing; the exit itself still counts.
        let output = self.host.query(&["tail", "-n", TAIL, path]).ok().filter(crate::host::Output::ok);
        let text = output.map(|output| output.stdout).unwrap_or_default();
        text.lines().map(|line| text::container_line(line).to_owned()).collect()
    }
}
