//! The certificate that the kubelet serves with, where nobody gives it one.
//!
//! A kubelet that finds none makes two RSA keys, one after the other, before it does anything else: half a second of its
//! start. Here the same pair of files is made of keys that were made ahead. What stands in them is what the kubelet itself
//! would write (`GenerateSelfSignedCertKey` of client-go): a certificate for its name, and the authority that signed
//! it, whose key nobody keeps. Refuses to know the certificates of the cluster.

use std::time::Duration;

use serde_json::Value;
use time::OffsetDateTime;

use super::node_name;
use crate::config::v1beta4::NodeRegistrationOptions;
use crate::config::{last_arg, net};
use crate::host::{Changed, Host, HostError};
use crate::paths::KUBELET_PKI_DIR;
use crate::pki::{Authority, KeyAlgorithm, KeyPool, PkiDir, PkiError, Spec, Usage, new_key, self_signed, signed};

/// How many keys it takes.
pub const KEYS: usize = 2;

/// The files' name, without ending.
const BASE_NAME: &str = "kubelet";
const BACKDATE: Duration = Duration::from_secs(60 * 60);
const VALID: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// The kubelet's flags that let it serve with something else, or from elsewhere.
const OTHER_WAYS: [&str; 4] = ["cert-dir", "rotate-server-certificates", "tls-cert-file", "tls-private-key-file"];

/// What it is made of.
#[derive(Debug, Clone, Copy)]
pub struct Supply<'a> {
    /// Keys, in the making since the start.
    pub keys: &'a KeyPool,
    /// The start of the run.
    pub now: OffsetDateTime,
}

/// Whether a kubelet with this configuration would make itself a certificate: it has none, and none from elsewhere.
pub fn is_missing(registration: &NodeRegistrationOptions, config: &Value, host: &dyn Host) -> Result<bool, HostError> {
    let own = config["serverTLSBootstrap"] != true
        && ["tlsCertFile", "tlsPrivateKeyFile"].iter().all(|field| config[field].as_str().is_none_or(str::is_empty))
        && OTHER_WAYS.iter().all(|flag| last_arg(&registration.kubelet_extra_args, flag).is_none());
    let path = dir(host).certificate_path(BASE_NAME);
    // A link, wherever it leads, is somebody's.
    Ok(own && !host.exists(&path)? && host.link(&path)?.is_none())
}

/// Makes it be there, where the kubelet would make it itself.
pub(super) fn ensure(
    registration: &NodeRegistrationOptions,
    config: &Value,
    supply: Supply<'_>,
    host: &dyn Host,
) -> Result<Changed, PkiError> {
    // The kubelet's own keys are of one kind, whatever the cluster's are.
    if supply.keys.algorithm() != KeyAlgorithm::Rsa2048 || !is_missing(registration, config, host)? {
        return Ok(Changed::No);
    }
    let dir = dir(host);
    // What is no key is somebody's; the kubelet says what it thinks of it.
    let Ok(left) = dir.key(BASE_NAME) else { return Ok(Changed::No) };
    let failed = |source| PkiError::Issue { path: dir.certificate_path(BASE_NAME), source };

    let (authority, own) = specs(&node_name(registration), supply.now);
    let key = supply.keys.take().map_err(|source| PkiError::NewKey { path: dir.key_path(BASE_NAME), source })?;
    let certificate = self_signed(&authority, &key).map_err(failed)?;
    let authority = Authority { certificate, key };
    let key = match left {
        // A run that was cut off left it; the kubelet takes none without its certificate.
        Some(key) => key,
        None => new_key(&dir, BASE_NAME, supply.keys)?,
    };
    let certificate = signed(&own, &key, &authority).map_err(failed)?;
    dir.write_chain(BASE_NAME, &[&certificate, &authority.certificate])
}

fn dir(host: &dyn Host) -> PkiDir<'_> {
    PkiDir::new(host, KUBELET_PKI_DIR)
}

/// The authority's, and its own.
fn specs(host_name: &str, now: OffsetDateTime) -> (Spec, Spec) {
    let made = now.unix_timestamp();
    let address = net::parse_ip(host_name);
    let not_before = now - BACKDATE;
    let authority = Spec {
        common_name: format!("{host_name}-ca@{made}"),
        organization: None,
        dns_names: Vec::new(),
        ip_addresses: Vec::new(),
        usages: Vec::new(),
        is_authority: true,
        not_before,
        not_after: not_before + VALID,
    };
    let own = Spec {
        common_name: format!("{host_name}@{made}"),
        dns_names: if address.is_none() { vec![host_name.to_owned()] } else { Vec::new() },
        ip_addresses: address.into_iter().collect(),
        usages: vec![Usage::Server],
        is_authority: false,
        ..authority.clone()
    };
    (authority, own)
}

#[cfg(test)]
mod tests {
    use camino::Utf8Path;
    use serde_json::json;

    use super::*;
    use crate::host::FakeHost;
    use crate::manifests::args::arg;
    use crate::pki::{Chain, PrivateKey};

    const KEY: &str = "/var/lib/kubelet/pki/kubelet.key";
    const CERTIFICATE: &str = "/var/lib/kubelet/pki/kubelet.crt";

    fn registration() -> NodeRegistrationOptions {
        NodeRegistrationOptions { name: "cp1".into(), ..NodeRegistrationOptions::default() }
    }

    fn make(host: &FakeHost, keys: &KeyPool) -> Result<Changed, PkiError> {
        ensure(&registration(), &json!({}), Supply { keys, now: crate::pki::tests::now() }, host)
    }

    fn key(host: &FakeHost) -> PrivateKey {
        PrivateKey::from_pem(&host.read(Utf8Path::new(KEY)).unwrap().unwrap()).unwrap()
    }

    fn chain(host: &FakeHost) -> Chain {
        crate::pki::read_certificate(host, Utf8Path::new(CERTIFICATE)).unwrap().unwrap()
    }

    #[test]
    fn is_what_the_kubelet_itself_would_make() {
        let (host, keys) = (FakeHost::new(), KeyPool::start(KeyAlgorithm::Rsa2048, KEYS));
        assert_eq!(make(&host, &keys).unwrap(), Changed::Yes);
        let Chain { first, intermediates } = chain(&host);
        let now = crate::pki::tests::now();
        let made = now.unix_timestamp();
        assert_eq!((first.common_name, first.dns_names.clone()), (format!("cp1@{made}"), vec!["cp1".to_owned()]));
        assert_eq!((first.not_before, first.not_after), (now - BACKDATE, now - BACKDATE + VALID));
        assert_eq!(first.issuer, format!("CN=cp1-ca@{made}"));
        assert!(!first.is_authority && intermediates[0].is_authority && intermediates.len() == 1);
        assert!(chain(&host).first.is_signed_by(&intermediates[0]) && chain(&host).first.matches(&key(&host)));
        let mode = |path| host.stat(Utf8Path::new(path)).unwrap().unwrap().mode;
        assert_eq!((mode(KEY), mode(CERTIFICATE)), (0o600, 0o644));
        assert_eq!(make(&host, &keys).unwrap(), Changed::No);
    }

    #[test]
    fn a_key_that_a_killed_run_left_gets_its_certificate() {
        let keys = KeyPool::start(KeyAlgorithm::Rsa2048, KEYS);
        let left = keys.take().unwrap();
        let host = FakeHost::new().with_file(KEY, &left.to_pem());
        assert_eq!(make(&host, &keys).unwrap(), Changed::Yes);
        assert_eq!(key(&host).public_key(), left.public_key());
        assert!(chain(&host).first.matches(&left));
    }

    #[test]
    fn is_left_to_the_kubelet_where_that_serves_with_something_else() {
        let missing = |config: Value, flag: Option<&str>| {
            let mut registration = registration();
            registration.kubelet_extra_args.extend(flag.map(|name| arg(name, "x")));
            is_missing(&registration, &config, &FakeHost::new()).unwrap()
        };
        assert!(missing(json!({ "tlsCertFile": "", "serverTLSBootstrap": false }), Some("v")));
        assert!(!missing(json!({ "serverTLSBootstrap": true }), None));
        assert!(!missing(json!({ "tlsCertFile": "/x.crt", "tlsPrivateKeyFile": "/x.key" }), None));
        assert!(OTHER_WAYS.iter().all(|flag| !missing(json!({}), Some(flag))));
        let there = FakeHost::new().with_file(CERTIFICATE, "somebody's");
        assert!(!is_missing(&registration(), &json!({}), &there).unwrap());
        let keys = |algorithm| KeyPool::start(algorithm, 0);
        assert_eq!(make(&FakeHost::new(), &keys(KeyAlgorithm::EcdsaP256)).unwrap(), Changed::No);
        let spoilt = FakeHost::new().with_file(KEY, "no key");
        assert_eq!(make(&spoilt, &keys(KeyAlgorithm::Rsa2048)).unwrap(), Changed::No);
    }
}
