//! etcd: the local one's ports and data, the version of one that somebody else runs.

use std::time::Duration;

use camino::Utf8Path;
use reqwest::{Certificate, Client, Identity};
use serde::Deserialize;

use super::files::{self, Expected};
use super::network::{ETCD_CLIENTS, ETCD_PEERS, Port};
use super::{Finding, common, init};
use crate::config::InitConfig;
use crate::config::v1beta4::ExternalEtcd;
use crate::failure::chain;
use crate::host::Host;
use crate::host::facts::Facts;
use crate::versions::Version;

const EXTERNAL_VERSION: &str = "ExternalEtcdVersion";
const EXTERNAL_FILES: &str = "ExternalEtcdClientCertificates";
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
const RETRIES: usize = 3;
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// The ports and the data directory of a local etcd.
pub(super) fn local(facts: &Facts, cfg: &InitConfig, data_dir: &Utf8Path, expected: &[Expected]) -> Vec<Finding> {
    let manifest = init::manifest("etcd");
    let started_by_us = files::is_ours(facts, &manifest, expected);
    let advertised = common::last_arg(&cfg.cluster.api_server.extra_args, "advertise-address");
    let address = advertised.unwrap_or(&cfg.init.local_api_endpoint.advertise_address);
    let port = |number| Port { number, address, program: "etcd", started_by_us }.check(facts);
    let ours = data_is_ours(facts, cfg, expected);
    let data = files::directory_available(facts, data_dir, ours);
    [port(ETCD_CLIENTS), port(ETCD_PEERS), data].into_iter().flatten().collect()
}

/// Why the data in etcd's directory may be gone on with. Only a run that got as far as etcd's manifest has any;
/// certificates for this member say the same where the manifest was moved away. A CA alone does not: a user may have
/// brought it, to a disk with the data of another cluster.
pub(super) fn data_is_ours(facts: &Facts, cfg: &InitConfig, expected: &[Expected]) -> Option<&'static str> {
    if files::is_ours(facts, &init::manifest("etcd"), expected) {
        return Some("etcd's manifest is ours, so it is the data of this cluster");
    }
    let pki = Utf8Path::new(&cfg.cluster.certificates_dir).join("etcd");
    let certificates = ["ca.crt", "server.crt", "peer.crt"].iter().all(|name| facts.at(&pki.join(name)).exists());
    let no_manifest = !facts.at(&init::manifest("etcd")).exists();
    (certificates && no_manifest).then_some("this member's certificates are there, so it is the data of this cluster")
}

/// The files that an external etcd is reached with.
pub(super) fn external_files(facts: &Facts, external: &ExternalEtcd) -> Vec<Finding> {
    let files = [&external.ca_file, &external.cert_file, &external.key_file];
    files.iter().filter_map(|path| files::existing(facts, EXTERNAL_FILES, path)).collect()
}

/// Asks every endpoint of an external etcd for its version.
pub async fn external_versions(host: &dyn Host, external: &ExternalEtcd, target: &Version) -> Vec<Finding> {
    let error = |message: String| Finding::error(EXTERNAL_VERSION, message);
    let client = match client(host, external) {
        Ok(client) => client,
        Err(message) => return vec![error(message)],
    };
    let endpoints = if external.http_endpoints.is_empty() { &external.endpoints } else { &external.http_endpoints };
    let answers = endpoints.iter().map(|endpoint| version(&client, endpoint));
    let answers = futures::future::join_all(answers).await;
    answers
        .into_iter()
        .filter_map(|answer| answer.map_or_else(Some, |said| too_old(&said, target)).map(error))
        .collect()
}

fn too_old(said: &str, target: &Version) -> Option<String> {
    let oldest = target.oldest_external_etcd();
    match Version::parse(said) {
        Ok(version) if version >= oldest => None,
        Ok(_) => Some(format!(
            "this version of kubeadm only supports external etcd version >= {}. Current version: {said}",
            oldest.to_string().trim_start_matches('v')
        )),
        Err(cause) => Some(format!("couldn't parse external etcd version {said:?}: {cause}")),
    }
}

fn client(host: &dyn Host, external: &ExternalEtcd) -> Result<Client, String> {
    let read = |path: &str| match host.read(Utf8Path::new(path)) {
        Ok(Some(bytes)) => Ok(bytes),
        Ok(None) => Err("no such file".to_owned()),
        Err(error) => Err(chain(&error)),
    };
    let mut builder = Client::builder().timeout(REQUEST_TIMEOUT);
    if !external.ca_file.is_empty() {
        let failed =
            |why: String| format!("couldn't load external etcd's server certificate {}: {why}", external.ca_file);
        let pem = read(&external.ca_file).map_err(failed)?;
        builder = builder.tls_certs_only(Certificate::from_pem_bundle(&pem).map_err(|error| failed(chain(&error)))?);
    }
    if !external.cert_file.is_empty() && !external.key_file.is_empty() {
        let failed = |why: String| {
            let (certificate, key) = (&external.cert_file, &external.key_file);
            format!("couldn't load external etcd's certificate and key pair {certificate}, {key}: {why}")
        };
        let mut pem = read(&external.cert_file).map_err(failed)?;
        pem.push(b'\n');
        pem.extend(read(&external.key_file).map_err(failed)?);
        builder = builder.identity(Identity::from_pem(&pem).map_err(|error| failed(chain(&error)))?);
    }
    builder.build().map_err(|error| chain(&error))
}

#[derive(Deserialize)]
struct VersionAnswer {
    etcdserver: String,
}

/// Servers that do not answer, or fail inside, are asked again: etcd may be electing a leader.
async fn version(client: &Client, endpoint: &str) -> Result<String, String> {
    let url = format!("{}/version", endpoint.trim_end_matches('/'));
    let mut retries = 0..RETRIES;
    loop {
        let trouble = match client.get(&url).send().await {
            Ok(answer) if answer.status().is_server_error() => {
                format!("server responded with non-successful status: {}", answer.status())
            }
            Ok(answer) => {
                let answer = answer.json::<VersionAnswer>().await;
                return answer.map(|answer| answer.etcdserver).map_err(|error| format!("{url}: {}", chain(&error)));
            }
            Err(error) if error.is_builder() => {
                return Err(format!("failed to parse external etcd endpoint {endpoint}: {}", chain(&error)));
            }
            Err(error) => chain(&error),
        };
        if retries.next().is_none() {
            return Err(format!("external etcd at {url} does not tell its version: {trouble}"));
        }
        tokio::time::sleep(RETRY_AFTER).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::FakeHost;

    #[test]
    fn the_oldest_etcd_is_kubeadms() {
        let target = Version::new(1, 37, 2);
        assert_eq!(too_old("3.5.24", &target), None);
        assert_eq!(
            too_old("3.5.9", &target).unwrap(),
            "this version of kubeadm only supports external etcd version >= 3.5.24-0. Current version: 3.5.9"
        );
        assert!(too_old("yes", &target).unwrap().starts_with("couldn't parse external etcd version \"yes\""));
    }

    #[tokio::test]
    async fn a_missing_ca_is_named() {
        let external = ExternalEtcd {
            endpoints: vec!["https://192.0.2.9:2379".into()],
            ca_file: "/etc/etcd/ca.crt".into(),
            ..ExternalEtcd::default()
        };
        let findings = external_versions(&FakeHost::new(), &external, &Version::new(1, 37, 2)).await;
        assert_eq!(
            findings[0].message,
            "couldn't load external etcd's server certificate /etc/etcd/ca.crt: no such file"
        );
    }
}
