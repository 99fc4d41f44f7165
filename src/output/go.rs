//! How Go writes values as text (`fmt`'s `%v`) and reads quoted strings.

use serde_json::Value;

/// A value as `fmt.Print` writes it. Numbers are floats, as Go's JSON decoder makes them.
#[must_use]
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".to_owned(),
        Value::Bool(is) => is.to_string(),
        Value::Number(number) => number.as_f64().map_or(number.to_string(), float),
        Value::String(text) => text.clone(),
        Value::Array(items) => format!("[{}]", items.iter().map(text).collect::<Vec<_>>().join(" ")),
        Value::Object(fields) => {
            let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{name}:{}", text(value))).collect();
            format!("map[{}]", fields.join(" "))
        }
    }
}

/// `%g` in its shortest form: with an exponent below 1e-4 and from 1e6 on.
fn float(number: f64) -> String {
    let shortest = format!("{number:e}");
    let Some((digits, exponent)) = shortest.split_once('e') else { return shortest };
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if (-4..6).contains(&exponent) {
        return number.to_string();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.unsigned_abs())
}

/// A quoted string, read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unquoted {
    /// What it stands for.
    pub(super) text: String,
    /// Its length as written, quotes and all.
    pub(super) length: usize,
}

/// Reads the quoted string that a text begins with.
pub(super) fn unquote(text: &str) -> Result<Unquoted, &'static str> {
    let mut letters = text.char_indices();
    let Some((_, quote)) = letters.next() else { return Err("unterminated quoted string") };
    let mut unquoted = String::new();
    while let Some((at, letter)) = letters.next() {
        match letter {
            letter if letter == quote => return Ok(Unquoted { text: unquoted, length: at + letter.len_utf8() }),
            '\n' => break,
            '\\' => {
                let escaped = letters.next().ok_or("unterminated quoted string")?.1;
                unquoted.push(escape(escaped, &mut letters)?);
            }
            other => unquoted.push(other),
        }
    }
    Err("unterminated quoted string")
}

fn escape(letter: char, rest: &mut std::str::CharIndices<'_>) -> Result<char, &'static str> {
    let mut code = |digits: usize| {
        let hex: String = rest.take(digits).map(|(_, digit)| digit).collect();
        u32::from_str_radix(&hex, 16).ok().filter(|_| hex.len() == digits).and_then(char::from_u32)
    };
    let meant = match letter {
        'n' => Some('\n'),
        't' => Some('\t'),
        'r' => Some('\r'),
        '\\' | '"' | '\'' | '`' => Some(letter),
        'x' => code(2),
        'u' => code(4),
        _ => None,
    };
    meant.ok_or("invalid escape in a quoted string: \\n, \\t, \\r, \\\\, \\\", \\', \\xHH and \\uHHHH are read")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_written_as_go_writes_them() {
        let cases = [
            (json!("a b"), "a b"),
            (json!(["a", 1, true]), "[a 1 true]"),
            (json!({"b": 1, "a": null}), "map[a:<nil> b:1]"),
            (json!(31_535_999), "3.1535999e+07"),
            (json!(999_999), "999999"),
            (json!(1_000_000), "1e+06"),
            (json!(0.00001), "1e-05"),
            (json!(-0.5), "-0.5"),
        ];
        for (value, written) in cases {
            assert_eq!(text(&value), written);
        }
    }

    #[test]
    fn quoted_strings() {
        let read = |text: &str| unquote(text).map(|read| (read.text, read.length));
        assert_eq!(read(r#""a\n\"b" c"#), Ok(("a\n\"b".to_owned(), 8)));
        assert_eq!(read(r"'\u00e9\x41'"), Ok(("éA".to_owned(), 12)));
        for wrong in ["\"a", "\"a\\", "\"\\q\"", "\"\\u12\"", "\"\\ud800\"", "", "\"a\nb\""] {
            assert!(unquote(wrong).is_err(), "{wrong:?}");
        }
    }
}
