//! Kubernetes' JSONPath templates (`kubectl -o jsonpath`), over one document.
//!
//! Text with paths in braces: `{.a.b}`, `{['a']}`, `[0]`, `[-1]`, `[1:3]`, `[0,2]`, `*`, `..`, filters
//! `[?(@.name=="x")]`, `{range .a[*]}…{end}`, quoted text `{"\n"}`. The rules are those of client-go's
//! `util/jsonpath`; this module refuses to know what the documents are.

mod evaluate;
mod parse;

use serde_json::Value;

use super::go;

/// A template that can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("error parsing jsonpath {template}, {reason}")]
pub struct SyntaxError {
    template: String,
    reason: String,
}

/// A template that does not fit the document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("error executing jsonpath {template:?}: {reason}")]
pub struct EvaluationError {
    template: String,
    reason: String,
}

/// A template.
#[derive(Debug, Clone)]
pub struct JsonPath {
    text: String,
    parts: Vec<Part>,
}

/// A piece of a template.
#[derive(Debug, Clone, PartialEq)]
enum Part {
    /// What stands outside braces.
    Text(String),
    /// What stands in braces.
    Path(Vec<Step>),
    /// `{range PATH}…{end}`.
    Range(Vec<Step>, Vec<Self>),
}

/// One step of a path: from values to values.
#[derive(Debug, Clone, PartialEq)]
enum Step {
    Field(String),
    Wildcard,
    Recursive,
    Slice(Slice),
    Union(Vec<Vec<Self>>),
    Filter(Filter),
    Literal(Value),
}

/// `[from:to:step]`; an index is a slice of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Slice {
    from: i64,
    to: Option<i64>,
    step: i64,
}

/// `[?(left operator right)]`, or `[?(left)]`.
#[derive(Debug, Clone, PartialEq)]
struct Filter {
    left: Vec<Step>,
    compare: Option<(Operator, Vec<Step>)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Less,
    LessEqual,
    Equal,
    NotEqual,
    GreaterEqual,
    Greater,
}

impl JsonPath {
    /// Reads a template.
    pub fn parse(text: &str) -> Result<Self, SyntaxError> {
        let wrong = |reason| SyntaxError { template: text.to_owned(), reason };
        Ok(Self { text: text.to_owned(), parts: parse::template(text).map_err(wrong)? })
    }

    /// Fills it in. A field that is not there is an error, unless `missing_fields` are allowed and stand for nothing.
    pub fn text(&self, document: &Value, missing_fields: bool) -> Result<String, EvaluationError> {
        let line = |values: &Vec<Value>| values.iter().map(printed).collect::<Vec<_>>().join(" ");
        Ok(self.results(document, missing_fields)?.iter().map(line).collect())
    }

    /// What each path yields, as a JSON list.
    pub fn json(&self, document: &Value, missing_fields: bool) -> Result<String, EvaluationError> {
        let results = self.results(document, missing_fields)?;
        Ok(results.into_iter().map(|values| super::json(&Value::Array(values))).collect())
    }

    fn results(&self, document: &Value, missing_fields: bool) -> Result<Vec<Vec<Value>>, EvaluationError> {
        evaluate::parts(&self.parts, document, missing_fields)
            .map_err(|reason| EvaluationError { template: self.text.clone(), reason })
    }
}

fn printed(value: &Value) -> String {
    match value {
        Value::Array(_) | Value::Object(_) | Value::Null => value.to_string(),
        scalar => go::text(scalar),
    }
}

#[cfg(test)]
mod tests;
