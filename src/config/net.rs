//! Addresses, subnets, endpoints and DNS names, read as Kubernetes reads them.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::IpNet;

/// Reads an address; leading zeros of IPv4 are decimal, as in Go before it knew better. An IPv4 address that is written as
/// one of IPv6 (`::ffff:192.0.2.1`) is one of IPv4.
#[must_use]
pub fn parse_ip(text: &str) -> Option<IpAddr> {
    as_written(text).map(|address| address.to_canonical())
}

fn as_written(text: &str) -> Option<IpAddr> {
    if let Ok(address) = text.parse() {
        return Some(address);
    }
    let parts: Vec<u8> = text.split('.').map(small_number).collect::<Option<_>>()?;
    <[u8; 4]>::try_from(parts).ok().map(|octets| IpAddr::V4(Ipv4Addr::from(octets)))
}

/// Reads one subnet, and takes its network address.
#[must_use]
pub fn parse_cidr(text: &str) -> Option<IpNet> {
    let (address, prefix) = text.split_once('/')?;
    let plain = !prefix.is_empty() && prefix.len() <= 3 && prefix.bytes().all(|byte| byte.is_ascii_digit());
    let prefix = if plain { prefix.parse().ok()? } else { return None };
    IpNet::new(as_written(address)?, prefix).ok().map(|subnet| subnet.trunc())
}

/// Reads subnets with commas between them; `None` when one is wrong. Nothing is no subnet.
#[must_use]
pub fn parse_cidrs(text: &str) -> Option<Vec<IpNet>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    text.split(',').map(parse_cidr).collect()
}

/// The address `n` places into the first of several subnets.
#[must_use]
pub fn first_subnet_address(subnets: &str, n: u32) -> Option<IpAddr> {
    super::nth_address(parse_cidrs(subnets)?.first()?, n)
}

/// What kubeadm counts as a subnet's size: 0 for half of all addresses and more.
#[must_use]
pub fn range_size(subnet: &IpNet) -> i64 {
    let host_bits = subnet.max_prefix_len() - subnet.prefix_len();
    match (subnet, host_bits) {
        (IpNet::V4(_), 31..) | (IpNet::V6(_), 127..) => 0,
        (_, 63..) => i64::MAX,
        _ => 1 << host_bits,
    }
}

/// Splits `host[:port]`; the host is an address or a DNS name. The error says what is wrong.
pub fn parse_host_port(text: &str) -> Result<(&str, Option<u16>), String> {
    let (host, port) = split_host_port(text).unwrap_or((text, ""));
    let port = match port {
        "" => None,
        digits => Some(
            parse_port(digits)
                .ok_or_else(|| format!("port {digits} must be a valid number between 1 and 65535, inclusive"))?,
        ),
    };
    if parse_ip(host).is_some() || dns_subdomain_errors(host).is_empty() {
        Ok((host, port))
    } else {
        Err(format!("host '{host}' must be a valid IP address or a valid RFC-1123 DNS subdomain"))
    }
}

/// Splits `host:port` or `[v6]:port` as Go's `net.SplitHostPort`; the port may be empty.
#[must_use]
pub fn split_host_port(text: &str) -> Option<(&str, &str)> {
    if let Some(rest) = text.strip_prefix('[') {
        let (host, after) = rest.split_once(']')?;
        return after.strip_prefix(':').filter(|port| !port.contains(':')).map(|port| (host, port));
    }
    let (host, port) = text.rsplit_once(':')?;
    (!host.contains(':')).then_some((host, port))
}

/// A port from 1 on.
#[must_use]
pub fn parse_port(digits: &str) -> Option<u16> {
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|port| plain && *port != 0)
}

/// What is wrong with a DNS-1123 subdomain; nothing when it is one.
#[must_use]
pub fn dns_subdomain_errors(name: &str) -> Vec<String> {
    let what = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and \
                must start and end with an alphanumeric character";
    name_errors(name, is_dns_subdomain(name), what, "example.com", SUBDOMAIN)
}

/// What is wrong with a `*.` and a DNS-1123 subdomain; nothing when it is one.
#[must_use]
pub fn wildcard_errors(name: &str) -> Vec<String> {
    let what = "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must \
                consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character";
    let fits = name.strip_prefix("*.").is_some_and(is_dns_subdomain);
    name_errors(name, fits, what, "*.example.com", &format!(r"\*\.{SUBDOMAIN}"))
}

const SUBDOMAIN: &str = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*";
const LONGEST: usize = 253;

fn name_errors(name: &str, fits: bool, what: &str, example: &str, pattern: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if name.len() > LONGEST {
        errors.push(format!("must be no more than {LONGEST} characters"));
    }
    if !fits {
        errors.push(format!("{what} (e.g. '{example}', regex used for validation is '{pattern}')"));
    }
    errors
}

fn is_dns_subdomain(name: &str) -> bool {
    let small = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    name.split('.').all(|label| {
        label.bytes().all(|byte| small(byte) || byte == b'-')
            && label.bytes().next().is_some_and(small)
            && label.bytes().next_back().is_some_and(small)
    })
}

/// An octet in decimal, with any number of leading zeros.
fn small_number(digits: &str) -> Option<u8> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match digits.trim_start_matches('0') {
        "" => Some(0),
        rest => rest.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_subnets() {
        assert_eq!(parse_ip("010.000.0.9").unwrap().to_string(), "10.0.0.9");
        assert_eq!(parse_ip("fd00::1").unwrap().to_string(), "fd00::1");
        assert_eq!(parse_ip("::ffff:192.0.2.1").unwrap().to_string(), "192.0.2.1");
        for wrong in ["", "10.0.0", "10.0.0.256", "10.0.0.+1", "1.2.3.4.5", "a"] {
            assert_eq!(parse_ip(wrong), None, "{wrong}");
        }
        assert_eq!(parse_cidr("10.96.1.2/12").unwrap().to_string(), "10.96.0.0/12");
        for wrong in ["10.0.0.0", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/+8", "/8"] {
            assert_eq!(parse_cidr(wrong), None, "{wrong}");
        }
        assert_eq!(parse_cidrs("10.96.0.0/12, fd00::/112"), None, "Go takes no blanks");
        assert_eq!(first_subnet_address("fd00::/108,10.0.0.0/16", 10).unwrap().to_string(), "fd00::a");
    }

    #[test]
    fn sizes_as_kubeadm_counts_them() {
        let size = |text| range_size(&parse_cidr(text).unwrap());
        assert_eq!(
            [size("10.0.0.0/12"), size("10.0.0.0/29"), size("0.0.0.0/1"), size("fd00::/48")],
            [1 << 20, 8, 0, i64::MAX]
        );
    }

    #[test]
    fn endpoints() {
        assert_eq!(parse_host_port("cp.example.com:6443"), Ok(("cp.example.com", Some(6443))));
        assert_eq!(parse_host_port("[fd00::1]:6443"), Ok(("fd00::1", Some(6443))));
        assert_eq!(parse_host_port("fd00::1"), Ok(("fd00::1", None)));
        assert_eq!(parse_host_port("1.2.3.4"), Ok(("1.2.3.4", None)));
        assert!(parse_host_port("cp:0").unwrap_err().starts_with("port 0 must be"));
        assert!(parse_host_port("https://cp:6443").unwrap_err().starts_with("host 'https://cp:6443' must be"));
        assert!(parse_host_port("CP").is_err());
    }

    #[test]
    fn names() {
        assert!(dns_subdomain_errors("node-1.example.com").is_empty());
        for wrong in ["", "-a", "a-", "a..b", "A", "a_b", "a."] {
            assert_eq!(dns_subdomain_errors(wrong).len(), 1, "{wrong}");
        }
        assert_eq!(dns_subdomain_errors(&"a".repeat(254)), ["must be no more than 253 characters"]);
        assert!(wildcard_errors("*.example.com").is_empty() && !wildcard_errors("a.*.com").is_empty());
    }
}
