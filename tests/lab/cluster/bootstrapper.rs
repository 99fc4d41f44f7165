//! The two programs that can make a cluster here: kinit, and the real kubeadm as its measure.

use anyhow::{Context, Result};

use crate::command::Output;
use crate::machine::{Machine, cgroup};

/// The range that nodes get their pod addresses from.
pub(crate) const PODS: &str = "10.244.0.0/16";
/// Where a machine gets its configuration file, when there is one.
pub(crate) const CONFIG: &str = "/root/kubeadm.yaml";

/// Who makes the cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Bootstrapper {
    Kinit,
    Kubeadm,
}

impl Bootstrapper {
    /// Its name on the machines.
    pub(crate) fn program(self) -> &'static str {
        match self {
            Self::Kinit => "kinit",
            Self::Kubeadm => "kubeadm",
        }
    }

    /// Runs init with the lab's settings and `more` flags, to whatever end.
    pub(crate) fn init(self, machine: &Machine, version: &str, many: bool, more: &[&str]) -> Result<Output> {
        machine.run(self.init_words(machine, version, many, more)?)
    }

    /// The words of that init. With `many` control planes there is an endpoint and certificates to share.
    pub(crate) fn init_words(self, machine: &Machine, version: &str, many: bool, more: &[&str]) -> Result<Vec<String>> {
        let endpoint = many.then(|| format!("{}:6443", machine.address));
        // kubeadm has no flag for the kubelet's failCgroupV1, and nobody has one for kube-proxy: they get a file.
        if self == Self::Kubeadm || !proxy(version).is_empty() {
            let text = endpoint.map(|endpoint| format!("controlPlaneEndpoint: {endpoint}\n")).unwrap_or_default();
            let mut words = self.file_words(machine, version, &text, more)?;
            words.extend(many.then(|| "--upload-certs".into()));
            return Ok(words);
        }
        let mut words: Vec<String> = [self.program(), "init"].map(str::to_owned).into();
        words.push(format!("--kubernetes-version={version}"));
        words.push(format!("--pod-network-cidr={PODS}"));
        words.extend(endpoint.map(|endpoint| format!("--control-plane-endpoint={endpoint}")));
        words.extend(many.then(|| "--upload-certs".into()));
        words.extend(self.cgroup_flag());
        words.extend(more.iter().map(|word| (*word).to_owned()));
        Ok(words)
    }

    /// The words of an init with a configuration file; `text` is added to its ClusterConfiguration, and may go on with
    /// further documents.
    pub(crate) fn file_words(self, machine: &Machine, version: &str, text: &str, more: &[&str]) -> Result<Vec<String>> {
        self.whole_file_words(machine, &config(version, text), more)
    }

    /// The words of an init with this file, and nothing else in it.
    pub(crate) fn whole_file_words(self, machine: &Machine, text: &str, more: &[&str]) -> Result<Vec<String>> {
        machine.push(CONFIG, text.as_bytes(), 0o600)?;
        let mut words = vec![self.program().to_owned(), "init".into(), format!("--config={CONFIG}")];
        words.extend(self.cgroup_flag());
        words.extend(more.iter().map(|word| (*word).to_owned()));
        Ok(words)
    }

    /// What makes the program accept a cgroup v1 host.
    pub(crate) fn cgroup_flag(self) -> Option<String> {
        let flag = match self {
            Self::Kinit => "--allow-cgroup-v1",
            // kubeadm's own system check refuses cgroup v1, whatever the kubelet is told.
            Self::Kubeadm => "--ignore-preflight-errors=SystemVerification",
        };
        cgroup::legacy().then(|| flag.to_owned())
    }

    /// Runs a join that init printed, to whatever end.
    pub(crate) fn join(self, machine: &Machine, printed: &[String], more: &[&str]) -> Result<Output> {
        machine.run(Self::join_words(printed, more))
    }

    /// The words of that join. kinit goes by the cluster's word on cgroup v1, kubeadm wants the user's again.
    pub(crate) fn join_words(printed: &[String], more: &[&str]) -> Vec<String> {
        let mut words = printed.to_vec();
        if printed.first().is_some_and(|program| program == Self::Kubeadm.program()) {
            words.extend(Self::Kubeadm.cgroup_flag());
        }
        words.extend(more.iter().map(|word| (*word).to_owned()));
        words
    }

    /// Runs reset.
    pub(crate) fn reset(self, machine: &Machine) -> Result<Output> {
        machine.run([self.program(), "reset", "--force"])
    }
}

/// The join commands in the message that init ends with: a person copies them, and so does the lab.
#[derive(Debug, Clone)]
pub(crate) struct Joins(Vec<Vec<String>>);

impl Joins {
    /// Reads them from what init printed.
    pub(crate) fn parse(printed: &str) -> Result<Self> {
        let text = printed.replace("\\\n", " ");
        let commands = text.lines().map(str::trim);
        let commands = commands.filter(|line| line.starts_with("kubeadm join ") || line.starts_with("kinit join "));
        let joins: Vec<Vec<String>> =
            commands.map(|line| line.split_whitespace().map(str::to_owned).collect()).collect();
        anyhow::ensure!(!joins.is_empty(), "init printed no join command:\n{printed}");
        Ok(Self(joins))
    }

    /// The one for workers.
    pub(crate) fn worker(&self) -> Result<&[String]> {
        self.find(false).context("init printed no join command for workers")
    }

    /// The one for further control planes.
    pub(crate) fn control_plane(&self) -> Result<&[String]> {
        self.find(true).context("init printed no join command for control planes")
    }

    /// The value of a flag of the worker's command.
    pub(crate) fn value(&self, flag: &str) -> Result<&str> {
        let mut words = self.worker()?.iter().skip_while(|word| *word != flag).skip(1);
        words.next().map(String::as_str).with_context(|| format!("the printed join command has no {flag}"))
    }

    fn find(&self, control_plane: bool) -> Option<&[String]> {
        let wanted = |words: &&Vec<String>| words.iter().any(|word| word == "--control-plane") == control_plane;
        self.0.iter().find(wanted).map(Vec::as_slice)
    }
}

fn config(version: &str, text: &str) -> String {
    // Before v1.35 a kubelet takes cgroup v1 as it comes, and the oldest refuse a file with a field that they do not know.
    let kubelet = if cgroup::legacy() && minor(version) >= 35 {
        "---\napiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nfailCgroupV1: false\n"
    } else {
        ""
    };
    let proxy = proxy(version);
    format!(
        "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nkubernetesVersion: {version}\n\
         networking:\n  podSubnet: {PODS}\n{text}{kubelet}{proxy}"
    )
}

/// A document for kube-proxy before v1.37, which ends when it may not set `nf_conntrack_max`; only the host's own network namespace may.
fn proxy(version: &str) -> &'static str {
    if minor(version) < 37 {
        "---\napiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nconntrack:\n  maxPerCore: 0\n"
    } else {
        ""
    }
}

/// The minor of a version that the command line took.
fn minor(version: &str) -> u32 {
    version.split('.').nth(1).and_then(|minor| minor.parse().ok()).unwrap_or_default()
}
