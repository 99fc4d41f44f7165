//! Rules for the cluster: components, images, etcd, names of algorithms and gates.

use serde_json::json;

use super::super::duration::GoDuration;
use super::super::gates;
use super::super::net::{dns_subdomain_errors, parse_host_port, parse_ip, wildcard_errors};
use super::super::url::{problem, scheme};
use super::super::v1beta4::{ClusterConfiguration, Etcd, ExternalEtcd};
use super::Found;
use crate::versions::Version;

impl Found {
    pub(super) fn cluster(&mut self, config: &ClusterConfiguration, version: &Version, warnings: &mut Vec<String>) {
        self.own_image_repository("dns.imageRepository", &config.dns.image_repository);
        self.networking(config, warnings);
        self.cert_sans("apiServer.certSANs", &config.api_server.cert_sans);
        self.extra_args("apiServer.extraArgs", &config.api_server.extra_args);
        self.extra_args("controllerManager.extraArgs", &config.controller_manager.extra_args);
        self.extra_args("scheduler.extraArgs", &config.scheduler.extra_args);
        self.absolute_path("certificatesDir", &config.certificates_dir);
        self.feature_gates(config, version);
        let endpoint = &config.control_plane_endpoint;
        if !endpoint.is_empty() && parse_host_port(endpoint).is_err() {
            self.invalid("controlPlaneEndpoint", endpoint, "endpoint is not valid");
        }
        self.image_repository("imageRepository", &config.image_repository);
        self.etcd(&config.etcd);
        self.encryption_algorithm(&config.encryption_algorithm);
        warn_validity(config, warnings);
    }

    fn etcd(&mut self, etcd: &Etcd) {
        match (&etcd.local, &etcd.external) {
            (None, None) => self.invalid("etcd", "", "either .Etcd.Local or .Etcd.External is required"),
            (Some(_), Some(_)) => {
                self.invalid("etcd", "", ".Etcd.Local and .Etcd.External are mutually exclusive");
            }
            (Some(local), None) => {
                self.absolute_path("etcd.local.dataDir", &local.data_dir);
                self.cert_sans("etcd.local.serverCertSANs", &local.server_cert_sans);
                self.cert_sans("etcd.local.peerCertSANs", &local.peer_cert_sans);
                self.own_image_repository("etcd.local.imageRepository", &local.image_repository);
                self.extra_args("etcd.local.extraArgs", &local.extra_args);
            }
            (None, Some(external)) => self.external_etcd(external),
        }
    }

    fn external_etcd(&mut self, etcd: &ExternalEtcd) {
        let path = "etcd.external";
        let given = |file: &String| !file.is_empty();
        let (ca, cert, key) = (given(&etcd.ca_file), given(&etcd.cert_file), given(&etcd.key_file));
        if cert != key {
            let detail = "either both or none of .Etcd.External.CertFile and .Etcd.External.KeyFile must be set";
            self.invalid(path, "", detail);
        }
        if cert && key && !ca {
            let detail = "setting .Etcd.External.CertFile and .Etcd.External.KeyFile requires .Etcd.External.CAFile";
            self.invalid(path, "", detail);
        }
        if etcd.endpoints.is_empty() {
            self.invalid("etcd.external.endpoints", "", "at least one endpoint must be specified");
        }
        self.urls("etcd.external.endpoints", &etcd.endpoints, ca || cert || key);
        self.urls("etcd.external.httpEndpoints", &etcd.http_endpoints, false);
        for (name, file) in [("caFile", &etcd.ca_file), ("certFile", &etcd.cert_file), ("keyFile", &etcd.key_file)] {
            if given(file) {
                self.absolute_path(&format!("{path}.{name}"), file);
            }
        }
    }

    fn urls(&mut self, path: &str, urls: &[String], https: bool) {
        for url in urls {
            if let Some(problem) = problem(url) {
                self.invalid(path, url, format!("URL parse error: parse {url:?}: {problem}"));
                continue;
            }
            if https && scheme(url) != "https" {
                self.invalid(path, url, "the URL must be using the HTTPS scheme");
            }
            if scheme(url).is_empty() {
                self.invalid(path, url, "the URL without scheme is not allowed");
            }
        }
    }

    fn cert_sans(&mut self, path: &str, names: &[String]) {
        for name in names {
            let (plain, wildcard) = (dns_subdomain_errors(name), wildcard_errors(name));
            if !plain.is_empty() && !wildcard.is_empty() && parse_ip(name).is_none() {
                let detail = format!(
                    "altname is not a valid IP address, DNS label or a DNS label with subdomain wildcards: {}; {}",
                    plain.join("; "),
                    wildcard.join("; ")
                );
                self.invalid(path, name, detail);
            }
        }
    }

    fn feature_gates(&mut self, config: &ClusterConfiguration, version: &Version) {
        let gates = json!(config.feature_gates);
        for name in config.feature_gates.keys().filter(|name| !gates::known(name, version)) {
            let detail = format!("{name} is not a valid feature name.");
            self.invalid_json("featureGates", &gates, detail);
        }
    }

    fn own_image_repository(&mut self, path: &str, repository: &str) {
        if !repository.is_empty() {
            self.image_repository(path, repository);
        }
    }

    fn image_repository(&mut self, path: &str, repository: &str) {
        if !is_repository(repository) {
            self.invalid(path, repository, "invalid image repository format");
        }
    }

    fn encryption_algorithm(&mut self, algorithm: &str) {
        const KNOWN: [&str; 5] = ["ECDSA-P256", "ECDSA-P384", "RSA-2048", "RSA-3072", "RSA-4096"];
        if !KNOWN.contains(&algorithm) {
            let known = KNOWN.join(" ");
            let detail = format!("Invalid encryption algorithm {algorithm:?}. Must be one of [{known}]");
            self.invalid("encryptionAlgorithm", algorithm, detail);
        }
    }
}

/// Whether `<repository>/name:tag` is an image's reference.
fn is_repository(text: &str) -> bool {
    let (first, rest) = text.split_once('/').map_or((text, None), |(first, rest)| (first, Some(rest)));
    (is_domain(first) || is_path_component(first)) && rest.is_none_or(|rest| rest.split('/').all(is_path_component))
}

fn is_domain(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    };
    let letter = |byte: u8| byte.is_ascii_alphanumeric();
    let label = |label: &str| {
        label.bytes().all(|byte| letter(byte) || byte == b'-')
            && label.bytes().next().is_some_and(letter)
            && label.bytes().next_back().is_some_and(letter)
    };
    let v6 = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let host_fits = match v6 {
        Some(address) => !address.is_empty() && address.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b':'),
        None => host.split('.').all(label),
    };
    host_fits && port.is_none_or(|port| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Small letters and digits, with `.`, `_`, `__` or dashes between them.
fn is_path_component(text: &str) -> bool {
    let small = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let separator = |between: &str| {
        matches!(between, "." | "_" | "__") || (!between.is_empty() && between.bytes().all(|byte| byte == b'-'))
    };
    text.starts_with(small) && text.ends_with(small) && text.split(small).filter(|s| !s.is_empty()).all(separator)
}

/// Certificates that live longer than is wise, or longer than their CA.
fn warn_validity(config: &ClusterConfiguration, warnings: &mut Vec<String>) {
    let read = |text: &str| text.parse::<GoDuration>().unwrap_or_default();
    let (leaf, ca) = (read(&config.certificate_validity_period), read(&config.ca_certificate_validity_period));
    let (usual_leaf, usual_ca) = (GoDuration::from_secs(365 * 24 * 3600), GoDuration::from_secs(3650 * 24 * 3600));
    if leaf > usual_leaf {
        warnings.push(format!(
            "WARNING: certificateValidityPeriod: the value {leaf} is more than the recommended default for certificate \
             expiration: {usual_leaf}"
        ));
    }
    if ca > usual_ca {
        warnings.push(format!(
            "WARNING: caCertificateValidityPeriod: the value {ca} is more than the recommended default for CA \
             certificate expiration: {usual_ca}"
        ));
    }
    if leaf > ca {
        warnings.push(format!(
            "WARNING: certificateValidityPeriod: the value {leaf} is more than the caCertificateValidityPeriod: {ca}"
        ));
    }
}
