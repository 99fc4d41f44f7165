//! The pipeline of `reset`: what its phases may look at, and the table, in order.

mod cleanup_node;
mod preflight;
mod remove_etcd_member;
#[cfg(test)]
mod tests;

use std::rc::Rc;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use tokio::sync::OnceCell;

use super::{Phase, leaf};
use crate::config::resolve::ResetConfig;
use crate::config::v1beta4::ClusterConfiguration;
use crate::cri::Cri;
use crate::failure::{Failure, Outcome};
use crate::host::Host;
use crate::kube::resource::POD;
use crate::kube::{Api, KUBE_SYSTEM, read_back};
use crate::reset::static_pod::StaticPod;
use crate::reset::{Troubles, etcd};
use crate::ui::Ui;

/// How long a cluster is asked for, that may well be dead.
const GLANCE: Duration = Duration::from_secs(5);
/// The volume of the API server's static pod that holds the certificates.
const CERTIFICATES_VOLUME: &str = "k8s-certs";

/// What a phase of `reset` may look at.
pub struct Reset {
    /// What was asked for.
    pub cfg: ResetConfig,
    /// The kubeconfig to speak to the cluster with.
    pub kubeconfig: Utf8PathBuf,
    /// Also remove what a Kubernetes node made of the network.
    pub cleanup_network: bool,
    /// The data of etcd goes in this run: the phase remove-etcd-member is not skipped.
    pub clears_etcd: bool,
    /// The machine: real or recording.
    pub host: Rc<dyn Host>,
    /// The container runtime.
    pub cri: Cri,
    /// Words.
    pub ui: Ui,
    /// What went wrong while the rest was done.
    pub troubles: Troubles,
    /// The cluster, while it still answers: asked for once, by the first phase that needs it.
    known: OnceCell<Option<Known>>,
    /// Where certificates are, once a phase has asked.
    certificates_dir: OnceCell<Utf8PathBuf>,
}

struct Known {
    api: Api,
    cluster: ClusterConfiguration,
}

impl Reset {
    /// A reset that has not asked the cluster yet.
    #[must_use]
    pub fn new(
        cfg: ResetConfig,
        kubeconfig: Utf8PathBuf,
        cleanup_network: bool,
        clears_etcd: bool,
        host: Rc<dyn Host>,
        cri: Cri,
        ui: Ui,
    ) -> Self {
        let (troubles, known, certificates_dir) = (Troubles::default(), OnceCell::new(), OnceCell::new());
        Self { cfg, kubeconfig, cleanup_network, clears_etcd, host, cri, ui, troubles, known, certificates_dir }
    }

    /// The cluster's configuration, if it still tells.
    pub async fn cluster(&self) -> Option<&ClusterConfiguration> {
        self.known().await.map(|known| &known.cluster)
    }

    /// Where certificates are: as asked for, else as the cluster says, else where the static pod of the API server has them,
    /// else in the usual place.
    pub async fn certificates_dir(&self) -> &Utf8Path {
        let find = || async {
            let asked = Utf8PathBuf::from(&self.cfg.reset.certificates_dir);
            if self.cfg.certificates_dir_given {
                return asked;
            }
            let told = self.cluster().await.map(|cluster| Utf8PathBuf::from(&cluster.certificates_dir));
            told.filter(|dir| dir != "").or_else(|| self.mounted_certificates_dir()).unwrap_or(asked)
        };
        self.certificates_dir.get_or_init(find).await
    }

    fn mounted_certificates_dir(&self) -> Option<Utf8PathBuf> {
        let failed = "The certificates directory could not be told from the API server's manifest";
        let apiserver = self.troubles.note(&self.ui, failed, StaticPod::read(&*self.host, "kube-apiserver"))?;
        self.troubles.note(&self.ui, failed, apiserver?.host_path(CERTIFICATES_VOLUME))
    }

    /// Where the cluster's etcd members are reached; `None` where it does not tell.
    pub async fn etcd_endpoints(&self) -> Option<Vec<String>> {
        let known = self.known().await?;
        let api = known.api.clone().patience(self.cfg.timeouts.kubernetes_api_call);
        match api.list(&POD, KUBE_SYSTEM, "labelSelector=component=etcd,tier=control-plane").await {
            Ok(pods) => Some(etcd::endpoints(&pods)),
            Err(error) => {
                self.ui.warn(format_args!("[reset] Unable to list the etcd pods: {}", Failure::from(error)));
                None
            }
        }
    }

    async fn known(&self) -> Option<&Known> {
        let ask = || async {
            match self.ask().await {
                Ok(known) => known,
                Err(error) => {
                    self.ui.warn(format_args!(
                        "[reset] Unable to fetch the kubeadm-config ConfigMap from cluster: {error}"
                    ));
                    None
                }
            }
        };
        self.known.get_or_init(ask).await.as_ref()
    }

    async fn ask(&self) -> Outcome<Option<Known>> {
        let Some(yaml) = self.host.read_text(&self.kubeconfig)? else { return Ok(None) };
        let api = Api::from_kubeconfig("for reset", &yaml, None)?.patience(Duration::ZERO);
        let slow = |_| Failure::text(format!("no answer within {} s", GLANCE.as_secs()));
        let cluster = tokio::time::timeout(GLANCE, read_back::read_cluster(&api)).await.map_err(slow)??;
        Ok(Some(Known { api, cluster }))
    }
}

/// `reset`, in order.
pub static RESET: &[Phase<Reset>] = &[
    leaf!("preflight", "Run reset pre-flight checks", preflight::run,
        flags: &["dry-run", "force", "ignore-preflight-errors"], aliases: &["pre-flight"]),
    leaf!("remove-etcd-member", "Remove a local etcd member.", remove_etcd_member::run,
        flags: &["dry-run", "kubeconfig"]),
    leaf!("cleanup-node", "Run cleanup node.", cleanup_node::run,
        flags: &["cert-dir", "cleanup-tmp-dir", "cleanup-network", "cri-socket", "dry-run"],
        aliases: &["cleanupnode"]),
];
