//! What every node checks, whichever way it becomes one, and in what form the checks of a command come out.

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;

use super::files::{self, Room};
use super::network::{self, KUBELET, Port};
use super::runtime::{self, Answers};
use super::system::{self, SwapPolicy};
use super::verification::{self, CgroupV1};
use super::{ChecksFailed, Finding, Severity, kubelet};
use crate::config;
use crate::config::v1beta4::{Arg, Patches};
use crate::host::facts::{Ask, Facts, Found};
use crate::paths;
use crate::ui::Ui;
use crate::versions::{KUBE_PROXY_RUNS_CONNTRACK, KUBELET_REFUSES_CGROUP_V1, Version};

pub(super) const MIB: u64 = 1 << 20;

/// What the checks found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// In kubeadm's order.
    pub findings: Vec<Finding>,
    /// What was verified of the system, line by line; to be shown when that failed.
    pub system_report: Vec<String>,
}

impl Checked {
    pub(super) fn add(&mut self, findings: impl IntoIterator<Item = Finding>) {
        self.findings.extend(findings);
    }

    /// Shows what was found, with the verification's report when that failed; an error fails the run.
    pub fn judge(&self, ui: &Ui, ignored: &[String]) -> Result<(), ChecksFailed> {
        let failed = |finding: &Finding| finding.severity == Severity::Error && finding.name == verification::NAME;
        if self.findings.iter().any(failed) && !self.system_report.is_empty() {
            ui.line("[preflight] The system verification failed. Printing the output from the verification:");
            self.system_report.iter().for_each(|line| ui.line(line));
        }
        super::judge(ui, &self.findings, ignored)
    }
}

/// What to look at on any node.
pub(super) fn common_ask(node_name: &str, patches: Option<&Patches>) -> Ask {
    let mut paths: Vec<Utf8PathBuf> = [
        network::FORWARDING_V4,
        network::FORWARDING_V6,
        runtime::CONTAINERD_CONFIG,
        paths::KUBELET_CONFIG,
        paths::KUBELET_FLAGS_ENV,
        paths::KUBELET_CONF,
    ]
    .map(Utf8PathBuf::from)
    .into();
    paths.extend(patches.map(|patches| Utf8PathBuf::from(&patches.directory)));
    Ask {
        ports: vec![KUBELET],
        paths,
        volumes: [paths::KUBERNETES_DIR, paths::KUBELET_DIR].map(Utf8PathBuf::from).into(),
        programs: vec!["losetup", "mount", "cp"],
        services: vec!["kubelet", "firewalld"],
        names: vec![node_name.to_owned()],
    }
}

/// The checks that every node makes.
pub(super) struct Common<'a> {
    pub(super) runtime: &'a Answers,
    pub(super) node_name: &'a str,
    /// The control plane's, where it is known.
    pub(super) version: Option<&'a Version>,
    pub(super) swap: SwapPolicy,
    pub(super) cgroup_v1_allowed: bool,
    pub(super) kubelet_is_ours: bool,
}

impl Common<'_> {
    pub(super) fn check(&self, facts: &Facts, checked: &mut Checked) {
        checked.add(runtime::ready(facts, self.runtime));
        checked.add(runtime::version(self.runtime));
        checked.add(system::swap(facts, self.swap));
        if self.version.is_some_and(|version| *KUBE_PROXY_RUNS_CONNTRACK.at(version)) {
            checked.add(system::programs(facts, &["conntrack"]));
        }
        checked.add(system::programs(facts, &["losetup", "mount", "cp"]));
        match kubelet::version(facts) {
            Err(why) => checked.add([Finding::error(verification::NAME, why)]),
            Ok(version) => {
                let accepted = self.cgroup_v1_allowed || !*KUBELET_REFUSES_CGROUP_V1.at(&version);
                let v1 = if accepted { CgroupV1::Accepted } else { CgroupV1::Refused };
                let verification = verification::verify(facts, v1);
                checked.add(verification.findings);
                checked.system_report = verification.report;
            }
        }
        checked.add(system::node_name(facts, self.node_name));
        checked.add(kubelet::skew(facts, self.version));
        checked.add(kubelet::service(facts));
        let port = Port { number: KUBELET, address: "", program: "kubelet", started_by_us: self.kubelet_is_ours };
        checked.add(port.check(facts));
    }
}

/// Whether a kubelet that runs was configured by an earlier run.
pub(super) fn kubelet_is_ours(facts: &Facts) -> bool {
    [paths::KUBELET_CONFIG, paths::KUBELET_FLAGS_ENV].iter().all(|path| facts.at(Utf8Path::new(path)).exists())
}

/// What the kubelet will make of swap: a flag overrides its configuration, and a patch may say anything.
pub(super) fn swap_policy(
    facts: &Facts,
    document: Option<&Value>,
    args: &[Arg],
    patches: Option<&Patches>,
) -> SwapPolicy {
    let refuses = match (last_arg(args, "fail-swap-on"), document) {
        (Some(flag), _) => flag != "false",
        (None, Some(document)) => document.get("failSwapOn").and_then(Value::as_bool).unwrap_or(true),
        (None, None) => return SwapPolicy::Unknown,
    };
    let names = patches.map(|patches| facts.at(Utf8Path::new(&patches.directory)));
    match names {
        Some(Found::Dir(names)) if names.iter().any(|name| name.starts_with("kubeletconfiguration")) => {
            SwapPolicy::Unknown
        }
        _ if refuses => SwapPolicy::Refused,
        _ => SwapPolicy::Accepted,
    }
}

/// The value of a flag, if it has one.
pub(super) fn last_arg<'a>(args: &'a [Arg], name: &str) -> Option<&'a str> {
    config::last_arg(args, name).filter(|value| !value.is_empty())
}

/// Where every node writes.
pub(super) fn node_room() -> Vec<Room> {
    let room = |dir: &str, what| Room { dir: dir.into(), bytes: 4 * MIB, what, complete: false };
    vec![
        room(paths::KUBERNETES_DIR, "kubeconfig files and static pods"),
        room(paths::KUBELET_DIR, "the kubelet's configuration and state"),
    ]
}

/// Says what is wrong with a file system once, for the first directory on it.
pub(super) fn check_room(facts: &Facts, rooms: impl IntoIterator<Item = Room>) -> Vec<Finding> {
    let mut findings: Vec<(Utf8PathBuf, Finding)> = Vec::new();
    for room in rooms {
        let Some(finding) = files::writable(facts, &room) else { continue };
        let same = |(dir, _): &(Utf8PathBuf, Finding)| {
            room.dir.starts_with(dir) && facts.volumes.get(dir) == facts.volumes.get(&room.dir)
        };
        if !findings.iter().any(same) {
            findings.push((room.dir, finding));
        }
    }
    findings.into_iter().map(|(_, finding)| finding).collect()
}
