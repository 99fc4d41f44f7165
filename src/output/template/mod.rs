//! Go templates (`text/template`), the part of them that lists and picks: text, fields, `range`, `if`, `with`, `else`,
//! `end`, pipes, parentheses and the functions of [`functions::NAMES`]. Anything else is refused by name.

mod execute;
mod functions;
mod parse;
mod words;

use serde_json::Value;

/// What a template may hold.
pub const TAKEN: &str = "Go templates here have fields (.a.b, $.a), range, if, else, with, end, pipes, \
    parentheses, and the functions and, or, not, eq, ne, lt, le, gt, ge, len, index, print, printf, println; jsonpath \
    is the other way to pick";

/// A template that can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("error parsing template {template}: line {line}: {reason}")]
pub struct SyntaxError {
    template: String,
    line: usize,
    reason: String,
}

/// A template that does not fit the document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("error executing template {template:?}: {reason}")]
pub struct ExecutionError {
    template: String,
    reason: String,
}

/// A template.
#[derive(Debug, Clone)]
pub struct Template {
    text: String,
    nodes: Vec<Node>,
}

/// A piece of a template.
#[derive(Debug, Clone, PartialEq)]
enum Node {
    Text(String),
    Print(Pipe),
    If(Pipe, Vec<Self>, Vec<Self>),
    Range(Pipe, Vec<Self>, Vec<Self>),
    With(Pipe, Vec<Self>, Vec<Self>),
}

/// Commands; each gets the value of the one before as its last argument.
type Pipe = Vec<Command>;

/// A value, or a function with its arguments.
#[derive(Debug, Clone, PartialEq)]
enum Command {
    Value(Operand),
    Call(&'static str, Vec<Operand>),
}

#[derive(Debug, Clone, PartialEq)]
enum Operand {
    /// `.a.b`; `.` alone is the value at hand.
    Field(Vec<String>),
    /// `$.a.b`: from the whole document.
    Root(Vec<String>),
    Literal(Value),
    /// In parentheses, with the fields that follow.
    Pipe(Pipe, Vec<String>),
}

impl Template {
    /// Reads a template.
    pub fn parse(text: &str) -> Result<Self, SyntaxError> {
        let wrong = |(line, reason)| SyntaxError { template: text.to_owned(), line, reason };
        Ok(Self { text: text.to_owned(), nodes: parse::template(text).map_err(wrong)? })
    }

    /// Fills it in. A field that is not there is an error, unless `missing_fields` are allowed: `<no value>` then.
    pub fn execute(&self, document: &Value, missing_fields: bool) -> Result<String, ExecutionError> {
        execute::template(&self.nodes, document, missing_fields)
            .map_err(|reason| ExecutionError { template: self.text.clone(), reason })
    }
}

#[cfg(test)]
mod tests;
