//! Machines that can run Kubernetes, and others.

use super::super::Severity;
use super::*;
use crate::host::kernel::{Cgroups, Kernel};

fn facts(version: CgroupVersion, controllers: &str) -> Facts {
    let controllers = controllers.split(' ').map(str::to_owned).collect();
    Facts {
        kernel: Kernel { os: "Linux".into(), release: "6.1.0-18-amd64".into(), options: Some(all()) },
        cgroups: Some(Cgroups { version, controllers }),
        ..Facts::default()
    }
}

const ALL_V1: &str = "cpu cpuacct cpuset devices freezer memory pids hugetlb blkio";
const ALL_V2: &str = "cpu cpuset devices freezer memory pids hugetlb io";

#[test]
fn a_good_machine_has_no_findings() {
    let seen = verify(&facts(CgroupVersion::V2, ALL_V2), Tolerance::Refused);
    assert_eq!(seen.findings, []);
    assert!(seen.report.contains(&"CONFIG_NET_NS: enabled".to_owned()));
    let mut without = facts(CgroupVersion::V2, ALL_V2);
    without.kernel.options.as_mut().unwrap().remove("CONFIG_AUFS_FS");
    let report = verify(&without, Tolerance::Refused).report;
    assert!(report.contains(&"CONFIG_AUFS_FS: not set - Required for aufs.".to_owned()));
}

#[test]
fn cgroups_v1_is_a_choice() {
    let machine = facts(CgroupVersion::V1, ALL_V1);
    let refused = verify(&machine, Tolerance::Refused).findings;
    assert_eq!(refused[0].severity, Severity::Error);
    assert!(refused[0].remedy.as_ref().unwrap().starts_with("run again with --allow-cgroup-v1"));
    let accepted = verify(&machine, Tolerance::Accepted).findings;
    assert_eq!((accepted.len(), accepted[0].severity), (1, Severity::Warning));
    assert_eq!(verify(&machine, Tolerance::Unknown).findings, []);
}

#[test]
fn names_what_is_missing() {
    let mut machine = facts(CgroupVersion::V2, "cpu cpuset devices freezer pids io");
    let options = machine.kernel.options.as_mut().unwrap();
    options.remove("CONFIG_NETFILTER_XT_TARGET_REDIRECT");
    options.insert("CONFIG_IP_NF_TARGET_REDIRECT".into(), 'm');
    options.insert("CONFIG_CGROUP_BPF".into(), 'n');
    options.remove("CONFIG_MEMCG");
    let findings = verify(&machine, Tolerance::Refused).findings;
    let messages: Vec<&str> = findings.iter().map(|finding| finding.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "unexpected kernel config: CONFIG_MEMCG CONFIG_CGROUP_BPF",
            "missing required cgroups: memory",
            "missing optional cgroups: hugetlb",
        ]
    );
    machine.kernel.options = None;
    assert_eq!(verify(&machine, Tolerance::Refused).findings[0].severity, Severity::Warning);
}

#[test]
fn releases_as_kubeadm_takes_them() {
    for good in ["5.4.0", "5.10-rc1", "5.15.167", "6.18.44-fc", "10.0.1", "5.40.1"] {
        assert!(supported_release(good), "{good}");
    }
    for bad in ["4.19.0", "5.5.1", "6.1", "3.10.0-1160.el7", ""] {
        assert!(!supported_release(bad), "{bad}");
    }
}
