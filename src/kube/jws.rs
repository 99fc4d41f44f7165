//! The signature of cluster-info: a detached JSON Web Signature (HS256) with a bootstrap token as its key.
//!
//! A joining node that shares the token knows by it that the text comes from the cluster that issued the token.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::config::token::Token;

/// Signs a text: `header..signature`, without the text itself.
#[must_use]
pub fn sign(text: &str, token: &Token) -> String {
    let header = header(token);
    let signature = hmac::sign(&key(token), input(&header, text).as_bytes());
    format!("{header}..{}", URL_SAFE_NO_PAD.encode(signature))
}

/// Whether a text was signed with this token.
#[must_use]
pub fn verify(signature: &str, text: &str, token: &Token) -> bool {
    let header = header(token);
    let Some(signature) = signature.strip_prefix(&format!("{header}..")) else { return false };
    let Ok(signature) = URL_SAFE_NO_PAD.decode(signature) else { return false };
    hmac::verify(&key(token), input(&header, text).as_bytes(), &signature).is_ok()
}

fn header(token: &Token) -> String {
    URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"HS256","kid":"{}"}}"#, token.id))
}

fn input(header: &str, text: &str) -> String {
    format!("{header}.{}", URL_SAFE_NO_PAD.encode(text))
}

fn key(token: &Token) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, token.secret.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(secret: &str) -> Token {
        Token { id: "joshua".to_owned(), secret: secret.to_owned() }
    }

    /// The vectors of Kubernetes' own tests (cluster-bootstrap/token/jws).
    #[test]
    fn known_vectors() {
        let text = "Hello from the other side. I must have called a thousand times.";
        let token = token("my voice is my passcode");
        let header = "eyJhbGciOiJIUzI1NiIsImtpZCI6Impvc2h1YSJ9..";
        assert_eq!(sign(text, &token), format!("{header}VShe2taLd-YTrmWuRkcL_8QTNDHYxQIEBsAYYiIj1_8"));
        assert_eq!(sign("", &token), format!("{header}7Ui1ALizW4jXphVUB7xUqC9vLYLL9RZeOFfVLoB7Tgk"));
    }

    #[test]
    fn verifies_only_its_own() {
        let signature = sign("text", &token("one"));
        assert!(verify(&signature, "text", &token("one")));
        assert!(!verify(&signature, "text", &token("two")));
        assert!(!verify(&signature, "texts", &token("one")));
        assert!(!verify("", "text", &token("one")));
    }
}
