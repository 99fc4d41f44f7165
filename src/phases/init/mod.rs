//! The pipeline of `init`: what its phases may look at, and the table, in order.

mod addon;
mod bootstrap_token;
mod certs;
mod control_plane;
mod etcd;
mod finished;
mod kubeconfig;
mod kubelet_finalize;
mod kubelet_start;
mod mark_control_plane;
mod preflight;
mod show_join_command;
pub mod staged;
mod upload_certs;
mod upload_config;
mod wait_control_plane;

use std::cell::Cell;
use std::rc::Rc;

use camino::Utf8PathBuf;
use serde_json::Value;
use time::OffsetDateTime;

pub use finished::LEFT;
pub use staged::Ahead;

use super::{Finished, Phase, Selection, group, leaf};
use crate::config::InitConfig;
use crate::cri::Cri;
use crate::host::{Effects, Host};
use crate::kube::Clusters;
use crate::patches::{PatchError, Patches};
use crate::pki::KeyPool;
use crate::ui::Ui;
use crate::versions;

/// What a phase of `init` may look at. Nothing here changes after `resolve`, but what was done.
pub struct Init {
    /// What was asked for.
    pub cfg: InitConfig,
    /// Everything random or read off the clock.
    pub once: Once,
    /// What flags say that has no place in the configuration.
    pub options: Options,
    /// The machine: real or recording.
    pub host: Rc<dyn Host>,
    /// Keys, in the making since the start.
    pub keys: KeyPool,
    /// The container runtime.
    pub cri: Cri,
    /// The cluster, by the role it is spoken to in.
    pub cluster: Clusters,
    /// Patches of generated files.
    pub patches: Patches,
    /// What was done before its turn.
    pub ahead: Ahead,
    /// What an earlier init that came to its end has left to the administrator; nothing for a phase alone.
    pub finished: Finished,
    /// kubelet-start found a kubelet that runs as it should.
    pub kubelet_left_alone: Cell<bool>,
    /// Words.
    pub ui: Ui,
}

impl Init {
    /// The KubeletConfiguration as this node's kubelet will have it: patched.
    pub fn patched_kubelet_configuration(&self) -> Result<Value, PatchError> {
        self.patches.patched_kubelet_configuration(&*self.host, self.cfg.components.kubelet.document.clone())
    }
}

/// Everything random or read off the clock, fixed before the first phase. Tokens are in the configuration.
#[derive(Debug, Clone)]
pub struct Once {
    /// The start of the run.
    pub now: OffsetDateTime,
    /// Seals the uploaded certificates; empty unless they are uploaded.
    pub certificate_key: String,
}

/// What flags and the environment say that has no place in the configuration.
#[derive(Debug, Clone)]
pub struct Options {
    /// The administrator's kubeconfig.
    pub kubeconfig: Utf8PathBuf,
    /// Where kubeconfig files go.
    pub kubeconfig_dir: Utf8PathBuf,
    /// Upload the control plane's certificates.
    pub upload_certs: bool,
    /// Don't print the token.
    pub skip_token_print: bool,
    /// Don't print the certificate key.
    pub skip_certificate_key_print: bool,
    /// Print an addon's objects instead of applying them.
    pub print_manifest: bool,
    /// Which phases run.
    pub selection: Selection,
    /// All that makes a control plane runs, in one go: things are made when they are needed, as [`staged`] says.
    pub staged: bool,
    /// The environment's `*_proxy` variables, sorted.
    pub proxies: Vec<(String, String)>,
    /// What a dry run would do; `None` when this is none.
    pub effects: Option<Effects>,
}

/// `init`, in order.
pub static INIT: &[Phase<Init>] = &[
    leaf!("preflight", "Run pre-flight checks", preflight::run,
        flags: &["config", "cri-socket", "dry-run", "ignore-preflight-errors", "image-repository", "allow-cgroup-v1"]),
    group!("certs", "Certificate generation", all: "Generate all certificates",
        announce: certs::announce, [
        leaf!("ca", "Generate the self-signed Kubernetes CA to provision identities for other Kubernetes components",
            certs::ca, flags: CERT),
        leaf!("apiserver", "Generate the certificate for serving the Kubernetes API", certs::apiserver,
            flags: SERVING_CERT),
        leaf!("apiserver-kubelet-client", "Generate the certificate for the API server to connect to kubelet",
            certs::apiserver_kubelet_client, flags: CERT),
        leaf!("front-proxy-ca", "Generate the self-signed CA to provision identities for front proxy",
            certs::front_proxy_ca, flags: CERT),
        leaf!("front-proxy-client", "Generate the certificate for the front proxy client", certs::front_proxy_client,
            flags: CERT),
        leaf!("etcd-ca", "Generate the self-signed CA to provision identities for etcd", certs::etcd_ca, flags: CERT),
        leaf!("etcd-server", "Generate the certificate for serving etcd", certs::etcd_server, flags: CERT),
        leaf!("etcd-peer", "Generate the certificate for etcd nodes to communicate with each other", certs::etcd_peer,
            flags: CERT),
        leaf!("etcd-healthcheck-client", "Generate the certificate for liveness probes to healthcheck etcd",
            certs::etcd_healthcheck_client, flags: CERT),
        leaf!("apiserver-etcd-client", "Generate the certificate the apiserver uses to access etcd",
            certs::apiserver_etcd_client, flags: CERT),
        leaf!("sa", "Generate a private key for signing service account tokens along with its public key", certs::sa,
            flags: CERT),
    ]),
    group!("kubeconfig", "Generate all kubeconfig files necessary to establish the control plane and the admin \
        kubeconfig file", all: "Generate all kubeconfig files",
        announce: kubeconfig::announce, [
        leaf!("admin", "Generate a kubeconfig file for the admin to use and for kubeadm itself", kubeconfig::admin,
            flags: KUBECONFIG),
        leaf!("super-admin", "Generate a kubeconfig file for the super-admin", kubeconfig::super_admin,
            flags: KUBECONFIG, when: |init: &Init| *versions::SUPER_ADMIN.at(&init.cfg.version)),
        leaf!("kubelet", "Generate a kubeconfig file for the kubelet to use *only* for cluster bootstrapping purposes",
            kubeconfig::kubelet, flags: KUBECONFIG_NODE),
        leaf!("controller-manager", "Generate a kubeconfig file for the controller manager to use",
            kubeconfig::controller_manager, flags: KUBECONFIG),
        leaf!("scheduler", "Generate a kubeconfig file for the scheduler to use", kubeconfig::scheduler,
            flags: KUBECONFIG),
    ]),
    group!("etcd", "Generate static Pod manifest file for local etcd",
        when: |init: &Init| init.cfg.cluster.etcd.local.is_some(), [
        leaf!("local", "Generate the static Pod manifest file for a local, single-node local etcd instance",
            etcd::local, flags: &["cert-dir", "config", "dry-run", "image-repository", "patches"]),
    ]),
    group!("control-plane", "Generate all static Pod manifest files necessary to establish the control plane",
        all: "Generate all static Pod manifest files", announce: control_plane::announce, [
        leaf!("apiserver", "Generates the kube-apiserver static Pod manifest", control_plane::apiserver,
            flags: &["apiserver-advertise-address", "apiserver-bind-port", "apiserver-extra-args", "cert-dir", "config",
                "control-plane-endpoint", "dry-run", "feature-gates", "image-repository", "kubernetes-version",
                "patches", "service-cidr"]),
        leaf!("controller-manager", "Generates the kube-controller-manager static Pod manifest",
            control_plane::controller_manager,
            flags: &["cert-dir", "config", "controller-manager-extra-args", "dry-run", "image-repository",
                "kubernetes-version", "patches", "pod-network-cidr"]),
        leaf!("scheduler", "Generates the kube-scheduler static Pod manifest", control_plane::scheduler,
            flags: &["cert-dir", "config", "dry-run", "image-repository", "kubernetes-version", "patches",
                "scheduler-extra-args"]),
    ]),
    leaf!("kubelet-start", "Write kubelet settings and (re)start the kubelet", kubelet_start::run,
        flags: &["config", "cri-socket", "dry-run", "image-repository", "node-name", "patches", "allow-cgroup-v1"]),
    leaf!("wait-control-plane", "Wait for the control plane to start", wait_control_plane::wait_control_plane),
    group!("upload-config", "Upload the kubeadm and kubelet configuration to a ConfigMap",
        all: "Upload all configuration to a config map", aliases: &["uploadconfig"], [
        leaf!("kubeadm", "Upload the kubeadm ClusterConfiguration to a ConfigMap", upload_config::kubeadm,
            flags: &["config", "cri-socket", "dry-run", "kubeconfig"]),
        leaf!("kubelet", "Upload the kubelet component config to a ConfigMap", upload_config::kubelet,
            flags: &["config", "cri-socket", "dry-run", "kubeconfig"]),
    ]),
    leaf!("upload-certs", "Upload certificates to kubeadm-certs", upload_certs::run,
        flags: &["certificate-key", "config", "dry-run", "kubeconfig", "skip-certificate-key-print", "upload-certs"]),
    leaf!("mark-control-plane", "Mark a node as a control-plane", mark_control_plane::run,
        flags: &["config", "dry-run", "node-name"]),
    leaf!("bootstrap-token", "Generates bootstrap tokens used to join a node to a cluster", bootstrap_token::run,
        flags: &["config", "dry-run", "kubeconfig", "skip-token-print"], aliases: &["bootstraptoken"]),
    group!("kubelet-finalize", "Updates settings relevant to the kubelet after TLS bootstrap",
        all: "Run all kubelet-finalize phases", [
        leaf!("enable-client-cert-rotation", "Enable kubelet client certificate rotation",
            kubelet_finalize::enable_client_cert_rotation, flags: &["cert-dir", "config", "dry-run"]),
    ]),
    group!("addon", "Install required addons for passing conformance tests", all: "Install all the addons", [
        leaf!("coredns", "Install the CoreDNS addon to a Kubernetes cluster", addon::coredns,
            flags: &["config", "dry-run", "feature-gates", "image-repository", "kubeconfig", "kubernetes-version",
                "print-manifest", "service-cidr", "service-dns-domain"]),
        leaf!("kube-proxy", "Install the kube-proxy addon to a Kubernetes cluster", addon::kube_proxy,
            flags: &["apiserver-advertise-address", "apiserver-bind-port", "config", "control-plane-endpoint",
                "dry-run", "image-repository", "kubeconfig", "kubernetes-version", "pod-network-cidr",
                "print-manifest"]),
    ]),
    leaf!("show-join-command", "Show the join command for control-plane and worker node", show_join_command::run,
        needs: &["bootstrap-token", "upload-certs"]),
];

const CERT: &[&str] = &["cert-dir", "config", "dry-run", "kubernetes-version"];
const SERVING_CERT: &[&str] = &[
    "apiserver-advertise-address",
    "apiserver-cert-extra-sans",
    "cert-dir",
    "config",
    "control-plane-endpoint",
    "dry-run",
    "kubernetes-version",
    "service-cidr",
    "service-dns-domain",
];
const KUBECONFIG: &[&str] = &[
    "apiserver-advertise-address",
    "apiserver-bind-port",
    "cert-dir",
    "config",
    "control-plane-endpoint",
    "dry-run",
    "kubeconfig-dir",
    "kubernetes-version",
];
const KUBECONFIG_NODE: &[&str] = &[
    "apiserver-advertise-address",
    "apiserver-bind-port",
    "cert-dir",
    "config",
    "control-plane-endpoint",
    "dry-run",
    "kubeconfig-dir",
    "kubernetes-version",
    "node-name",
];
