//! The fields and values with which a machine of the lab still becomes a control plane: nothing is named that is not on it (images, directories, programs),
//! and nothing switches off what has to run.

use super::super::shape::Shape::{self, Json, List, Object, Text};
use super::super::shape::field;
use super::values::BOOL;
use super::{Api, own};

pub(in super::super) static CLUSTER: Api = own("ClusterConfiguration", &CLUSTER_FIELDS);
pub(in super::super) static INIT: Api = own("InitConfiguration", &INIT_FIELDS);
pub(in super::super) static KUBELET: Api =
    Api { kind: "KubeletConfiguration", shape: &KUBELET_FIELDS, api_version: super::KUBELET.api_version };
pub(in super::super) static PROXY: Api =
    Api { kind: "KubeProxyConfiguration", shape: &PROXY_FIELDS, api_version: super::PROXY.api_version };

const CLUSTER_FIELDS: Shape = Object(&[
    field("networking", &NETWORKING).always(),
    field("controlPlaneEndpoint", &good(&["cp1:6443", "cp1"])),
    field("certificatesDir", &good(&["/etc/kubernetes/pki", "/srv/pki"])),
    field("clusterName", &good(&["lab", "a-b.c"])),
    field("encryptionAlgorithm", &good(&["RSA-2048", "RSA-3072", "ECDSA-P256", "ECDSA-P384"])),
    field("certificateValidityPeriod", &good(&["4380h", "720h30m"])),
    field("caCertificateValidityPeriod", &good(&["43800h", "90000h"])),
    field("apiServer", &API_SERVER),
    field("controllerManager", &CONTROLLER_MANAGER),
    field("scheduler", &SCHEDULER),
    field("etcd", &Object(&[field("local", &ETCD).always()])),
]);

const NETWORKING: Shape = Object(&[
    field("serviceSubnet", &good(&["10.96.0.0/12", "172.30.0.0/16", "10.96.16.0/20"])),
    field("podSubnet", &good(&["10.244.0.0/16", "10.32.0.0/12"])).always(),
    field("dnsDomain", &good(&["cluster.local", "example.org", "k"])),
]);

const API_SERVER: Shape = Object(&[
    field("certSANs", &NAMES),
    field("extraArgs", &List(&API_SERVER_ARG)),
    field("extraVolumes", &VOLUMES),
    field("extraEnvs", &ENVS),
]);

const CONTROLLER_MANAGER: Shape = Object(&[
    field("extraArgs", &List(&CONTROLLER_MANAGER_ARG)),
    field("extraVolumes", &VOLUMES),
    field("extraEnvs", &ENVS),
]);

const SCHEDULER: Shape =
    Object(&[field("extraArgs", &List(&SCHEDULER_ARG)), field("extraVolumes", &VOLUMES), field("extraEnvs", &ENVS)]);

const ETCD: Shape = Object(&[
    field("dataDir", &good(&["/var/lib/etcd", "/srv/etcd"])),
    field("extraArgs", &List(&ETCD_ARG)),
    field("extraEnvs", &ENVS),
    field("serverCertSANs", &NAMES),
    field("peerCertSANs", &NAMES),
]);

// Flags that go with every other.
const API_SERVER_ARG: Shape = Json(
    &[
        r#"{"name":"v","value":"2"}"#,
        r#"{"name":"event-ttl","value":"2h"}"#,
        r#"{"name":"audit-log-maxage","value":"7"}"#,
        r#"{"name":"authorization-mode","value":"Node,RBAC"}"#,
        r#"{"name":"enable-admission-plugins","value":"NodeRestriction,PodNodeSelector"}"#,
        r#"{"name":"service-node-port-range","value":"30000-31000"}"#,
        r#"{"name":"profiling","value":"false"}"#,
    ],
    &[],
);
const CONTROLLER_MANAGER_ARG: Shape = Json(
    &[
        r#"{"name":"v","value":"2"}"#,
        r#"{"name":"node-monitor-period","value":"4s"}"#,
        r#"{"name":"node-cidr-mask-size","value":"26"}"#,
        r#"{"name":"profiling","value":"false"}"#,
    ],
    &[],
);
const SCHEDULER_ARG: Shape = Json(&[r#"{"name":"v","value":"2"}"#, r#"{"name":"profiling","value":"false"}"#], &[]);
const ETCD_ARG: Shape = Json(
    &[r#"{"name":"quota-backend-bytes","value":"4294967296"}"#, r#"{"name":"snapshot-count","value":"5000"}"#],
    &[],
);
const KUBELET_ARG: Shape = Json(
    &[
        r#"{"name":"v","value":"3"}"#,
        r#"{"name":"node-labels","value":"example.org/rack=a,example.org/row=7"}"#,
        r#"{"name":"max-pods","value":"60"}"#,
    ],
    &[],
);

const NAMES: Shape = List(&good(&["api.example.org", "192.0.2.99", "*.example.org", "2001:db8::99"]));

const VOLUMES: Shape = List(&Json(
    &[
        r#"{"name":"hosts","hostPath":"/etc/hosts","mountPath":"/etc/extra-hosts","readOnly":true,"pathType":"File"}"#,
        r#"{"name":"made","hostPath":"/srv/made","mountPath":"/srv/made","pathType":"DirectoryOrCreate"}"#,
    ],
    &[],
));

const ENVS: Shape = List(&Json(
    &[r#"{"name":"LAB","value":"yes"}"#, r#"{"name":"POD_IP","valueFrom":{"fieldRef":{"fieldPath":"status.podIP"}}}"#],
    &[],
));

const INIT_FIELDS: Shape = Object(&[
    field("localAPIEndpoint", &Object(&[field("bindPort", &Json(&["6443"], &[])).always()])),
    field("bootstrapTokens", &TOKENS),
    field("nodeRegistration", &REGISTRATION),
    field("patches", &Object(&[field("directory", &good(&[super::super::BOOTABLE_PATCHES])).always()])),
    field("timeouts", &Object(&[field("controlPlaneComponentHealthCheck", &good(&["3m0s"])).always()])),
]);

const TOKENS: Shape = Json(
    &[
        r#"[{"token":"abcdef.0123456789abcdef","description":"of the lab","ttl":"2h0m0s"}]"#,
        r#"[{"token":"abcdef.0123456789abcdef"},{"token":"zzzzzz.aaaaaaaaaaaaaaaa","ttl":"0s","usages":["authentication"],"groups":["system:bootstrappers:a"]}]"#,
    ],
    &[],
);

const REGISTRATION: Shape = Object(&[
    field(
        "taints",
        &Json(
            &[
                "[]",
                r#"[{"key":"node-role.kubernetes.io/control-plane","effect":"NoSchedule"},{"key":"example.org/a","value":"b","effect":"PreferNoSchedule"}]"#,
            ],
            &[],
        ),
    ),
    field("kubeletExtraArgs", &List(&KUBELET_ARG)),
    field("imagePullPolicy", &good(&["IfNotPresent", "Never"])),
    field("imagePullSerial", &BOOL),
]);

const KUBELET_FIELDS: Shape = Object(&[
    // Where cgroups are v1, kubelet and kubeadm have to be told; elsewhere it means nothing.
    field("failCgroupV1", &Json(&["false"], &[])).always(),
    field("maxPods", &Json(&["40", "250"], &[])),
    field("podPidsLimit", &Json(&["1024"], &[])),
    field("serializeImagePulls", &BOOL),
    field("containerLogMaxSize", &good(&["20Mi"])),
    field("shutdownGracePeriod", &good(&["30s"])),
    field("rotateCertificates", &Json(&["true"], &[])),
    field("evictionPressureTransitionPeriod", &good(&["1m0s"])),
    field("systemReserved", &Json(&[r#"{"memory":"100Mi"}"#], &[])),
]);

const PROXY_FIELDS: Shape = Object(&[
    field("mode", &good(&["iptables", "nftables"])),
    field("metricsBindAddress", &good(&["127.0.0.1:10249", "0.0.0.0:10249"])),
    field("nodePortAddresses", &Json(&[r#"["127.0.0.0/8"]"#, "[]"], &[])),
    field("iptables", &Json(&[r#"{"minSyncPeriod":"1s"}"#, r#"{"masqueradeAll":true}"#], &[])),
]);

const fn good(texts: &'static [&'static str]) -> Shape {
    Text(texts, &[])
}
