//! KubeProxyConfiguration: the fields of v1.37's type, each from the minor that has it first.

use super::super::shape::Shape::{self, Json, List, Object, Text};
use super::super::shape::field;
use super::kubelet::{ADDRESS, COUNT, FEATURES, INTERVAL, LOGGING};
use super::values::BOOL;

pub(super) const PROXY: Shape = Object(&[
    field("mode", &Text(&["iptables", "ipvs", "nftables", ""], &["IPVS", "userspace"])),
    field("bindAddress", &ADDRESS),
    field("clusterCIDR", &Text(&["10.244.0.0/16", "10.1.0.0/16", ""], &["x"])),
    field("clientConnection", &CLIENT_CONNECTION),
    field("featureGates", &FEATURES),
    field("hostnameOverride", &Text(&["node-1", ""], &["Node 1"])),
    field("healthzBindAddress", &Text(&["0.0.0.0:10256", "", "[::]:10256"], &["x"])),
    field("metricsBindAddress", &Text(&["127.0.0.1:10249", ""], &["x"])),
    field("bindAddressHardFail", &BOOL),
    field("enableProfiling", &BOOL),
    field("showHiddenMetricsForVersion", &Text(&["1.{m}", ""], &["x"])),
    field("iptables", &IPTABLES),
    field("ipvs", &IPVS),
    field("nftables", &NFTABLES).since(29),
    field("conntrack", &CONNTRACK),
    field("winkernel", &Object(&[field("networkName", &Text(&["", "x"], &["y"])), field("enableDSR", &BOOL)])),
    field("detectLocalMode", &Text(&["ClusterCIDR", "NodeCIDR", ""], &["x"])),
    field("detectLocal", &Object(&[field("bridgeInterface", &Text(&["br0", ""], &["x"]))])).since(24),
    field("nodePortAddresses", &List(&Text(&["192.0.2.0/24", "primary"], &["x"]))),
    field("oomScoreAdj", &Json(&["-999", "null"], &["\"x\""])),
    field("configSyncPeriod", &INTERVAL),
    field("portRange", &Text(&["", "1000-2000"], &["x"])),
    field("logging", &LOGGING).since(28),
    field("windowsRunAsService", &BOOL).since(33),
]);

const CLIENT_CONNECTION: Shape = Object(&[
    field("kubeconfig", &Text(&["/var/lib/kube-proxy/kubeconfig.conf", "/srv/x.conf", ""], &["x"])),
    field("acceptContentTypes", &Text(&["", "application/json"], &["x"])),
    field("contentType", &Text(&["", "application/json"], &["x"])),
    field("qps", &Json(&["5", "0.5", "0"], &["\"5\""])),
    field("burst", &COUNT),
]);

const IPTABLES: Shape = Object(&[
    field("masqueradeBit", &Json(&["14", "null"], &["\"x\""])),
    field("masqueradeAll", &BOOL),
    field("localhostNodePorts", &BOOL).since(28),
    field("syncPeriod", &INTERVAL),
    field("minSyncPeriod", &INTERVAL),
]);

const IPVS: Shape = Object(&[
    field("scheduler", &Text(&["rr", ""], &["x"])),
    field("excludeCIDRs", &List(&Text(&["192.0.2.0/24"], &["x"]))),
    field("strictARP", &BOOL),
    field("syncPeriod", &INTERVAL),
    field("minSyncPeriod", &INTERVAL),
    field("tcpTimeout", &INTERVAL),
    field("tcpFinTimeout", &INTERVAL),
    field("udpTimeout", &INTERVAL),
]);

const NFTABLES: Shape = Object(&[
    field("masqueradeBit", &Json(&["14", "null"], &["\"x\""])),
    field("masqueradeAll", &BOOL),
    field("syncPeriod", &INTERVAL),
    field("minSyncPeriod", &INTERVAL),
]);

const CONNTRACK: Shape = Object(&[
    field("maxPerCore", &COUNT),
    field("min", &COUNT),
    field("tcpEstablishedTimeout", &INTERVAL),
    field("tcpCloseWaitTimeout", &INTERVAL),
    field("tcpBeLiberal", &BOOL).since(29),
    field("udpTimeout", &INTERVAL).since(29),
    field("udpStreamTimeout", &INTERVAL).since(29),
]);
