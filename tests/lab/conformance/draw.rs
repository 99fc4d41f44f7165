//! Which cases a run has, and how each is made again from its seed, its minor, its kind and its number.

use std::cell::RefCell;
use std::collections::BTreeMap;

use anyhow::{Result, anyhow};
use clap::ValueEnum;
use proptest::strategy::{BoxedStrategy, Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::case::{Case, Kind};
use super::generate;

/// How many of a run's cases are of a kind, in proportion. Certificates take seconds, a configuration takes a tenth of one.
fn share(kind: Kind) -> usize {
    match kind {
        Kind::ConfigMigrate | Kind::ConfigValidate => 6,
        Kind::ControlPlane | Kind::KubeletFiles | Kind::CommandLine => 4,
        Kind::Certs | Kind::Kubeconfig | Kind::Etcd | Kind::ImagesList | Kind::DryRun | Kind::JoinDryRun => 2,
        Kind::ConfigPrint | Kind::TokenGenerate | Kind::ResetDryRun => 1,
    }
}

/// Which of its kind a case is.
pub(crate) type Number = (Kind, u64);

/// The numbers of `count` cases of these kinds (all of them, when there are none), evenly mixed.
pub(crate) fn numbers(minor: u64, only: &[Kind], count: usize) -> Vec<Number> {
    let wanted = |kind: &&Kind| (only.is_empty() || only.contains(kind)) && generate::applies(minor, **kind);
    let kinds: Vec<Kind> = Kind::value_variants().iter().filter(wanted).copied().collect();
    let rounds = kinds.iter().map(|kind| share(*kind)).max().unwrap_or_default();
    let cycle: Vec<Number> = (0..rounds)
        .flat_map(|round| kinds.iter().filter(move |kind| share(**kind) > round).map(move |kind| (*kind, round as u64)))
        .collect();
    let turns =
        (0..).flat_map(|turn: u64| cycle.iter().map(move |(kind, at)| (*kind, turn * share(*kind) as u64 + at)));
    if cycle.is_empty() { Vec::new() } else { turns.take(count).collect() }
}

thread_local! {
    /// A strategy is hundreds of tables: making it takes longer than a case does.
    static STRATEGIES: RefCell<BTreeMap<(u64, Kind), BoxedStrategy<Case>>> = RefCell::default();
}

/// Makes a case, with the way to simpler ones.
pub(crate) fn case(seed: u64, minor: u64, (kind, index): Number) -> Result<impl ValueTree<Value = Case>> {
    let make = || generate::case(minor, kind).boxed();
    let strategy = STRATEGIES.with_borrow_mut(|known| known.entry((minor, kind)).or_insert_with(make).clone());
    let tree = strategy.new_tree(&mut runner([seed, minor, kind as u64, index]));
    tree.map_err(|reason| anyhow!("case {index} of {kind:?} for 1.{minor} could not be made: {reason}"))
}

/// Makes a configuration file that a machine of the lab becomes a control plane of this version with.
pub(crate) fn bootable(seed: u64, version: &str, index: u64) -> Result<String> {
    let tree = generate::bootable(version).new_tree(&mut runner([seed, 0, u64::MAX, index]));
    tree.map(|tree| tree.current()).map_err(|reason| anyhow!("configuration {index} could not be made: {reason}"))
}

fn runner(seed: [u64; 4]) -> TestRunner {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed.map(u64::to_le_bytes).concat());
    TestRunner::new_with_rng(Config::default(), rng)
}

/// Looks for a simpler case that still fails, in at most `runs` runs.
pub(crate) fn shrink(
    tree: &mut impl ValueTree<Value = Case>,
    runs: usize,
    mut fails: impl FnMut(&Case) -> Result<bool>,
) -> Result<Case> {
    let mut simplest = tree.current();
    let mut more = tree.simplify();
    for _ in 0..runs {
        if !more {
            break;
        }
        let simpler = tree.current();
        more = if simpler == simplest || fails(&simpler)? {
            simplest = simpler;
            tree.simplify()
        } else {
            tree.complicate()
        };
    }
    Ok(simplest)
}
