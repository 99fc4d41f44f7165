//! The tables of docs/compatibility.md that list lines which differ and are meant to: whatever else differs is a fault, and so is a row
//! that no longer occurs.

use std::fmt;

use anyhow::{Context, Result, ensure};

const PAGE: &str = include_str!("../../../docs/compatibility.md");
const MADE: &str = "In what is made";
/// The test whose configurations are generated.
pub(crate) const GENERATED: &str = "same_generated";

/// A line that only one of the two programs leads to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Pattern {
    /// `-` for kubeadm's line, `+` for kinit's, `~` for one of both.
    pub(crate) sign: char,
    /// The line; `…` is any text.
    text: &'static str,
}

impl Pattern {
    /// Reads the cell of a table: a sign and a line, in backquotes.
    fn read(cell: &'static str) -> Option<Self> {
        let mut letters = cell.strip_prefix('`')?.strip_suffix('`')?.chars();
        let sign = letters.next().filter(|sign| matches!(sign, '-' | '+' | '~'))?;
        Some(Self { sign, text: letters.as_str().trim() })
    }

    /// Whether a line is this one.
    pub(crate) fn fits(&self, sign: char, line: &str) -> bool {
        self.sign == sign && fits(self.text, line)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.sign, self.text)
    }
}

/// The rows of a section's table: its `N` plain cells, and the line.
pub(crate) fn rows<const N: usize>(section: &str) -> Result<Vec<([&'static str; N], Pattern)>> {
    let (_, text) = PAGE.split_once(&format!("\n## {section}\n")).with_context(|| format!("no section {section:?}"))?;
    let text = text.split("\n## ").next().unwrap_or_default();
    let lines = text.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| id |"));
    lines.map(|line| row(line).with_context(|| format!("no row of {N} cells and a line: {line}"))).collect()
}

/// The last cell may have bars in it.
fn row<const N: usize>(line: &'static str) -> Option<([&'static str; N], Pattern)> {
    let cells: Vec<&str> = line.strip_prefix('|')?.strip_suffix('|')?.splitn(N + 1, '|').map(str::trim).collect();
    let (pattern, plain) = cells.split_last()?;
    Some((plain.try_into().ok()?, Pattern::read(pattern)?))
}

/// Whether a text is a pattern's, whose `…` is any text.
fn fits(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('…') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = rest.split('…').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        let Some((_, after)) = text.split_once(part) else { return false };
        text = after;
    }
    text.ends_with(last)
}

/// Compares what differs, as `diff --unified=0` prints it, with what is listed for a test. What is generated may show any of the listed
/// differences, and need not show one.
pub(crate) fn check(test: &str, difference: &str) -> Result<()> {
    let generated = test == GENERATED;
    let counts = |tests: &str| generated || tests == "*" || tests.split(", ").any(|of| of == test);
    let rows = rows(MADE)?.into_iter().filter(|([_, tests], _)| counts(tests));
    let rows: Vec<(&str, Pattern)> = rows.map(|([id, _], pattern)| (id, pattern)).collect();
    let (unlisted, mut gone) = judge(&rows, difference);
    gone.retain(|_| !generated);
    ensure!(
        unlisted.is_empty(),
        "kinit made something else, and docs/compatibility.md does not list it:\n{}",
        unlisted.join("\n")
    );
    ensure!(gone.is_empty(), "docs/compatibility.md lists what no longer differs:\n{}", gone.join("\n"));
    Ok(())
}

/// The lines that no row allows, and the rows that no line needs.
fn judge(rows: &[(&str, Pattern)], difference: &str) -> (Vec<String>, Vec<String>) {
    let mut met = vec![false; rows.len()];
    let mut unlisted = Vec::new();
    // The first two lines name the descriptions.
    for line in difference.lines().skip(2) {
        let mut letters = line.chars();
        let Some(sign @ ('-' | '+')) = letters.next() else { continue };
        let text = letters.as_str().trim();
        match rows.iter().position(|(_, pattern)| pattern.fits(sign, text)) {
            Some(at) => met[at] = true,
            None => unlisted.push(line.to_owned()),
        }
    }
    let gone =
        rows.iter().zip(met).filter(|(_, met)| !met).map(|((id, pattern), _)| format!("{id}: {pattern}")).collect();
    (unlisted, gone)
}
