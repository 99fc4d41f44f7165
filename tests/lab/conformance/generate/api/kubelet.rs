//! KubeletConfiguration: the fields of v1.37's type, each from the minor that has it first.

use super::super::shape::Shape::{self, Json, List, Map, Object, Text};
use super::super::shape::field;
use super::values::{BOOL, TAINTS};

pub(super) const COUNT: Shape = Json(&["1", "10", "100"], &["-1", "0", "\"5\"", "1.5", "4294967296", "null"]);
const PERCENT: Shape = Json(&["80", "50", "0"], &["101", "-1", "\"80%\""]);
pub(super) const INTERVAL: Shape = Text(&["10s", "1m0s", "0s", "1h30m", "1.5s"], &["-1s", "10", "soon", "1d"]);
const PATH: Shape = Text(&["/srv/x", "/var/lib/kubelet/x", "/etc/kubernetes/manifests"], &["relative", ""]);
const CGROUP: Shape = Text(&["/kubelet.slice", "/"], &["kubelet"]);
const WORD: Shape = Text(&["none", "best-effort", "static", "container", ""], &["Nonsense", "a b"]);
pub(super) const ADDRESS: Shape = Text(&["0.0.0.0", "127.0.0.1", "::", "192.0.2.1"], &["localhost", "x", ""]);
const WORDS: Shape = List(&Text(&["kernel.msg*", "net.core.somaxconn", "pods"], &[""]));
const QUANTITIES: Shape = Map(
    &["memory.available", "cpu", "memory", "nodefs.available"],
    &Text(&["100Mi", "10%", "500m", "1"], &["lots", ""]),
);
const OPTIONS: Shape =
    Map(&["full-pcpus-only", "prefer-closest-numa-nodes", "net.core.somaxconn"], &Text(&["true", "1024"], &[""]));
pub(super) const FEATURES: Shape = Map(&["NodeSwap", "MadeUpGate", "AllAlpha"], &BOOL);

pub(super) const KUBELET: Shape = Object(&[
    field("cgroupDriver", &Text(&["systemd", "cgroupfs"], &["Systemd", "x"])),
    field("clusterDNS", &List(&Text(&["10.96.0.10", "192.0.2.53", "fd00:96::a"], &["x"]))),
    field("clusterDomain", &Text(&["cluster.local", "example.org"], &["x y"])),
    field("staticPodPath", &PATH),
    field("rotateCertificates", &BOOL),
    field("readOnlyPort", &Json(&["0", "10255"], &["-1", "70000"])),
    field("healthzPort", &Json(&["10248", "0", "10348"], &["70000", "\"10248\""])),
    field("healthzBindAddress", &ADDRESS),
    field("resolvConf", &Text(&["/etc/resolv.conf", "/run/systemd/resolve/resolv.conf", ""], &["x"])),
    field("failSwapOn", &BOOL),
    field("failCgroupV1", &BOOL).since(31),
    field("featureGates", &FEATURES),
    field("maxPods", &COUNT),
    field("authentication", &AUTHENTICATION),
    field("authorization", &AUTHORIZATION),
    field("containerRuntimeEndpoint", &Text(&["unix:///run/containerd/containerd.sock", "/run/cri.sock", ""], &["x"]))
        .since(27),
    field("imageServiceEndpoint", &Text(&["unix:///run/images.sock"], &["x"])).since(27),
    field("serverTLSBootstrap", &BOOL),
    field("tlsMinVersion", &Text(&["VersionTLS12", "VersionTLS13"], &["1.3"])),
    field("tlsCipherSuites", &List(&Text(&["TLS_AES_128_GCM_SHA256"], &["x"]))),
    field("tlsCurvePreferences", &Json(&["[29]", "[23,24]"], &["[\"X25519\"]"])).since(36),
    field("tlsCertFile", &PATH),
    field("tlsPrivateKeyFile", &PATH),
    field("evictionHard", &QUANTITIES),
    field("evictionSoft", &QUANTITIES),
    field("evictionSoftGracePeriod", &Map(&["memory.available"], &Text(&["1m"], &["x"]))),
    field("evictionMinimumReclaim", &QUANTITIES),
    field("evictionPressureTransitionPeriod", &INTERVAL),
    field("evictionMaxPodGracePeriod", &COUNT),
    field("mergeDefaultEvictionSettings", &BOOL).since(33),
    field("systemReserved", &QUANTITIES),
    field("kubeReserved", &QUANTITIES),
    field("systemReservedCgroup", &CGROUP),
    field("kubeReservedCgroup", &CGROUP),
    field("enforceNodeAllocatable", &WORDS),
    field("reservedSystemCPUs", &Text(&["0-1", "0,2"], &["x"])),
    field(
        "reservedMemory",
        &Json(&[r#"[{"numaNode":0,"limits":{"memory":"1Gi"}}]"#, "[]"], &[r#"[{"limits":{"memory":1.5}}]"#, "{}"]),
    ),
    field("memorySwap", &Json(&["{}", r#"{"swapBehavior":"LimitedSwap"}"#], &[r#"{"swap":true}"#, "[]"])),
    field("memoryThrottlingFactor", &Json(&["0.9", "1", "0.123456789"], &["\"0.9\"", "-1"])),
    field("memoryManagerPolicy", &WORD),
    field("memoryReservationPolicy", &WORD).since(36),
    field("cpuManagerPolicy", &WORD),
    field("cpuManagerPolicyOptions", &OPTIONS),
    field("cpuManagerReconcilePeriod", &INTERVAL),
    field("cpuCFSQuota", &BOOL),
    field("cpuCFSQuotaPeriod", &INTERVAL),
    field("topologyManagerPolicy", &WORD),
    field("topologyManagerScope", &WORD),
    field("topologyManagerPolicyOptions", &OPTIONS).since(26),
    field("qosReserved", &QUANTITIES),
    field("shutdownGracePeriod", &INTERVAL),
    field("shutdownGracePeriodCriticalPods", &INTERVAL),
    field(
        "shutdownGracePeriodByPodPriority",
        &Json(&[r#"[{"priority":0,"shutdownGracePeriodSeconds":10}]"#, "[]"], &[r#"[{"priority":"high"}]"#]),
    ),
    field(
        "crashLoopBackOff",
        &Json(&["{}", r#"{"maxContainerRestartPeriod":"30s"}"#], &[r#"{"maxContainerRestartPeriod":30}"#]),
    )
    .since(32),
    field("registerWithTaints", &TAINTS),
    field("registerNode", &BOOL),
    field("logging", &LOGGING),
    field("tracing", &Json(&[r#"{"endpoint":"192.0.2.1:4317","samplingRatePerMillion":100}"#, "null"], &["[]"]))
        .since(25),
    field("userNamespaces", &Json(&["{}", r#"{"idsPerPod":65536}"#], &[r#"{"idsPerPod":"x"}"#])).since(33),
    field("staticPodURL", &Text(&["https://example.org/pods"], &["x"])),
    field("staticPodURLHeader", &Json(&[r#"{"X-A":["b","c"]}"#], &[r#"{"X-A":"b"}"#])),
    field("address", &ADDRESS),
    field("port", &COUNT),
    field("podCIDR", &Text(&["10.1.0.0/24"], &["x"])),
    field("podPidsLimit", &Json(&["-1", "1024", "9007199254740993"], &["1e300", "\"x\""])),
    field("podsPerCore", &COUNT),
    field("podLogsDir", &PATH).since(30),
    field("hairpinMode", &Text(&["promiscuous-bridge", "none"], &["x"])),
    field("contentType", &Text(&["application/vnd.kubernetes.protobuf"], &["x"])),
    field("serializeImagePulls", &BOOL),
    field("maxParallelImagePulls", &COUNT).since(27),
    field("imagePullCredentialsVerificationPolicy", &Text(&["NeverVerify", "AlwaysVerify"], &["x"])).since(33),
    field("preloadedImagesVerificationAllowlist", &WORDS).since(33),
    field("imageMinimumGCAge", &INTERVAL),
    field("imageMaximumGCAge", &INTERVAL).since(29),
    field("imageGCHighThresholdPercent", &PERCENT),
    field("imageGCLowThresholdPercent", &PERCENT),
    field("containerLogMaxSize", &Text(&["10Mi"], &["big"])),
    field("containerLogMaxFiles", &COUNT),
    field("containerLogMaxWorkers", &COUNT).since(30),
    field("containerLogMonitorInterval", &INTERVAL).since(30),
    field("configMapAndSecretChangeDetectionStrategy", &Text(&["Watch", "Cache", "Get"], &["x"])),
    field("nodeStatusUpdateFrequency", &INTERVAL),
    field("nodeStatusReportFrequency", &INTERVAL),
    field("nodeLeaseDurationSeconds", &COUNT),
    field("nodeStatusMaxImages", &COUNT),
    field("syncFrequency", &INTERVAL),
    field("fileCheckFrequency", &INTERVAL),
    field("httpCheckFrequency", &INTERVAL),
    field("volumeStatsAggPeriod", &INTERVAL),
    field("runtimeRequestTimeout", &INTERVAL),
    field("streamingConnectionIdleTimeout", &INTERVAL),
    field("kubeletCgroups", &CGROUP),
    field("systemCgroups", &CGROUP),
    field("cgroupRoot", &CGROUP),
    field("cgroupsPerQOS", &BOOL),
    field("singleProcessOOMKill", &BOOL).since(32),
    field("oomScoreAdj", &Json(&["-999", "0"], &["\"x\""])),
    field("registryPullQPS", &COUNT),
    field("registryBurst", &COUNT),
    field("eventRecordQPS", &COUNT),
    field("eventBurst", &COUNT),
    field("kubeAPIQPS", &COUNT),
    field("kubeAPIBurst", &COUNT),
    field("maxOpenFiles", &COUNT),
    field("iptablesMasqueradeBit", &COUNT),
    field("iptablesDropBit", &COUNT),
    field("makeIPTablesUtilChains", &BOOL),
    field("enableServer", &BOOL),
    field("enableDebuggingHandlers", &BOOL),
    field("enableContentionProfiling", &BOOL),
    field("enableControllerAttachDetach", &BOOL),
    field("enableSystemLogHandler", &BOOL),
    field("enableSystemLogQuery", &BOOL).since(27),
    field("enableProfilingHandler", &BOOL),
    field("enableDebugFlagsHandler", &BOOL),
    field("seccompDefault", &BOOL),
    field("localStorageCapacityIsolation", &BOOL).since(25),
    field("protectKernelDefaults", &BOOL),
    field("kernelMemcgNotification", &BOOL),
    field("runOnce", &BOOL),
    field("allowedUnsafeSysctls", &WORDS),
    field("defaultPodSysctls", &OPTIONS).since(37),
    field("showHiddenMetricsForVersion", &Text(&["1.{m}", ""], &["x"])),
    field("volumePluginDir", &PATH),
    field("providerID", &Text(&["aws:///x/i-1"], &[""])),
]);

const AUTHENTICATION: Shape = Object(&[
    field("anonymous", &Object(&[field("enabled", &BOOL)])),
    field("webhook", &Object(&[field("enabled", &BOOL), field("cacheTTL", &INTERVAL)])),
    field("x509", &Object(&[field("clientCAFile", &Text(&["/etc/kubernetes/pki/ca.crt", "/srv/ca.crt"], &["x"]))])),
]);

const AUTHORIZATION: Shape = Object(&[
    field("mode", &Text(&["Webhook", "AlwaysAllow"], &["webhook"])),
    field("webhook", &Object(&[field("cacheAuthorizedTTL", &INTERVAL), field("cacheUnauthorizedTTL", &INTERVAL)])),
]);

pub(super) const LOGGING: Shape = Json(
    &[
        r#"{"format":"json"}"#,
        r#"{"verbosity":3}"#,
        r#"{"flushFrequency":"5s","verbosity":2}"#,
        r#"{"flushFrequency":5000000000}"#,
    ],
    &[r#"{"verbosity":"3"}"#, r#"{"vmodule":[{"filePattern":"x","verbosity":4}]}"#, r#"{"made":"up"}"#],
);
