//! The component configurations with nothing set, as Go writes them: the empty fields that are always printed.
//!
//! Data, and the minors that know a field which not all know; another kubelet or kube-proxy doesn't get to see it.

use std::ops::RangeInclusive;

use serde_json::{Value, json};

use crate::versions::{NEWEST_MINOR, OLDEST_MINOR, Version};

/// Fields by path, with the minors that know them.
type Known = &'static [(&'static str, RangeInclusive<u64>)];

const KUBELET: Known = &[
    ("containerRuntimeEndpoint", 27..=NEWEST_MINOR),
    ("imageMaximumGCAge", 29..=NEWEST_MINOR),
    ("logging.options.text", 30..=NEWEST_MINOR),
    ("crashLoopBackOff", 32..=NEWEST_MINOR),
];

const KUBE_PROXY: Known = &[
    ("udpIdleTimeout", OLDEST_MINOR..=25),
    ("detectLocal", 24..=NEWEST_MINOR),
    ("winkernel.forwardHealthCheckVip", 24..=NEWEST_MINOR),
    ("winkernel.rootHnsEndpointName", 24..=NEWEST_MINOR),
    ("iptables.localhostNodePorts", 26..=NEWEST_MINOR),
    ("logging", 28..=NEWEST_MINOR),
    ("conntrack.tcpBeLiberal", 29..=NEWEST_MINOR),
    ("conntrack.udpStreamTimeout", 29..=NEWEST_MINOR),
    ("conntrack.udpTimeout", 29..=NEWEST_MINOR),
    ("nftables", 29..=NEWEST_MINOR),
    ("logging.options.text", 30..=NEWEST_MINOR),
];

/// KubeletConfiguration.
pub(super) fn kubelet(version: &Version) -> Value {
    let whole = json!({
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "authentication": {"anonymous": {}, "webhook": {"cacheTTL": "0s"}, "x509": {}},
        "authorization": {"webhook": {"cacheAuthorizedTTL": "0s", "cacheUnauthorizedTTL": "0s"}},
        "containerRuntimeEndpoint": "",
        "cpuManagerReconcilePeriod": "0s",
        "crashLoopBackOff": {},
        "evictionPressureTransitionPeriod": "0s",
        "fileCheckFrequency": "0s",
        "httpCheckFrequency": "0s",
        "imageMaximumGCAge": "0s",
        "imageMinimumGCAge": "0s",
        "logging": logging(),
        "memorySwap": {},
        "nodeStatusReportFrequency": "0s",
        "nodeStatusUpdateFrequency": "0s",
        "runtimeRequestTimeout": "0s",
        "shutdownGracePeriod": "0s",
        "shutdownGracePeriodCriticalPods": "0s",
        "streamingConnectionIdleTimeout": "0s",
        "syncFrequency": "0s",
        "volumeStatsAggPeriod": "0s",
    });
    known_to(version, whole, KUBELET)
}

/// KubeProxyConfiguration.
pub(super) fn kube_proxy(version: &Version) -> Value {
    let whole = json!({
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "bindAddressHardFail": false,
        "clientConnection": {"acceptContentTypes": "", "burst": 0, "contentType": "", "kubeconfig": "", "qps": 0},
        "clusterCIDR": "",
        "configSyncPeriod": "0s",
        "conntrack": {
            "maxPerCore": null, "min": null, "tcpBeLiberal": false, "tcpCloseWaitTimeout": null,
            "tcpEstablishedTimeout": null, "udpStreamTimeout": "0s", "udpTimeout": "0s",
        },
        "detectLocal": {"bridgeInterface": "", "interfaceNamePrefix": ""},
        "detectLocalMode": "",
        "enableProfiling": false,
        "healthzBindAddress": "",
        "hostnameOverride": "",
        "iptables": {
            "localhostNodePorts": null, "masqueradeAll": false, "masqueradeBit": null, "minSyncPeriod": "0s",
            "syncPeriod": "0s",
        },
        "ipvs": {
            "excludeCIDRs": null, "minSyncPeriod": "0s", "scheduler": "", "strictARP": false, "syncPeriod": "0s",
            "tcpFinTimeout": "0s", "tcpTimeout": "0s", "udpTimeout": "0s",
        },
        "logging": logging(),
        "metricsBindAddress": "",
        "nftables": {"masqueradeAll": false, "masqueradeBit": null, "minSyncPeriod": "0s", "syncPeriod": "0s"},
        "nodePortAddresses": null,
        "oomScoreAdj": null,
        "portRange": "",
        "showHiddenMetricsForVersion": "",
        "udpIdleTimeout": "0s",
        "winkernel": {
            "enableDSR": false, "forwardHealthCheckVip": false, "networkName": "", "rootHnsEndpointName": "",
            "sourceVip": "",
        },
    });
    known_to(version, whole, KUBE_PROXY)
}

fn logging() -> Value {
    json!({
        "flushFrequency": 0,
        "options": {"json": {"infoBufferSize": "0"}, "text": {"infoBufferSize": "0"}},
        "verbosity": 0,
    })
}

/// Leaves out what the version does not know. One that is newer than all knows what the newest does.
fn known_to(version: &Version, mut whole: Value, known: Known) -> Value {
    let minor = version.minor().clamp(OLDEST_MINOR, NEWEST_MINOR);
    for (path, _) in known.iter().filter(|(_, minors)| !minors.contains(&minor)) {
        let (above, name) = path.rsplit_once('.').unwrap_or(("", path));
        let group = above.split('.').filter(|part| !part.is_empty()).try_fold(&mut whole, |at, part| at.get_mut(part));
        if let Some(Value::Object(group)) = group {
            group.remove(name);
        }
    }
    whole
}
