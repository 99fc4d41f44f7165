//! What the extensions of a certificate say.

use std::net::IpAddr;

use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, ParsedExtension};

use super::{Certificate, Usage};
use crate::pki::constraints::NameConstraints;

impl Certificate {
    pub(super) fn read_extensions(&mut self, parsed: &X509Certificate<'_>) {
        for extension in parsed.extensions() {
            let content = extension.parsed_extension();
            if extension.critical && !is_known(content) {
                self.unknown_critical.get_or_insert_with(|| extension.oid.to_id_string());
            }
            match content {
                ParsedExtension::BasicConstraints(constraints) => {
                    self.is_authority = constraints.ca;
                    self.path_length = constraints.path_len_constraint;
                }
                ParsedExtension::NameConstraints(constraints) => {
                    self.constraints = Some(NameConstraints::read(constraints));
                }
                ParsedExtension::KeyUsage(usage) => self.signs_certificates = usage.key_cert_sign(),
                ParsedExtension::SubjectKeyIdentifier(id) => self.key_id = Some(id.0.to_vec()),
                ParsedExtension::ExtendedKeyUsage(usage) if !usage.any => {
                    let named = [(usage.server_auth, Usage::Server), (usage.client_auth, Usage::Client)];
                    self.usages = Some(named.into_iter().filter(|(there, _)| *there).map(|(_, usage)| usage).collect());
                }
                ParsedExtension::SubjectAlternativeName(names) => {
                    for name in &names.general_names {
                        match name {
                            GeneralName::DNSName(name) => self.dns_names.push((*name).to_owned()),
                            GeneralName::IPAddress(octets) => self.ip_addresses.extend(address(octets)),
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
    }
}

/// Whether Go knows what to do with an extension. What is critical and not known makes a certificate worthless.
fn is_known(content: &ParsedExtension<'_>) -> bool {
    let plain = |name: &GeneralName<'_>| {
        matches!(
            name,
            GeneralName::DNSName(_) | GeneralName::IPAddress(_) | GeneralName::RFC822Name(_) | GeneralName::URI(_)
        )
    };
    match content {
        ParsedExtension::BasicConstraints(_)
        | ParsedExtension::KeyUsage(_)
        | ParsedExtension::ExtendedKeyUsage(_)
        | ParsedExtension::CRLDistributionPoints(_)
        | ParsedExtension::CertificatePolicies(_)
        | ParsedExtension::PolicyMappings(_)
        | ParsedExtension::PolicyConstraints(_)
        | ParsedExtension::InhibitAnyPolicy(_) => true,
        ParsedExtension::SubjectAlternativeName(names) => names.general_names.iter().any(plain),
        ParsedExtension::NameConstraints(constraints) => {
            let trees = constraints.permitted_subtrees.iter().chain(&constraints.excluded_subtrees);
            trees.flatten().all(|tree| plain(&tree.base))
        }
        _ => false,
    }
}

fn address(octets: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(octets).map(IpAddr::from).ok();
    v4.or_else(|| <[u8; 16]>::try_from(octets).map(IpAddr::from).ok())
}
