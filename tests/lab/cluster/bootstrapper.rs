//! The two programs that can make a cluster here: kinit, and the real kubeadm as its measure.

use anyhow::{Context, Result};

use crate::command::Output;
use crate::machine::{Machine, cgroup};

/// The range that nodes get their pod addresses from.
pub(crate) const PODS: &str = "10.244.0.0/16";
/// What the API server's service is reached under.
const CONFIG: &str = "/root/kubeadm.yaml";

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
        let endpoint = format!("{}:6443", machine.address);
        let mut words: Vec<String> = [self.program(), "init"].map(str::to_owned).into();
        match self {
            Self::Kinit => {
                words.push(format!("--kubernetes-version={version}"));
                words.push(format!("--pod-network-cidr={PODS}"));
                words.extend(many.then(|| format!("--control-plane-endpoint={endpoint}")));
                words.extend(cgroup::legacy().then(|| "--allow-cgroup-v1".into()));
            }
            // kubeadm has no flag for the kubelet's failCgroupV1, and its own system check refuses cgroup v1 too.
            Self::Kubeadm => {
                machine.push(CONFIG, config(version, many.then_some(&endpoint)).as_bytes(), 0o600)?;
                words.push(format!("--config={CONFIG}"));
                words.extend(cgroup::legacy().then(|| "--ignore-preflight-errors=SystemVerification".into()));
            }
        }
        words.extend(many.then(|| "--upload-certs".into()));
        words.extend(more.iter().map(|word| (*word).to_owned()));
        Ok(words)
    }

    /// Runs a join that init printed, to whatever end.
    pub(crate) fn join(self, machine: &Machine, printed: &[String], more: &[&str]) -> Result<Output> {
        machine.run(self.join_words(printed, more))
    }

    /// The words of that join.
    pub(crate) fn join_words(self, printed: &[String], more: &[&str]) -> Vec<String> {
        let mut words = printed.to_vec();
        words.extend(cgroup::legacy().then(|| {
            match self {
                Self::Kinit => "--allow-cgroup-v1",
                Self::Kubeadm => "--ignore-preflight-errors=SystemVerification",
            }
            .to_owned()
        }));
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

    fn find(&self, control_plane: bool) -> Option<&[String]> {
        let wanted = |words: &&Vec<String>| words.iter().any(|word| word == "--control-plane") == control_plane;
        self.0.iter().find(wanted).map(Vec::as_slice)
    }
}

fn config(version: &str, endpoint: Option<&String>) -> String {
    let endpoint = endpoint.map(|endpoint| format!("controlPlaneEndpoint: {endpoint}\n")).unwrap_or_default();
    // The field is younger than the oldest kubelets that the lab can run; they would refuse a file with it.
    let kubelet = if cgroup::legacy() {
        "---\napiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nfailCgroupV1: false\n"
    } else {
        ""
    };
    format!(
        "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nkubernetesVersion: {version}\n\
         {endpoint}networking:\n  podSubnet: {PODS}\n{kubelet}"
    )
}
