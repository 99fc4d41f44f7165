//! KYAML (KEP-5295): YAML that leaves nothing to guess. Maps in braces, lists in brackets, strings in quotes, a comma
//! after everything.

use serde_json::Value;

/// One document, with the line that begins it.
#[must_use]
pub(super) fn document(value: &Value) -> String {
    let mut text = String::from("---\n");
    write(value, 0, &mut text);
    text.push('\n');
    text
}

fn write(value: &Value, depth: usize, text: &mut String) {
    match value {
        Value::Array(items) if !items.is_empty() => {
            block(('[', ']'), depth, text, items.iter().map(|item| (None, item)));
        }
        Value::Object(fields) if !fields.is_empty() => {
            block(('{', '}'), depth, text, fields.iter().map(|(name, value)| (Some(name.as_str()), value)));
        }
        // As JSON, which is YAML.
        scalar => text.push_str(&scalar.to_string()),
    }
}

fn block<'a>(
    (open, close): (char, char),
    depth: usize,
    text: &mut String,
    items: impl Iterator<Item = (Option<&'a str>, &'a Value)>,
) {
    text.push(open);
    for (name, value) in items {
        line(depth + 1, text);
        if let Some(name) = name {
            text.push_str(&key(name));
            text.push_str(": ");
        }
        write(value, depth + 1, text);
        text.push(',');
    }
    line(depth, text);
    text.push(close);
}

fn line(depth: usize, text: &mut String) {
    text.push('\n');
    text.extend(std::iter::repeat_n("  ", depth));
}

/// A key stands without quotes where no reader can take it for anything but a string.
fn key(name: &str) -> String {
    let plain = name.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_./".contains(letter))
        && !AMBIGUOUS.contains(&name.to_ascii_lowercase().as_str());
    if plain { name.to_owned() } else { Value::from(name).to_string() }
}

/// What YAML 1.1 or 1.2 reads as something else than a string.
const AMBIGUOUS: [&str; 11] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf"];
