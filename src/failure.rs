//! A failure on its way to the person: the error, and what to do about it.
//!
//! Domain modules have error types of their own; phases and commands return this one. It takes any of them by `?`.

use std::error::Error;
use std::fmt;

/// Any error, with hints.
pub struct Failure {
    error: Box<dyn Error>,
    hints: Vec<String>,
}

/// What phases and commands return.
pub type Outcome<T = ()> = Result<T, Failure>;

impl Failure {
    /// A failure that is only words.
    pub fn text(text: impl Into<String>) -> Self {
        Self { error: text.into().into(), hints: Vec::new() }
    }

    /// Adds a line that says what to do next, as a command to type where there is one.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The hints, in order.
    #[must_use]
    pub fn hints(&self) -> &[String] {
        &self.hints
    }

    /// The error itself, to look for a type in.
    #[must_use]
    pub fn error(&self) -> &(dyn Error + 'static) {
        self.error.as_ref()
    }

    /// Says where it happened, in front.
    #[must_use]
    pub fn within(self, place: &str) -> Self {
        let error = Box::new(Within { text: place.to_owned(), source: self.error });
        Self { error, hints: self.hints }
    }
}

/// An error with a place in front of it.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
struct Within {
    text: String,
    source: Box<dyn Error>,
}

impl<E: Error + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        Self { error: Box::new(error), hints: Vec::new() }
    }
}

/// What stands in a hint for the name that kinit was called by, until somebody knows it.
pub(crate) const PROGRAM: &str = "{program}";

/// A hint with the name that kinit was called by.
pub(crate) fn called_by(program: &str, hint: &str) -> String {
    hint.replace(PROGRAM, program)
}

/// The error and its causes in one line: `a: b: c`.
#[must_use]
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        // Some libraries print their source in their own text already.
        if !text.ends_with(&next) {
            text.push_str(": ");
            text.push_str(&next);
        }
        cause = error.source();
    }
    text
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&chain(self.error()))
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self} {:?}", self.hints)
    }
}
