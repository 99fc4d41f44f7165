//! Single words: versions, tokens, durations, addresses, names.

use kinit::config::duration::GoDuration;
use kinit::config::net;
use kinit::config::token::{Token, is_group, parse_pin};
use kinit::images_pull::Policy;
use kinit::kube::certs_secret::CertificateKey;
use kinit::pki::KeyAlgorithm;
use kinit::versions::{KUBE_PROXY_MODE, Version};

pub(super) fn words(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    version(text);
    if let Ok(token) = text.parse::<Token>() {
        assert_eq!((token.to_string(), text.len()), (text.to_owned(), 23));
    }
    if let Ok(pin) = parse_pin(text) {
        assert_eq!((parse_pin(&pin), pin.len()), (Ok(pin.clone()), 71));
    }
    if let Ok(duration) = text.parse::<GoDuration>() {
        assert_eq!(duration.to_string().parse(), Ok(duration));
    }
    addresses(text);
    assert!(!is_group(text) || text.len() <= 277);
    assert!(CertificateKey::parse(text).is_err() || text.len() == 64);
    let _ = (KeyAlgorithm::parse(text), Policy::parse(text));
}

fn version(text: &str) {
    let Ok(version) = Version::parse(text) else { return };
    assert_eq!(Version::parse(&version.to_string()).expect("it was printed by us"), version);
    let tag = version.image_tag();
    assert!(tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)), "{tag}");
    let _ = (KUBE_PROXY_MODE.at(&version), version.oldest_kubelet(), version.oldest_external_etcd());
}

fn addresses(text: &str) {
    if let Some(address) = net::parse_ip(text) {
        assert_eq!(net::parse_ip(&address.to_string()), Some(address));
    }
    for subnet in net::parse_cidrs(text).unwrap_or_default() {
        assert_eq!(net::parse_cidr(&subnet.to_string()), Some(subnet));
        assert!(net::range_size(&subnet) >= 0);
    }
    if let Some(tenth) = net::first_subnet_address(text, 10) {
        assert!(net::parse_cidrs(text).is_some_and(|subnets| subnets[0].contains(&tenth)));
    }
    if let Ok((host, port)) = net::parse_host_port(text) {
        assert!(text.contains(host) && port != Some(0));
    }
    if net::dns_subdomain_errors(text).is_empty() {
        assert!(!text.is_empty() && text.len() <= 253);
    }
    let _ = (net::split_host_port(text), net::parse_port(text), net::wildcard_errors(text));
}
