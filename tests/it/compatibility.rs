//! docs/compatibility.md is read by the lab; its form is checked here, where no machines are needed.

use std::collections::BTreeSet;

const PAGE: &str = include_str!("../../docs/compatibility.md");

/// The cells of the rows of a section's table.
pub(crate) fn rows(heading: &str) -> Vec<Vec<&'static str>> {
    let (_, section) = PAGE.split_once(&format!("\n## {heading}\n")).expect("the section is there");
    let section = section.split("\n## ").next().unwrap_or_default();
    let lines = section.lines().skip_while(|line| !line.starts_with("|---")).filter(|line| line.starts_with("| "));
    lines.map(|line| line.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

fn ids() -> Vec<&'static str> {
    rows("In what is done").iter().map(|row| row[0]).collect()
}

#[test]
fn every_difference_says_where_what_and_why() {
    for row in rows("In what is done") {
        assert_eq!(row.len(), 5, "id, where, kubeadm, kinit, why: {row:?}");
        assert!(row.iter().all(|cell| !cell.is_empty()), "{row:?}");
    }
    let known = ids();
    assert_eq!(known.iter().collect::<BTreeSet<_>>().len(), known.len(), "an id stands twice");
}

#[test]
fn every_line_that_differs_belongs_to_a_difference() {
    for row in rows("In what is made") {
        let &[id, tests, line] = &row[..] else { panic!("id, tests, line: {row:?}") };
        assert!(ids().contains(&id), "{id} is no difference of the first table");
        let known = ["same_default", "same_rich", "same_rootless", "minors"];
        assert!(tests == "*" || tests.split(", ").all(|test| known.contains(&test)), "one of {tests} compares nothing");
        assert!(line.starts_with("`- ") || line.starts_with("`+ "), "{line}");
        assert!(line.ends_with('`'), "{line}");
    }
}

#[test]
fn every_line_that_is_judged_has_a_case_that_shows_it() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/lab/conformance/regressions");
    let minor = |text: &str| text.strip_prefix("1.").is_some_and(|minor| minor.parse::<u8>().is_ok());
    for row in rows("In what is judged") {
        let &[id, kinds, minors, case, ref line @ ..] = &row[..] else {
            panic!("id, kinds, minors, case, line: {row:?}")
        };
        assert!(ids().contains(&id), "{id} is no difference of the first table");
        let word = |kind: &str| !kind.is_empty() && kind.chars().all(|c| c.is_ascii_lowercase() || c == '-');
        assert!(kinds == "*" || kinds.split(", ").all(word), "kinds are names with commas between: {kinds}");
        assert!(minors == "*" || minors.split('-').count() < 3 && minors.split('-').all(minor), "1.23-1.30: {minors}");
        assert!(std::path::Path::new(folder).join(format!("{case}.yaml")).exists(), "there is no case {case}");
        let line = line.join("|");
        assert!(["`- ", "`+ ", "`~ "].iter().any(|sign| line.starts_with(sign)), "{line}");
        assert!(line.ends_with('`'), "{line}");
    }
}
