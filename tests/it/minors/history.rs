//! Facts of many versions in one text: all of the first, and of each other what it has not, or has more than, the one
//! before.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// The lines of each version, as text: those about one thing below its name.
pub(super) fn write(versions: &[(String, Vec<String>)]) -> String {
    let (mut text, mut before): (_, &[String]) = (String::new(), &[]);
    for (version, lines) in versions {
        let _ = writeln!(text, "== {version}");
        let mut about = String::new();
        for line in difference(before, lines) {
            let (sign, line) = line.split_at(2);
            let (thing, rest) = line.split_once(": ").unwrap_or((line, ""));
            if thing != about {
                let _ = writeln!(text, "{thing}");
                thing.clone_into(&mut about);
            }
            let _ = writeln!(text, "{sign}{rest}");
        }
        before = lines;
    }
    text
}

/// What one list lacks, after `- `, and has more, after `+ `: in order, each as often as it does.
pub(super) fn difference(before: &[String], after: &[String]) -> Vec<String> {
    let (old, new) = (counted(before), counted(after));
    let mut differing = Vec::new();
    for line in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
        let [had, has] = [&old, &new].map(|lines| lines.get(line).copied().unwrap_or_default());
        differing.extend((has..had).map(|_| format!("- {line}")));
        differing.extend((had..has).map(|_| format!("+ {line}")));
    }
    differing
}

fn counted(lines: &[String]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for line in lines {
        *counts.entry(line.as_str()).or_default() += 1;
    }
    counts
}
