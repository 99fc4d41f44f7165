//! Cases that are kept: those that showed a fault once, and those that show a listed difference. Every run begins with them.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::ValueEnum;
use kinit::yaml;

use super::case::Case;
use super::difference::Line;
use crate::cache::hash;

/// The cases of the repository, by the names of their files.
pub(crate) fn all() -> Result<Vec<(String, Case)>> {
    let mut cases = Vec::new();
    for entry in fs::read_dir(folder()).context("cannot list the regressions")? {
        let place = entry?.path();
        if place.extension().is_some_and(|ending| ending == "yaml") {
            let name = place.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            cases.push((name, read(&place)?));
        }
    }
    cases.sort_by(|one, other| one.0.cmp(&other.0));
    Ok(cases)
}

/// The case in a file.
pub(crate) fn read(place: &Path) -> Result<Case> {
    let text = fs::read_to_string(place).with_context(|| format!("cannot read {}", place.display()))?;
    parse(&text).with_context(|| format!("{} is no case", place.display()))
}

/// Keeps a case under a name of its own, with what differed at the time; answers the file.
pub(crate) fn keep(case: &Case, lines: &[Line]) -> Result<PathBuf> {
    let kind = case.kind.to_possible_value().map(|name| name.get_name().to_owned()).unwrap_or_default();
    let mut text = yaml::to_string(case)?;
    // JSON is YAML too, for texts that are hard to write otherwise.
    if !parse(&text).is_ok_and(|read| read == *case) {
        text = serde_json::to_string_pretty(case)?;
    }
    let place = folder().join(format!("{kind}-1.{}-{}.yaml", case.minor, &hash(&[&text])[..8]));
    let found: String =
        lines.iter().take(10).map(|line| format!("# {}\n", line.to_string().replace('\n', " "))).collect();
    fs::write(&place, format!("{found}{text}")).with_context(|| format!("cannot write {}", place.display()))?;
    Ok(place)
}

fn parse(text: &str) -> Result<Case> {
    Ok(serde_json::from_value(yaml::document(text)?)?)
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lab/conformance/regressions")
}
