//! InitConfiguration, JoinConfiguration, ResetConfiguration and UpgradeConfiguration.

use super::super::setting::{V1BETA3, V1BETA4};
use super::super::shape::Shape::{self, Json, List, Object, OneOf, Text};
use super::super::shape::{Field, field};
use super::values::{
    BOOL, CERTIFICATE_KEY, CHECKS, DURATION, ENDPOINT, PATCHES, PKI, PULL_POLICY, REGISTRATION, SKIPPED, SOCKET, TEXT,
    TIMEOUTS, TOKEN,
};

pub(super) const INIT: Shape = Object(&[
    field("localAPIEndpoint", &ENDPOINT).always(),
    field("nodeRegistration", &REGISTRATION),
    field("bootstrapTokens", &List(&BOOTSTRAP_TOKEN)),
    field("certificateKey", &CERTIFICATE_KEY),
    field("skipPhases", &SKIPPED).rarely(),
    field("patches", &PATCHES),
    field("dryRun", &BOOL).only(V1BETA4).rarely(),
    field("timeouts", &TIMEOUTS).only(V1BETA4),
]);

const BOOTSTRAP_TOKEN: Shape = Object(&[
    field("token", &TOKEN),
    field("description", &TEXT),
    field("ttl", &Text(&["24h0m0s", "0s", "1h"], &["-1h", "1d", "5", ""])),
    field("expires", &Text(&["2030-01-01T00:00:00Z"], &["2001-01-01T00:00:00Z", "tomorrow", "2030-01-01", ""]))
        .rarely(),
    field(
        "usages",
        &Json(
            &[r#"["signing","authentication"]"#, r#"["authentication"]"#],
            &["[]", r#"["signing"]"#, r#"["other"]"#, r#""signing""#],
        ),
    ),
    field(
        "groups",
        &Json(
            &[
                r#"["system:bootstrappers:kubeadm:default-node-token"]"#,
                r#"["system:bootstrappers:a","system:bootstrappers:b:c"]"#,
            ],
            &[r#"["system:masters"]"#, r#"["system:bootstrappers:"]"#, r#"["system:bootstrappers:A"]"#, "[]"],
        ),
    ),
]);

pub(super) const JOIN: Shape = Object(&join(&DISCOVERY, 0));
/// What `join --dry-run` can do without a cluster: kubeadm makes one up, which knows one token. Before v1.32, a control plane's phases wait for a real one.
pub(super) const DRY_JOIN: Shape = Object(&join(&DRY_DISCOVERY, 32));

const fn join(discovery: &'static Shape, control_plane_since: u64) -> [Field; 8] {
    [
        field("discovery", discovery).always(),
        field("nodeRegistration", &REGISTRATION),
        field("caCertPath", &Text(&["/etc/kubernetes/pki/ca.crt", "/srv/ca.crt"], &["ca.crt", "/srv/ca.pem", ""])),
        field("controlPlane", &JOIN_CONTROL_PLANE).rarely().since(control_plane_since),
        field("skipPhases", &SKIPPED_IN_JOIN).rarely(),
        field("patches", &PATCHES),
        field("dryRun", &BOOL).only(V1BETA4).rarely(),
        field("timeouts", &TIMEOUTS).only(V1BETA4),
    ]
}

const JOIN_CONTROL_PLANE: Shape =
    Object(&[field("localAPIEndpoint", &ENDPOINT), field("certificateKey", &CERTIFICATE_KEY)]);

const SKIPPED_IN_JOIN: Shape =
    Json(&["[]", "[\"preflight\"]", "[\"kubelet-start\"]"], &["[\"certs\"]", "[\"nonsense\"]"]);

const DISCOVERY: Shape = OneOf(&[
    Object(&[
        field("bootstrapToken", &TOKEN_DISCOVERY).always(),
        field("tlsBootstrapToken", &TOKEN),
        field("timeout", &DURATION).only(V1BETA3),
    ]),
    Object(&[
        field(
            "file",
            &Object(&[field(
                "kubeConfigPath",
                &Text(
                    &["/case/discovery.conf"],
                    &["/case/none", "https://192.0.2.1/x", "http://192.0.2.1/x", "", "%zz"],
                ),
            )
            .always()]),
        )
        .always(),
        field("tlsBootstrapToken", &TOKEN),
        field("timeout", &DURATION).only(V1BETA3),
    ]),
]);

const TOKEN_DISCOVERY: Shape = OneOf(&[
    Object(&[
        field("token", &TOKEN).always(),
        field("apiServerEndpoint", &API_SERVER).always(),
        field("unsafeSkipCAVerification", &Json(&["true"], &["false"])).always(),
    ]),
    Object(&[
        field("token", &TOKEN).always(),
        field("apiServerEndpoint", &API_SERVER).always(),
        field(
            "caCertHashes",
            &Json(
                &[r#"["sha256:3dab097e361c6ae5399f457c3cce8b42711807ce925d48bd37a0ad197ed26865"]"#],
                &["[]", r#"["sha256:abcd"]"#, r#"["md5:7c2e69131a36ae2a042a339b33381c6d"]"#, r#"["x"]"#, r#"[""]"#],
            ),
        )
        .always(),
        field("unsafeSkipCAVerification", &BOOL),
    ]),
]);

const DRY_DISCOVERY: Shape = OneOf(&[
    Object(&[field(
        "bootstrapToken",
        &Object(&[
            field("token", &DRY_TOKEN).always(),
            field("apiServerEndpoint", &API_SERVER).always(),
            field("unsafeSkipCAVerification", &Json(&["true"], &["false"])).always(),
        ]),
    )
    .always()]),
    Object(&[
        field(
            "bootstrapToken",
            &Object(&[
                field("token", &DRY_TOKEN).always(),
                field("apiServerEndpoint", &API_SERVER).always(),
                field("caCertHashes", &DRY_PINS).always(),
            ]),
        )
        .always(),
        field("tlsBootstrapToken", &TOKEN),
    ]),
]);

const DRY_TOKEN: Shape =
    Text(&["abcdef.abcdef0123456789"], &["abcdef", "abcdef.0123456789abcdef", "ABCDEF.abcdef0123456789", ""]);

const DRY_PINS: Shape = Json(
    &[r#"["sha256:3b793efefe27a19f93b0fbe6e637e9c41d0dde8a377d6ab1c0f656bf1136dd8a"]"#],
    &[r#"["sha256:abcd"]"#, r#"["sha256:0000000000000000000000000000000000000000000000000000000000000000"]"#],
);

const API_SERVER: Shape = Text(
    &["192.0.2.10:6443", "cp.example.org:6443", "[2001:db8::10]:6443"],
    &["192.0.2.10", "2001:db8::10:6443", "https://192.0.2.10:6443", "", "192.0.2.10:6443:1"],
);

pub(super) const RESET: Shape = Object(&[
    field("cleanupTmpDir", &BOOL),
    field("certificatesDir", &PKI),
    field("criSocket", &SOCKET),
    field("dryRun", &BOOL),
    field("force", &BOOL),
    field("ignorePreflightErrors", &CHECKS),
    field("skipPhases", &Json(&["[]", "[\"preflight\"]"], &["[\"nonsense\"]"])),
    field(
        "unmountFlags",
        &Json(
            &["[]", r#"["MNT_FORCE"]"#, r#"["MNT_DETACH","MNT_EXPIRE","UMOUNT_NOFOLLOW"]"#],
            &[r#"["mnt_force"]"#, r#"["MNT_NOTHING"]"#, r#"[""]"#],
        ),
    ),
    field("timeouts", &TIMEOUTS),
]);

pub(super) const UPGRADE: Shape = Object(&[
    field(
        "apply",
        &Object(&[
            field("kubernetesVersion", &UPGRADE_VERSION),
            field("allowExperimentalUpgrades", &BOOL),
            field("allowRCUpgrades", &BOOL),
            field("certificateRenewal", &BOOL),
            field("dryRun", &BOOL),
            field("etcdUpgrade", &BOOL),
            field("forceUpgrade", &BOOL),
            field("ignorePreflightErrors", &CHECKS),
            field("patches", &PATCHES),
            field("printConfig", &BOOL),
            field("skipPhases", &SKIPPED),
            field("imagePullPolicy", &PULL_POLICY),
            field("imagePullSerial", &BOOL),
        ]),
    ),
    field(
        "diff",
        &Object(&[
            field("kubernetesVersion", &UPGRADE_VERSION),
            field("contextLines", &Json(&["3", "0"], &["-1", "\"3\""])),
        ]),
    ),
    field(
        "node",
        &Object(&[
            field("certificateRenewal", &BOOL),
            field("dryRun", &BOOL),
            field("etcdUpgrade", &BOOL),
            field("ignorePreflightErrors", &CHECKS),
            field("skipPhases", &SKIPPED),
            field("patches", &PATCHES),
            field("imagePullPolicy", &PULL_POLICY),
            field("imagePullSerial", &BOOL),
        ]),
    ),
    field(
        "plan",
        &Object(&[
            field("kubernetesVersion", &UPGRADE_VERSION),
            field("allowExperimentalUpgrades", &BOOL),
            field("allowRCUpgrades", &BOOL),
            field("dryRun", &BOOL),
            field("etcdUpgrade", &BOOL).since(33),
            field("ignorePreflightErrors", &CHECKS),
            field("printConfig", &BOOL),
        ]),
    ),
    field("timeouts", &TIMEOUTS),
]);

const UPGRADE_VERSION: Shape = Text(&["v1.{m}.1", "1.{m}.0"], &["1.{m}", "banana", ""]);
