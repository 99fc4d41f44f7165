//! Following a JSONPath template through a document.

use std::cmp::Ordering;

use serde_json::Value;

use super::{Filter, Operator, Part, Slice, Step};

type Found<T> = Result<T, String>;

/// What every text and path of a template yields, in order; a range's parts once for each of its values.
pub(super) fn parts(parts: &[Part], at: &Value, missing_fields: bool) -> Found<Vec<Vec<Value>>> {
    let mut results = Vec::new();
    for part in parts {
        match part {
            Part::Text(text) => results.push(vec![text.clone().into()]),
            Part::Path(path) => results.push(follow(path, vec![at.clone()], missing_fields)?),
            Part::Range(path, body) => {
                for value in follow(path, vec![at.clone()], missing_fields)? {
                    results.extend(self::parts(body, &value, missing_fields)?);
                }
            }
        }
    }
    Ok(results)
}

fn follow(path: &[Step], from: Vec<Value>, missing_fields: bool) -> Found<Vec<Value>> {
    path.iter().try_fold(from, |values, step| match step {
        Step::Field(name) => fields(&values, name, missing_fields),
        Step::Wildcard => Ok(values.iter().flat_map(inside).collect()),
        Step::Recursive => Ok(values.iter().flat_map(holders).collect()),
        Step::Slice(slice) => each(&values, |value| sliced(value, *slice)),
        Step::Union(paths) => each(paths, |path| follow(path, values.clone(), missing_fields)),
        Step::Filter(filter) => each(&values, |value| filtered(value, filter, missing_fields)),
        Step::Literal(value) => Ok(vec![value.clone()]),
    })
}

fn each<T>(items: &[T], values: impl Fn(&T) -> Found<Vec<Value>>) -> Found<Vec<Value>> {
    Ok(items.iter().map(values).collect::<Found<Vec<_>>>()?.concat())
}

fn fields(values: &[Value], name: &str, missing_fields: bool) -> Found<Vec<Value>> {
    let found: Vec<Value> = values.iter().filter_map(|value| value.as_object()?.get(name)).cloned().collect();
    if found.is_empty() && !values.is_empty() && !missing_fields {
        return Err(format!("{name} is not found"));
    }
    Ok(found)
}

fn inside(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items.clone(),
        Value::Object(fields) => fields.values().cloned().collect(),
        _ => Vec::new(),
    }
}

/// Everything that holds something, from the outside in.
fn holders(value: &Value) -> Vec<Value> {
    let inside = inside(value);
    if inside.is_empty() {
        return Vec::new();
    }
    std::iter::once(value.clone()).chain(inside.iter().flat_map(holders)).collect()
}

fn list(value: &Value) -> Found<&Vec<Value>> {
    value.as_array().ok_or_else(|| format!("{value} is not array or slice"))
}

fn sliced(value: &Value, Slice { from, to, step }: Slice) -> Found<Vec<Value>> {
    if value.is_null() {
        return Ok(Vec::new());
    }
    let items = list(value)?;
    let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let from_end = |index: i64| if index < 0 { index + length } else { index };
    let (from, to) = (from_end(from), from_end(to.unwrap_or(length)));
    if from == to {
        return Ok(Vec::new());
    }
    let out_of_bounds = |index: i64| Err(format!("array index out of bounds: index {index}, length {length}"));
    match (usize::try_from(from), usize::try_from(to), usize::try_from(step)) {
        (Ok(first), _, _) if first >= items.len() => out_of_bounds(from),
        (_, Ok(end), _) if end > items.len() => out_of_bounds(to - 1),
        (Ok(first), Ok(end), Ok(step)) if first < end => Ok(items[first..end].iter().step_by(step).cloned().collect()),
        (Err(_), ..) => out_of_bounds(from),
        (_, Err(_), _) => out_of_bounds(to - 1),
        _ => Err(format!("starting index {from} is greater than ending index {to}")),
    }
}

fn filtered(value: &Value, filter: &Filter, missing_fields: bool) -> Found<Vec<Value>> {
    let mut passed = Vec::new();
    for item in list(value)? {
        if passes(item, filter, missing_fields)? {
            passed.push(item.clone());
        }
    }
    Ok(passed)
}

fn passes(item: &Value, filter: &Filter, missing_fields: bool) -> Found<bool> {
    let values = |path| follow(path, vec![item.clone()], missing_fields);
    let Some((operator, right)) = &filter.compare else {
        // Whether something is there is the question here.
        return Ok(!follow(&filter.left, vec![item.clone()], true)?.is_empty());
    };
    match (&values(&filter.left)?[..], &values(right)?[..]) {
        ([], _) | (_, []) => Ok(false),
        ([left], [right]) => compare(left, *operator, right),
        _ => Err("can only compare one element at a time".to_owned()),
    }
}

fn compare(left: &Value, operator: Operator, right: &Value) -> Found<bool> {
    let order = match (left, right) {
        (Value::Number(left), Value::Number(right)) => left.as_f64().partial_cmp(&right.as_f64()),
        (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
        (Value::Bool(left), Value::Bool(right)) if matches!(operator, Operator::Equal | Operator::NotEqual) => {
            Some(left.cmp(right))
        }
        _ => None,
    };
    let order = order.ok_or_else(|| format!("incompatible types for comparison: {left} and {right}"))?;
    Ok(match operator {
        Operator::Less => order == Ordering::Less,
        Operator::LessEqual => order != Ordering::Greater,
        Operator::Equal => order == Ordering::Equal,
        Operator::NotEqual => order != Ordering::Equal,
        Operator::GreaterEqual => order != Ordering::Less,
        Operator::Greater => order == Ordering::Greater,
    })
}
