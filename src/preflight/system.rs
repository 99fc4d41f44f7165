//! The machine: who we are on it, how big it is, what it swaps, runs and is called.

use super::Finding;
use super::tolerance::Tolerance;
use crate::host::facts::Facts;

/// Processors that a control plane needs.
const CONTROL_PLANE_CPUS: usize = 2;
/// MiB of memory that a control plane needs.
const CONTROL_PLANE_MEMORY: u64 = 1700;
/// The longest name of a Node that static pods can carry.
const LONGEST_NAME: usize = 63;

/// The first check, and alone: nothing else can be looked at by another user.
#[must_use]
pub fn privileged_user(uid: u32) -> Vec<Finding> {
    let error = || Finding::error("IsPrivilegedUser", "user is not running as root").fix("run it with sudo");
    (uid != 0).then(error).into_iter().collect()
}

pub(super) fn cpus(facts: &Facts) -> Option<Finding> {
    let message = format!("the number of available CPUs {} is less than the required {CONTROL_PLANE_CPUS}", facts.cpus);
    (facts.cpus < CONTROL_PLANE_CPUS).then(|| Finding::error("NumCPU", message))
}

pub(super) fn memory(facts: &Facts) -> Option<Finding> {
    let message =
        format!("the system RAM ({} MB) is less than the minimum {CONTROL_PLANE_MEMORY} MB", facts.memory_mib);
    (facts.memory_mib < CONTROL_PLANE_MEMORY).then(|| Finding::error("Mem", message))
}

pub(super) fn swap(facts: &Facts, tolerance: Tolerance) -> Option<Finding> {
    if !facts.swap {
        return None;
    }
    let words = "swap is supported for cgroup v2 only. The kubelet must be properly configured to use swap. Please \
                 refer to https://kubernetes.io/docs/concepts/architecture/nodes/#swap-memory, or disable swap on the \
                 node";
    let remedy = "turn swap off with 'swapoff -a' and take it out of /etc/fstab, or write 'failSwapOn: false' into the \
                  KubeletConfiguration";
    Some(match tolerance {
        Tolerance::Accepted => Finding::warning("Swap", words),
        Tolerance::Unknown => Finding::warning("Swap", words).fix(remedy),
        Tolerance::Refused => {
            let certain = "swap is on, and the kubelet will refuse to start: its configuration has failSwapOn: true";
            Finding::error("Swap", certain).fix(remedy)
        }
    })
}

/// Programs that the kubelet and we run.
pub(super) fn programs(facts: &Facts, wanted: &[&'static str]) -> Vec<Finding> {
    let missing = |program: &&&str| facts.missing_programs.contains(**program);
    let finding = |program: &&str| {
        let message = format!("{program} not found in system path");
        Finding::error(&format!("FileExisting-{program}"), message).fix(package(program))
    };
    wanted.iter().filter(missing).map(finding).collect()
}

fn package(program: &str) -> String {
    let package = match program {
        "conntrack" => "conntrack (Debian, Ubuntu) or conntrack-tools",
        "losetup" | "mount" => "util-linux and mount",
        "cp" => "coreutils",
        other => other,
    };
    format!("install {package}")
}

/// The node's name has to be usable and should lead to an address.
pub(super) fn node_name(facts: &Facts, name: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    if name.len() > LONGEST_NAME {
        let message =
            format!("invalid node name format {name:?}: name part must be no more than {LONGEST_NAME} characters");
        findings.push(Finding::warning("Hostname", message));
    }
    if facts.unresolved.contains(name) {
        findings.push(Finding::warning("Hostname", format!("hostname \"{name}\" could not be reached")));
        let message = format!("hostname \"{name}\": lookup {name}: no such host");
        findings.push(Finding::warning("Hostname", message).fix(format!("add a line for {name} to /etc/hosts")));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn swap_is_judged_by_what_the_kubelet_will_do() {
        let facts = Facts { swap: true, ..Facts::default() };
        let severity = |policy| swap(&facts, policy).unwrap().severity;
        assert_eq!(severity(Tolerance::Refused), super::super::Severity::Error);
        assert_eq!(severity(Tolerance::Accepted), super::super::Severity::Warning);
        assert_eq!(swap(&Facts::default(), Tolerance::Refused), None);
    }

    #[test]
    fn kubeadms_words() {
        let facts = Facts { cpus: 1, memory_mib: 982, ..Facts::default() };
        assert_eq!(cpus(&facts).unwrap().message, "the number of available CPUs 1 is less than the required 2");
        assert_eq!(memory(&facts).unwrap().message, "the system RAM (982 MB) is less than the minimum 1700 MB");
        assert_eq!(privileged_user(1000)[0].message, "user is not running as root");
        assert!(privileged_user(0).is_empty());
    }
}
