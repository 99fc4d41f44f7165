//! Writes a document in a style. It changes no value.

use serde_json::Value;

use super::node::Node;
use super::style::{Form, Quotes, Style};

/// The document's text, with a line break at its end.
pub(super) fn document(node: &Node, style: &Style) -> String {
    let composite = matches!(node, Node::Map(entries) if !entries.is_empty());
    if style.form == Form::Json || !composite {
        return inline(node, style) + "\n";
    }
    let repeated = if style.anchors { repeated(node) } else { Vec::new() };
    Writer { style, repeated, anchored: Vec::new() }.block(node, 0)
}

struct Writer<'a> {
    style: &'a Style,
    /// The values that come more than once.
    repeated: Vec<&'a Node>,
    /// Those that have an anchor by now: the n-th has `&an`.
    anchored: Vec<&'a Node>,
}

impl<'a> Writer<'a> {
    /// The lines of a map or list that is not empty, `depth` blanks in.
    fn block(&mut self, node: &'a Node, depth: usize) -> String {
        match node {
            Node::Map(entries) => entries.iter().map(|(key, value)| self.entry(key, value, depth)).collect(),
            Node::List(items) => items.iter().map(|item| self.item(item, depth)).collect(),
            Node::Scalar(_) => inline(node, self.style),
        }
    }

    fn entry(&mut self, key: &str, value: &'a Node, depth: usize) -> String {
        let list = matches!(value, Node::List(_));
        let deeper = if list && !self.style.lists_in { depth } else { depth + self.style.indent };
        let comment = if self.style.comments && depth == 0 { "# this is\n" } else { "" };
        format!("{comment}{:depth$}{}:{}", "", scalar(key, self.style, false), self.value(value, deeper))
    }

    fn item(&mut self, item: &'a Node, depth: usize) -> String {
        if matches!(item, Node::Map(entries) if !entries.is_empty())
            && self.nests(item)
            && !self.repeated.contains(&item)
        {
            let lines = self.block(item, depth + 2);
            return format!("{:depth$}- {}", "", lines.trim_start_matches(' '));
        }
        format!("{:depth$}-{}", "", self.value(item, depth + self.style.indent))
    }

    /// What follows `key:` or `-`.
    fn value(&mut self, node: &'a Node, depth: usize) -> String {
        if let Some(number) = self.anchored.iter().position(|known| *known == node) {
            return format!(" *a{number}\n");
        }
        let mut anchor = String::new();
        if self.repeated.contains(&node) {
            anchor = format!(" &a{}", self.anchored.len());
            self.anchored.push(node);
        }
        let comment = if self.style.comments { " # as it is" } else { "" };
        match node {
            _ if self.nests(node) => format!("{anchor}{comment}\n{}", self.block(node, depth)),
            Node::Scalar(Value::String(text)) if self.style.quotes == Quotes::Plain && text.contains('\n') => {
                format!("{anchor} |-\n{:depth$}{}\n", "", text.replace('\n', &format!("\n{:depth$}", "")))
            }
            _ => format!("{anchor} {}{comment}\n", inline(node, self.style)),
        }
    }

    /// Whether the value gets lines of its own.
    fn nests(&self, node: &Node) -> bool {
        self.style.form == Form::Block
            && match node {
                Node::Scalar(_) => false,
                Node::List(items) => !items.is_empty(),
                Node::Map(entries) => !entries.is_empty(),
            }
    }
}

/// A value within a line.
fn inline(node: &Node, style: &Style) -> String {
    match node {
        Node::Scalar(Value::String(text)) => scalar(text, style, true),
        Node::Scalar(Value::Bool(value)) if style.form != Form::Json => style.booleans[usize::from(*value)].to_owned(),
        Node::Scalar(value) => value.to_string(),
        Node::List(items) => {
            let items: Vec<String> = items.iter().map(|item| inline(item, style)).collect();
            format!("[{}]", items.join(", "))
        }
        Node::Map(entries) => {
            let entry =
                |(key, value): &(String, Node)| format!("{}: {}", scalar(key, style, true), inline(value, style));
            let entries: Vec<String> = entries.iter().map(entry).collect();
            format!("{{{}}}", entries.join(if style.form == Form::Json { ",\n " } else { ", " }))
        }
    }
}

/// A string, quoted as the style says or as it must be.
fn scalar(text: &str, style: &Style, in_brackets: bool) -> String {
    let double = || Value::from(text).to_string();
    match style.quotes {
        _ if style.form == Form::Json => double(),
        Quotes::Plain if stands_alone(text, in_brackets) => text.to_owned(),
        Quotes::Single | Quotes::Plain if !text.contains('\n') => format!("'{}'", text.replace('\'', "''")),
        _ => double(),
    }
}

/// Whether a string means itself without quotes, in YAML 1.1 and 1.2.
fn stands_alone(text: &str, in_brackets: bool) -> bool {
    const WORDS: &[&str] = &["true", "false", "yes", "no", "on", "off", "y", "n", "null"];
    let plain = |character: char| {
        character.is_ascii_alphanumeric() || "_./:=+*%$()@-".contains(character) || (character == ',' && !in_brackets)
    };
    let first = text.chars().next().is_some_and(|first| first.is_ascii_alphanumeric() || first == '/');
    let numeric = text.starts_with(|first: char| first.is_ascii_digit());
    let no_number = text.contains(|character: char| "ghjklmpqrstuvwz/".contains(character.to_ascii_lowercase()))
        || text.contains("::")
        || text.matches('.').count() > 1;
    first
        && text.chars().all(plain)
        && !text.ends_with(':')
        && !WORDS.contains(&text.to_lowercase().as_str())
        && (!numeric || no_number)
}

/// The lists, maps and longer strings that come more than once.
fn repeated(node: &Node) -> Vec<&Node> {
    let mut all = Vec::new();
    collect(node, &mut all);
    let twice = |node: &&Node| all.iter().filter(|other| other == &node).count() > 1;
    all.iter().copied().filter(twice).collect()
}

fn collect<'a>(node: &'a Node, all: &mut Vec<&'a Node>) {
    match node {
        Node::Scalar(Value::String(text)) if text.len() > 3 && !text.contains('\n') => all.push(node),
        Node::Scalar(_) => {}
        Node::List(items) if items.is_empty() => {}
        Node::List(items) => {
            all.push(node);
            items.iter().for_each(|item| collect(item, all));
        }
        Node::Map(entries) => {
            all.push(node);
            entries.iter().for_each(|(_, value)| collect(value, all));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::api;
    use super::super::setting::{Setting, V1BETA4};
    use super::super::style;
    use super::*;

    fn value(node: &Node) -> Value {
        match node {
            Node::Scalar(value) => value.clone(),
            Node::List(items) => items.iter().map(value).collect(),
            Node::Map(entries) => Value::Object(entries.iter().map(|(key, node)| (key.clone(), value(node))).collect()),
        }
    }

    fn documents() -> impl Strategy<Value = Node> {
        let setting = Setting { minor: 37, api: V1BETA4, family: 0, density: 0.5 };
        proptest::strategy::Union::new(api::ALL.iter().map(|kind| kind.strategy(&setting)))
            .prop_map(|document| document.node)
    }

    proptest! {
        #[test]
        fn every_style_says_the_same(node in documents(), style in style::strategy()) {
            let text = document(&node, &style);
            let read = kinit::yaml::document(&text);
            prop_assert!(read.as_ref().is_ok_and(|read| *read == value(&node)), "{text}\n{read:?}");
        }
    }
}
