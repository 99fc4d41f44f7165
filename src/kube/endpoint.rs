//! Where a kubeconfig's cluster is, and which CAs it trusts.

use ::kube::config::{Cluster, Kubeconfig};
use camino::Utf8Path;
use serde_json::{Map, Value};

use super::KubeError;
use crate::host::Host;
use crate::{kubeconfig, yaml};

/// What is wrong with a kubeconfig.
type Problem = Box<dyn std::error::Error + Send + Sync>;

/// The cluster of a kubeconfig's current context.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Endpoint {
    /// `https://host:port`.
    pub server: String,
    /// The CAs, PEM; empty when the kubeconfig has none.
    pub ca_pem: String,
    /// The cluster as it stands in the kubeconfig, with all that it says of connections.
    pub cluster: Map<String, Value>,
}

/// A kubeconfig as the client knows it, read within the limits of all YAML.
pub(super) fn parse(yaml: &str) -> Result<Kubeconfig, Problem> {
    let mut document = yaml::without_nulls(yaml::document(yaml)?);
    kubeconfig::normalize(&mut document);
    Ok(serde_json::from_value(document)?)
}

/// The cluster of the current context. A kubeconfig without contexts (cluster-info's) has one cluster.
pub(super) fn current_cluster(kubeconfig: &Kubeconfig) -> Result<&Cluster, Problem> {
    let current = kubeconfig.current_context.as_deref().unwrap_or_default();
    let context = kubeconfig.contexts.iter().find(|named| named.name == current);
    let wanted = context.and_then(|named| named.context.as_ref()).map(|context| context.cluster.as_str());
    let mut clusters = kubeconfig.clusters.iter();
    let cluster = match wanted {
        Some(name) => clusters.find(|named| named.name == name),
        None if current.is_empty() => clusters.next(),
        None => return Err(format!("there is no context {current:?}").into()),
    };
    cluster.and_then(|named| named.cluster.as_ref()).ok_or_else(|| "it has no cluster".into())
}

impl Endpoint {
    /// Reads it from a kubeconfig, of which `what` is the name. A CA in a file of its own is read too.
    pub fn of(what: &str, yaml: &str, host: &dyn Host) -> Result<Self, KubeError> {
        let unusable = |source: Problem| KubeError::Kubeconfig { what: what.to_owned(), source };
        let document = parse(yaml).map_err(unusable)?;
        let cluster = current_cluster(&document).map_err(unusable)?;
        let server = cluster.server.clone().ok_or_else(|| unusable("its cluster has no server".into()))?;
        let ca_pem = match (&cluster.certificate_authority_data, &cluster.certificate_authority) {
            (Some(data), _) => {
                let pem = kubeconfig::decode(data).map_err(|error| unusable(error.into()))?;
                String::from_utf8(pem).map_err(|error| unusable(error.into()))?
            }
            (None, Some(path)) => {
                let missing = || KubeError::NoKubeconfig { path: path.clone() };
                host.read_text(Utf8Path::new(path))?.ok_or_else(missing)?
            }
            (None, None) => String::new(),
        };
        let mut cluster: Map<String, Value> =
            serde_json::to_value(cluster).and_then(serde_json::from_value).map_err(|error| unusable(error.into()))?;
        // Go leaves out what says nothing.
        cluster.retain(|_, value| *value != false && *value != "");
        Ok(Self { server, ca_pem, cluster })
    }

    /// `host:port`, as in a join command.
    #[must_use]
    pub fn address(&self) -> &str {
        self.server.strip_prefix("https://").unwrap_or(&self.server)
    }

    /// The cluster as a kubeconfig holds it that can be used anywhere: with the CAs in it.
    #[must_use]
    pub fn embedded(&self) -> Value {
        let mut cluster = self.cluster.clone();
        cluster.insert("server".to_owned(), self.server.as_str().into());
        cluster.remove("certificate-authority");
        if !self.ca_pem.is_empty() {
            cluster.insert("certificate-authority-data".to_owned(), self.ca_data().into());
            // Clients don't take both.
            cluster.remove("insecure-skip-tls-verify");
        }
        cluster.into()
    }

    /// The CAs as kubeconfigs hold them.
    #[must_use]
    pub fn ca_data(&self) -> String {
        kubeconfig::encode(&self.ca_pem)
    }
}
