//! Bytes to text: encodings, and what no text holds.

use std::borrow::Cow;

use super::YamlError;

/// The mark that may stand at the beginning of a text, and tells its encoding.
const MARK: char = '\u{feff}';

/// The text in a file's bytes: UTF-8, or UTF-16 with its mark, which some editors and shells write. NULs are refused
/// here, before the YAML library would take them for the end.
pub fn text(bytes: &[u8]) -> Result<Cow<'_, str>, YamlError> {
    let text = match bytes {
        [0xff, 0xfe, units @ ..] => Cow::Owned(utf16(units, u16::from_le_bytes)?),
        [0xfe, 0xff, units @ ..] => Cow::Owned(utf16(units, u16::from_be_bytes)?),
        _ => Cow::Borrowed(std::str::from_utf8(bytes).map_err(|error| {
            let before = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
            YamlError::after(&before, "not UTF-8 text")
        })?),
    };
    match text.find('\0') {
        Some(at) => Err(YamlError::after(&text[..at], "a NUL byte, which no text holds")),
        None => Ok(text),
    }
}

/// Without marks at the beginning of the text and of lines: files that were joined bring one each.
pub(super) fn without_marks(text: &str) -> Cow<'_, str> {
    let text = text.strip_prefix(MARK).unwrap_or(text);
    if text.contains("\n\u{feff}") { Cow::Owned(text.replace("\n\u{feff}", "\n")) } else { Cow::Borrowed(text) }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, YamlError> {
    let mut text = String::with_capacity(bytes.len());
    let (pairs, rest) = bytes.as_chunks();
    for letter in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        match letter {
            Ok(letter) => text.push(letter),
            Err(_) => return Err(YamlError::after(&text, "not UTF-16 text, though it begins so")),
        }
    }
    if rest.is_empty() { Ok(text) } else { Err(YamlError::after(&text, "UTF-16 text that is cut short")) }
}
