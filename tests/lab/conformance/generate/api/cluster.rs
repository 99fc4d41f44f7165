//! ClusterConfiguration.

use super::super::setting::{V1BETA3, V1BETA4};
use super::super::shape::Shape::{self, Gates, Json, Object, OneOf, PerFamily, Text};
use super::super::shape::field;
use super::args::{APISERVER_ARGS, ENVS, ETCD_ARGS, MANAGER_ARGS, SCHEDULER_ARGS, VOLUMES};
use super::values::{BOOL, DIRECTORY, DURATION, NAMES, PKI, REPOSITORY, TAG, VALIDITY};

pub(super) const CLUSTER: Shape = Object(&[
    field("kubernetesVersion", &VERSION).always(),
    field("networking", &NETWORKING).always(),
    field(
        "etcd",
        &OneOf(&[
            Object(&[field("local", &LOCAL_ETCD).always()]),
            Object(&[field("external", &EXTERNAL_ETCD).always()]),
        ]),
    ),
    field("controlPlaneEndpoint", &CONTROL_PLANE_ENDPOINT),
    field("apiServer", &APISERVER),
    field("controllerManager", &MANAGER),
    field("scheduler", &SCHEDULER),
    field("dns", &DNS),
    field("proxy", &Object(&[field("disabled", &BOOL)])).only(V1BETA4),
    field("certificatesDir", &PKI),
    field("imageRepository", &REPOSITORY),
    field("featureGates", &Gates).rarely(),
    field("clusterName", &Text(&["kubernetes", "my-cluster", "a b"], &["", "x: y"])),
    field("encryptionAlgorithm", &ALGORITHM).only(V1BETA4).always(),
    field("certificateValidityPeriod", &VALIDITY).only(V1BETA4),
    field("caCertificateValidityPeriod", &VALIDITY).only(V1BETA4),
]);

const VERSION: Shape = Text(
    &["v1.{m}.{p}", "1.{m}.{p}", "v1.{m}.{p}-rc.1", "v1.{m}.{p}+build.5", "ci/v1.{m}.{p}-alpha.1.10+abcdef012345"],
    &[
        "1.{m}",
        "v1.{m-4}.0",
        "v1.{m-1}.3",
        "v1.{m+1}.0",
        "banana",
        "v1.{m}.0.0",
        "2.0.0",
        "v1.{m}.x",
        "",
        "stable",
        "ci/latest",
    ],
);

/// RSA takes long to make; v1beta4 lists what there is.
const ALGORITHM: Shape = Text(
    &["ECDSA-P256", "ECDSA-P256", "ECDSA-P256", "ECDSA-P256", "ECDSA-P256", "ECDSA-P256", "RSA-2048"],
    &["ECDSA-P384", "RSA-3072", "ecdsa-p256", "RSA-1024", "ED25519", ""],
);

const NETWORKING: Shape = PerFamily([
    &Object(&[
        field("serviceSubnet", &Text(&["10.96.0.0/12", "172.30.0.0/16", "10.0.0.16/28", "10.96.7.9/16"], ODD_SUBNETS)),
        field("podSubnet", &Text(&["10.244.0.0/16", "192.168.0.0/16", "10.32.0.0/12", "10.244.0.0/24"], ODD_SUBNETS)),
        field("dnsDomain", &DOMAIN),
    ]),
    &Object(&[
        field("serviceSubnet", &Text(&["fd00:96::/112", "2001:db8:1::/108"], ODD_SUBNETS)).always(),
        field("podSubnet", &Text(&["fd00:244::/56", "2001:db8:2::/48"], ODD_SUBNETS)),
        field("dnsDomain", &DOMAIN),
    ]),
    &Object(&[
        field("serviceSubnet", &Text(&["10.96.0.0/12,fd00:96::/112", "fd00:96::/112,10.96.0.0/16"], ODD_SUBNETS))
            .always(),
        field("podSubnet", &Text(&["10.244.0.0/16,fd00:244::/56", "fd00:244::/56,10.244.0.0/16"], ODD_SUBNETS)),
        field("dnsDomain", &DOMAIN),
    ]),
]);

const ODD_SUBNETS: &[&str] = &[
    "10.244.0.0",
    "10.244.0.0/33",
    "10.96.0.0/8",
    "10.0.0.0/30",
    "banana",
    "10.96.0.0/12, fd00::/112",
    "10.0.0.0/16,10.1.0.0/16",
    "fd00::/64",
    "10.0.0.0/16,fd00::/112,fd01::/112",
    "fec0::/112",
    "010.1.0.0/16",
    "10.96.0.0/16",
    "fd00:244::/16",
    "0.0.0.0/0",
    ",",
    "10.244.0.0/27",
];

const DOMAIN: Shape =
    Text(&["cluster.local", "example.org", "k"], &["Cluster.Local", "under_score", "-x", "a..b", "cluster.local.", ""]);

const CONTROL_PLANE_ENDPOINT: Shape = Text(
    &[
        "cp.example.org:6443",
        "cp.example.org",
        "192.0.2.50:8443",
        "[2001:db8::50]:6443",
        "2001:db8::50",
        "cp.example.org:443",
    ],
    &[
        "CP.example.org:443",
        "cp.example.org:0",
        "cp.example.org:65536",
        "cp.example.org:x",
        "https://cp.example.org",
        "a_b:6443",
        ":6443",
        "a:b:c",
        "cp:",
        "-x",
    ],
);

const LOCAL_ETCD: Shape = Object(&[
    field("imageRepository", &REPOSITORY),
    field("imageTag", &TAG),
    field("dataDir", &DIRECTORY).always(),
    field("extraArgs", &ETCD_ARGS),
    field("extraEnvs", &ENVS).only(V1BETA4),
    field("serverCertSANs", &NAMES),
    field("peerCertSANs", &NAMES),
]);

const EXTERNAL_ETCD: Shape = OneOf(&[
    Object(&[field("endpoints", &PLAIN_ENDPOINTS).always(), field("httpEndpoints", &PLAIN_ENDPOINTS).since(35)]),
    Object(&[
        field("endpoints", &ENDPOINTS).always(),
        field("httpEndpoints", &PLAIN_ENDPOINTS).since(35),
        field("caFile", &ETCD_FILE).always(),
    ]),
    Object(&[
        field("endpoints", &ENDPOINTS).always(),
        field("caFile", &ETCD_FILE).always(),
        field("certFile", &ETCD_FILE).always(),
        field("keyFile", &ETCD_FILE).always(),
    ]),
]);

const ENDPOINTS: Shape = Json(
    &[r#"["https://192.0.2.21:2379"]"#, r#"["https://etcd-0.example.org:2379","https://[2001:db8::21]:2379"]"#],
    &[
        "[]",
        r#"["http://192.0.2.21:2379"]"#,
        r#"["192.0.2.21:2379"]"#,
        r#"["https://192.0.2.21:2379",""]"#,
        r#"["https://[::1"]"#,
    ],
);

const PLAIN_ENDPOINTS: Shape = Json(
    &[r#"["http://192.0.2.21:2381"]"#, r#"["https://192.0.2.21:2379"]"#],
    &[r#"["192.0.2.21"]"#, r#"["://x"]"#, "[null]"],
);

const ETCD_FILE: Shape = Text(
    &["/etc/etcd/ca.crt", "/etc/kubernetes/pki/etcd-client.crt", "/etc/ssl/certs/etcd.crt", "/srv/etcd/x.key"],
    &["etcd/ca.crt", "", "/"],
);

const APISERVER: Shape = Object(&[
    field("extraArgs", &APISERVER_ARGS),
    field("extraVolumes", &VOLUMES),
    field("extraEnvs", &ENVS).only(V1BETA4),
    field("certSANs", &NAMES),
    field("timeoutForControlPlane", &DURATION).only(V1BETA3),
]);

const MANAGER: Shape = Object(&[
    field("extraArgs", &MANAGER_ARGS),
    field("extraVolumes", &VOLUMES),
    field("extraEnvs", &ENVS).only(V1BETA4),
]);

const SCHEDULER: Shape = Object(&[
    field("extraArgs", &SCHEDULER_ARGS),
    field("extraVolumes", &VOLUMES),
    field("extraEnvs", &ENVS).only(V1BETA4),
]);

const DNS: Shape =
    Object(&[field("imageRepository", &REPOSITORY), field("imageTag", &TAG), field("disabled", &BOOL).only(V1BETA4)]);
