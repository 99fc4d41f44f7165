//! The pipeline of `join`: what its phases may look at, and the table, in order.

mod cluster;
mod kubelet_start;
mod kubelet_wait_bootstrap;
mod preflight;
#[cfg(test)]
mod tests;

use std::rc::Rc;

use serde_json::Value;
use time::OffsetDateTime;
use tokio::sync::OnceCell;

use super::finished::KUBELET_START;
use super::{Finished, Phase, leaf};
use crate::config::JoinConfig;
use crate::cri::Cri;
use crate::failure::Outcome;
use crate::host::{Effects, Host};
use crate::patches::{PatchError, Patches};
use crate::pki::KeyPool;
use crate::ui::Ui;
use crate::versions::KUBELET_HAS_FAIL_CGROUP_V1;

pub use cluster::Cluster;

/// What flags and the environment say that has no place in the configuration.
#[derive(Debug, Clone)]
pub struct Options {
    /// A cgroup v1 host is accepted.
    pub allow_cgroup_v1: bool,
    /// The environment's `*_proxy` variables, sorted.
    pub proxies: Vec<(String, String)>,
    /// What a dry run would do; `None` when this is none.
    pub effects: Option<Effects>,
    /// The start of the run.
    pub now: OffsetDateTime,
}

/// What a phase of `join` may look at.
pub struct Join {
    /// What was asked for.
    pub cfg: JoinConfig,
    /// What flags and the environment say that has no place in the configuration.
    pub options: Options,
    /// The machine: real or recording.
    pub host: Rc<dyn Host>,
    /// The container runtime.
    pub cri: Cri,
    /// Patches of generated files.
    pub patches: Patches,
    /// What an earlier join that came to its end has left to the administrator; nothing for a phase alone.
    pub finished: Finished,
    /// Keys for the kubelet, in the making since the start; `None` leaves them to the kubelet.
    pub keys: Option<KeyPool>,
    /// Words.
    pub ui: Ui,
    /// What the cluster says of itself: asked for once, by the first phase that needs it.
    cluster: OnceCell<Cluster>,
}

impl Join {
    /// A join that has not asked the cluster yet.
    #[must_use]
    pub fn new(
        cfg: JoinConfig,
        options: Options,
        finished: Finished,
        keys: Option<KeyPool>,
        host: Rc<dyn Host>,
        cri: Cri,
        ui: Ui,
    ) -> Self {
        let patches = Patches::in_directory(cfg.join.patches.as_ref().map_or("", |patches| &patches.directory));
        Self { cfg, options, host, cri, patches, finished, keys, ui, cluster: OnceCell::new() }
    }

    /// The cluster's KubeletConfiguration with the user's word on cgroup v1.
    #[must_use]
    pub fn kubelet_configuration(&self, cluster: &Cluster) -> Value {
        let mut config = cluster.facts.kubelet.document.clone();
        if self.options.allow_cgroup_v1 && *KUBELET_HAS_FAIL_CGROUP_V1.at(&cluster.facts.version) {
            config["failCgroupV1"] = false.into();
        }
        config
    }

    /// As the kubelet of this node will have it: patched.
    pub fn patched_kubelet_configuration(&self, cluster: &Cluster) -> Result<Value, PatchError> {
        self.patches.patched_kubelet_configuration(&*self.host, self.kubelet_configuration(cluster))
    }

    /// The cluster: found, trusted and asked for its configuration; made up in a dry run when it does not answer.
    pub async fn cluster(&self) -> Outcome<&Cluster> {
        self.cluster
            .get_or_try_init(async || {
                let cluster = cluster::find(self).await?;
                self.ui.fact("controlPlaneEndpoint", cluster.discovered.endpoint.address());
                self.ui.fact("kubernetesVersion", cluster.facts.version.to_string());
                if cluster.made_up {
                    self.ui.fact("madeUp", true);
                }
                Ok(cluster)
            })
            .await
    }
}

/// The phase whose work is the administrator's once a join has come to its end.
pub const LEFT: [&str; 1] = [KUBELET_START];

/// `join`, in order.
pub static JOIN: &[Phase<Join>] = &[
    leaf!("preflight", "Run join pre-flight checks", preflight::run,
        flags: &["apiserver-advertise-address", "apiserver-bind-port", "certificate-key", "config", "control-plane",
            "cri-socket", "discovery-file", "discovery-token", "discovery-token-ca-cert-hash",
            "discovery-token-unsafe-skip-ca-verification", "dry-run", "ignore-preflight-errors", "node-name",
            "tls-bootstrap-token", "token", "allow-cgroup-v1"]),
    leaf!("kubelet-start", "Write kubelet settings, certificates and (re)start the kubelet", kubelet_start::run,
        flags: &["config", "cri-socket", "discovery-file", "discovery-token", "discovery-token-ca-cert-hash",
            "discovery-token-unsafe-skip-ca-verification", "dry-run", "node-name", "patches", "tls-bootstrap-token",
            "token", "allow-cgroup-v1"]),
    leaf!("kubelet-wait-bootstrap", "Wait for the kubelet to bootstrap itself", kubelet_wait_bootstrap::kubelet_wait_bootstrap,
        flags: &["config", "cri-socket", "dry-run"]),
];
