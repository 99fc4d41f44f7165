//! URLs, as far as Go's `net/url` takes them.

use std::net::IpAddr;

use percent_encoding::percent_decode_str;

/// A URL's scheme in small letters; nothing when there is none.
#[must_use]
pub(crate) fn scheme(url: &str) -> String {
    match url.split_once(':') {
        Some((scheme, _))
            if scheme.starts_with(|c: char| c.is_ascii_alphabetic())
                && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b)) =>
        {
            scheme.to_ascii_lowercase()
        }
        _ => String::new(),
    }
}

/// The path of a URL `file:/…`; `None` for anything else. The host counts for nothing.
#[must_use]
pub(crate) fn file_path(url: &str) -> Option<String> {
    if scheme(url) != "file" || problem(url).is_some() {
        return None;
    }
    let (_, rest) = url.split_once(':')?;
    let rest = rest.split(['?', '#']).next()?;
    let path = match rest.strip_prefix("//") {
        Some(rest) => &rest[rest.find('/')?..],
        None => rest.starts_with('/').then_some(rest)?,
    };
    Some(percent_decode_str(path).decode_utf8_lossy().into_owned())
}

/// Why it is no URL.
#[must_use]
pub(super) fn problem(url: &str) -> Option<String> {
    wrong(url).err()
}

fn wrong(url: &str) -> Result<(), String> {
    if url.chars().any(|letter| letter.is_ascii_control()) {
        return Err("net/url: invalid control character in URL".to_owned());
    }
    if url.starts_with(':') {
        return Err("missing protocol scheme".to_owned());
    }
    let (url, fragment) = url.split_once('#').unwrap_or((url, ""));
    let (url, _query) = url.split_once('?').unwrap_or((url, ""));
    let scheme = scheme(url);
    let rest = &url[scheme.len()..];
    let rest = rest.strip_prefix(':').unwrap_or(rest);
    if !rest.starts_with('/') && !scheme.is_empty() {
        return escapes(fragment, |_| true);
    }
    if rest.split('/').next().is_some_and(|segment| segment.contains(':')) {
        return Err("first path segment in URL cannot contain colon".to_owned());
    }
    // Without a scheme, three slashes begin a path.
    let authority = rest.strip_prefix("//").filter(|rest| !scheme.is_empty() || !rest.starts_with('/'));
    let path = match authority.map(|rest| rest.find('/').map_or((rest, ""), |at| rest.split_at(at))) {
        Some((authority, path)) => {
            let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
            check_host(&scheme, host)?;
            check_user(user)?;
            path
        }
        None => rest,
    };
    escapes(path, |_| true)?;
    escapes(fragment, |_| true)
}

/// Go lets many hosts have colons in them, but not those of the web, where an IPv6 address stands in brackets.
fn check_host(scheme: &str, host: &str) -> Result<(), String> {
    match host.rfind('[') {
        Some(0) => {
            let (address, port) = host[1..].rsplit_once(']').ok_or("missing ']' in host")?;
            check_port(port)?;
            let (plain, zone) = address.split_once("%25").unwrap_or((address, "-"));
            letters(plain)?;
            escapes(zone, |_| true)?;
            match plain.parse() {
                Ok(IpAddr::V6(_)) if !zone.is_empty() => Ok(()),
                Ok(IpAddr::V4(_)) => Err("invalid IP-literal".to_owned()),
                _ => Err(format!("invalid host: ParseAddr({address:?}): unable to parse IP")),
            }
        }
        Some(_) => Err("invalid IP-literal".to_owned()),
        None => {
            let colon = if ["http", "https"].contains(&scheme) { host.find(':') } else { host.rfind(':') };
            check_port(colon.map_or("", |at| &host[at..]))?;
            letters(host)
        }
    }
}

fn check_port(text: &str) -> Result<(), String> {
    let digits = |port: &str| port.bytes().all(|digit| digit.is_ascii_digit());
    if text.is_empty() || text.strip_prefix(':').is_some_and(digits) {
        return Ok(());
    }
    Err(format!("invalid port {text:?} after host"))
}

/// The letters of a host: what needs no escape there by RFC 3986 and Go's own leniency, and escapes of what is not ASCII.
fn letters(host: &str) -> Result<(), String> {
    escapes(host, |code| code == 0x25 || code >= 0x80)?;
    let plain = |letter: char| {
        !letter.is_ascii() || letter.is_ascii_alphanumeric() || "-_.~!$&'()*+,;=:[]<>\"%".contains(letter)
    };
    match host.chars().find(|letter| !plain(*letter)) {
        Some(letter) => Err(format!("invalid character {:?} in host name", letter.to_string())),
        None => Ok(()),
    }
}

fn check_user(user: &str) -> Result<(), String> {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(letter);
    if !user.chars().all(plain) {
        return Err("net/url: invalid userinfo".to_owned());
    }
    escapes(user, |_| true)
}

/// Every `%` stands before two hex digits, of a code that may stand there.
fn escapes(text: &str, may_stand: impl Fn(u8) -> bool) -> Result<(), String> {
    let code = |rest: &str| u8::from_str_radix(rest.get(..2).filter(|digits| !digits.starts_with('+'))?, 16).ok();
    match text.split('%').skip(1).find(|rest| !code(rest).is_some_and(&may_stand)) {
        Some(rest) => {
            let escape = format!("%{}", rest.chars().take(2).collect::<String>());
            Err(format!("invalid URL escape {escape:?}"))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files() {
        for (url, path) in [
            ("file:///p", "/p"),
            ("file:/p", "/p"),
            ("FILE:///p", "/p"),
            ("file://localhost/p", "/p"),
            ("file:///a%20b?x#y", "/a b"),
        ] {
            assert_eq!(file_path(url).as_deref(), Some(path), "{url}");
        }
        for other in ["/p", "https://h/p", "file:///a%2", "file:p", "file://", "p:file"] {
            assert_eq!(file_path(other), None, "{other}");
        }
    }

    #[test]
    fn as_gos() {
        for good in [
            "unix:///run/x.sock",
            "https://[fe80::1%25eth0]:2379",
            "https://a:",
            "unix:///a%20b",
            "https://u:p@h/x?%zz",
            "unix:",
            "unix:///a:b",
            "///a:b",
            "b@c",
            "1+a/b:c",
            "unix://a:b:1",
            "https://[::1]:",
        ] {
            assert_eq!(problem(good), None, "{good}");
        }
        for (bad, why) in [
            ("unix://%zz", "invalid URL escape \"%zz\""),
            ("unix:///a%2", "invalid URL escape \"%2\""),
            ("https://%41", "invalid URL escape \"%41\""),
            ("https://a b", "invalid character \" \" in host name"),
            ("https://a:b", "invalid port \":b\" after host"),
            ("https://[::1", "missing ']' in host"),
            ("https://a[::1]", "invalid IP-literal"),
            ("https://[::1]2379", "invalid port \"2379\" after host"),
            ("https://[192.0.2.1]", "invalid IP-literal"),
            ("https://[a]", "invalid host: ParseAddr(\"a\"): unable to parse IP"),
            ("https://fe80::1:2379", "invalid port \"::1:2379\" after host"),
            ("https://u[@h", "net/url: invalid userinfo"),
            (":b", "missing protocol scheme"),
            ("1a:b", "first path segment in URL cannot contain colon"),
            ("https://a#%z", "invalid URL escape \"%z\""),
            ("unix:///a\nb", "net/url: invalid control character in URL"),
        ] {
            assert_eq!(problem(bad).as_deref(), Some(why), "{bad}");
        }
    }
}
