//! Where two observations differ, one line for each place. It compares values and knows nothing of what they mean.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

/// What is seen of an outcome, by name: `error`, `output`, the path of a file.
pub(crate) type Observation = BTreeMap<String, Value>;

/// A place that is not the same in both observations.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Line {
    pub(crate) side: Side,
    /// `/etc/kubernetes/manifests/etcd.yaml content.Pod.spec.containers[0].image`
    pub(crate) place: String,
    /// As JSON, in one line: whoever has it, or `kubeadm's → kinit's`.
    pub(crate) value: String,
}

/// Whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Side {
    Kubeadm,
    Kinit,
    /// Both have something there, and not the same.
    Both,
}

impl Side {
    /// As in a diff from kubeadm's to kinit's.
    pub(crate) fn sign(self) -> char {
        match self {
            Self::Kubeadm => '-',
            Self::Kinit => '+',
            Self::Both => '~',
        }
    }
}

impl Line {
    /// Without the sign. Null stands for what is there or is not, and has no value.
    pub(crate) fn text(&self) -> String {
        if self.value == "null" { self.place.clone() } else { format!("{}: {}", self.place, self.value) }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.side.sign(), self.text())
    }
}

/// What differs, in the order of the places.
pub(crate) fn compare(kubeadm: &Observation, kinit: &Observation) -> Vec<Line> {
    let mut lines = Vec::new();
    let names: BTreeSet<&String> = kubeadm.keys().chain(kinit.keys()).collect();
    for name in names {
        descend(name, kubeadm.get(name), kinit.get(name), &mut lines);
    }
    lines
}

fn descend(place: &str, kubeadm: Option<&Value>, kinit: Option<&Value>, lines: &mut Vec<Line>) {
    match (kubeadm, kinit) {
        (Some(one), Some(other)) if one == other => {}
        (Some(Value::Object(one)), Some(Value::Object(other))) => {
            let keys: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
            for key in keys {
                descend(&within(place, key), one.get(key), other.get(key), lines);
            }
        }
        (Some(Value::Array(one)), Some(Value::Array(other))) => items(place, one, other, lines),
        (Some(one), Some(other)) => lines.push(line(Side::Both, place, format!("{one} → {other}"))),
        (one, other) => {
            lines.extend(one.map(|value| line(Side::Kubeadm, place, value.to_string())));
            lines.extend(other.map(|value| line(Side::Kinit, place, value.to_string())));
        }
    }
}

fn line(side: Side, place: &str, value: String) -> Line {
    Line { side, place: place.to_owned(), value }
}

/// Two lists: what they have in common at their beginnings and ends aside, one item is compared with the other's; of lists with different lengths, every
/// item stands alone.
fn items(place: &str, one: &[Value], other: &[Value], lines: &mut Vec<Line>) {
    let same = |pair: &(&Value, &Value)| pair.0 == pair.1;
    let start = one.iter().zip(other).take_while(same).count();
    let (one, other) = (&one[start..], &other[start..]);
    let end = one.iter().rev().zip(other.iter().rev()).take_while(same).count();
    let (one, other) = (&one[..one.len() - end], &other[..other.len() - end]);
    let item = |at: usize| format!("{place}[{}]", start + at);
    if one.len() == other.len() {
        for (at, pair) in one.iter().zip(other).enumerate() {
            descend(&item(at), Some(pair.0), Some(pair.1), lines);
        }
        return;
    }
    for (at, value) in one.iter().enumerate() {
        descend(&item(at), Some(value), None, lines);
    }
    for (at, value) in other.iter().enumerate() {
        descend(&item(at), None, Some(value), lines);
    }
}

/// The first level stands behind a blank, since the names of observations are paths.
fn within(place: &str, key: &str) -> String {
    let plain = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    let separator = if place.contains(' ') { "." } else { " " };
    if plain { format!("{place}{separator}{key}") } else { format!("{place}{separator}[{key:?}]") }
}
