//! The kubelet's unit and journal.

use std::time::Duration;

use super::{Notes, Watch};
use crate::diagnose::{Line, Seen};
use crate::failure::chain;
use crate::host::init_system::{self, Since};

const KUBELET: &str = "kubelet";
/// How often the journal is read while nothing looks wrong.
const READ_JOURNAL: Duration = Duration::from_secs(2);
/// The most journal lines that are kept.
const MOST_LINES: usize = 4000;

impl Watch<'_> {
    pub(super) fn look_at_kubelet(&self) {
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
}
