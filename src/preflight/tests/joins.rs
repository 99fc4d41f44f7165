//! The checks of `join`: what is left of another run or another cluster, and what only the cluster knows.

use super::*;
use crate::config::JoinConfig;
use crate::config::resolve::{self, JoinFlags};
use crate::config::v1beta4::Arg;
use crate::host::FakeHost;
use crate::preflight::join;
use crate::preflight::proxy::Proxies;
use crate::versions;

fn join_config() -> JoinConfig {
    let flags = JoinFlags {
        endpoint: Some("192.0.2.9:6443".to_owned()),
        token: Some("abcdef.0123456789abcdef".to_owned()),
        discovery_token_unsafe_skip_ca_verification: true,
        ..JoinFlags::default()
    };
    resolve::join(&flags, &FakeHost::new(), &machine(), &mut Vec::new()).unwrap()
}

fn join_findings(facts: &Facts, ca: Option<&str>) -> Vec<Finding> {
    let cfg = join_config();
    let (runtime, proxies, ca) = (runtime(), Proxies::default(), ca.map(str::as_bytes));
    assert_eq!(join::has_leftovers(facts, &cfg), ca.is_some());
    join::checks(facts, &join::Input { cfg: &cfg, runtime: &runtime, proxies: &proxies, ca }).findings
}

/// Of a cluster whose CA is `CA`.
const KUBECONFIG: &str =
    "clusters:\n- cluster:\n    certificate-authority-data: Q0E=\n    server: https://192.0.2.9:6443\n";

/// A node that has joined a cluster whose CA is `CA`.
fn joined() -> Facts {
    let mut facts = good();
    put(&mut facts, "/etc/kubernetes/kubelet.conf", KUBECONFIG);
    put(&mut facts, "/etc/kubernetes/pki/ca.crt", "CA");
    put(&mut facts, "/var/lib/kubelet/config.yaml", "");
    put(&mut facts, "/var/lib/kubelet/kubeadm-flags.env", "");
    listen(&mut facts, 10250, "kubelet");
    facts
}

#[test]
fn join_refuses_a_member_of_another_cluster() {
    assert_eq!(join_findings(&good(), None), []);
    let foreign = join_findings(&joined(), Some("another CA"));
    assert_eq!(
        names(&foreign, Severity::Error),
        ["FileAvailable--etc-kubernetes-kubelet.conf", "Port-10250", "FileAvailable--etc-kubernetes-pki-ca.crt",]
    );
    let same = join_findings(&joined(), Some("CA"));
    assert!(same.len() == 3 && names(&same, Severity::Ours).len() == 3, "{same:?}");
}

#[test]
fn a_control_plane_does_not_become_a_worker() {
    let mut facts = joined();
    put(&mut facts, "/etc/kubernetes/manifests/kube-apiserver.yaml", "");
    let findings = join_findings(&facts, Some("CA"));
    assert_eq!(names(&findings, Severity::Error), ["FileAvailable--etc-kubernetes-kubelet.conf"]);
    assert!(findings[0].message.starts_with("this machine is a control plane of this cluster"), "{findings:?}");
}

#[test]
fn join_goes_on_from_an_interrupted_one() {
    let mut facts = joined();
    facts.paths.remove(camino::Utf8Path::new("/etc/kubernetes/kubelet.conf"));
    // After a wait that failed the bootstrap kubeconfig is gone, and the kubelet still runs.
    assert_eq!(names(&join_findings(&facts, Some("CA")), Severity::Ours).len(), 2);
    assert_eq!(names(&join_findings(&facts, Some("another CA")), Severity::Error).len(), 2);
    put(&mut facts, "/etc/kubernetes/bootstrap-kubelet.conf", KUBECONFIG);
    assert_eq!(names(&join_findings(&facts, Some("CA")), Severity::Ours).len(), 3);
    assert_eq!(names(&join_findings(&facts, Some("another CA")), Severity::Error).len(), 3);
    // Killed before it wrote more than that.
    let mut facts = good();
    put(&mut facts, "/etc/kubernetes/bootstrap-kubelet.conf", KUBECONFIG);
    assert_eq!(names(&join_findings(&facts, Some("CA")), Severity::Error), [] as [&str; 0]);
}

#[test]
fn the_clusters_word_on_control_groups_v1_counts_for_a_joining_node() {
    let mut facts = good();
    let controllers = "cpu cpuacct cpuset devices freezer memory pids hugetlb blkio".split(' ').map(str::to_owned);
    facts.cgroups = Some(Cgroups { version: CgroupVersion::V1, controllers: controllers.collect() });
    let check = |facts: &Facts, cfg: &JoinConfig, document| {
        let findings = join::against_cluster(facts, cfg, &versions::OWN, &document);
        findings.iter().map(|finding| (finding.name.clone(), finding.severity)).collect::<Vec<_>>()
    };
    let (name, accepts) = ("SystemVerification".to_owned(), serde_json::json!({"failCgroupV1": false}));
    assert_eq!(join_findings(&facts, None), [], "nobody knows yet");
    assert_eq!(check(&facts, &join_config(), serde_json::json!({})), [(name.clone(), Severity::Error)]);
    assert_eq!(check(&facts, &join_config(), accepts), [(name, Severity::Warning)]);

    let mut told = join_config();
    let flag = Arg { name: "fail-cgroupv1".to_owned(), value: "false".to_owned(), ..Arg::default() };
    told.join.node_registration.kubelet_extra_args.push(flag);
    assert_eq!(check(&facts, &told, serde_json::json!({})), [], "it was told before");
    facts.kubelet = Some(Ok("Kubernetes v1.34.9".to_owned()));
    assert_eq!(check(&facts, &join_config(), serde_json::json!({})), [], "this kubelet does not mind");
}

#[test]
fn join_checks_against_the_cluster_what_kubeadm_does_not() {
    let mut facts = good();
    facts.swap = true;
    facts.kubelet = Some(Ok("Kubernetes v1.38.0".to_owned()));
    let check = |document| join::against_cluster(&facts, &join_config(), &versions::OWN, &document);
    assert_eq!(names(&check(serde_json::json!({})), Severity::Error), ["Swap", "KubeletVersion"]);
    assert_eq!(names(&check(serde_json::json!({"failSwapOn": false})), Severity::Error), ["KubeletVersion"]);
}
