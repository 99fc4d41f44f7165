//! Values that several kinds share: the usual ones, the simplest first, and odd ones, most of which are refused.

use super::super::setting::V1BETA4;
use super::super::shape::Shape::{self, Bool, Json, List, Object, PerFamily, Text};
use super::super::shape::field;
use super::args::KUBELET_ARGS;

pub(super) const BOOL: Shape = Bool;

pub(super) const DURATION: Shape = Text(
    &["1m0s", "5m", "90s", "1h30m", "0s", "1.5h", "500ms"],
    &["-1m", "5", "five minutes", "1d", "", "99999999h", "1m 30s"],
);

pub(super) const VALIDITY: Shape =
    Text(&["8760h0m0s", "24h", "876h30m", "87600h"], &["0s", "-1h", "1y", "100000h", "2000000h", ""]);

pub(super) const ADDRESS: Shape = PerFamily([&ADDRESS_V4, &ADDRESS_V6, &ADDRESS_V4]);
const ADDRESS_V4: Shape = Text(
    &["192.0.2.10", "10.0.0.5", "203.0.113.77"],
    &[
        "192.0.2.300",
        "localhost",
        "0.0.0.0",
        "127.0.0.1",
        "224.0.0.1",
        "192.0.2.010",
        "2001:db8::10",
        "",
        "10.0.0.5/24",
    ],
);
const ADDRESS_V6: Shape = Text(
    &["2001:db8::10", "fd00::5"],
    &["2001:db8:::10", "[2001:db8::10]", "fe80::1%eth0", "::", "::1", "192.0.2.10", "::ffff:192.0.2.10"],
);

pub(super) const PORT: Shape =
    Json(&["6443", "443", "8443"], &["0", "65536", "-1", "6443.5", "\"6443\"", "99999999999"]);

pub(super) const NODE_NAME: Shape =
    Text(&["node-1", "cp-0.example.org", "n"], &["Node-1", "bad_name", "-x", "a..b", "", " node-1", "192.0.2.10"]);

pub(super) const SOCKET: Shape = Text(
    &["unix:///var/run/containerd/containerd.sock", "unix:///var/run/crio/crio.sock", "unix:///run/cri.sock"],
    &["/var/run/crio/crio.sock", "tcp://127.0.0.1:1234", "http://x", "unix://%zz", "containerd.sock", ""],
);

pub(super) const TOKEN: Shape = Text(
    &["abcdef.0123456789abcdef", "zzzzzz.aaaaaaaaaaaaaaaa"],
    &["abcdef", "ABCDEF.0123456789abcdef", "abcdef.0123456789abcde", "abcdef:0123456789abcdef", ""],
);

pub(super) const TAINTS: Shape = Json(
    &[
        "[]",
        r#"[{"key":"node-role.kubernetes.io/control-plane","effect":"NoSchedule"}]"#,
        r#"[{"key":"a","value":"b","effect":"NoExecute"},{"key":"example.org/c","effect":"PreferNoSchedule"}]"#,
        "null",
        r#"[{"key":"a","effect":"NoSchedule","timeAdded":"2024-01-01T00:00:00Z"}]"#,
    ],
    &[
        r#"[{"key":"a","effect":"Never"}]"#,
        r#"[{"effect":"NoSchedule"}]"#,
        r#"[{"key":"a b","value":"c d","effect":""}]"#,
        "{}",
    ],
);

/// Checks by name: `all` goes with no other.
pub(super) const CHECKS: Shape = Json(
    &["[\"all\"]", "[\"Swap\",\"NumCPU\"]", "[]", "[\"swap\"]"],
    &["[\"all\",\"Swap\"]", "[\"Nonsense\"]", "\"all\"", "[1]"],
);

pub(super) const PULL_POLICY: Shape =
    Text(&["IfNotPresent", "Always", "Never", ""], &["ifnotpresent", "Sometimes", "true"]);

pub(super) const CERTIFICATE_KEY: Shape = Text(
    &["e6a2eb8581237ab72a4f494f30285ec12a9694d750b9785706a83bfcbbbd2204"],
    &[
        "abcd",
        "xyz",
        "e6a2eb8581237ab72a4f494f30285ec12a9694d750b9785706a83bfcbbbd220",
        "00112233445566778899aabbccddeeff",
    ],
);

pub(super) const REPOSITORY: Shape = Text(
    &["registry.k8s.io", "registry.example.org/k8s", "localhost:5000", "192.0.2.1:5000/a/b", "k8s.gcr.io", "my-repo"],
    &["Registry.example.org/K8s", "a//b", "https://registry.example.org", "registry.example.org/", "a b", "x:y:z", ""],
);

pub(super) const TAG: Shape = Text(&["3.5.9-0", "v1.11.1", "latest", "1.0_build.7"], &["", "a b", "+x", "sha256:abc"]);

pub(super) const DIRECTORY: Shape = Text(
    &["/srv/data", "/var/lib/etcd", "/a b/c", "/srv/x/"],
    &["relative/path", "./x", "", "/srv/../etc", "//srv//x"],
);

pub(super) const PKI: Shape = Text(
    &["/etc/kubernetes/pki", "/srv/pki", "/etc/kubernetes/pki/"],
    &["pki", "./pki", "/srv/../etc/pki", "~/.pki", "/srv/pki//x"],
);

pub(super) const PATCHES: Shape =
    Object(&[field("directory", &Text(&["/case/patches"], &["/case/none", "case/patches", "/case/config.yaml", ""]))
        .always()]);

pub(super) const NAMES: Shape = List(&NAME);
const NAME: Shape = Text(
    &["api.example.org", "192.0.2.99", "*.example.org", "2001:db8::99", "x", "10.0.0.1"],
    &[
        "API.Example.Org",
        "bad_name",
        "*",
        "a.*.example.org",
        "https://x",
        "x y",
        "",
        "192.0.2.0/24",
        "[2001:db8::1]",
        "192.0.2.010",
        "-x",
    ],
);

pub(super) const TEXT: Shape =
    Text(&["a", "some words", "x: y # z", "\u{e4}\u{f6}\u{fc} \u{1f600}", "true", "1e3", "a\nb", "'\"\\"], &[""]);

pub(super) const ENDPOINT: Shape = Object(&[field("advertiseAddress", &ADDRESS).always(), field("bindPort", &PORT)]);

pub(super) const TIMEOUTS: Shape = Object(&[
    field("controlPlaneComponentHealthCheck", &DURATION),
    field("kubeletHealthCheck", &DURATION),
    field("kubernetesAPICall", &DURATION),
    field("etcdAPICall", &DURATION),
    field("tlsBootstrap", &DURATION),
    field("discovery", &DURATION),
    field("upgradeManifests", &DURATION),
]);

pub(super) const SKIPPED: Shape = Json(
    &["[]", "[\"addon/kube-proxy\"]", "[\"certs/etcd-ca\",\"addon\"]", "[\"preflight\"]"],
    &["[\"nonsense\"]", "[\"addon/nonsense\"]", "\"addon\"", "[\"\"]"],
);

pub(super) const REGISTRATION: Shape = Object(&[
    field("name", &NODE_NAME),
    field("criSocket", &SOCKET),
    field("taints", &TAINTS),
    field("kubeletExtraArgs", &KUBELET_ARGS),
    field("ignorePreflightErrors", &CHECKS),
    field("imagePullPolicy", &PULL_POLICY),
    field("imagePullSerial", &BOOL).only(V1BETA4),
]);
