//! The functions of Go templates that are taken.

use std::cmp::Ordering;

use serde_json::Value;

use super::super::go;

/// Their names.
pub(super) const NAMES: [&str; 14] =
    ["and", "eq", "ge", "gt", "index", "le", "len", "lt", "ne", "not", "or", "print", "printf", "println"];

type Called = Result<Value, String>;

/// Calls one of them.
pub(super) fn call(name: &str, given: &[Value]) -> Called {
    match (name, given) {
        ("and", [.., last]) => Ok(given.iter().find(|value| !truth(value)).unwrap_or(last).clone()),
        ("or", [.., last]) => Ok(given.iter().find(|value| truth(value)).unwrap_or(last).clone()),
        ("not", [value]) => Ok((!truth(value)).into()),
        ("eq", [value, others @ ..]) if !others.is_empty() => any_equal(value, others),
        ("ne", [left, right]) => Ok((order(left, right)? != Ordering::Equal).into()),
        ("lt", [left, right]) => Ok((order(left, right)? == Ordering::Less).into()),
        ("le", [left, right]) => Ok((order(left, right)? != Ordering::Greater).into()),
        ("gt", [left, right]) => Ok((order(left, right)? == Ordering::Greater).into()),
        ("ge", [left, right]) => Ok((order(left, right)? != Ordering::Less).into()),
        ("len", [value]) => len(value),
        ("index", [value, at @ ..]) => at.iter().try_fold(value.clone(), |value, at| index(&value, at)),
        ("print", _) => Ok(print(given).into()),
        ("println", _) => Ok(format!("{}\n", given.iter().map(go::text).collect::<Vec<_>>().join(" ")).into()),
        ("printf", [Value::String(format), given @ ..]) => printf(format, given),
        _ => Err(format!("wrong number or kind of arguments for {name}: {}", given.len())),
    }
}

/// What `if` takes for true: whatever is not empty.
pub(super) fn truth(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(is) => *is,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
    }
}

fn any_equal(value: &Value, others: &[Value]) -> Called {
    for other in others {
        if value == other || order(value, other)? == Ordering::Equal {
            return Ok(true.into());
        }
    }
    Ok(false.into())
}

fn order(left: &Value, right: &Value) -> Result<Ordering, String> {
    let order = match (left, right) {
        (Value::Number(left), Value::Number(right)) => left.as_f64().partial_cmp(&right.as_f64()),
        (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
        (Value::Bool(left), Value::Bool(right)) => Some(left.cmp(right)),
        _ => None,
    };
    order.ok_or_else(|| "incompatible types for comparison".to_owned())
}

fn len(value: &Value) -> Called {
    match value {
        Value::String(text) => Ok(text.len().into()),
        Value::Array(items) => Ok(items.len().into()),
        Value::Object(fields) => Ok(fields.len().into()),
        other => Err(format!("error calling len: len of {}", go::text(other))),
    }
}

fn index(value: &Value, at: &Value) -> Called {
    match (value, at) {
        (Value::Array(items), Value::Number(at)) => {
            let position = at.as_f64().filter(|at| at.fract() == 0.0 && *at >= 0.0 && *at < items.len() as f64);
            position.map(|at| items[at as usize].clone()).ok_or_else(|| format!("index out of range: {at}"))
        }
        (Value::Object(fields), Value::String(name)) => Ok(fields.get(name).cloned().unwrap_or_default()),
        _ => Err(format!("error calling index: can't index {} with {}", go::text(value), go::text(at))),
    }
}

/// Blanks stand between two values that are both no strings.
fn print(given: &[Value]) -> String {
    let mut text = String::new();
    for (number, value) in given.iter().enumerate() {
        if number > 0 && !value.is_string() && !given[number - 1].is_string() {
            text.push(' ');
        }
        text.push_str(&go::text(value));
    }
    text
}

/// `%s`, `%v`, `%d`, `%t`, `%q`, `%%`, with a width: `%-30s`.
fn printf(format: &str, given: &[Value]) -> Called {
    let mut given = given.iter();
    let mut pieces = format.split('%');
    let mut text = pieces.next().unwrap_or_default().to_owned();
    while let Some(piece) = pieces.next() {
        if piece.is_empty() {
            text.push('%');
            text.push_str(pieces.next().unwrap_or_default());
            continue;
        }
        let verb =
            piece.find(|letter: char| letter.is_alphabetic()).ok_or_else(|| format!("bad verb in {format:?}"))?;
        let (width, rest) = piece.split_at(verb);
        let value = given.next().ok_or_else(|| format!("{format:?} has more verbs than arguments"))?;
        let mut rest = rest.chars();
        text.push_str(&padded(&verb_of(rest.next(), value)?, width, value.is_number())?);
        text.push_str(rest.as_str());
    }
    Ok(text.into())
}

fn verb_of(verb: Option<char>, value: &Value) -> Result<String, String> {
    match (verb, value) {
        (Some('v'), _) | (Some('s'), Value::String(_) | Value::Array(_) | Value::Object(_)) => Ok(go::text(value)),
        (Some('t'), Value::Bool(_)) => Ok(go::text(value)),
        (Some('d'), Value::Number(number)) => {
            let whole = number.as_f64().filter(|number| number.fract() == 0.0);
            whole.map(|number| format!("{number:.0}")).ok_or_else(|| format!("printf can't write {number} with %d"))
        }
        (Some('q'), Value::String(_)) => Ok(value.to_string()),
        (Some(verb @ ('s' | 't' | 'd' | 'q')), _) => {
            Err(format!("printf can't write {} with %{verb}; %v takes anything", go::text(value)))
        }
        _ => Err("printf takes %s, %v, %d, %t and %q".to_owned()),
    }
}

/// To a width: `-` puts the blanks behind, `0` fills with zeros, which stand behind a number's sign.
fn padded(text: &str, width: &str, is_number: bool) -> Result<String, String> {
    let columns = width.trim_start_matches(['-', '0']);
    let flags = &width[..width.len() - columns.len()];
    let columns: u8 = match columns {
        "" => 0,
        digits if digits.starts_with('+') => return Err(format!("bad width {width:?}")),
        digits => digits.parse().map_err(|_| format!("bad width {width:?}"))?,
    };
    let columns = usize::from(columns);
    if flags.contains('-') {
        return Ok(format!("{text:columns$}"));
    }
    if !flags.contains('0') {
        return Ok(format!("{text:>columns$}"));
    }
    let (sign, digits) = text.split_at(usize::from(is_number && text.starts_with('-')));
    Ok(format!("{sign}{digits:0>width$}", width = columns.saturating_sub(sign.len())))
}
