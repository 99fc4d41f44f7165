//! The words of an action: `range .images | len`.

use serde_json::Value;

use super::super::go;

/// A word.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Word {
    /// `.` and what follows it; the names may be none.
    Field(Vec<String>),
    /// `$` and what follows it.
    Root(Vec<String>),
    /// A quoted string, a number, `true`, `false` or `nil`.
    Literal(Value),
    /// A keyword or function.
    Name(String),
    Pipe,
    Open,
    /// `)` and the fields that follow it.
    Close(Vec<String>),
}

/// The words of an action, without its braces.
pub(super) fn words(action: &str) -> Result<Vec<Word>, String> {
    let mut rest = action.trim();
    let mut words = Vec::new();
    while let Some(first) = rest.chars().next() {
        let (word, length) = match first {
            '.' => {
                let (names, length) = fields(rest)?;
                (Word::Field(names), length)
            }
            '$' => {
                let (names, length) = fields(&rest[1..])?;
                (Word::Root(names), 1 + length)
            }
            '|' => (Word::Pipe, 1),
            '(' => (Word::Open, 1),
            ')' => {
                let (names, length) = fields(&rest[1..])?;
                (Word::Close(names), 1 + length)
            }
            '"' => {
                let read = go::unquote(rest)?;
                (Word::Literal(read.text.into()), read.length)
            }
            '`' => {
                let end = rest[1..].find('`').ok_or("unterminated raw quoted string")?;
                (Word::Literal(rest[1..=end].into()), end + 2)
            }
            _ => plain(rest)?,
        };
        words.push(word);
        rest = rest[length..].trim_start();
    }
    Ok(words)
}

/// `.a.b`, as many as there are; a dot alone is none.
fn fields(text: &str) -> Result<(Vec<String>, usize), String> {
    let mut names = Vec::new();
    let mut length = 0;
    while let Some(rest) = text[length..].strip_prefix('.') {
        let end = rest.find(|letter: char| !is_name(letter)).unwrap_or(rest.len());
        if end == 0 {
            return if length == 0 { Ok((names, 1)) } else { Err("a field's name is missing after '.'".to_owned()) };
        }
        names.push(rest[..end].to_owned());
        length += 1 + end;
    }
    if length == 0 && text.starts_with(is_name) {
        return Err("variables are not taken".to_owned());
    }
    Ok((names, length))
}

fn is_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// Words that a field may follow at once.
const KEYWORDS: [&str; 4] = ["range", "if", "with", "else"];

fn plain(text: &str) -> Result<(Word, usize), String> {
    let is_number = text.starts_with(|first: char| first.is_ascii_digit() || "+-".contains(first));
    let goes_on = |letter: char| is_name(letter) || is_number && "+-.".contains(letter);
    let end = text.find(|letter| !goes_on(letter)).unwrap_or(text.len());
    let word = &text[..end];
    if !is_number && text[end..].starts_with('.') && !word.is_empty() && !KEYWORDS.contains(&word) {
        return Err(format!("unexpected . after {word:?}"));
    }
    let literal = match word {
        "" => return Err(format!("unexpected {:?} in command", text.chars().next().unwrap_or_default())),
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        "nil" => Value::Null,
        number if is_number => number.parse::<f64>().map_err(|_| format!("bad number syntax: {number:?}"))?.into(),
        name => return Ok((Word::Name(name.to_owned()), end)),
    };
    Ok((Word::Literal(literal), end))
}
