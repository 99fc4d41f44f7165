//! Discovery by a kubeconfig, from a file or an https URL. Its CA, or the client's own trust in the URL, proves the
//! cluster; cluster-info may complete it.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use camino::Utf8Path;
use serde_json::{Value, json};

use super::{Discovered, DiscoveryError};
use crate::config::url;
use crate::download;
use crate::host::Host;
use crate::kube::cluster_info::{self, KUBECONFIG};
use crate::kube::{Api, Endpoint, KubeError};
use crate::yaml;

/// Between two tries to reach the cluster.
const PAUSE: Duration = Duration::from_millis(250);
/// Bytes of a kubeconfig from the web.
const LARGEST: usize = 16 << 20;

/// Finds the cluster and makes sure that it answers.
pub async fn discover(path: &str, timeout: Duration, host: &dyn Host) -> Result<Discovered, DiscoveryError> {
    let mut found = told(path, timeout, host).await?;
    let silence = super::silence(timeout, host);
    if let Some(told) = cluster_info(&found.kubeconfig, &found.endpoint.server, silence).await? {
        refresh(&mut found.endpoint, &told, host, &mut found.warnings)?;
        embed(&mut found.kubeconfig, &found.endpoint, host)?;
    }
    Ok(found)
}

/// What the kubeconfig at a path or URL says by itself: the cluster is not asked.
pub(super) async fn told(path: &str, timeout: Duration, host: &dyn Host) -> Result<Discovered, DiscoveryError> {
    let text = if url::scheme(path) == "https" { download(path, timeout).await? } else { read(path, host)? };
    understand(path, &text, host)
}

/// What a kubeconfig says by itself: nobody is asked. `path` is its name.
pub fn understand(path: &str, text: &str, host: &dyn Host) -> Result<Discovered, DiscoveryError> {
    let mut kubeconfig =
        yaml::document(text).map_err(|source| DiscoveryError::Unreadable { path: path.to_owned(), source })?;
    if kubeconfig["clusters"].as_array().is_none_or(Vec::is_empty) {
        let problem = "the provided kubeconfig file must have at least one Cluster defined".to_owned();
        return Err(DiscoveryError::BadFile { path: path.to_owned(), problem });
    }
    let endpoint = Endpoint::of(path, text, host)?;
    complete(&mut kubeconfig);
    embed(&mut kubeconfig, &endpoint, host)?;
    Ok(Discovered { endpoint, warnings: Vec::new(), kubeconfig })
}

/// cluster-info's own kubeconfig has a cluster without a name and no context, which other clients do not take for one.
fn complete(kubeconfig: &mut Value) {
    if kubeconfig["current-context"].as_str().unwrap_or_default().is_empty() {
        let cluster = kubeconfig["clusters"][0]["name"].as_str().unwrap_or_default().to_owned();
        kubeconfig["contexts"] = json!([{"name": "it", "context": {"cluster": cluster, "user": ""}}]);
        kubeconfig["current-context"] = json!("it");
    }
}

fn read(path: &str, host: &dyn Host) -> Result<String, DiscoveryError> {
    let text = host.read_text(Utf8Path::new(path)).map_err(KubeError::from)?;
    text.ok_or_else(|| DiscoveryError::NoFile { path: path.to_owned() })
}

async fn download(url: &str, timeout: Duration) -> Result<String, DiscoveryError> {
    let failed = |source| DiscoveryError::Download { url: url.to_owned(), source };
    download::text(url, LARGEST, timeout).await.map_err(failed)
}

/// Puts what is in files of its own into the kubeconfig, so that it can be used anywhere.
pub(super) fn embed(kubeconfig: &mut Value, endpoint: &Endpoint, host: &dyn Host) -> Result<(), DiscoveryError> {
    let clusters = kubeconfig.get_mut("clusters").and_then(Value::as_array_mut);
    for cluster in clusters.into_iter().flatten().filter_map(|entry| entry.get_mut("cluster")) {
        if cluster["server"] == endpoint.server {
            *cluster = endpoint.embedded();
        }
    }
    let users = kubeconfig.get_mut("users").and_then(Value::as_array_mut);
    for user in users.into_iter().flatten().filter_map(|entry| entry.get_mut("user")) {
        let Some(user) = user.as_object_mut() else { continue };
        for (file, data, encoded) in [
            ("client-certificate", "client-certificate-data", true),
            ("client-key", "client-key-data", true),
            ("tokenFile", "token", false),
        ] {
            if user.contains_key(data) {
                continue;
            }
            if let Some(path) = user.remove(file) {
                let text = read(path.as_str().unwrap_or_default(), host)?;
                let value = if encoded { BASE64.encode(text) } else { text.trim_end().to_owned() };
                user.insert(data.to_owned(), value.into());
            }
        }
    }
    Ok(())
}

/// cluster-info's kubeconfig, read with the file's own trust; `None` when it may not be read or says nothing: the
/// answer alone proves that the server is the right one.
async fn cluster_info(kubeconfig: &Value, server: &str, timeout: Duration) -> Result<Option<String>, DiscoveryError> {
    let api = Api::from_kubeconfig("for discovery", &kubeconfig.to_string(), None)?;
    let start = Instant::now();
    loop {
        let source = match api.get_once(&cluster_info::reference()).await {
            Ok(found) => return Ok(found.and_then(|map| Some(map["data"][KUBECONFIG].as_str()?.to_owned()))),
            Err(error) if error.is_forbidden() => return Ok(None),
            Err(source) => source,
        };
        if source.is_untrusted() || start.elapsed() >= timeout {
            let server = server.to_owned();
            return Err(match source.is_untrusted() || source.is_out_of_time() {
                true => DiscoveryError::Untrusted { server, source },
                false => DiscoveryError::Unreachable { server, source },
            });
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn refresh(
    endpoint: &mut Endpoint,
    told: &str,
    host: &dyn Host,
    warnings: &mut Vec<String>,
) -> Result<(), DiscoveryError> {
    let told = Endpoint::of("in cluster-info", told, host).map_err(|error| DiscoveryError::Malformed(error.into()))?;
    if told.server != endpoint.server {
        warnings.push(format!(
            "[discovery] the API Server endpoint {:?} in use is different from the endpoint {:?} which defined in the \
             cluster-info ConfigMap",
            endpoint.server, told.server
        ));
    }
    if endpoint.ca_pem.is_empty() {
        endpoint.ca_pem = told.ca_pem;
    }
    Ok(())
}
