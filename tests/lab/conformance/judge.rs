//! One case through both programs, and what of the difference is not meant.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Result;

use super::case::Case;
use super::difference::{Line, Observation, Side, compare};
use super::isolate::{self, Outcome};
use super::listed::Row;
use super::observe::{BOTH_REFUSE, ONE_REFUSES, observe};

/// The two programs, and where they are run.
pub(crate) struct Judge {
    /// The reference, of one minor.
    pub(crate) kubeadm: PathBuf,
    pub(crate) kinit: PathBuf,
    /// A directory in memory.
    pub(crate) memory: PathBuf,
    pub(crate) rows: Vec<Row>,
    pub(crate) runs: AtomicUsize,
}

/// What came of a case.
pub(crate) struct Verdict {
    pub(crate) kubeadm: Outcome,
    pub(crate) kinit: Outcome,
    /// The differences that no row allows.
    pub(crate) unlisted: Vec<Line>,
    /// The rows that allowed one, by their places in the table.
    pub(crate) met: BTreeSet<usize>,
}

impl Judge {
    /// Runs a case and compares.
    pub(crate) fn judge(&self, case: &Case) -> Result<Verdict> {
        let root = self.memory.join(self.runs.fetch_add(1, Ordering::Relaxed).to_string());
        let kubeadm = isolate::run(&self.kubeadm, case, root.clone())?;
        let kinit = isolate::run(&self.kinit, case, root)?;
        let (mut unlisted, mut met) = (Vec::new(), BTreeSet::new());
        let [theirs, ours] = observe(case, [&kubeadm, &kinit]);
        let early =
            [(Side::Kubeadm, &theirs), (Side::Kinit, &ours)].map(|(side, seen)| self.is_early(case, side, seen));
        for line in compare(&theirs, &ours) {
            let allowing = self.allowing(case, &line);
            let cut_short = match line.side {
                Side::Kubeadm => early[1],
                Side::Kinit => early[0],
                Side::Both => false,
            };
            if allowing.is_empty() && !(cut_short && line.place.starts_with(BOTH_REFUSE)) {
                unlisted.push(line);
            }
            met.extend(allowing);
        }
        Ok(Verdict { kubeadm, kinit, unlisted, met })
    }

    /// The rows that allow a line.
    fn allowing(&self, case: &Case, line: &Line) -> Vec<usize> {
        (0..self.rows.len()).filter(|at| self.rows[*at].allows(case, line)).collect()
    }

    /// Whether all that a program refuses a case for is listed as what it alone refuses: it stops there, and can't name what the other finds later.
    fn is_early(&self, case: &Case, side: Side, seen: &Observation) -> bool {
        let mut meanings = seen.keys().filter_map(|name| name.strip_prefix(BOTH_REFUSE)).peekable();
        let alone = |meaning: &str| Line { side, place: format!("{ONE_REFUSES}{meaning}"), value: "null".to_owned() };
        meanings.peek().is_some() && meanings.all(|meaning| !self.allowing(case, &alone(meaning)).is_empty())
    }
}
