//! The fields of the component configurations, as data: name, form, and what an empty value means.
//!
//! Kubernetes v1.37's `kubelet.config.k8s.io/v1beta1` and `kubeproxy.config.k8s.io/v1alpha1`. Fields that other
//! versions have are unknown here, which is a warning and no more.

use super::shape::Shape;

/// Fields of one form.
#[derive(Debug)]
pub(super) struct Fields {
    pub(super) shape: Shape,
    pub(super) zero: Zero,
    /// Paths with dots, blanks between them.
    pub(super) names: &'static str,
}

/// What an empty value means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Zero {
    /// Itself.
    Kept,
    /// Not set: Go leaves it out when it writes.
    Plain,
}

/// What each part of a component's code logs.
const MODULES: Shape = Shape::Items(&[("filePattern", Shape::Text), ("verbosity", Shape::Unsigned32)]);

/// KubeletConfiguration.
pub(super) const KUBELET: &[Fields] = &[
    Fields { shape: MODULES, zero: Zero::Plain, names: "logging.vmodule" },
    Fields {
        shape: Shape::Items(&[("effect", Shape::Text), ("key", Shape::Text), ("value", Shape::Text)]),
        zero: Zero::Plain,
        names: "registerWithTaints",
    },
    Fields { shape: Shape::Items(&[("numaNode", Shape::Int32)]), zero: Zero::Plain, names: "reservedMemory" },
    Fields {
        shape: Shape::Items(&[("priority", Shape::Int32), ("shutdownGracePeriodSeconds", Shape::Int)]),
        zero: Zero::Plain,
        names: "shutdownGracePeriodByPodPriority",
    },
    Fields { shape: Shape::TextsMap, zero: Zero::Plain, names: "staticPodURLHeader" },
    Fields {
        shape: Shape::Flag,
        zero: Zero::Kept,
        names: "authentication.anonymous.enabled authentication.webhook.enabled cgroupsPerQOS cpuCFSQuota \
        enableControllerAttachDetach enableDebugFlagsHandler enableDebuggingHandlers enableProfilingHandler \
        enableServer enableSystemLogHandler enableSystemLogQuery failCgroupV1 failSwapOn \
        localStorageCapacityIsolation makeIPTablesUtilChains mergeDefaultEvictionSettings registerNode \
        seccompDefault serializeImagePulls singleProcessOOMKill",
    },
    Fields {
        shape: Shape::Flag,
        zero: Zero::Plain,
        names: "enableContentionProfiling kernelMemcgNotification logging.options.json.splitStream \
        logging.options.text.splitStream protectKernelDefaults rotateCertificates runOnce serverTLSBootstrap",
    },
    Fields { shape: Shape::FlagMap, zero: Zero::Plain, names: "featureGates" },
    Fields { shape: Shape::Float, zero: Zero::Kept, names: "memoryThrottlingFactor" },
    Fields {
        shape: Shape::Group,
        zero: Zero::Kept,
        names: "authentication authentication.anonymous authentication.webhook authentication.x509 authorization \
        authorization.webhook crashLoopBackOff logging logging.options logging.options.json \
        logging.options.text memorySwap tracing userNamespaces",
    },
    Fields {
        shape: Shape::Int32,
        zero: Zero::Kept,
        names: "containerLogMaxFiles containerLogMaxWorkers eventRecordQPS healthzPort imageGCHighThresholdPercent \
        imageGCLowThresholdPercent iptablesDropBit iptablesMasqueradeBit kubeAPIQPS maxParallelImagePulls \
        nodeStatusMaxImages oomScoreAdj registryPullQPS tracing.samplingRatePerMillion",
    },
    Fields {
        shape: Shape::Int32,
        zero: Zero::Plain,
        names: "eventBurst evictionMaxPodGracePeriod kubeAPIBurst maxPods nodeLeaseDurationSeconds podsPerCore port \
        readOnlyPort registryBurst",
    },
    Fields { shape: Shape::Int, zero: Zero::Kept, names: "podPidsLimit userNamespaces.idsPerPod" },
    Fields { shape: Shape::Int, zero: Zero::Plain, names: "maxOpenFiles" },
    Fields { shape: Shape::Unsigned32, zero: Zero::Kept, names: "logging.verbosity" },
    Fields { shape: Shape::Ints, zero: Zero::Plain, names: "tlsCurvePreferences" },
    Fields {
        shape: Shape::Quantity,
        zero: Zero::Kept,
        names: "logging.options.json.infoBufferSize logging.options.text.infoBufferSize",
    },
    Fields { shape: Shape::Text, zero: Zero::Kept, names: "containerRuntimeEndpoint resolvConf tracing.endpoint" },
    Fields {
        shape: Shape::Text,
        zero: Zero::Plain,
        names: "address authentication.x509.clientCAFile authorization.mode cgroupDriver cgroupRoot clusterDomain \
        configMapAndSecretChangeDetectionStrategy containerLogMaxSize contentType cpuManagerPolicy \
        hairpinMode healthzBindAddress imagePullCredentialsVerificationPolicy imageServiceEndpoint \
        kubeReservedCgroup kubeletCgroups logging.format memoryManagerPolicy memoryReservationPolicy \
        memorySwap.swapBehavior podCIDR podLogsDir providerID reservedSystemCPUs showHiddenMetricsForVersion \
        staticPodPath staticPodURL systemCgroups systemReservedCgroup tlsCertFile tlsMinVersion \
        tlsPrivateKeyFile topologyManagerPolicy topologyManagerScope volumePluginDir",
    },
    Fields {
        shape: Shape::TextMap,
        zero: Zero::Plain,
        names: "cpuManagerPolicyOptions defaultPodSysctls evictionHard evictionMinimumReclaim evictionSoft \
        evictionSoftGracePeriod kubeReserved qosReserved systemReserved topologyManagerPolicyOptions",
    },
    Fields { shape: Shape::Texts, zero: Zero::Kept, names: "clusterDNS" },
    Fields {
        shape: Shape::Texts,
        zero: Zero::Plain,
        names: "allowedUnsafeSysctls enforceNodeAllocatable preloadedImagesVerificationAllowlist \
        tlsCipherSuites",
    },
    Fields {
        shape: Shape::Time,
        zero: Zero::Kept,
        names: "authentication.webhook.cacheTTL authorization.webhook.cacheAuthorizedTTL \
        authorization.webhook.cacheUnauthorizedTTL cpuManagerReconcilePeriod \
        evictionPressureTransitionPeriod fileCheckFrequency httpCheckFrequency imageMaximumGCAge \
        imageMinimumGCAge nodeStatusReportFrequency nodeStatusUpdateFrequency runtimeRequestTimeout \
        shutdownGracePeriod shutdownGracePeriodCriticalPods streamingConnectionIdleTimeout syncFrequency \
        volumeStatsAggPeriod",
    },
    Fields {
        shape: Shape::TimeOrNull,
        zero: Zero::Kept,
        names: "containerLogMonitorInterval cpuCFSQuotaPeriod crashLoopBackOff.maxContainerRestartPeriod",
    },
    Fields { shape: Shape::TimeOrInt, zero: Zero::Kept, names: "logging.flushFrequency" },
];

/// KubeProxyConfiguration.
pub(super) const KUBE_PROXY: &[Fields] = &[
    Fields { shape: MODULES, zero: Zero::Plain, names: "logging.vmodule" },
    Fields {
        shape: Shape::Flag,
        zero: Zero::Kept,
        names: "bindAddressHardFail conntrack.tcpBeLiberal enableProfiling iptables.localhostNodePorts \
        iptables.masqueradeAll ipvs.strictARP nftables.masqueradeAll winkernel.enableDSR \
        winkernel.forwardHealthCheckVip",
    },
    Fields {
        shape: Shape::Flag,
        zero: Zero::Plain,
        names: "logging.options.json.splitStream logging.options.text.splitStream windowsRunAsService",
    },
    Fields { shape: Shape::FlagMap, zero: Zero::Plain, names: "featureGates" },
    Fields { shape: Shape::Float, zero: Zero::Kept, names: "clientConnection.qps" },
    Fields {
        shape: Shape::Group,
        zero: Zero::Kept,
        names: "clientConnection conntrack detectLocal iptables ipvs logging logging.options logging.options.json \
        logging.options.text nftables winkernel",
    },
    Fields {
        shape: Shape::Int32,
        zero: Zero::Kept,
        names: "clientConnection.burst conntrack.maxPerCore conntrack.min iptables.masqueradeBit \
        nftables.masqueradeBit oomScoreAdj",
    },
    Fields { shape: Shape::Unsigned32, zero: Zero::Kept, names: "logging.verbosity" },
    Fields {
        shape: Shape::Quantity,
        zero: Zero::Kept,
        names: "logging.options.json.infoBufferSize logging.options.text.infoBufferSize",
    },
    Fields {
        shape: Shape::Text,
        zero: Zero::Kept,
        names: "bindAddress clientConnection.acceptContentTypes clientConnection.contentType \
        clientConnection.kubeconfig clusterCIDR detectLocal.bridgeInterface detectLocal.interfaceNamePrefix \
        detectLocalMode healthzBindAddress hostnameOverride ipvs.scheduler metricsBindAddress mode portRange \
        showHiddenMetricsForVersion winkernel.networkName winkernel.rootHnsEndpointName winkernel.sourceVip",
    },
    Fields { shape: Shape::Text, zero: Zero::Plain, names: "logging.format" },
    Fields { shape: Shape::Texts, zero: Zero::Kept, names: "ipvs.excludeCIDRs nodePortAddresses" },
    Fields {
        shape: Shape::Time,
        zero: Zero::Kept,
        names: "configSyncPeriod conntrack.udpStreamTimeout conntrack.udpTimeout iptables.minSyncPeriod \
        iptables.syncPeriod \
        ipvs.minSyncPeriod ipvs.syncPeriod ipvs.tcpFinTimeout ipvs.tcpTimeout ipvs.udpTimeout \
        nftables.minSyncPeriod nftables.syncPeriod",
    },
    Fields {
        shape: Shape::TimeOrNull,
        zero: Zero::Kept,
        names: "conntrack.tcpCloseWaitTimeout conntrack.tcpEstablishedTimeout",
    },
    Fields { shape: Shape::TimeOrInt, zero: Zero::Kept, names: "logging.flushFrequency" },
];
