//! URLs, as far as Go's `net/url` takes them.

/// A URL's scheme; nothing when there is none.
pub(super) fn scheme(url: &str) -> &str {
    match url.split_once(':') {
        Some((scheme, _))
            if scheme.starts_with(|c: char| c.is_ascii_alphabetic())
                && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b)) =>
        {
            scheme
        }
        _ => "",
    }
}

/// Why it is no URL.
pub(super) fn problem(url: &str) -> Option<String> {
    if url.chars().any(|letter| letter.is_ascii_control()) {
        return Some("net/url: invalid control character in URL".to_owned());
    }
    let (before_query, _) = url.split_once(['?', '#']).unwrap_or((url, ""));
    let (_, rest) = before_query.split_once("://").unwrap_or(("", ""));
    let (authority, _) = rest.split_once('/').unwrap_or((rest, ""));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let escape =
        wrong_escape(before_query, |_| true).or_else(|| wrong_escape(host, |code| code == 0x25 || code >= 0x80));
    if let Some(escape) = escape {
        return Some(format!("invalid URL escape {escape:?}"));
    }
    // What stands in a host though it needs no escape there, by RFC 3986 and Go's own leniency.
    let plain = |letter: char| {
        !letter.is_ascii() || letter.is_ascii_alphanumeric() || "-_.~!$&'()*+,;=:[]<>\"%".contains(letter)
    };
    if let Some(letter) = host.chars().find(|letter| !plain(*letter)) {
        return Some(format!("invalid character {:?} in host name", letter.to_string()));
    }
    let after_address = host.rsplit_once(']').map_or(host, |(_, after)| after);
    let (_, port) = after_address.rsplit_once(':')?;
    let wrong = !port.bytes().all(|digit| digit.is_ascii_digit());
    wrong.then(|| format!("invalid port {:?} after host", format!(":{port}")))
}

/// The first `%` that does not stand before two hex digits of a code that may stand there.
fn wrong_escape(text: &str, may_stand: impl Fn(u8) -> bool) -> Option<String> {
    let code = |rest: &str| u8::from_str_radix(rest.get(..2).filter(|digits| !digits.starts_with('+'))?, 16).ok();
    let mut escapes = text.split('%').skip(1);
    escapes
        .find(|rest| !code(rest).is_some_and(&may_stand))
        .map(|rest| format!("%{}", rest.chars().take(2).collect::<String>()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_gos() {
        for good in [
            "unix:///run/x.sock",
            "https://[fe80::1%25eth0]:2379",
            "https://a:",
            "unix:///a%20b",
            "https://u:p@h/x?%zz",
            "unix:",
        ] {
            assert_eq!(problem(good), None, "{good}");
        }
        for (bad, why) in [
            ("unix://%zz", "invalid URL escape \"%zz\""),
            ("unix:///a%2", "invalid URL escape \"%2\""),
            ("https://%41", "invalid URL escape \"%41\""),
            ("https://a b", "invalid character \" \" in host name"),
            ("https://a:b", "invalid port \":b\" after host"),
            ("unix:///a\nb", "net/url: invalid control character in URL"),
        ] {
            assert_eq!(problem(bad).as_deref(), Some(why), "{bad}");
        }
    }
}
