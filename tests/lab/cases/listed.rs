//! The differences between two descriptions that are meant: the second table of docs/compatibility.md. Whatever else differs is a fault, and so is a row
//! of the table that no longer occurs.

use std::fmt;

use anyhow::{Context, Result, ensure};

const PAGE: &str = include_str!("../../../docs/compatibility.md");
const SECTION: &str = "## In what is made";

/// A row: a line of a description that only one of the two programs leads to.
#[derive(Debug, PartialEq)]
struct Row {
    id: &'static str,
    /// The test that meets it, or `*`.
    test: &'static str,
    /// `-` for kubeadm's line, `+` for kinit's.
    sign: char,
    /// The line; `…` is any text.
    pattern: &'static str,
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, test, sign, pattern } = self;
        write!(f, "{id} ({test}): {sign} {pattern}")
    }
}

/// Compares what differs, as `diff --unified=0` prints it, with what is listed for a test.
pub(crate) fn check(test: &str, difference: &str) -> Result<()> {
    let rows: Vec<Row> = rows()?.into_iter().filter(|row| row.test == test || row.test == "*").collect();
    let (unlisted, gone) = judge(&rows, difference);
    ensure!(
        unlisted.is_empty(),
        "kinit made something else, and docs/compatibility.md does not list it:\n{}",
        unlisted.join("\n")
    );
    ensure!(gone.is_empty(), "docs/compatibility.md lists what no longer differs:\n{}", gone.join("\n"));
    Ok(())
}

/// The lines that no row allows, and the rows that no line needs.
fn judge(rows: &[Row], difference: &str) -> (Vec<String>, Vec<String>) {
    let mut met = vec![false; rows.len()];
    let mut unlisted = Vec::new();
    // The first two lines name the descriptions.
    for line in difference.lines().skip(2) {
        let mut letters = line.chars();
        let Some(sign @ ('-' | '+')) = letters.next() else { continue };
        let text = letters.as_str().trim();
        let row = rows.iter().position(|row| row.sign == sign && fits(row.pattern, text));
        match row {
            Some(at) => met[at] = true,
            None => unlisted.push(line.to_owned()),
        }
    }
    let gone = rows.iter().zip(met).filter(|(_, met)| !met).map(|(row, _)| row.to_string()).collect();
    (unlisted, gone)
}

fn rows() -> Result<Vec<Row>> {
    let (_, section) = PAGE.split_once(SECTION).with_context(|| format!("the page has no {SECTION:?}"))?;
    let lines = section.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| id |"));
    lines.map(|line| row(line).with_context(|| format!("no row of id, test and line: {line}"))).collect()
}

fn row(line: &'static str) -> Option<Row> {
    let mut cells = line.strip_prefix('|')?.strip_suffix('|')?.splitn(3, '|').map(str::trim);
    let (id, test, quoted) = (cells.next()?, cells.next()?, cells.next()?);
    let mut letters = quoted.strip_prefix('`')?.strip_suffix('`')?.chars();
    let sign = letters.next().filter(|sign| matches!(sign, '-' | '+'))?;
    Some(Row { id, test, sign, pattern: letters.as_str().trim() })
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
