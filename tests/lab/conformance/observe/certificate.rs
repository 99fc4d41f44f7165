//! What somebody chose in a certificate or a key: every field but serial numbers, signatures and the key itself.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::SystemTime;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::pem::Pem;
use x509_parser::public_key::PublicKey;

/// The blocks of a PEM text, in order.
pub(super) fn blocks(text: &str, now: SystemTime) -> Vec<Value> {
    let blocks = Pem::iter_from_buffer(text.as_bytes());
    let described = blocks.map(|block| match block {
        Ok(block) => describe(&block, now).unwrap_or_else(|error| json!(format!("damaged: {error:#}"))),
        Err(error) => json!(format!("damaged: {error}")),
    });
    described.collect()
}

fn describe(block: &Pem, now: SystemTime) -> Result<Value> {
    if block.label == "CERTIFICATE" {
        let (rest, certificate) = x509_parser::parse_x509_certificate(&block.contents)?;
        anyhow::ensure!(rest.is_empty(), "something follows the certificate");
        return certificate_fields(&certificate, now);
    }
    // RSA keys of other sizes are of other lengths; the size of any other is its kind's. A few bytes more or less are chance.
    let size = (block.contents.len() + 32) / 64 * 64;
    Ok(json!({ "block": block.label, "bytes": size }))
}

fn certificate_fields(certificate: &X509Certificate<'_>, now: SystemTime) -> Result<Value> {
    let mut fields = json!({
        "block": "CERTIFICATE",
        "version": certificate.version().0 + 1,
        "subject": certificate.subject().to_string(),
        "issuer": certificate.issuer().to_string(),
        "from": minutes(certificate.validity().not_before.timestamp(), now),
        "to": minutes(certificate.validity().not_after.timestamp(), now),
        "signature": certificate.signature_algorithm.algorithm.to_id_string(),
        "key": key(certificate)?,
    });
    // Their order in the file means nothing.
    for extension in certificate.extensions() {
        let (name, value) = meaning(extension.parsed_extension());
        let name = if name.is_empty() { extension.oid.to_id_string() } else { name.to_owned() };
        fields[name] = json!({ "critical": extension.critical, "value": value });
    }
    Ok(fields)
}

fn key(certificate: &X509Certificate<'_>) -> Result<String> {
    Ok(match certificate.public_key().parsed().context("the public key")? {
        PublicKey::RSA(key) => format!("RSA {}", key.key_size()),
        PublicKey::EC(point) => format!("EC {}", point.key_size()),
        _ => certificate.public_key().algorithm.algorithm.to_id_string(),
    })
}

/// An extension's name and what it says; no name for those that have only a number.
fn meaning(extension: &ParsedExtension<'_>) -> (&'static str, Value) {
    match extension {
        ParsedExtension::BasicConstraints(constraints) => {
            ("basicConstraints", json!({ "ca": constraints.ca, "path": constraints.path_len_constraint }))
        }
        ParsedExtension::KeyUsage(usage) => ("keyUsage", json!(usage.to_string())),
        ParsedExtension::ExtendedKeyUsage(usage) => (
            "extendedKeyUsage",
            json!({ "server": usage.server_auth, "client": usage.client_auth, "any": usage.any, "other": usage.other.len() }),
        ),
        ParsedExtension::SubjectAlternativeName(names) => {
            // Their order means nothing either.
            let mut counts: BTreeMap<String, usize> = BTreeMap::new();
            names.general_names.iter().for_each(|found| *counts.entry(name(found)).or_default() += 1);
            ("subjectAltName", json!(counts))
        }
        ParsedExtension::SubjectKeyIdentifier(id) => ("subjectKeyIdentifier", json!(id.0.len())),
        ParsedExtension::AuthorityKeyIdentifier(id) => {
            ("authorityKeyIdentifier", json!(id.key_identifier.as_ref().map(|id| id.0.len())))
        }
        _ => ("", json!("there")),
    }
}

fn name(name: &GeneralName<'_>) -> String {
    match name {
        GeneralName::IPAddress(bytes) => {
            let v4 = <[u8; 4]>::try_from(*bytes).map(IpAddr::from);
            v4.or_else(|_| <[u8; 16]>::try_from(*bytes).map(IpAddr::from))
                .map_or_else(|_| format!("IP {bytes:?}"), |address| format!("IP {address}"))
        }
        other => other.to_string(),
    }
}

/// Minutes from `now`, to the nearest five: a run takes no longer, and nothing that matters is shorter.
pub(super) fn minutes(timestamp: i64, now: SystemTime) -> i64 {
    let now = now.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs().cast_signed());
    (timestamp - now + 150).div_euclid(300) * 5
}
