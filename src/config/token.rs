//! Bootstrap tokens and certificate keys: their form, and new random ones.
//!
//! Knows nothing of Secrets or clusters.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::rand;

/// `abcdef.0123456789abcdef`: a public identifier and a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    /// Six of `a-z0-9`; public.
    pub id: String,
    /// Sixteen of `a-z0-9`.
    pub secret: String,
}

/// Text that is no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the bootstrap token {0:?} was not of the form {PATTERN:?}")]
pub struct NotAToken(String);

/// The system's random source failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the system's random source failed")]
pub struct NoRandomness;

/// kubeadm's regular expression for a token.
pub const PATTERN: &str = r"\A([a-z0-9]{6})\.([a-z0-9]{16})\z";
/// kubeadm's regular expression for a token's group.
pub const GROUP_PATTERN: &str = r"\Asystem:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]\z";
/// The group that a token has if none is given.
pub const DEFAULT_GROUP: &str = "system:bootstrappers:kubeadm:default-node-token";
/// What a token may be used for, in kubeadm's order.
pub const USAGES: [&str; 2] = ["signing", "authentication"];
/// Bytes of a certificate key.
pub const CERTIFICATE_KEY_SIZE: usize = 32;

const ID: usize = 6;
const SECRET: usize = 16;
const ALPHABET: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

impl FromStr for Token {
    type Err = NotAToken;

    fn from_str(text: &str) -> Result<Self, NotAToken> {
        match text.split_once('.') {
            Some((id, secret)) if is_word(id, ID) && is_word(secret, SECRET) => {
                Ok(Self { id: id.to_owned(), secret: secret.to_owned() })
            }
            _ => Err(NotAToken(text.to_owned())),
        }
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.id, self.secret)
    }
}

/// Shows the identifier only.
impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({}.…)", self.id)
    }
}

/// Whether the text is a token's identifier.
#[must_use]
pub fn is_token_id(text: &str) -> bool {
    is_word(text, ID)
}

/// Whether the text is a group that tokens may have.
#[must_use]
pub fn is_group(text: &str) -> bool {
    let Some(name) = text.strip_prefix("system:bootstrappers:") else { return false };
    let small = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_lowercase();
    name.len() <= 256
        && name.bytes().all(|byte| small(byte) || byte == b':' || byte == b'-')
        && name.bytes().next_back().is_some_and(small)
}

/// A new random token.
pub fn generate_token() -> Result<Token, NoRandomness> {
    Ok(Token { id: word(ID)?, secret: word(SECRET)? })
}

/// A new random certificate key: 64 hex digits.
pub fn generate_certificate_key() -> Result<String, NoRandomness> {
    let mut key = [0_u8; CERTIFICATE_KEY_SIZE];
    rand::fill(&mut key).map_err(|_| NoRandomness)?;
    Ok(key.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn is_word(text: &str, len: usize) -> bool {
    text.len() == len && text.bytes().all(|byte| ALPHABET.contains(&byte))
}

/// Bytes from 252 up are drawn again, so that every letter is equally likely.
fn word(len: usize) -> Result<String, NoRandomness> {
    let mut text = String::with_capacity(len);
    while text.len() < len {
        let mut byte = [0_u8];
        rand::fill(&mut byte).map_err(|_| NoRandomness)?;
        if byte[0] < 252 {
            text.push(char::from(ALPHABET[usize::from(byte[0]) % ALPHABET.len()]));
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_form() {
        let token: Token = "abcdef.0123456789abcdef".parse().unwrap();
        assert_eq!((token.id.as_str(), token.secret.as_str()), ("abcdef", "0123456789abcdef"));
        assert!(!format!("{token:?}").contains("0123456789"));
        for wrong in ["", "abcdef", "Abcdef.0123456789abcdef", "abcdef.0123456789abcde", "abcdef.0123456789abcdef\n"] {
            assert!(wrong.parse::<Token>().is_err(), "{wrong:?}");
        }
        assert_eq!(
            "x".parse::<Token>().unwrap_err().to_string(),
            r#"the bootstrap token "x" was not of the form "\\A([a-z0-9]{6})\\.([a-z0-9]{16})\\z""#
        );
    }

    #[test]
    fn new_ones_have_the_form_and_differ() {
        let (one, other) = (generate_token().unwrap(), generate_token().unwrap());
        assert_eq!(one.to_string().parse::<Token>().unwrap(), one);
        assert_ne!(one, other);
        let key = generate_certificate_key().unwrap();
        assert!(key.len() == 64 && key.bytes().all(|byte| byte.is_ascii_hexdigit()));
    }

    #[test]
    fn groups() {
        assert!(is_group(DEFAULT_GROUP));
        for wrong in ["system:bootstrappers:", "system:bootstrappers:a-", "system:masters", "system:bootstrappers:A"] {
            assert!(!is_group(wrong), "{wrong}");
        }
    }
}
