//! What may be added to a component: flags, mounts, environment.

use super::super::shape::Shape::{self, Bool, Json, List, Map, Object, OneOf, PerApi, Text};
use super::super::shape::field;

const VALUE: Shape = Text(
    &[
        "5",
        "true",
        "a=b,c=d",
        "",
        "/srv/x",
        "false",
        "http://[::1]:80/",
        "x y",
        "a,b",
        "{\"a\": 1}",
        "%d",
        "2025-01-01",
    ],
    &["a\nb", "\u{e4}"],
);

/// Flags of a component: a map up to v1beta3, a list that may repeat them since.
macro_rules! flags {
    ($component:ident, $names:expr) => {
        pub(super) const $component: Shape = PerApi {
            map: &Map($names, &VALUE),
            list: &List(&Object(&[
                field("name", &Text($names, &["", "--v", "with space", "a=b", "UPPER"])).always(),
                field("value", &VALUE).always(),
            ])),
        };
    };
}

flags!(APISERVER_ARGS, APISERVER);
flags!(MANAGER_ARGS, MANAGER);
flags!(SCHEDULER_ARGS, SCHEDULER);
flags!(ETCD_ARGS, ETCD);
flags!(KUBELET_ARGS, KUBELET);

const APISERVER: &[&str] = &[
    "v",
    "audit-log-path",
    "authorization-mode",
    "enable-admission-plugins",
    "secure-port",
    "etcd-servers",
    "bind-address",
    "advertise-address",
    "authorization-config",
    "service-cluster-ip-range",
    "service-account-issuer",
    "tls-cert-file",
];

const MANAGER: &[&str] = &[
    "v",
    "bind-address",
    "node-monitor-period",
    "cluster-cidr",
    "controllers",
    "allocate-node-cidrs",
    "leader-elect",
    "cluster-name",
];

const SCHEDULER: &[&str] = &["v", "bind-address", "config", "leader-elect", "kubeconfig", "profiling"];

const ETCD: &[&str] = &[
    "snapshot-count",
    "heartbeat-interval",
    "listen-metrics-urls",
    "advertise-client-urls",
    "name",
    "feature-gates",
    "data-dir",
];

const KUBELET: &[&str] = &[
    "v",
    "node-labels",
    "node-ip",
    "hostname-override",
    "container-runtime-endpoint",
    "pod-infra-container-image",
    "cloud-provider",
    "register-with-taints",
    "feature-gates",
    "max-pods",
];

pub(super) const VOLUMES: Shape = List(&Object(&[
    field("name", &Text(&["extra", "audit", "ca-certs", "k8s-certs", "kubeconfig"], &["Bad_Name", ""])).always(),
    field("hostPath", &Text(&["/srv/extra", "/etc/audit.yaml", "/etc/ssl/certs"], &["relative", ""])).always(),
    field("mountPath", &Text(&["/srv/extra", "/audit.yaml", "/etc/ssl/certs"], &["relative", ""])).always(),
    field("readOnly", &Bool),
    field(
        "pathType",
        &Text(&["DirectoryOrCreate", "File", "FileOrCreate", "Directory", "", "Socket"], &["Folder", "file"]),
    ),
]));

pub(super) const ENVS: Shape = List(&OneOf(&[
    Object(&[
        field("name", &Text(&["DEBUG", "HTTPS_PROXY", "no_proxy", "a.b-c"], &["", "1=2", "with space"])).always(),
        field("value", &Text(&["1", "http://proxy.example.org:3128", "", "$(DEBUG)x", "a b"], &["a\nb"])),
    ]),
    Json(
        &[
            r#"{"name":"POD_IP","valueFrom":{"fieldRef":{"fieldPath":"status.podIP"}}}"#,
            r#"{"name":"CPU","valueFrom":{"resourceFieldRef":{"resource":"limits.cpu","divisor":"1m"}}}"#,
            r#"{"name":"KEY","valueFrom":{"secretKeyRef":{"name":"s","key":"k","optional":true}}}"#,
        ],
        &[r#"{"name":"X","valueFrom":{"made":"up"}}"#, r#"{"name":"X","value":5}"#],
    ),
]));
