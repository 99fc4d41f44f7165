//! Where a kubeconfig's cluster is, and which CAs it trusts.

use ::kube::config::Kubeconfig;
use camino::Utf8Path;

use super::KubeError;
use crate::host::Host;
use crate::{kubeconfig, yaml};

/// The cluster of a kubeconfig's current context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// `https://host:port`.
    pub server: String,
    /// The CAs, PEM; empty when the kubeconfig has none.
    pub ca_pem: String,
}

/// A kubeconfig as the client knows it, read within the limits of all YAML.
pub(super) fn parse(yaml: &str) -> Result<Kubeconfig, Box<dyn std::error::Error + Send + Sync>> {
    let mut document = yaml::without_nulls(yaml::document(yaml)?);
    kubeconfig::normalize(&mut document);
    Ok(serde_json::from_value(document)?)
}

impl Endpoint {
    /// Reads it from a kubeconfig, of which `what` is the name. A CA in a file of its own is read too. A kubeconfig
    /// without contexts (cluster-info's) has one cluster.
    pub fn of(what: &str, yaml: &str, host: &dyn Host) -> Result<Self, KubeError> {
        let unusable =
            |source: Box<dyn std::error::Error + Send + Sync>| KubeError::Kubeconfig { what: what.to_owned(), source };
        let document = parse(yaml).map_err(unusable)?;
        let current = document.current_context.as_deref().unwrap_or_default();
        let context = document.contexts.iter().find(|named| named.name == current);
        let wanted = context.and_then(|named| named.context.as_ref()).map(|context| context.cluster.as_str());
        let mut clusters = document.clusters.iter();
        let cluster = match wanted {
            Some(name) => clusters.find(|named| named.name == name),
            None if current.is_empty() => clusters.next(),
            None => return Err(unusable(format!("there is no context {current:?}").into())),
        };
        let cluster =
            cluster.and_then(|named| named.cluster.as_ref()).ok_or_else(|| unusable("it has no cluster".into()))?;
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
        Ok(Self { server, ca_pem })
    }

    /// `host:port`, as in a join command.
    #[must_use]
    pub fn address(&self) -> &str {
        self.server.strip_prefix("https://").unwrap_or(&self.server)
    }

    /// The CAs as kubeconfigs hold them.
    #[must_use]
    pub fn ca_data(&self) -> String {
        kubeconfig::encode(&self.ca_pem)
    }
}
