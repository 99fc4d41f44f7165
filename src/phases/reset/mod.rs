//! The pipeline of `reset`: what its phases may look at, and the table, in order.

mod cleanup_node;
mod preflight;
mod remove_etcd_member;

use std::rc::Rc;

use camino::Utf8PathBuf;

use super::{Phase, leaf};
use crate::config::resolve::ResetConfig;
use crate::cri::Cri;
use crate::host::Host;
use crate::ui::Ui;

/// What a phase of `reset` may look at.
pub struct Reset {
    /// What was asked for.
    pub cfg: ResetConfig,
    /// The kubeconfig to speak to the cluster with.
    pub kubeconfig: Utf8PathBuf,
    /// Also remove what a Kubernetes node made of the network.
    pub cleanup_network: bool,
    /// The machine: real or recording.
    pub host: Rc<dyn Host>,
    /// The container runtime.
    pub cri: Cri,
    /// Words.
    pub ui: Ui,
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
