//! What is wrong with a YAML text, and where, in words for the person who wrote it.

use serde_saphyr::Error;
use serde_saphyr::budget::BudgetBreach;

use super::limits;

/// The most letters of the library's words that are shown: they quote the text, which may be of any length.
const LONGEST: usize = 200;

/// YAML that could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum YamlError {
    /// No text, not YAML, a key given twice, or more than the limits allow.
    #[error("line {line}, column {column}: {reason}")]
    Syntax {
        /// From 1.
        line: u64,
        /// In letters, from 1.
        column: u64,
        /// What is wrong there.
        reason: String,
    },
    /// Wrong as a whole.
    #[error("{0}")]
    Whole(String),
    /// Another number of documents than one.
    #[error("expected one YAML document, found {0}")]
    NotOne(usize),
    /// A value that YAML has no form for.
    #[error("cannot write YAML: {0}")]
    Write(String),
}

impl YamlError {
    /// Something wrong right after a text.
    pub(super) fn after(before: &str, reason: &str) -> Self {
        let line = before.rsplit('\n').next().unwrap_or_default();
        let place = |count: usize| 1 + u64::try_from(count).unwrap_or(u64::MAX - 1);
        Self::Syntax {
            line: place(before.matches('\n').count()),
            column: place(line.chars().count()),
            reason: reason.to_owned(),
        }
    }
}

/// The library's error in our words.
pub(super) fn of(error: &Error) -> YamlError {
    let mut error = error.without_snippet();
    let place = error.location();
    while let Error::AliasError { error: inner, .. } = error {
        error = inner.without_snippet();
    }
    let reason = limit(error).or_else(|| plain(error)).unwrap_or_else(|| words(error));
    match place {
        Some(at) => YamlError::Syntax { line: at.line(), column: at.column(), reason },
        None => YamlError::Whole(reason),
    }
}

/// More than [`limits`] allow.
fn limit(error: &Error) -> Option<String> {
    let deep = || format!("more than {} lists and maps are within each other", limits::DEPTH);
    let what = match error {
        Error::AliasReplayLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. }
        | Error::AliasReplayCounterOverflow { .. } => format!("aliases repeat more than {} values", limits::REPEATED),
        Error::Budget { breach, .. } => match breach {
            BudgetBreach::Depth { .. } => deep(),
            BudgetBreach::Aliases { .. } => format!("more than {} aliases", limits::ALIASES),
            BudgetBreach::Documents { .. } => format!("more than {} documents", limits::DOCUMENTS),
            BudgetBreach::ScalarBytes { .. } => format!("more than {} MiB of text", limits::BYTES >> 20),
            _ => format!("more than {} values", limits::VALUES),
        },
        // The scanner is ahead of what counts the depth.
        other if other.to_string().starts_with("recursion limit exceeded") => deep(),
        _ => return None,
    };
    Some(format!("too large: {what}"))
}

/// What the library says to programmers.
fn plain(error: &Error) -> Option<String> {
    let words = match error {
        Error::NonFiniteFloat { .. } => "a number that is not finite, or too large; put it in quotes if it is text",
        Error::RecursiveReferencesRequireWeakTypes { .. } => "an alias within the value that it stands for",
        Error::NullIntoString { .. } => "an empty key; put it in quotes if it is meant",
        Error::TaggedScalarCannotDeserializeIntoString { .. } => "a tag that has no meaning here",
        _ => return None,
    };
    Some(words.to_owned())
}

/// The library's words without its own "at line, column" and its advice.
fn words(error: &Error) -> String {
    let words = error.to_string();
    let tails = [" (defined at line ", " at line ", ", set DuplicateKeyPolicy"];
    let end = tails.iter().filter_map(|tail| words.find(tail)).min().unwrap_or(words.len());
    let words = words[..end].trim_end_matches([' ', ':']);
    match words.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &words[..at]),
        None => words.to_owned(),
    }
}
