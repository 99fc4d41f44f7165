//! As much DER and PEM as certificates need beyond what rcgen and x509-parser do: taking a value apart into its
//! elements, and putting elements together.
//!
//! Knows tags and lengths; refuses to know what they mean.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// `INTEGER`.
pub(super) const INTEGER: u8 = 0x02;
/// `BIT STRING`.
pub(super) const BIT_STRING: u8 = 0x03;
/// `OCTET STRING`.
pub(super) const OCTET_STRING: u8 = 0x04;
/// `OBJECT IDENTIFIER`.
pub(super) const OBJECT_IDENTIFIER: u8 = 0x06;
/// `SEQUENCE`.
pub(super) const SEQUENCE: u8 = 0x30;

/// One element: tag, length and content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Element<'a> {
    pub(super) tag: u8,
    pub(super) content: &'a [u8],
    /// With tag and length.
    pub(super) whole: &'a [u8],
}

/// The elements that stand one after the other; `None` when the bytes are no DER.
pub(super) fn elements(mut bytes: &[u8]) -> Option<Vec<Element<'_>>> {
    let mut found = Vec::new();
    while let [tag, first, ..] = *bytes {
        let (length, header) = match first {
            0..=0x7f => (usize::from(first), 2),
            0x81..=0x84 => {
                let digits = bytes.get(2..2 + usize::from(first & 0x7f))?;
                (digits.iter().fold(0, |length, &digit| length << 8 | usize::from(digit)), 2 + digits.len())
            }
            _ => return None,
        };
        let end = header.checked_add(length)?;
        found.push(Element { tag, content: bytes.get(header..end)?, whole: &bytes[..end] });
        bytes = &bytes[end..];
    }
    bytes.is_empty().then_some(found)
}

/// The elements within the one element that the bytes are.
pub(super) fn within(bytes: &[u8], tag: u8) -> Option<Vec<Element<'_>>> {
    match elements(bytes)?.as_slice() {
        [outer] if outer.tag == tag => elements(outer.content),
        _ => None,
    }
}

/// One element with the parts, joined, as its content.
pub(super) fn element(tag: u8, parts: &[&[u8]]) -> Zeroizing<Vec<u8>> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut bytes = Zeroizing::new(Vec::with_capacity(length + 6));
    bytes.push(tag);
    let digits = length.to_be_bytes();
    let digits = &digits[digits.iter().take_while(|&&digit| digit == 0).count()..];
    match *digits {
        [] => bytes.push(0),
        [short] if short < 0x80 => bytes.push(short),
        // A length has at most eight digits.
        _ => {
            bytes.push(0x80 | digits.len() as u8);
            bytes.extend_from_slice(digits);
        }
    }
    parts.iter().for_each(|part| bytes.extend_from_slice(part));
    bytes
}

/// The PEM form, in lines of 64 characters.
pub(super) fn pem(label: &str, der: &[u8]) -> Zeroizing<String> {
    let text = Zeroizing::new(STANDARD.encode(der));
    let mut pem = Zeroizing::new(String::with_capacity(text.len() + text.len() / 64 + 2 * label.len() + 40));
    pem.push_str(&format!("-----BEGIN {label}-----\n"));
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(64));
        pem.push_str(line);
        pem.push('\n');
        rest = after;
    }
    pem.push_str(&format!("-----END {label}-----\n"));
    pem
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_every_size_read_back() {
        for length in [0, 1, 127, 128, 255, 256, 65_535, 65_536] {
            let content = vec![7; length];
            let bytes = element(OCTET_STRING, &[&content]);
            let read = elements(&bytes).unwrap();
            assert_eq!(read, [Element { tag: OCTET_STRING, content: &content, whole: &bytes }], "{length} bytes");
        }
    }

    #[test]
    fn what_is_cut_short_is_refused() {
        let bytes = element(SEQUENCE, &[&[1; 200]]);
        assert!((1..bytes.len()).all(|end| elements(&bytes[..end]).is_none()));
    }
}
