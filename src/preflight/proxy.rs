//! Whether a connection would go through a proxy, by the rules of Go's `httpproxy`: the API server's own rules.

use std::net::IpAddr;

use ipnet::IpNet;
use reqwest::Url;

use super::Finding;
use crate::config::{host_port, nth_address};

/// The proxies of an environment, handed in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proxies {
    /// `HTTPS_PROXY` or `https_proxy`.
    pub https: String,
    /// `NO_PROXY` or `no_proxy`.
    pub exceptions: String,
}

impl Proxies {
    /// Reads an environment's variables; of two spellings the upper case one that is set wins.
    #[must_use]
    pub fn of(variables: &[(String, String)]) -> Self {
        let set = |name: &str| variables.iter().find(|(known, value)| known == name && !value.is_empty());
        let any =
            |names: [&str; 2]| names.into_iter().find_map(set).map(|(_, value)| value.clone()).unwrap_or_default();
        Self { https: any(["HTTPS_PROXY", "https_proxy"]), exceptions: any(["NO_PROXY", "no_proxy"]) }
    }

    /// The proxy that an https connection goes through, its password hidden.
    fn for_https(&self, host: &str, port: u16) -> Option<String> {
        let proxy = normal(&self.https)?;
        (!self.excepts(host, port)).then(|| hide_password(&proxy))
    }

    fn excepts(&self, host: &str, port: u16) -> bool {
        let host = host.trim().to_ascii_lowercase();
        let address: Option<IpAddr> = host.parse().ok();
        if host == "localhost" || address.is_some_and(|address| address.is_loopback()) {
            return true;
        }
        let words = self.exceptions.split(',').map(|word| word.trim().to_ascii_lowercase());
        words.filter(|word| !word.is_empty()).any(|word| matches(&word, &host, address, port))
    }
}

fn matches(word: &str, host: &str, address: Option<IpAddr>, port: u16) -> bool {
    if word == "*" {
        return true;
    }
    if let Ok(net) = word.parse::<IpNet>() {
        return address.is_some_and(|address| net.contains(&address));
    }
    let (name, wanted_port) = split_port(word);
    if wanted_port.is_some_and(|wanted| wanted != port.to_string()) {
        return false;
    }
    if let Ok(ip) = name.parse::<IpAddr>() {
        return address == Some(ip);
    }
    let name = name.strip_prefix('*').filter(|rest| rest.starts_with('.')).unwrap_or(name);
    if name.is_empty() || address.is_some() {
        return false;
    }
    match name.strip_prefix('.') {
        Some(_) => host.ends_with(name),
        None => host == name || host.strip_suffix(name).is_some_and(|rest| rest.ends_with('.')),
    }
}

/// `host:port` or `[v6]:port`; else all of it is the host.
fn split_port(word: &str) -> (&str, Option<&str>) {
    if let Some((host, port)) = word.strip_prefix('[').and_then(|rest| rest.split_once("]:")) {
        return (host, Some(port));
    }
    match word.split_once(':') {
        Some((host, port)) if !port.contains(':') => (host, Some(port)),
        _ => (word, None),
    }
}

/// A proxy without a scheme is one of http; what is no URL either way is none.
fn normal(proxy: &str) -> Option<String> {
    let usable = |text: &str| Url::parse(text).is_ok_and(|url| url.has_host());
    let with_scheme = format!("http://{proxy}");
    match proxy {
        "" => None,
        _ if usable(proxy) => Some(proxy.to_owned()),
        _ => usable(&with_scheme).then_some(with_scheme),
    }
}

fn hide_password(proxy: &str) -> String {
    let hidden = || {
        let (scheme, rest) = proxy.split_once("://")?;
        let (user_info, place) = rest.rsplit_once('@')?;
        let (user, _) = user_info.split_once(':')?;
        Some(format!("{scheme}://{user}:xxxxx@{place}"))
    };
    hidden().unwrap_or_else(|| proxy.to_owned())
}

/// An https connection to a host should be direct.
pub(super) fn to_host(proxies: &Proxies, host: &str) -> Option<Finding> {
    let (url, port) = if host.contains(':') {
        (format!("https://{}", host_port(host, 1234)), 1234)
    } else {
        (format!("https://{host}"), 443)
    };
    let proxy = proxies.for_https(host, port)?;
    let message = format!(
        "Connection to {url:?} uses proxy {proxy:?} in programs that follow the environment, as kubectl does; this run \
         connects directly. If that is not intended, adjust your proxy settings"
    );
    Some(Finding::warning("HTTPProxy", message).fix(format!("add {host} to NO_PROXY")))
}

/// Connections to a subnet of services or pods should be direct.
pub(super) fn to_subnet(proxies: &Proxies, subnet: &IpNet) -> Option<Finding> {
    let first = nth_address(subnet, 1)?;
    let proxy = proxies.for_https(&first.to_string(), 1234)?;
    let message = format!(
        "connection to \"{subnet}\" uses proxy {proxy:?}. This may lead to malfunctional cluster setup. Make sure that \
         Pod and Services IP ranges specified correctly as exceptions in proxy configuration"
    );
    Some(Finding::warning("HTTPProxyCIDR", message).fix(format!("add {subnet} to NO_PROXY")))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn proxies(exceptions: &str) -> Proxies {
        Proxies { https: "http://p:1".to_owned(), exceptions: exceptions.to_owned() }
    }

    /// What kubeadm v1.37.2 printed with https_proxy=http://p:1, and that kinit itself goes another way.
    #[test]
    fn kubeadms_words() {
        assert_eq!(
            to_host(&proxies(""), "192.0.2.2").unwrap().message,
            "Connection to \"https://192.0.2.2\" uses proxy \"http://p:1\" in programs that follow the environment, as \
             kubectl does; this run connects directly. If that is not intended, adjust your proxy settings"
        );
        assert_eq!(
            to_subnet(&proxies(""), &"10.96.0.0/12".parse().unwrap()).unwrap().message,
            "connection to \"10.96.0.0/12\" uses proxy \"http://p:1\". This may lead to malfunctional cluster setup. \
             Make sure that Pod and Services IP ranges specified correctly as exceptions in proxy configuration"
        );
        assert!(to_host(&proxies(""), "fd00::1").unwrap().message.contains("\"https://[fd00::1]:1234\""));
    }

    #[test]
    fn exceptions_are_gos() {
        let direct = |exceptions: &str, host: &str| proxies(exceptions).for_https(host, 443).is_none();
        for (exceptions, host) in [
            ("*", "x"),
            ("10.0.0.0/8", "10.1.2.3"),
            ("10.1.2.3", "10.1.2.3"),
            ("10.1.2.3:443", "10.1.2.3"),
            ("[fd00::1]:443", "fd00::1"),
            ("fd00::1", "fd00::1"),
            ("a, example.com", "api.Example.com"),
            ("example.com", "example.com"),
            ("*.example.com", "api.example.com"),
            ("", "localhost"),
            ("", "127.0.0.9"),
        ] {
            assert!(direct(exceptions, host), "{exceptions} {host}");
        }
        for (exceptions, host) in [
            ("", "x"),
            ("10.0.0.0/8", "11.1.2.3"),
            ("10.1.2.3:80", "10.1.2.3"),
            (".example.com", "example.com"),
            ("example.com", "notexample.com"),
            (":443", "x"),
        ] {
            assert!(!direct(exceptions, host), "{exceptions} {host}");
        }
    }

    #[test]
    fn the_environment_and_passwords() {
        let proxies = Proxies::of(&[("https_proxy".to_owned(), "user:secret@p:1".to_owned())]);
        assert_eq!(proxies.for_https("x", 443).unwrap(), "http://user:xxxxx@p:1");
        assert_eq!(Proxies::default().for_https("x", 443), None);
    }

    proptest! {
        #[test]
        fn any_environment_is_read(https in "\\PC{0,30}", exceptions in "[\\PC,:*.\\[\\]]{0,30}", host in "\\PC{0,20}") {
            let _ = Proxies { https, exceptions }.for_https(&host, 443);
        }
    }
}
