//! Why something does not come up: what was seen, weighed against known causes.
//!
//! Knows causes, as data and as small judgements over [`Seen`]; refuses to know how long anybody waits. One file a
//! family of causes. A new cause is a row in its family's table; a new family is a file and a line in [`FAMILIES`].

mod bootstrap;
mod container;
mod image;
mod kubelet;
mod manifest;
mod runtime;
mod sandbox;
mod seen;
#[cfg(test)]
mod tests;
mod text;
mod watch;

use std::fmt;

use crate::failure::called_by;

pub use image::pull_remedy;
pub use seen::{Component, Exit, Line, Role, Seen};
pub use watch::Watch;

/// A cause, by name, with what shows it and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// Stable name, for searching and for scripts: `KI-KUBELET-CGROUP-V1`.
    pub code: &'static str,
    /// What is wrong, one sentence without its full stop.
    pub cause: String,
    /// What shows it: lines of logs, states.
    pub evidence: Vec<String>,
    /// What to do, a sentence.
    pub remedy: String,
    /// Commands to type, to mend it or to look closer; `{program}` is this one.
    pub commands: Vec<String>,
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{}]", self.cause, self.code)?;
        self.evidence.iter().try_for_each(|line| write!(f, "\n    {line}"))
    }
}

impl Diagnosis {
    /// The remedy, then the commands, those of `program` under its name.
    #[must_use]
    pub fn hints(&self, program: &str) -> Vec<String> {
        let hints = std::iter::once(&self.remedy).filter(|remedy| !remedy.is_empty()).chain(&self.commands);
        hints.map(|hint| called_by(program, hint)).collect()
    }
}

/// What a family makes of what was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The cause.
    pub diagnosis: Diagnosis,
    /// No further waiting will help. Otherwise it may be a start that is only slow, and the cause is named when the
    /// time is over.
    pub certain: bool,
}

/// A known cause: words that a log line holds when it is at work, and what to tell then. Where states tell of it there
/// are no words.
#[derive(Debug, Clone, Copy)]
pub struct Signature {
    /// Its stable name.
    pub code: &'static str,
    /// All of these, in any order and case.
    words: &'static [&'static str],
    /// What is wrong; `{}` is whom it befell.
    pub cause: &'static str,
    /// What to do.
    pub remedy: &'static str,
    /// Commands to type.
    pub commands: &'static [&'static str],
    /// Seen once is enough: the next try must end the same way.
    once: bool,
}

impl Signature {
    /// What rows start from.
    const ROW: Self = Self { code: "", words: &[], cause: "", remedy: "", commands: &[], once: false };

    fn matches(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.words.iter().all(|word| text.contains(&word.to_lowercase()))
    }

    fn of(table: &'static [Self], text: &str) -> Option<&'static Self> {
        table.iter().find(|signature| signature.matches(text))
    }

    /// Filled in for a subject: `{}` in the texts becomes it.
    fn diagnosis(&self, subject: &str, evidence: Vec<String>) -> Diagnosis {
        Diagnosis {
            code: self.code,
            cause: self.cause.replace("{}", subject),
            evidence,
            remedy: self.remedy.replace("{}", subject),
            commands: self.commands.iter().map(|command| command.replace("{}", subject)).collect(),
        }
    }
}

/// Every family, the root of trouble first: a dead kubelet makes no sandboxes, and so on.
const FAMILIES: [fn(&Seen) -> Option<Verdict>; 7] =
    [kubelet::judge, runtime::judge, manifest::judge, sandbox::judge, image::judge, container::judge, bootstrap::judge];

/// Every known cause, family by family. A test compares docs/errors.md with them.
pub fn known() -> impl Iterator<Item = &'static Signature> {
    let families: [(&[Signature], &[&Signature]); 7] = [
        (
            kubelet::TABLE,
            &[&kubelet::NO_DROP_IN, &kubelet::CRASHLOOP, &kubelet::MASKED, &kubelet::WRONG_UNIT, &kubelet::NOT_RUNNING],
        ),
        (&[], &[&runtime::DOWN]),
        (manifest::TABLE, &[]),
        (sandbox::TABLE, &[&sandbox::UNKNOWN]),
        (image::TABLE, &[&image::UNKNOWN]),
        (container::TABLE, &[&container::WAITS, &container::EXITS, &container::START]),
        (bootstrap::TABLE, &[&bootstrap::PENDING]),
    ];
    families.into_iter().flat_map(|(table, others)| table.iter().chain(others.iter().copied()))
}

/// The cause, once it is certain.
#[must_use]
pub fn certain(seen: &Seen) -> Option<Diagnosis> {
    verdicts(seen).find(|verdict| verdict.certain).map(|verdict| verdict.diagnosis)
}

/// The likeliest cause, certain or not.
#[must_use]
pub fn likeliest(seen: &Seen) -> Option<Diagnosis> {
    certain(seen).or_else(|| verdicts(seen).next().map(|verdict| verdict.diagnosis))
}

fn verdicts(seen: &Seen) -> impl Iterator<Item = Verdict> {
    FAMILIES.iter().filter_map(|judge| judge(seen))
}
