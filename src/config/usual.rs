//! The cluster that `init` makes when nothing is asked for: what a dry run of `join` goes by when the real one does not
//! answer.

use super::error::ConfigError;
use super::v1beta4::ClusterConfiguration;
use super::{Component, component, defaults};
use crate::versions::Version;

/// Its configuration, and that of its kubelets.
pub fn cluster(version: &Version) -> Result<(ClusterConfiguration, Component), ConfigError> {
    let mut cluster =
        ClusterConfiguration { kubernetes_version: version.to_string(), ..ClusterConfiguration::default() };
    defaults::cluster(&mut cluster)?;
    let components = component::complete(None, None, &cluster, "", version, &mut Vec::new());
    Ok((cluster, components.kubelet))
}
