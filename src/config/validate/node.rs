//! Rules for what a node says of itself: registration, tokens, endpoint, certificate key.

use serde_json::json;

use super::super::net::{dns_subdomain_errors, parse_ip};
use super::super::token::{CERTIFICATE_KEY_SIZE, GROUP_PATTERN, Token, USAGES, is_group};
use super::super::url::{problem, scheme};
use super::super::v1beta4::{ApiEndpoint, BootstrapToken, NodeRegistrationOptions};
use super::Found;

impl Found {
    pub(super) fn node_registration(&mut self, node: &NodeRegistrationOptions) {
        if node.name.is_empty() {
            let detail = "--node-name or .nodeRegistration.name in the config file is a required value. It seems like \
                          this value couldn't be automatically detected in your environment, please specify the \
                          desired value using the CLI or config file.";
            self.required("nodeRegistration", detail);
        } else {
            for detail in dns_subdomain_errors(&node.name) {
                self.invalid("nodeRegistration.name", &node.name, detail);
            }
        }
        self.socket("nodeRegistration.criSocket", &node.cri_socket);
        self.extra_args("nodeRegistration.kubeletExtraArgs", &node.kubelet_extra_args);
        self.image_pull_policy("nodeRegistration.imagePullPolicy", &node.image_pull_policy);
    }

    pub(super) fn bootstrap_tokens(&mut self, tokens: &[BootstrapToken]) {
        for (index, token) in tokens.iter().enumerate() {
            let path = format!("bootstrapTokens.{index}");
            self.token(&format!("{path}.token"), &token.token);
            self.usages(&format!("{path}.usages"), &token.usages);
            self.groups(&format!("{path}.groups"), token);
            if token.expires.is_some() && token.ttl.is_some() {
                self.invalid(&path, "", "the BootstrapToken .TTL and .Expires fields are mutually exclusive");
            }
        }
    }

    pub(super) fn token(&mut self, path: &str, token: &str) {
        if token.parse::<Token>().is_err() {
            self.invalid(path, token, "the bootstrap token is invalid");
        }
    }

    pub(super) fn api_endpoint(&mut self, path: &str, endpoint: &ApiEndpoint) {
        if parse_ip(&endpoint.advertise_address).is_none() {
            let path = format!("{path}.advertiseAddress");
            self.invalid(&path, &endpoint.advertise_address, "ip address is not valid");
        }
        if !(1..=65535).contains(&endpoint.bind_port) {
            let value = json!(endpoint.bind_port);
            self.invalid_json(&format!("{path}.bindPort"), &value, "port number is not valid");
        }
    }

    pub(super) fn certificate_key(&mut self, path: &str, key: &str) {
        if key.is_empty() {
            return;
        }
        if let Some(other) = key.chars().find(|c| !c.is_ascii_hexdigit()) {
            let detail = format!("certificate key decoding error: encoding/hex: invalid byte: {}", go_rune(other));
            self.invalid(path, key, detail);
        } else if key.len() % 2 == 1 {
            self.invalid(path, key, "certificate key decoding error: encoding/hex: odd length hex string");
        } else if key.len() != 2 * CERTIFICATE_KEY_SIZE {
            let size = key.len() / 2;
            let detail = format!(
                "invalid certificate key size {size}, the key must be an AES key of size {CERTIFICATE_KEY_SIZE}"
            );
            self.invalid(path, key, detail);
        }
    }

    pub(super) fn socket(&mut self, path: &str, socket: &str) {
        if socket.is_empty() {
            return self.invalid(path, socket, "empty CRI socket");
        }
        if let Some(problem) = problem(socket) {
            return self.invalid(path, socket, format!("URL parsing error: parse {socket:?}: {problem}"));
        }
        match scheme(socket).as_str() {
            "unix" => {}
            other => {
                let detail = format!("only URL scheme \"unix\" is supported, got {other:?}");
                self.invalid(path, socket, detail);
            }
        }
    }

    fn usages(&mut self, path: &str, usages: &[String]) {
        let mut wrong: Vec<&str> = usages.iter().map(String::as_str).filter(|usage| !USAGES.contains(usage)).collect();
        wrong.sort_unstable();
        wrong.dedup();
        if !wrong.is_empty() {
            let (wrong, valid) = (wrong.join(","), USAGES.join(","));
            let detail = format!("invalid bootstrap token usage string: {wrong}, valid usage options: {valid}");
            self.invalid_json(path, &json!(usages), detail);
        }
    }

    fn groups(&mut self, path: &str, token: &BootstrapToken) {
        let groups = json!(token.groups);
        if !token.groups.is_empty() && !token.usages.iter().any(|usage| usage == "authentication") {
            let detail = "token groups cannot be specified unless --usages includes \"authentication\"";
            self.invalid_json(path, &groups, detail);
        }
        for group in token.groups.iter().filter(|group| !is_group(group)) {
            let detail = format!("bootstrap group {group:?} is invalid (must match {GROUP_PATTERN})");
            self.invalid_json(path, &groups, detail);
        }
    }
}

/// A character as Go's `%#U`.
fn go_rune(c: char) -> String {
    format!("U+{:04X} '{c}'", u32::from(c))
}
