//! What is told about a run: a table of its cases, each sort of failure with its smallest case, and where the evidence is.

use std::fs;
use std::path::Path;

use anyhow::Result;
use clap::ValueEnum;

use super::case::Case;
use super::isolate::{Node, Outcome};
use super::judge::{Judge, Verdict};
use super::regressions;
use super::run::{Failure, Results};
use crate::evidence;
use crate::progress::{say, seconds};

/// So many lines of a difference are told; all of them are in the evidence.
const LINES: usize = 12;

/// Tells what came of a run with the kubeadm of this version, and keeps what failed; true when nothing did.
pub(crate) fn report(lab: &str, version: &str, results: &Results) -> Result<bool> {
    let folder = evidence::folder(lab, &format!("conformance-{version}"))?;
    for failure in results.failures.values() {
        tell(failure, &folder)?;
    }
    for row in &results.gone {
        say(format!("\nGONE docs/compatibility.md lists what no longer differs: {row}"));
    }
    say(format!("\n  {:16} {:>7} {:>9} {:>7} {:>9}", "kind", "cases", "accepted", "listed", "unlisted"));
    for (kind, count) in &results.kinds {
        let name = kind.to_possible_value().map(|name| name.get_name().to_owned()).unwrap_or_default();
        say(format!("  {name:16} {:>7} {:>9} {:>7} {:>9}", count.cases, count.accepted, count.listed, count.unlisted));
    }
    let cases: usize = results.kinds.values().map(|count| count.cases).sum();
    let unlisted: usize = results.kinds.values().map(|count| count.unlisted).sum();
    let speed = cases as f64 / results.took.as_secs_f64();
    say(format!("  {cases} cases in {} ({speed:.1} a second), {unlisted} differ unlisted", seconds(results.took)));
    Ok(unlisted == 0 && results.gone.is_empty())
}

fn tell(failure: &Failure, evidence: &Path) -> Result<()> {
    let lines = &failure.verdict.unlisted;
    let file = match failure.name.as_str() {
        "" => regressions::keep(&failure.case, lines)?,
        name => format!("{name}.yaml").into(),
    };
    let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    say(format!("\nFAIL {name} ({} cases): kubeadm {}", failure.cases, failure.case.args.join(" ")));
    for line in lines.iter().take(LINES) {
        say(format!("  {}", shortened(&line.to_string())));
    }
    if lines.len() > LINES {
        say(format!("  and {} more", lines.len() - LINES));
    }
    let place = evidence.join(&name);
    fs::create_dir_all(&place)?;
    let all: String = lines.iter().map(|line| format!("{line}\n")).collect();
    fs::write(place.join("differences.txt"), all)?;
    keep(&failure.verdict.kubeadm, &place.join("kubeadm"))?;
    keep(&failure.verdict.kinit, &place.join("kinit"))?;
    say(format!("  evidence in {}", place.display()));
    say(format!("  again: cargo lab conformance --replay {}", file.display()));
    Ok(())
}

/// Writes what a program said and made; keys are left out.
fn keep(outcome: &Outcome, place: &Path) -> Result<()> {
    fs::create_dir_all(place)?;
    fs::write(place.join("stdout"), &outcome.stdout)?;
    fs::write(place.join("stderr"), &outcome.stderr)?;
    for entry in &outcome.tree {
        if let Node::File(bytes) = &entry.node
            && !entry.path.ends_with(".key")
        {
            let file = place.join(entry.path.trim_start_matches('/'));
            fs::create_dir_all(file.parent().unwrap_or(place))?;
            fs::write(file, bytes)?;
        }
    }
    Ok(())
}

/// Runs one case and tells everything; true when nothing differs that is not listed.
pub(crate) fn replay(judge: &Judge, case: &Case) -> Result<bool> {
    let Verdict { kubeadm, kinit, unlisted, met } = judge.judge(case)?;
    say(format!("kubeadm {}", case.args.join(" ")));
    for (path, text) in &case.files {
        say(format!("--- {path}\n{text}"));
    }
    for (name, outcome) in [("kubeadm", kubeadm), ("kinit", kinit)] {
        say(format!("--- {name}, exit code {:?}\n{}{}", outcome.code, outcome.stdout, outcome.stderr));
    }
    say("--- difference");
    met.iter().for_each(|at| say(format!("  listed: {}: {}", judge.rows[*at].id, judge.rows[*at].line)));
    unlisted.iter().for_each(|line| say(format!("  {line}")));
    Ok(unlisted.is_empty())
}

fn shortened(line: &str) -> String {
    if line.chars().count() > 400 {
        format!("{}…", line.chars().take(400).collect::<String>())
    } else {
        line.to_owned()
    }
}
