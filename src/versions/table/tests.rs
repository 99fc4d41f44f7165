use super::cluster::{CRI_SOCKET_ANNOTATION, UNVERSIONED_KUBELET_CONFIG_MAP};
use super::static_pods::{ETCD_FLAGS, EXPERIMENTAL, GRADUATED};
use super::*;
use crate::versions::{History, NEWEST_MINOR, OLDEST_MINOR, OWN, Version};

fn v(minor: u64, patch: u64) -> Version {
    Version::new(1, minor, patch)
}

#[test]
fn rows_ascend_and_start_at_the_oldest() {
    fn check<T>(history: &History<T>) {
        let keys: Vec<(u64, u64)> = history.0.iter().map(|row| (row.0, row.1)).collect();
        assert!(keys.is_sorted_by(|a, b| a < b), "{keys:?}");
        assert_eq!(keys[0], (OLDEST_MINOR, 0));
        assert!(keys.iter().all(|key| key.0 <= NEWEST_MINOR));
    }
    check(&SCHEDULER_PROBES);
    check(&ETCD_PROBES);
    check(&PROBE_PORT);
    check(&POD_PRIORITY);
    check(&EXTRA_CA_DIRS);
    check(&FLEXVOLUME_DIR);
    check(&EXTRA_ARGS);
    check(&ETCD_FLAGS);
    check(&AUTHORIZATION_MODES);
    check(&IMAGE_TAGS);
    check(&OFFICIAL_REPOSITORY);
    check(&OLDEST_EXTERNAL_ETCD);
    check(&COREDNS_IMAGE_LAST);
    check(&CONTROL_PLANE_LABELS);
    check(&CRI_SOCKET_ANNOTATION);
    check(&CONTROL_PLANE_TAINTS);
    check(&COREDNS_TOLERATIONS);
    check(&COREDNS_GETS_NODES);
    check(&COREDNS_SPREADS);
    check(&COREDNS_DROPS);
    check(&COREFILE_CACHE_DISABLED);
    check(&STORED_API);
    check(&STORED_WITHOUT);
    check(&UNVERSIONED_KUBELET_CONFIG_MAP.default);
    check(&KUBE_PROXY_MODE);
    check(&KUBE_PROXY_RUNS_CONNTRACK);
    check(&KUBELET_FLAGS);
    check(&KUBELET_INSTANCE_CONFIG.default);
    check(&RESOLV_CONF_IN_CLUSTER);
    check(&KUBELET_BEHIND);
    check(&KUBELET_HAS_FAIL_CGROUP_V1);
    check(&KUBELET_REFUSES_CGROUP_V1);
    check(&KUBELET_SERVER_IS_LOCAL.default);
    check(&ADMIN_GROUP);
    check(&SUPER_ADMIN);
    check(&APISERVER_KUBELET_CLIENT_GROUP);
    check(&ETCD_CLIENT_GROUP);
    assert_eq!((OWN.major(), OWN.minor()), (1, NEWEST_MINOR));
}

#[test]
fn a_gate_decides_at_the_minors_where_it_does() {
    let given = |value| [("NodeLocalCRISocket".to_owned(), value)].into();
    let facts =
        |minor| [given(false), given(true), [].into()].map(|gates| KUBELET_INSTANCE_CONFIG.at(&v(minor, 0), &gates));
    assert_eq!([31, 37].map(facts), [[false; 3], [true; 3]]);
    assert_eq!([33, 34].map(facts), [[false, true, false], [false, true, true]]);
}

#[test]
fn etcd_flags_follow_the_image_while_both_kinds_are_about() {
    assert_eq!(etcd_flags(&v(23, 0), "3.5.1-0"), &[] as Flags);
    assert_eq!(etcd_flags(&v(34, 1), "3.5.24-0"), EXPERIMENTAL);
    assert_eq!(etcd_flags(&v(34, 1), "3.6.4-0"), GRADUATED);
    assert_eq!(etcd_flags(&v(34, 1), "mine"), EXPERIMENTAL);
    assert_eq!(etcd_flags(&OWN, "mine"), GRADUATED);
}

#[test]
fn names_of_the_kubelets_config_map() {
    let name = |minor, gates: &[bool]| {
        let gates = gates.iter().map(|on| ("UnversionedKubeletConfigMap".to_owned(), *on)).collect();
        kubelet_config_map(&v(minor, 4), &gates)
    };
    assert_eq!([name(23, &[]), name(24, &[])], ["kubelet-config-1.23", "kubelet-config"]);
    assert_eq!([name(23, &[true]), name(24, &[false])], ["kubelet-config", "kubelet-config-1.24"]);
    assert_eq!([name(25, &[false]), name(37, &[])], ["kubelet-config", "kubelet-config"]);
}
