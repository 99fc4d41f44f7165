//! Looking, again and again: the kubelet's unit and journal, the runtime's sandboxes and containers with their last
//! words. Fills [`Seen`]; what it means is for the families of causes to say.

use std::cell::RefCell;
use std::collections::HashSet;
use std::time::Duration;

use time::OffsetDateTime;
use tokio::time::Instant;

use super::{Component, Diagnosis, Exit, Line, Role, Seen, certain, text};
use crate::cri::{Container, ContainerState, ContainerStatus, Cri};
use crate::failure::chain;
use crate::host::Host;
use crate::host::init_system::{self, Since};

const KUBELET: &str = "kubelet";
/// The namespace of static pods.
const NAMESPACE: &str = "kube-system";
/// How often the journal is read while nothing looks wrong.
const READ_JOURNAL: Duration = Duration::from_secs(2);
/// The most journal lines that are kept.
const MOST_LINES: usize = 4000;
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
        self.notes.borrow_mut().looked = true;
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
        seen.unit.as_ref()?;
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

    fn look_at_kubelet(&self) {
        let unit = init_system::unit_state(self.host, KUBELET);
        let mut seen = self.seen.borrow_mut();
        let mut notes = self.notes.borrow_mut();
        let unit = match unit {
            Ok(Some(unit)) => unit,
            // No systemd: the rest still tells much.
            Ok(None) => return,
            Err(error) => {
                seen.blind.insert("systemd", chain(&error));
                return;
            }
        };
        if notes.since.is_none() {
            notes.restarts = unit.restarts;
            let from = if unit.started.is_empty() { "-1min" } else { &unit.started };
            notes.since = Some(Since::Time(from.to_owned()));
        }
        let before = seen.deaths;
        seen.deaths = seen.deaths.max(unit.restarts.saturating_sub(notes.restarts) + u32::from(unit.died()));
        let now = seen.elapsed;
        seen.steady = match seen.steady {
            _ if !unit.running() => None,
            Some((pid, since)) if pid == unit.main_pid => Some((pid, since)),
            _ => Some((unit.main_pid, now)),
        };
        let idle = !unit.running() && unit.sub == "dead";
        seen.stopped = idle.then(|| seen.stopped.unwrap_or(now));
        let calm = seen.deaths == before && unit.running();
        seen.unit = Some(unit);
        let due = notes.read.is_none_or(|read| now.saturating_sub(read) >= READ_JOURNAL);
        if due || !calm {
            self.read_journal(&mut seen, &mut notes);
        }
    }

    fn read_journal(&self, seen: &mut Seen, notes: &mut Notes) {
        let Some(since) = &notes.since else { return };
        match init_system::journal(self.host, KUBELET, since) {
            Ok((lines, next)) => {
                let now = seen.elapsed;
                let line = |line: init_system::JournalLine| Line {
                    at: line.at,
                    seen: now,
                    old: line.at < self.began,
                    pid: line.pid,
                    text: line.text,
                };
                seen.journal.extend(lines.into_iter().map(line));
                let surplus = seen.journal.len().saturating_sub(MOST_LINES);
                seen.journal.drain(..surplus);
                notes.since = Some(next);
                notes.read = Some(now);
                seen.blind.remove("journal");
            }
            Err(error) => {
                seen.blind.insert("journal", chain(&error));
            }
        }
    }

    async fn look_at_runtime(&self) {
        let looked = async {
            let sandboxes = self.cri.sandboxes().await?;
            let containers = self.cri.containers().await?;
            Ok::<_, crate::cri::CriError>((sandboxes, containers))
        };
        let (sandboxes, containers) = match looked.await {
            Ok(lists) => lists,
            Err(error) => {
                let mut seen = self.seen.borrow_mut();
                let since = seen.runtime_trouble.as_ref().map_or(seen.elapsed, |(since, _)| *since);
                seen.runtime_trouble = Some((since, chain(&error)));
                return;
            }
        };
        let names: Vec<String> = {
            let mut seen = self.seen.borrow_mut();
            seen.runtime_trouble = None;
            let ready: Vec<String> = sandboxes
                .iter()
                .filter(|sandbox| sandbox.ready() && sandbox.namespace() == NAMESPACE)
                .filter_map(|sandbox| {
                    Some(seen.component_of_pod(&format!("{NAMESPACE}/{}", sandbox.pod()))?.name.clone())
                })
                .collect();
            for component in &mut seen.components {
                component.sandbox = ready.contains(&component.name);
            }
            seen.components.iter().map(|component| component.name.clone()).collect()
        };
        let ready: HashSet<&str> = sandboxes.iter().filter(|it| it.ready()).map(|it| it.id.as_str()).collect();
        for name in names {
            let of = |container: &&Container| container.namespace() == NAMESPACE && container.name() == name;
            let mut mine: Vec<&Container> = containers.iter().filter(of).collect();
            mine.sort_by_key(|container| (container.created_at, container.attempt()));
            self.look_at_component(&name, &mine, &ready).await;
        }
    }

    /// `containers` are those of one component, oldest first, `ready` the sandboxes that are.
    async fn look_at_component(&self, name: &str, containers: &[&Container], ready: &HashSet<&str>) {
        let first = !self.notes.borrow().looked;
        let newest = containers.last();
        let (mut exits, mut over) = (Vec::new(), Vec::new());
        for container in containers.iter().filter(|container| container.state() == ContainerState::Exited) {
            if self.notes.borrow().over.contains(&container.id) {
                continue;
            }
            // What was over before the wait began only matters when nothing has followed it.
            let last = newest.is_some_and(|newest| newest.id == container.id);
            if first && !last {
                over.push(container.id.clone());
            } else if let Ok(status) = self.cri.container_status(&container.id).await {
                over.push(container.id.clone());
                let stopped = !ready.contains(container.pod_sandbox_id.as_str());
                exits.extend(status.and_then(|status| self.exit(&status, first, stopped)));
            }
        }
        let running = newest.filter(|newest| newest.state() == ContainerState::Running);
        let known = self.seen.borrow().component(name).and_then(|it| it.running.clone());
        let known = known.filter(|(id, _)| running.is_some_and(|running| running.id == *id));
        let mut log_path = None;
        if let (Some(running), None) = (running, &known) {
            log_path = self.cri.container_status(&running.id).await.ok().flatten().map(|status| status.log_path);
        }
        // Nothing is noted before everything was asked: a look may be dropped at any await.
        self.notes.borrow_mut().over.extend(over);
        let mut seen = self.seen.borrow_mut();
        let now = seen.elapsed;
        let Some(component) = seen.components.iter_mut().find(|it| it.name == name) else { return };
        component.exits.extend(exits);
        component.created = newest.is_some_and(|newest| newest.state() == ContainerState::Created);
        component.running = running.map(|running| known.unwrap_or_else(|| (running.id.clone(), now)));
        component.log_path = log_path.unwrap_or_else(|| std::mem::take(&mut component.log_path));
    }

    /// An ended container, unless it ended well because its pod was stopped: a component has no other reason to.
    fn exit(&self, status: &ContainerStatus, old: bool, stopped: bool) -> Option<Exit> {
        (status.exit_code != 0 || !stopped).then(|| Exit {
            id: status.id.clone(),
            seen: self.seen.borrow().elapsed,
            old,
            code: status.exit_code,
            reason: status.reason.clone(),
            message: status.message.clone(),
            log: self.tail(&status.log_path),
        })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::FakeHost;

    #[test]
    fn a_component_that_ends_well_by_itself_has_exited() {
        let (host, cri) = (FakeHost::new(), Cri::new("/nowhere.sock", None));
        let watch = Watch::new(&host, &cri, Role::ControlPlane, &["etcd"], OffsetDateTime::UNIX_EPOCH);
        let ended = |exit_code, stopped| {
            let mut status = ContainerStatus::default();
            status.exit_code = exit_code;
            watch.exit(&status, false, stopped).is_some()
        };
        assert!(ended(0, false) && ended(1, false) && ended(137, true));
        assert!(!ended(0, true), "the kubelet stopped its pod");
    }
}
