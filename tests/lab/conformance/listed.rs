//! The differences that are meant: the table "In what is judged" of docs/compatibility.md. Each row names a case in which it must occur.

use std::ops::RangeInclusive;

use anyhow::{Context, Result};
use clap::ValueEnum;

use super::case::{Case, Kind};
use super::difference::Line;
use super::observe::{BOTH_REFUSE, ONE_REFUSES};
use crate::cases::listed::{self as table, Pattern};

const SECTION: &str = "In what is judged";

/// A difference that is meant.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) id: &'static str,
    /// None for all.
    kinds: Vec<Kind>,
    minors: RangeInclusive<u64>,
    /// The regression file whose case shows it, without its ending.
    pub(crate) case: &'static str,
    pub(crate) line: Pattern,
}

impl Row {
    /// Whether this row allows a line that differs in a case. What one program alone refuses it also refuses where the other one finds something else.
    pub(crate) fn allows(&self, case: &Case, line: &Line) -> bool {
        let (sign, text) = (line.side.sign(), line.text());
        let alone = || text.strip_prefix(BOTH_REFUSE).map(|meaning| format!("{ONE_REFUSES}{meaning}"));
        (self.kinds.is_empty() || self.kinds.contains(&case.kind))
            && self.minors.contains(&case.minor)
            && (self.line.fits(sign, &text) || alone().is_some_and(|text| self.line.fits(sign, &text)))
    }
}

/// Every row.
pub(crate) fn rows() -> Result<Vec<Row>> {
    let read = |([id, kinds, minors, case], line): ([&'static str; 4], Pattern)| {
        let row = format!("{id} | {kinds} | {minors}");
        Ok(Row {
            id,
            kinds: self::kinds(kinds).with_context(|| format!("no kinds in {row}"))?,
            minors: self::minors(minors).with_context(|| format!("no minors in {row}"))?,
            case,
            line,
        })
    };
    table::rows(SECTION)?.into_iter().map(read).collect()
}

/// `certs, etcd`, or `*` for all.
fn kinds(cell: &str) -> Option<Vec<Kind>> {
    if cell == "*" {
        return Some(Vec::new());
    }
    cell.split(", ").map(|name| Kind::from_str(name, false).ok()).collect()
}

/// `1.23`, `1.23-1.30`, or `*` for all.
fn minors(cell: &str) -> Option<RangeInclusive<u64>> {
    if cell == "*" {
        return Some(0..=u64::MAX);
    }
    let minor = |text: &str| text.strip_prefix("1.")?.parse().ok();
    let (first, last) = cell.split_once('-').unwrap_or((cell, cell));
    Some(minor(first)?..=minor(last)?)
}
