//! What holds for every case, whatever its kind and minor.

use std::collections::BTreeSet;

use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, RngSeed, TestRng, TestRunner};

use super::*;

const KINDS: &[Kind] = &[
    Kind::Certs,
    Kind::Kubeconfig,
    Kind::ControlPlane,
    Kind::Etcd,
    Kind::KubeletFiles,
    Kind::ConfigPrint,
    Kind::ConfigMigrate,
    Kind::ConfigValidate,
    Kind::ImagesList,
    Kind::TokenGenerate,
    Kind::DryRun,
    Kind::JoinDryRun,
    Kind::ResetDryRun,
    Kind::CommandLine,
];

fn cases(seed: u64, minor: u64, kind: Kind, count: usize) -> Vec<Case> {
    let mut runner =
        TestRunner::new(Config { rng_seed: RngSeed::Fixed(seed), failure_persistence: None, ..Config::default() });
    let strategy = case(minor, kind);
    (0..count).map(|_| strategy.new_tree(&mut runner).expect("a case").current()).collect()
}

#[test]
fn a_seed_makes_the_same_cases_every_time() {
    assert_eq!(cases(7, 37, Kind::ControlPlane, 20), cases(7, 37, Kind::ControlPlane, 20));
    assert_ne!(cases(7, 37, Kind::ControlPlane, 20), cases(8, 37, Kind::ControlPlane, 20));
}

#[test]
fn every_kind_has_cases_for_every_minor_that_it_applies_to() {
    for minor in 23..=37 {
        for kind in KINDS.iter().filter(|kind| applies(minor, **kind)) {
            for case in cases(1, minor, *kind, 3) {
                assert!(case.files.keys().all(|path| path.starts_with('/')), "{case:?}");
                let reads_file = case.args.iter().any(|word| word.contains(CONFIG));
                assert!(!reads_file || case.files.contains_key(CONFIG), "{case:?}");
            }
        }
    }
}

#[test]
fn the_cases_use_every_command() {
    for kind in KINDS.iter().filter(|kind| **kind != Kind::CommandLine) {
        let cases = cases(1, 37, *kind, 400);
        let used: BTreeSet<&str> = commands::of(*kind, 37)
            .iter()
            .map(|command| command.words)
            .filter(|words| cases.iter().any(|case| case.args.join(" ").starts_with(words)))
            .collect();
        assert_eq!(used.len(), commands::of(*kind, 37).len(), "{kind:?}: {used:?}");
    }
}

#[test]
fn a_case_shrinks_to_a_plain_one() {
    let mut runner = TestRunner::new_with_rng(
        Config { failure_persistence: None, ..Config::default() },
        TestRng::deterministic_rng(RngAlgorithm::ChaCha),
    );
    for _ in 0..10 {
        let mut tree = case(37, Kind::ControlPlane).new_tree(&mut runner).expect("a case");
        while tree.simplify() {}
        let plain = tree.current();
        assert!(plain.files.values().map(String::len).sum::<usize>() < 400, "{plain:?}");
        assert!(plain.args.len() <= 7, "{plain:?}");
    }
}

#[test]
fn bootable_configurations_are_whole_and_tell_the_version_and_their_patches() {
    let mut runner = TestRunner::new_with_rng(
        Config { failure_persistence: None, ..Config::default() },
        TestRng::deterministic_rng(RngAlgorithm::ChaCha),
    );
    let strategy = bootable("v1.37.2");
    let texts: Vec<String> = (0..60).map(|_| strategy.new_tree(&mut runner).expect("a text").current()).collect();
    for text in &texts {
        let documents = kinit::yaml::documents(text).expect("YAML");
        let cluster = documents.iter().find(|document| document["kind"] == "ClusterConfiguration").expect("a cluster");
        assert_eq!(cluster["kubernetesVersion"], "v1.37.2", "{text}");
        assert!(documents.iter().any(|document| document["failCgroupV1"] == false), "{text}");
    }
    assert!(texts.iter().any(|text| text.contains(BOOTABLE_PATCHES)));
}
