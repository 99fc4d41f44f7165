//! Reading a JSONPath template.

use serde_json::Value;

use super::{Filter, Operator, Part, Slice, Step};

type Parsed<T> = Result<T, String>;

/// How deep `range` and filters may be nested.
const MAX_DEPTH: usize = 32;

/// The parts of a whole template.
pub(super) fn template(text: &str) -> Parsed<Vec<Part>> {
    let mut rest = text;
    let parts = block(&mut rest, 0)?;
    if rest.is_empty() { Ok(parts) } else { Err("not in range, nothing to end".to_owned()) }
}

/// Parts up to the end, or to the `{end}` of the block that they are in; it stays unread.
fn block(rest: &mut &str, depth: usize) -> Parsed<Vec<Part>> {
    if depth > MAX_DEPTH {
        return Err("ranges are nested too deep".to_owned());
    }
    let mut parts = Vec::new();
    while let Some((text, action)) = rest.split_once('{') {
        if !text.is_empty() {
            parts.push(Part::Text(text.to_owned()));
        }
        let close = end_of_action(action)?;
        let (inside, after) = (&action[..close], &action[close + 1..]);
        if inside.trim() == "end" {
            *rest = &rest[text.len()..];
            return Ok(parts);
        }
        *rest = after;
        match inside.trim_start().strip_prefix("range").filter(|path| !path.starts_with(char::is_alphanumeric)) {
            Some(path) => parts.push(Part::Range(steps(path, depth)?, range_body(rest, depth)?)),
            None => parts.push(Part::Path(steps(inside, depth)?)),
        }
    }
    if !rest.is_empty() {
        parts.push(Part::Text((*rest).to_owned()));
        *rest = "";
    }
    Ok(parts)
}

fn range_body(rest: &mut &str, depth: usize) -> Parsed<Vec<Part>> {
    let body = block(rest, depth + 1)?;
    let (_, after) = rest.split_once('}').ok_or("range without its end")?;
    *rest = after;
    Ok(body)
}

/// Where the brace is that closes an action, quoted ones aside.
fn end_of_action(text: &str) -> Parsed<usize> {
    let mut quote = None;
    let mut escaped = false;
    for (at, letter) in text.char_indices() {
        match (quote, letter) {
            (_, '\n') => break,
            _ if escaped => escaped = false,
            (_, '\\') => escaped = true,
            (None, '}') => return Ok(at),
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), _) if open == letter => quote = None,
            _ => {}
        }
    }
    Err(if quote.is_some() { "unterminated quoted string" } else { "unclosed action" }.to_owned())
}

/// The steps of a path.
fn steps(text: &str, depth: usize) -> Parsed<Vec<Step>> {
    let mut rest = text.trim_start();
    let mut steps = Vec::new();
    while let Some(first) = rest.chars().next() {
        let (step, length) = match first {
            '@' | '$' => (None, 1),
            '.' if rest.starts_with("..") => {
                if steps.last() == Some(&Step::Recursive) {
                    return Err("invalid multiple recursive descent".to_owned());
                }
                // What is looked for may follow at once: `..name`.
                let (name, length) = name(&rest[2..]);
                steps.push(Step::Recursive);
                ((length > 0).then(|| field(&name)), 2 + length)
            }
            // A dot alone is a field without a name, which nothing has.
            '.' => {
                let (name, length) = name(&rest[1..]);
                (Some(field(&name)), 1 + length)
            }
            '[' => bracket(rest, depth)?,
            '"' | '\'' => quoted(rest)?,
            '+' | '-' | '0'..='9' => number(rest)?,
            letter if letter.is_alphabetic() => word(rest)?,
            other => return Err(format!("unrecognized character in action: {other:?}")),
        };
        steps.extend(step);
        rest = rest[length..].trim_start();
    }
    Ok(steps)
}

fn field(name: &str) -> Step {
    if name == "*" { Step::Wildcard } else { Step::Field(name.to_owned()) }
}

/// A name, `\` before what would end it, and its length as written.
fn name(text: &str) -> (String, usize) {
    let mut name = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => name.extend(letters.next().map(|(_, letter)| letter)),
            ' ' | '\t' | '\r' | '\n' | '.' | ',' | '[' | ']' | '$' | '@' | '{' | '}' => return (name, at),
            _ => name.push(letter),
        }
    }
    (name, text.len())
}

fn word(text: &str) -> Parsed<(Option<Step>, usize)> {
    let (word, length) = name(text);
    match word.as_str() {
        "true" | "false" => Ok((Some(Step::Literal(Value::Bool(word == "true"))), length)),
        _ => Err(format!("unrecognized identifier {word}")),
    }
}

fn number(text: &str) -> Parsed<(Option<Step>, usize)> {
    let digits = text[1..].find(|letter: char| letter != '.' && !letter.is_ascii_digit());
    let length = digits.map_or(text.len(), |digits| digits + 1);
    let number = text[..length].parse::<f64>().map_err(|_| format!("cannot parse number {}", &text[..length]))?;
    Ok((Some(Step::Literal(number.into())), length))
}

/// `"text"` or `'text'`, with Go's escapes.
fn quoted(text: &str) -> Parsed<(Option<Step>, usize)> {
    let unquoted = super::go::unquote(text).map_err(str::to_owned)?;
    Ok((Some(Step::Literal(unquoted.text.into())), unquoted.length))
}

fn bracket(text: &str, depth: usize) -> Parsed<(Option<Step>, usize)> {
    if let Some(inside) = text.strip_prefix("[?(") {
        let close = end_of_filter(inside)?;
        return Ok((Some(Step::Filter(filter(&inside[..close], depth)?)), 3 + close + 2));
    }
    let close = text.find(']').ok_or("unterminated array")?;
    let items: Vec<&str> = text[1..close].split(',').collect();
    let step = match items[..] {
        [one] => item(one)?,
        _ => Step::Union(items.iter().map(|one| Ok(vec![item(one.trim())?])).collect::<Parsed<_>>()?),
    };
    Ok((Some(step), close + 1))
}

/// `*`, `'name'`, `2` or `1:3:1`.
fn item(text: &str) -> Parsed<Step> {
    if let Some(name) = text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        return Ok(Step::Field(name.replace('\\', "")));
    }
    let wrong = || format!("invalid array index {text}");
    let number = |text: &str| text.parse::<i64>().map_err(|_| wrong());
    let optional = |text: Option<&&str>| text.filter(|text| !text.is_empty()).map(|text| number(text)).transpose();
    if text == "*" {
        return Ok(Step::Slice(Slice { from: 0, to: None, step: 1 }));
    }
    match text.split(':').collect::<Vec<_>>()[..] {
        // One from the end may be the last, which no number follows.
        [index] => number(index).map(|from| Slice { from, to: (from != -1).then_some(from + 1), step: 1 }),
        ref parts @ ([_, _] | [_, _, _]) => {
            let step = optional(parts.get(2))?.unwrap_or(1);
            if step < 1 {
                return Err("step must be > 0".to_owned());
            }
            Ok(Slice { from: optional(parts.first())?.unwrap_or(0), to: optional(parts.get(1))?, step })
        }
        _ => Err(wrong()),
    }
    .map(Step::Slice)
}

/// Where the `)]` is that closes a filter, quoted ones aside.
fn end_of_filter(text: &str) -> Parsed<usize> {
    let mut quote = None;
    for (at, letter) in text.char_indices() {
        match (quote, letter) {
            (None, ')') if text[at..].starts_with(")]") => return Ok(at),
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), _) if open == letter && !text[..at].ends_with('\\') => quote = None,
            _ => {}
        }
    }
    Err("unterminated filter".to_owned())
}

fn filter(text: &str, depth: usize) -> Parsed<Filter> {
    if depth > MAX_DEPTH {
        return Err("filters are nested too deep".to_owned());
    }
    let is_operator = |letter: char| "!<>=".contains(letter);
    let Some(at) = text.find(is_operator) else {
        return Ok(Filter { left: steps(text, depth + 1)?, compare: None });
    };
    let (left, rest) = text.split_at(at);
    let (operator, right) = rest.split_at(rest.find(|letter| !is_operator(letter)).unwrap_or(rest.len()));
    let operator = match operator {
        "<" => Operator::Less,
        "<=" => Operator::LessEqual,
        "==" => Operator::Equal,
        "!=" => Operator::NotEqual,
        ">=" => Operator::GreaterEqual,
        ">" => Operator::Greater,
        other => return Err(format!("unrecognized filter operator {other}")),
    };
    Ok(Filter { left: steps(left, depth + 1)?, compare: Some((operator, steps(right, depth + 1)?)) })
}
