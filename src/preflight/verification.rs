//! `SystemVerification`: the kernel's release and options, the operating system, control groups.
//!
//! The tables are those of k8s.io/system-validators.

use std::collections::BTreeMap;

use super::Finding;
use super::tolerance::Tolerance;
use crate::host::facts::Facts;
use crate::host::kernel::CgroupVersion;

pub(super) const NAME: &str = "SystemVerification";

/// Kernel options that must be y or m; the later names of a row do as well.
const REQUIRED: [&[&str]; 13] = [
    &["NAMESPACES"],
    &["NET_NS"],
    &["PID_NS"],
    &["IPC_NS"],
    &["UTS_NS"],
    &["CPUSETS"],
    &["MEMCG"],
    &["INET"],
    &["EXT4_FS"],
    &["PROC_FS"],
    &["NETFILTER_XT_TARGET_REDIRECT", "IP_NF_TARGET_REDIRECT"],
    &["NETFILTER_XT_MATCH_COMMENT"],
    &["FAIR_GROUP_SCHED"],
];
const REQUIRED_V1: [&[&str]; 6] =
    [&["CGROUPS"], &["CGROUP_CPUACCT"], &["CGROUP_DEVICE"], &["CGROUP_FREEZER"], &["CGROUP_PIDS"], &["CGROUP_SCHED"]];
const REQUIRED_V2: [&[&str]; 4] = [&["CGROUPS"], &["CGROUP_BPF"], &["CGROUP_PIDS"], &["CGROUP_SCHED"]];
/// Kernel options that are only reported.
const OPTIONAL: [&[&str]; 6] = [
    &["OVERLAY_FS", "OVERLAYFS_FS"],
    &["AUFS_FS"],
    &["BLK_DEV_DM"],
    &["CFS_BANDWIDTH"],
    &["SECCOMP"],
    &["SECCOMP_FILTER"],
];
/// What an option is for, where the report says so; the name is the one looked for last.
const PURPOSES: [(&str, &str); 13] = [
    ("CGROUPS", "Required for cgroups."),
    ("CGROUP_CPUACCT", "Required for cpuacct controller, used in simple CPU accounting controller."),
    ("CGROUP_DEVICE", "Required for device controller."),
    ("CGROUP_FREEZER", "Required for freezer controller."),
    ("CGROUP_PIDS", "Required for PIDs controller."),
    ("CGROUP_SCHED", "Required for CPU controller."),
    ("CGROUP_BPF", "Required for eBPF programs attached to cgroups, used in device controller."),
    ("OVERLAYFS_FS", "Required for overlayfs."),
    ("AUFS_FS", "Required for aufs."),
    ("BLK_DEV_DM", "Required for devicemapper."),
    ("CFS_BANDWIDTH", "Required for CPU quota."),
    ("SECCOMP", "Required for seccomp."),
    ("SECCOMP_FILTER", "Required for seccomp mode 2."),
];

const CONTROLLERS_V1: [&str; 7] = ["cpu", "cpuacct", "cpuset", "devices", "freezer", "memory", "pids"];
const CONTROLLERS_V2: [&str; 6] = ["cpu", "cpuset", "devices", "freezer", "memory", "pids"];

const RELEASES: &str = "Supported LTS versions from the 5.x series are 5.4, 5.10 and 5.15. Any 6.x version is also \
                        supported. For cgroups v2 support, the recommended version is 5.10 or newer";
const V1: &str = "cgroups v1 support is deprecated and will be removed in a future release. Please migrate to cgroups \
                  v2. To explicitly enable cgroups v1 support for kubelet v1.35 or newer, you must set the kubelet \
                  configuration option 'FailCgroupV1' to 'false'. You must also explicitly skip this validation. For \
                  more information, see https://git.k8s.io/enhancements/keps/sig-node/5573-remove-cgroup-v1";

/// What was verified, line by line, and what of it is not as it should be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verification {
    /// `CONFIG_NET_NS: enabled`, for a failure.
    pub report: Vec<String>,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

/// The finding about control groups v1, where the machine has them; none while nobody knows what the kubelet will make
/// of them.
pub(super) fn cgroup_v1(facts: &Facts, tolerance: Tolerance) -> Option<Finding> {
    facts.cgroups.as_ref().filter(|cgroups| cgroups.version == CgroupVersion::V1)?;
    let remedy = "run again with --allow-cgroup-v1 (it sets failCgroupV1: false in the kubelet's configuration and \
                  accepts this finding), or boot with systemd.unified_cgroup_hierarchy=1";
    match tolerance {
        Tolerance::Refused => Some(Finding::error(NAME, V1).fix(remedy)),
        Tolerance::Accepted => Some(Finding::warning(NAME, V1)),
        Tolerance::Unknown => None,
    }
}

/// Verifies the system.
#[must_use]
pub fn verify(facts: &Facts, tolerance: Tolerance) -> Verification {
    let mut seen = Verification::default();
    seen.release(&facts.kernel.release);
    let version = facts.cgroups.as_ref().map(|cgroups| cgroups.version);
    match &facts.kernel.options {
        Some(options) => seen.options(options, version),
        // kubeadm takes this for an error; nothing is known to be wrong.
        None => seen.warn(
            "failed to parse kernel config: none could be read from /proc/config.gz (with zcat), /boot or \
             /usr/lib/modules, so the kernel's options were not verified",
        ),
    }
    seen.operating_system(&facts.kernel.os);
    match &facts.cgroups {
        Some(cgroups) => {
            let missing = seen.controllers(cgroups.version, &cgroups.controllers);
            seen.findings.extend(cgroup_v1(facts, tolerance));
            seen.findings.extend(missing);
        }
        None => seen.fail("cannot get a cgroup mount point: cannot get a cgroupfs mount point from \"/proc/mounts\""),
    }
    seen
}

impl Verification {
    fn fail(&mut self, message: impl Into<String>) {
        self.findings.push(Finding::error(NAME, message));
    }

    fn warn(&mut self, message: impl Into<String>) {
        self.findings.push(Finding::warning(NAME, message));
    }

    fn report(&mut self, key: &str, value: &str) {
        self.report.push(format!("{key}: {value}"));
    }

    fn release(&mut self, release: &str) {
        self.report("KERNEL_VERSION", release);
        if !supported_release(release) {
            self.warn(format!("kernel release {release} is unsupported. {RELEASES}"));
        }
    }

    fn options(&mut self, options: &BTreeMap<String, char>, version: Option<CgroupVersion>) {
        let by_version: &[&[&str]] = if version == Some(CgroupVersion::V2) { &REQUIRED_V2 } else { &REQUIRED_V1 };
        let mut bad = Vec::new();
        for names in REQUIRED.iter().chain(by_version) {
            let (name, enabled) = self.option(options, names);
            if !enabled {
                bad.push(name);
            }
        }
        for names in OPTIONAL {
            self.option(options, names);
        }
        if !bad.is_empty() {
            let message = format!("unexpected kernel config: {}", bad.join(" "));
            self.findings.push(Finding::error(NAME, message).fix("run a kernel that has these options"));
        }
    }

    /// The name under which an option was found, or the last that was looked for, and whether it is switched on.
    fn option(&mut self, options: &BTreeMap<String, char>, names: &[&str]) -> (String, bool) {
        let mut name = String::new();
        let mut value = None;
        for candidate in names {
            name = format!("CONFIG_{candidate}");
            value = options.get(&name);
            if value.is_some() {
                break;
            }
        }
        let words = match value {
            Some('y') => "enabled",
            Some('m') => "enabled (as module)",
            Some(_) => "disabled",
            None => "not set",
        };
        let enabled = matches!(value, Some('y' | 'm'));
        let purpose = PURPOSES.iter().find(|(known, _)| name.strip_prefix("CONFIG_") == Some(known));
        match purpose.filter(|_| !enabled) {
            Some((_, purpose)) => self.report(&name, &format!("{words} - {purpose}")),
            None => self.report(&name, words),
        }
        (name, enabled)
    }

    fn operating_system(&mut self, os: &str) {
        self.report("OS", os);
        if os != "Linux" {
            self.fail(format!("unsupported operating system: {os}"));
        }
    }

    /// Reports on controllers; what is said of missing ones.
    fn controllers(&mut self, version: CgroupVersion, controllers: &[String]) -> Vec<Finding> {
        let (required, optional): (&[&str], _) = match version {
            CgroupVersion::V1 => (&CONTROLLERS_V1, ["hugetlb", "blkio"]),
            CgroupVersion::V2 => (&CONTROLLERS_V2, ["hugetlb", "io"]),
        };
        let missing_required = self.missing(required, controllers);
        let missing_optional = self.missing(&optional, controllers);
        let required = (!missing_required.is_empty())
            .then(|| Finding::error(NAME, format!("missing required cgroups: {missing_required}")));
        let optional = (!missing_optional.is_empty())
            .then(|| Finding::warning(NAME, format!("missing optional cgroups: {missing_optional}")));
        required.into_iter().chain(optional).collect()
    }

    fn missing(&mut self, wanted: &[&str], present: &[String]) -> String {
        let mut missing = Vec::new();
        for controller in wanted {
            let there = present.iter().any(|known| known == controller);
            self.report(&format!("CGROUPS_{}", controller.to_uppercase()), if there { "enabled" } else { "missing" });
            if !there {
                missing.push(*controller);
            }
        }
        missing.join(" ")
    }
}

/// 5.4, 5.10, 5.15 and whatever begins with them, and everything from 6.0.0 on.
fn supported_release(release: &str) -> bool {
    if ["5.4", "5.10", "5.15"].iter().any(|lts| release.starts_with(lts)) {
        return true;
    }
    let mut parts = release.splitn(3, '.');
    let number = |part: Option<&str>| part?.parse::<u32>().ok();
    let patch = |part: Option<&str>| part.is_some_and(|text| text.starts_with(|c: char| c.is_ascii_digit()));
    number(parts.next()).is_some_and(|major| major >= 6) && number(parts.next()).is_some() && patch(parts.next())
}

/// A configuration with every option.
#[cfg(test)]
pub(super) fn all() -> BTreeMap<String, char> {
    let names = REQUIRED.iter().chain(&REQUIRED_V1).chain(&REQUIRED_V2).chain(&OPTIONAL).map(|names| names[0]);
    names.map(|name| (format!("CONFIG_{name}"), 'y')).collect()
}

#[cfg(test)]
mod tests;
