//! What every node checks, whichever way it becomes one, and in what form the checks of a command come out.

use camino::{Utf8Path, Utf8PathBuf};

use super::files::{self, Room};
use super::network::{self, KUBELET, Port};
use super::runtime::{self, Answers};
use super::tolerance::{Settings, Tolerance};
use super::{ChecksFailed, Finding, Severity, kubelet, system, verification};
use crate::config;
use crate::config::v1beta4::Arg;
use crate::host::facts::{Ask, Facts};
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
pub(super) fn common_ask(node_name: &str) -> Ask {
    let paths = [
        network::FORWARDING_V4,
        network::FORWARDING_V6,
        runtime::CONTAINERD_CONFIG,
        paths::KUBELET_CONFIG,
        paths::KUBELET_FLAGS_ENV,
        paths::KUBELET_CONF,
    ]
    .map(Utf8PathBuf::from);
    Ask {
        ports: vec![KUBELET],
        paths: paths.into(),
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
    /// That of the control plane which is to be made.
    pub(super) version: Option<&'a Version>,
    /// What the kubelet starts with.
    pub(super) settings: Settings<'a>,
    pub(super) kubelet_is_ours: bool,
}

impl Common<'_> {
    pub(super) fn check(&self, facts: &Facts, checked: &mut Checked) {
        checked.add(runtime::ready(facts, self.runtime));
        checked.add(runtime::version(self.runtime));
        checked.add(system::swap(facts, self.settings.swap()));
        if self.version.is_some_and(|version| *KUBE_PROXY_RUNS_CONNTRACK.at(version)) {
            checked.add(system::programs(facts, &["conntrack"]));
        }
        checked.add(system::programs(facts, &["losetup", "mount", "cp"]));
        match kubelet::version(facts) {
            Err(why) => checked.add([Finding::error(verification::NAME, why)]),
            Ok(version) => {
                let verification = verification::verify(facts, cgroup_v1(&version, self.settings));
                checked.add(verification.findings);
                checked.system_report = verification.report;
            }
        }
        checked.add(system::node_name(facts, self.node_name));
        let compared = self.version.map_or(kubelet::ControlPlane::Unknown, kubelet::ControlPlane::Wanted);
        checked.add(kubelet::skew(facts, compared));
        checked.add(kubelet::service(facts));
        checked.add(kubelet::drop_in(facts));
        let port = Port { number: KUBELET, address: "", program: "kubelet", started_by_us: self.kubelet_is_ours };
        checked.add(port.check(facts));
    }
}

/// Whether a kubelet that runs was configured by an earlier run.
pub(super) fn kubelet_is_ours(facts: &Facts) -> bool {
    [paths::KUBELET_CONFIG, paths::KUBELET_FLAGS_ENV].iter().all(|path| facts.at(Utf8Path::new(path)).exists())
}

/// What this machine's kubelet will make of control groups v1.
pub(super) fn cgroup_v1(kubelet: &Version, settings: Settings<'_>) -> Tolerance {
    if *KUBELET_REFUSES_CGROUP_V1.at(kubelet) { settings.cgroup_v1() } else { Tolerance::Accepted }
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
