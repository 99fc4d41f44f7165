//! Reading a Go template.

use super::words::{Word, words};
use super::{Command, Node, Operand, Pipe, functions};

/// A line, and what is wrong there.
type Wrong = (usize, String);

/// How deep blocks and parentheses may be nested.
const MAX_DEPTH: usize = 32;

/// A whole template.
pub(super) fn template(text: &str) -> Result<Vec<Node>, Wrong> {
    let mut reader = Reader { text, at: 0, trims: false };
    let (nodes, end) = reader.block(0)?;
    match end {
        None => Ok(nodes),
        Some(word) => Err(reader.wrong(format!("unexpected {{{{{}}}}}", word.first()))),
    }
}

/// How a block ended.
enum End {
    End,
    /// `else`, and the words after it.
    Else(Vec<Word>),
}

impl End {
    fn first(&self) -> &'static str {
        match self {
            Self::End => "end",
            Self::Else(_) => "else",
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    /// The last action ended in `-}}`: the blanks after it don't count.
    trims: bool,
}

impl Reader<'_> {
    fn wrong(&self, reason: String) -> Wrong {
        (self.text[..self.at].matches('\n').count() + 1, reason)
    }

    /// Nodes up to the `end` or `else` of the block that they are in, or the end of the template.
    fn block(&mut self, depth: usize) -> Result<(Vec<Node>, Option<End>), Wrong> {
        if depth > MAX_DEPTH {
            return Err(self.wrong("blocks are nested too deep".to_owned()));
        }
        let mut nodes = Vec::new();
        while let Some(action) = self.action(&mut nodes)? {
            let mut words = words(action).map_err(|reason| self.wrong(reason))?;
            let keyword = match words.first() {
                Some(Word::Name(name)) => name.clone(),
                _ => String::new(),
            };
            match keyword.as_str() {
                "end" => return Ok((nodes, Some(End::End))),
                "else" => return Ok((nodes, Some(End::Else(words.split_off(1))))),
                "if" | "range" | "with" => nodes.push(self.branch(&keyword, &words[1..], depth)?),
                _ if words.is_empty() => {}
                _ => nodes.push(Node::Print(self.pipe(&words)?)),
            }
        }
        Ok((nodes, None))
    }

    /// Takes the text before the next action, then the action; `None` at the end.
    fn action(&mut self, nodes: &mut Vec<Node>) -> Result<Option<&str>, Wrong> {
        let rest = &self.text[self.at..];
        let open = rest.find("{{").unwrap_or(rest.len());
        let mut text = if self.trims { rest[..open].trim_start() } else { &rest[..open] };
        let trims = rest[open..].strip_prefix("{{-").is_some_and(|rest| rest.starts_with(char::is_whitespace));
        if trims {
            text = text.trim_end();
        }
        if !text.is_empty() {
            nodes.push(Node::Text(text.to_owned()));
        }
        self.at += open;
        if open == rest.len() {
            return Ok(None);
        }
        let inside = &rest[open + if trims { 3 } else { 2 }..];
        let close = close(inside).map_err(|reason| self.wrong(reason.to_owned()))?;
        self.at = self.text.len() - inside.len() + close + 2;
        let inside = &inside[..close];
        let trimmed = inside.strip_suffix('-').filter(|rest| rest.ends_with(char::is_whitespace));
        self.trims = trimmed.is_some();
        let inside = trimmed.unwrap_or(inside);
        let comment = inside.trim().starts_with("/*") && inside.trim().ends_with("*/");
        Ok(Some(if comment { "" } else { inside }))
    }

    fn branch(&mut self, keyword: &str, words: &[Word], depth: usize) -> Result<Node, Wrong> {
        if words.is_empty() {
            return Err(self.wrong(format!("missing value for {keyword}")));
        }
        let pipe = self.pipe(words)?;
        let (then, end) = self.block(depth + 1)?;
        let otherwise = match end {
            Some(End::End) => Vec::new(),
            Some(End::Else(words)) => self.otherwise(keyword, &words, depth)?,
            None => return Err(self.wrong(format!("{keyword} without its end"))),
        };
        Ok(match keyword {
            "if" => Node::If(pipe, then, otherwise),
            "range" => Node::Range(pipe, then, otherwise),
            _ => Node::With(pipe, then, otherwise),
        })
    }

    /// After `else`; `else if` and `else with` share the end of what they belong to.
    fn otherwise(&mut self, keyword: &str, words: &[Word], depth: usize) -> Result<Vec<Node>, Wrong> {
        match words {
            [] => match self.block(depth + 1)? {
                (nodes, Some(End::End)) => Ok(nodes),
                _ => Err(self.wrong(format!("{keyword} without its end"))),
            },
            [Word::Name(name), rest @ ..] if name == keyword && keyword != "range" => {
                Ok(vec![self.branch(keyword, rest, depth + 1)?])
            }
            _ => Err(self.wrong("unexpected words after else".to_owned())),
        }
    }

    fn pipe(&self, words: &[Word]) -> Result<Pipe, Wrong> {
        let mut rest = words;
        let pipe = pipe(&mut rest, 0).map_err(|reason| self.wrong(reason))?;
        if rest.is_empty() { Ok(pipe) } else { Err(self.wrong("unexpected right paren".to_owned())) }
    }
}

/// Where the braces are that close an action, quoted ones aside.
fn close(text: &str) -> Result<usize, &'static str> {
    let mut quote = None;
    let mut escaped = false;
    for (at, letter) in text.char_indices() {
        match (quote, letter) {
            _ if escaped => escaped = false,
            (Some('"'), '\\') => escaped = true,
            (None, '}') if text[at..].starts_with("}}") => return Ok(at),
            (None, '"' | '`') => quote = Some(letter),
            (Some(open), _) if open == letter => quote = None,
            _ => {}
        }
    }
    Err(if quote.is_some() { "unterminated quoted string" } else { "unclosed action" })
}

/// Commands up to a closing parenthesis, which stays unread, or the end.
fn pipe(words: &mut &[Word], depth: usize) -> Result<Pipe, String> {
    if depth > MAX_DEPTH {
        return Err("parentheses are nested too deep".to_owned());
    }
    let mut commands = vec![command(words, depth)?];
    while let [Word::Pipe, rest @ ..] = *words {
        *words = rest;
        match command(words, depth)? {
            call @ Command::Call(..) => commands.push(call),
            Command::Value(_) => return Err("after a pipe stands a function".to_owned()),
        }
    }
    Ok(commands)
}

fn command(words: &mut &[Word], depth: usize) -> Result<Command, String> {
    if let [Word::Name(name), rest @ ..] = *words {
        let function = function(name)?;
        *words = rest;
        let mut operands = Vec::new();
        while let Some(operand) = operand(words, depth)? {
            operands.push(operand);
        }
        return Ok(Command::Call(function, operands));
    }
    let value = operand(words, depth)?.ok_or("missing value for command")?;
    match words {
        [] | [Word::Pipe | Word::Close(_), ..] => Ok(Command::Value(value)),
        _ => Err("can't give argument to non-function".to_owned()),
    }
}

fn operand(words: &mut &[Word], depth: usize) -> Result<Option<Operand>, String> {
    let [first, rest @ ..] = *words else { return Ok(None) };
    let operand = match first {
        Word::Field(names) => Operand::Field(names.clone()),
        Word::Root(names) => Operand::Root(names.clone()),
        Word::Literal(value) => Operand::Literal(value.clone()),
        Word::Open => {
            *words = rest;
            let inside = pipe(words, depth + 1)?;
            let [Word::Close(names), rest @ ..] = *words else { return Err("unclosed left paren".to_owned()) };
            *words = rest;
            return Ok(Some(Operand::Pipe(inside, names.clone())));
        }
        Word::Name(name) => Operand::Pipe(vec![Command::Call(function(name)?, Vec::new())], Vec::new()),
        Word::Pipe | Word::Close(_) => return Ok(None),
    };
    *words = rest;
    Ok(Some(operand))
}

fn function(name: &str) -> Result<&'static str, String> {
    let known = functions::NAMES.into_iter().find(|known| *known == name);
    known.ok_or_else(|| format!("function {name:?} not defined"))
}
