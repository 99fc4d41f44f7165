//! Rules for how a joining node finds and trusts the cluster.

use super::super::net::split_host_port;
use super::super::token::parse_pin;
use super::super::url::{problem, scheme};
use super::super::v1beta4::Discovery;
use super::Found;

impl Found {
    pub(super) fn discovery(&mut self, discovery: &Discovery, file_exists: &dyn Fn(&str) -> bool) {
        match (&discovery.bootstrap_token, &discovery.file) {
            (None, None) => self.invalid("discovery", "", "bootstrapToken or file must be set"),
            (Some(_), Some(_)) => self.invalid("discovery", "", "bootstrapToken and file cannot both be set"),
            _ => {}
        }
        let tls_token = &discovery.tls_bootstrap_token;
        if let Some(token) = &discovery.bootstrap_token {
            let path = "discovery.bootstrapToken";
            if token.api_server_endpoint.is_empty() {
                self.required(path, "APIServerEndpoint is not set");
            }
            if token.ca_cert_hashes.is_empty() && !token.unsafe_skip_ca_verification {
                let detail = "using token-based discovery without caCertHashes can be unsafe. Set \
                              unsafeSkipCAVerification as true in your kubeadm config file or pass \
                              --discovery-token-unsafe-skip-ca-verification flag to continue";
                self.invalid(&format!("{path}.caCertHashes"), "", detail);
            }
            self.ca_pins(&format!("{path}.caCertHashes"), &token.ca_cert_hashes);
            self.token(&format!("{path}.token"), &token.token);
            self.join_endpoint(&format!("{path}.apiServerEndpoint"), &token.api_server_endpoint);
            self.token("discovery.tlsBootstrapToken", tls_token);
        }
        if let Some(file) = &discovery.file {
            self.discovery_file(&file.kube_config_path, file_exists);
            if !tls_token.is_empty() {
                self.token("discovery.tlsBootstrapToken", tls_token);
            }
        }
    }

    fn ca_pins(&mut self, path: &str, pins: &[String]) {
        for pin in pins {
            if parse_pin(pin).is_err() {
                self.invalid(path, pin, "a pin is \"sha256:\" and the 64 hex digits of the CA public key's hash");
            }
        }
    }

    fn join_endpoint(&mut self, path: &str, endpoint: &str) {
        match split_host_port(endpoint) {
            Some(_) => {}
            None if endpoint.matches(':').count() > 1 && !endpoint.starts_with('[') => {
                self.invalid(path, endpoint, format!("address {endpoint}: too many colons in address"));
            }
            None => self.invalid(path, endpoint, format!("address {endpoint}: missing port in address")),
        }
    }

    fn discovery_file(&mut self, file: &str, file_exists: &dyn Fn(&str) -> bool) {
        let path = "discovery.file.kubeConfigPath";
        match scheme(file).as_str() {
            "" if !file_exists(file) => self.invalid(path, file, "not a valid HTTPS URL or a file on disk"),
            "https" if problem(file).is_some() => self.invalid(path, file, "not a valid HTTPS URL or a file on disk"),
            "" | "https" => {}
            _ => self.invalid(path, file, "if a URL is used, the scheme must be https"),
        }
    }
}
