//! The values of a flag that takes several: commas between them, quotes around one that has a comma, as pflag reads them.

/// Takes a list apart; `None` where quotes do not fit. Nothing is no value.
#[must_use]
pub(super) fn values(text: &str) -> Option<Vec<String>> {
    let mut values = Vec::new();
    if text.is_empty() {
        return Some(values);
    }
    let mut rest = Some(text);
    while let Some(text) = rest {
        let (value, behind) = match text.strip_prefix('"') {
            Some(quoted) => quoted_value(quoted)?,
            None => plain_value(text)?,
        };
        values.push(value);
        rest = if behind.is_empty() { None } else { Some(behind.strip_prefix(',')?) };
    }
    Some(values)
}

fn plain_value(text: &str) -> Option<(String, &str)> {
    let (value, behind) = text.split_at(text.find(',').unwrap_or(text.len()));
    (!value.contains('"')).then(|| (value.to_owned(), behind))
}

/// To the quote that ends it; two of them stand for one within.
fn quoted_value(text: &str) -> Option<(String, &str)> {
    let (mut value, mut rest) = (String::new(), text);
    loop {
        let (before, behind) = rest.split_once('"')?;
        value.push_str(before);
        let Some(more) = behind.strip_prefix('"') else { return Some((value, behind)) };
        value.push('"');
        rest = more;
    }
}

#[cfg(test)]
mod tests {
    use super::values;

    #[test]
    fn as_pflags() {
        for (text, list) in [
            ("", &[][..]),
            ("a", &["a"]),
            ("a,b", &["a", "b"]),
            (",", &["", ""]),
            ("a,", &["a", ""]),
            ("\"a\"", &["a"]),
            ("\"a,b\",c", &["a,b", "c"]),
            ("\"a\"\"b\",\"\"", &["a\"b", ""]),
        ] {
            assert_eq!(values(text).unwrap(), list, "{text}");
        }
        for wrong in ["a\"", "\"a", "\"a\"b", "a,b\"c\""] {
            assert_eq!(values(wrong), None, "{wrong}");
        }
    }
}
