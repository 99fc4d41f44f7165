//! The component configurations with nothing set, as Go writes them: the empty fields that are always printed.
//!
//! Data, and the minor version that each newer field came with; an older kubelet or kube-proxy doesn't get to see it.

use serde_json::{Value, json};

use crate::versions::Version;

/// Fields by path, with the first minor that knows them.
type Since = &'static [(&'static str, u64)];

const KUBELET_SINCE: Since = &[
    ("containerRuntimeEndpoint", 27),
    ("imageMaximumGCAge", 29),
    ("logging.options.text", 31),
    ("crashLoopBackOff", 32),
];

const KUBE_PROXY_SINCE: Since = &[
    ("detectLocal", 24),
    ("winkernel.forwardHealthCheckVip", 25),
    ("winkernel.rootHnsEndpointName", 25),
    ("iptables.localhostNodePorts", 26),
    ("logging", 28),
    ("conntrack.tcpBeLiberal", 29),
    ("conntrack.udpStreamTimeout", 29),
    ("conntrack.udpTimeout", 29),
    ("nftables", 29),
    ("logging.options.text", 31),
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
    known_to(version, whole, KUBELET_SINCE)
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
        "winkernel": {
            "enableDSR": false, "forwardHealthCheckVip": false, "networkName": "", "rootHnsEndpointName": "",
            "sourceVip": "",
        },
    });
    known_to(version, whole, KUBE_PROXY_SINCE)
}

fn logging() -> Value {
    json!({
        "flushFrequency": 0,
        "options": {"json": {"infoBufferSize": "0"}, "text": {"infoBufferSize": "0"}},
        "verbosity": 0,
    })
}

/// Leaves out what came later.
fn known_to(version: &Version, mut whole: Value, since: Since) -> Value {
    for (path, _) in since.iter().filter(|(_, minor)| version.minor() < *minor) {
        let (above, name) = path.rsplit_once('.').unwrap_or(("", path));
        let group = above.split('.').filter(|part| !part.is_empty()).try_fold(&mut whole, |at, part| at.get_mut(part));
        if let Some(Value::Object(group)) = group {
            group.remove(name);
        }
    }
    whole
}
