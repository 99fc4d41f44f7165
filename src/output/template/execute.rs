//! Filling in a Go template.

use serde_json::Value;

use super::super::go;
use super::functions::{call, truth};
use super::{Command, Node, Operand, Pipe};

/// More text than this is no listing any more.
const MAX_TEXT: usize = 1 << 24;

struct Run<'a> {
    document: &'a Value,
    missing_fields: bool,
    text: String,
}

/// The text that a template becomes.
pub(super) fn template(nodes: &[Node], document: &Value, missing_fields: bool) -> Result<String, String> {
    let mut run = Run { document, missing_fields, text: String::new() };
    run.nodes(nodes, document)?;
    Ok(run.text)
}

impl Run<'_> {
    fn nodes(&mut self, nodes: &[Node], dot: &Value) -> Result<(), String> {
        nodes.iter().try_for_each(|node| self.node(node, dot))
    }

    fn node(&mut self, node: &Node, dot: &Value) -> Result<(), String> {
        match node {
            Node::Text(text) => self.text.push_str(text),
            Node::Print(pipe) => {
                let value = self.pipe(pipe, dot)?;
                self.text.push_str(&printed(&value));
            }
            Node::If(pipe, then, otherwise) => {
                let nodes = if truth(&self.pipe(pipe, dot)?) { then } else { otherwise };
                self.nodes(nodes, dot)?;
            }
            Node::With(pipe, then, otherwise) => {
                let value = self.pipe(pipe, dot)?;
                if truth(&value) { self.nodes(then, &value)? } else { self.nodes(otherwise, dot)? }
            }
            Node::Range(pipe, then, otherwise) => self.range(&self.pipe(pipe, dot)?, then, otherwise, dot)?,
        }
        if self.text.len() > MAX_TEXT { Err("the text grows too long".to_owned()) } else { Ok(()) }
    }

    fn range(&mut self, over: &Value, then: &[Node], otherwise: &[Node], dot: &Value) -> Result<(), String> {
        let items: Vec<&Value> = match over {
            Value::Array(items) => items.iter().collect(),
            Value::Object(fields) => fields.values().collect(),
            Value::Null => Vec::new(),
            other => return Err(format!("range can't iterate over {}", go::text(other))),
        };
        if items.is_empty() {
            return self.nodes(otherwise, dot);
        }
        items.into_iter().try_for_each(|item| self.nodes(then, item))
    }

    fn pipe(&self, pipe: &Pipe, dot: &Value) -> Result<Value, String> {
        let mut value = None;
        for command in pipe {
            value = Some(match command {
                Command::Value(operand) => self.operand(operand, dot)?,
                Command::Call(function, operands) => {
                    let given = operands.iter().map(|operand| self.operand(operand, dot));
                    let given = given.chain(value.map(Ok)).collect::<Result<Vec<_>, _>>()?;
                    call(function, &given)?
                }
            });
        }
        Ok(value.unwrap_or_default())
    }

    fn operand(&self, operand: &Operand, dot: &Value) -> Result<Value, String> {
        match operand {
            Operand::Field(names) => self.fields(dot, names),
            Operand::Root(names) => self.fields(self.document, names),
            Operand::Literal(value) => Ok(value.clone()),
            Operand::Pipe(pipe, names) => self.fields(&self.pipe(pipe, dot)?, names),
        }
    }

    fn fields(&self, from: &Value, names: &[String]) -> Result<Value, String> {
        let mut value = from;
        for name in names {
            value = match value {
                Value::Object(fields) => match fields.get(name) {
                    None if !self.missing_fields => return Err(format!("map has no entry for key {name:?}")),
                    found => found.unwrap_or(&Value::Null),
                },
                Value::Null if self.missing_fields => &Value::Null,
                Value::Null => return Err(format!("nil data; no entry for key {name:?}")),
                other => return Err(format!("can't evaluate field {name} in {}", go::text(other))),
            };
        }
        Ok(value.clone())
    }
}

fn printed(value: &Value) -> String {
    if value.is_null() { "<no value>".to_owned() } else { go::text(value) }
}
