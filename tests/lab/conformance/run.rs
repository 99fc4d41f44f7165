//! A run: the kept cases, then generated ones, a few at once. What fails is sorted by the place that differs, and the first case of each sort is made smaller.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Result;
use proptest::strategy::ValueTree;

use super::case::{Case, Kind};
use super::difference::Line;
use super::judge::{Judge, Verdict};
use super::{draw, regressions};
use crate::interrupt::interrupted;
use crate::progress::say;

/// How often a case may be run to make it smaller.
const SHRINKS: usize = 120;
/// How long that may take: some cases wait for a network that there is none of.
const PATIENCE: Duration = Duration::from_secs(60);
/// So many sorts of failures are made smaller; of more, the first case stays as it is.
const SMALLER: usize = 15;

/// What to run.
pub(crate) struct Job {
    pub(crate) judge: Judge,
    pub(crate) minor: u64,
    pub(crate) seed: u64,
    pub(crate) count: usize,
    pub(crate) only: Vec<Kind>,
    pub(crate) jobs: usize,
}

/// What came of it.
#[derive(Default)]
pub(crate) struct Results {
    pub(crate) kinds: BTreeMap<Kind, Count>,
    /// By the place that differs.
    pub(crate) failures: BTreeMap<String, Failure>,
    /// Rows of the table that did not occur in the case that they name.
    pub(crate) gone: Vec<String>,
    pub(crate) took: Duration,
}

/// Cases of one kind.
#[derive(Default)]
pub(crate) struct Count {
    pub(crate) cases: usize,
    /// Those that both programs accept.
    pub(crate) accepted: usize,
    pub(crate) listed: usize,
    pub(crate) unlisted: usize,
}

/// Cases that fail at the same place.
pub(crate) struct Failure {
    pub(crate) name: String,
    /// The smallest of them, and what came of it.
    pub(crate) case: Case,
    pub(crate) verdict: Verdict,
    pub(crate) cases: usize,
}

impl Job {
    /// Runs everything.
    pub(crate) fn run(&self) -> Result<Results> {
        let (started, results) = (Instant::now(), Mutex::new(Results::default()));
        let wanted = |case: &Case| case.minor == self.minor && (self.only.is_empty() || self.only.contains(&case.kind));
        let kept: Vec<_> = regressions::all()?.into_iter().filter(|(_, case)| wanted(case)).collect();
        self.each(kept.len(), |at| self.kept(&kept[at], &results))?;
        let numbers = draw::numbers(self.minor, &self.only, self.count);
        let said = Mutex::new(Instant::now());
        self.each(numbers.len(), |at| {
            progress(&said, at, numbers.len(), started);
            self.drawn(numbers[at], &results)
        })?;
        let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
        results.took = started.elapsed();
        Ok(results)
    }

    /// Does the work for every number below `count`, a few at once, until one fails.
    fn each(&self, count: usize, work: impl Fn(usize) -> Result<()> + Sync) -> Result<()> {
        let (next, failed) = (AtomicUsize::new(0), Mutex::new(Ok(())));
        std::thread::scope(|scope| {
            for _ in 0..self.jobs {
                scope.spawn(|| {
                    while let Some(at) = Some(next.fetch_add(1, Ordering::Relaxed)).filter(|at| *at < count) {
                        if interrupted() {
                            return;
                        }
                        // A case that was interrupted tells nothing; what was judged before it is reported.
                        if let Err(error) = work(at)
                            && !interrupted()
                        {
                            next.store(count, Ordering::Relaxed);
                            *lock(&failed) = Err(error);
                        }
                    }
                });
            }
        });
        failed.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// A case that is kept; rows that name it must occur.
    fn kept(&self, (name, case): &(String, Case), results: &Mutex<Results>) -> Result<()> {
        let verdict = self.judge.judge(case)?;
        let rows = self.judge.rows.iter().enumerate().filter(|(_, row)| row.case == name);
        let gone = rows.filter(|(at, _)| !verdict.met.contains(at)).map(|(_, row)| format!("{}: {}", row.id, row.line));
        lock(results).gone.extend(gone);
        count(results, case, &verdict);
        if let Some(sort) = sort(&verdict.unlisted) {
            let failure = Failure { name: name.clone(), case: case.clone(), verdict, cases: 1 };
            lock(results).failures.insert(sort, failure);
        }
        Ok(())
    }

    fn drawn(&self, number: draw::Number, results: &Mutex<Results>) -> Result<()> {
        let mut tree = draw::case(self.seed, self.minor, number)?;
        let case = tree.current();
        let verdict = self.judge.judge(&case)?;
        count(results, &case, &verdict);
        let Some(sort) = sort(&verdict.unlisted) else { return Ok(()) };
        let known = {
            let mut results = lock(results);
            let known = results.failures.len();
            if let Some(failure) = results.failures.get_mut(&sort) {
                failure.cases += 1;
                return Ok(());
            }
            let failure = Failure { name: String::new(), case, verdict, cases: 1 };
            results.failures.insert(sort.clone(), failure);
            say(format!("  differs: {sort}"));
            known
        };
        if known < SMALLER {
            let began = Instant::now();
            let fails = |case: &Case| {
                Ok(began.elapsed() < PATIENCE && places(&self.judge.judge(case)?.unlisted).contains(&sort))
            };
            let case = draw::shrink(&mut tree, SHRINKS, fails)?;
            let verdict = self.judge.judge(&case)?;
            if let Some(failure) = lock(results).failures.get_mut(&sort) {
                (failure.case, failure.verdict) = (case, verdict);
            }
        }
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn count(results: &Mutex<Results>, case: &Case, verdict: &Verdict) {
    let mut results = lock(results);
    let count = results.kinds.entry(case.kind).or_default();
    count.cases += 1;
    count.accepted += usize::from(verdict.kubeadm.code == Some(0) && verdict.kinit.code == Some(0));
    count.unlisted += usize::from(!verdict.unlisted.is_empty());
    count.listed += usize::from(verdict.unlisted.is_empty() && !verdict.met.is_empty());
}

/// The sort of a failure: the first place that differs, whatever the numbers in it.
fn sort(lines: &[Line]) -> Option<String> {
    places(lines).into_iter().next()
}

fn places(lines: &[Line]) -> BTreeSet<String> {
    let place = |line: &Line| {
        let place = line.place.replace(|c: char| c.is_ascii_digit(), "0");
        format!("{} {place}", line.side.sign())
    };
    lines.iter().map(place).collect()
}

/// Says how far the run is, now and then.
fn progress(said: &Mutex<Instant>, at: usize, count: usize, started: Instant) {
    let mut said = lock(said);
    if said.elapsed() > Duration::from_secs(20) {
        *said = Instant::now();
        say(format!("  {at} of {count} cases, {:.1} a second", at as f64 / started.elapsed().as_secs_f64()));
    }
}
