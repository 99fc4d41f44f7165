//! A case: what both programs are given, and nothing of what they should make of it. In YAML it is the form of a regression file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The machine that a case runs on, as both programs find it.
pub(crate) const HOSTNAME: &str = "node-1";
/// The address of the only interface, which has the default route.
pub(crate) const ADDRESS: &str = "192.0.2.10";
/// Its second address.
pub(crate) const ADDRESS_V6: &str = "2001:db8::10";
/// Where a case has its configuration.
pub(crate) const CONFIG: &str = "/case/config.yaml";
/// Where a case has its patches.
pub(crate) const PATCHES: &str = "/case/patches";

/// One input to both programs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    pub(crate) kind: Kind,
    /// Of the kubeadm that judges: `37` is v1.37.
    pub(crate) minor: u64,
    /// What is typed after the program's name.
    pub(crate) args: Vec<String>,
    /// Files that are there before, by their path: the configuration, patches, whatever an earlier run may have left.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) files: BTreeMap<String, String>,
    /// Environment variables besides `PATH` and `HOME`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) env: Vec<(String, String)>,
}

/// What a case is about. It decides what the case may contain and which part of the output counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    /// `init phase certs …`
    Certs,
    /// `init phase kubeconfig …`
    Kubeconfig,
    /// `init phase control-plane …`
    ControlPlane,
    /// `init phase etcd local`
    Etcd,
    /// `init phase kubelet-start`: the kubelet's files
    KubeletFiles,
    /// `config print …`
    ConfigPrint,
    /// `config migrate`
    ConfigMigrate,
    /// `config validate`
    ConfigValidate,
    /// `config images list`
    ImagesList,
    /// `token generate`
    TokenGenerate,
    /// `init --dry-run`
    DryRun,
    /// `join --dry-run`
    JoinDryRun,
    /// `reset --dry-run`
    ResetDryRun,
    /// Any command with any flags, good and bad
    CommandLine,
}
