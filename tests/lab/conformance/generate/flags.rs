//! The flags of the commands: what each takes, by values as in the tables of [`super::api`]. It knows no command.

use proptest::prelude::*;
use proptest::sample::select;

use super::setting::with_minor;

/// A flag that means the same wherever it stands.
pub(super) struct Flag {
    pub(super) name: &'static str,
    short: Option<&'static str>,
    usual: &'static [&'static str],
    odd: &'static [&'static str],
    /// It may stand alone.
    boolean: bool,
}

const fn of(name: &'static str, usual: &'static [&'static str], odd: &'static [&'static str]) -> Flag {
    Flag { name, short: None, usual, odd, boolean: false }
}

const fn switch(name: &'static str) -> Flag {
    Flag { name, short: None, usual: &["true", "false"], odd: &["yes", "2", ""], boolean: true }
}

impl Flag {
    const fn short(self, short: &'static str) -> Self {
        Self { short: Some(short), ..self }
    }
}

const FORMATS: &[&str] = &[
    "text",
    "json",
    "yaml",
    "jsonpath={.images[0]}",
    "go-template={{range .images}}{{.}}{{\"\\n\"}}{{end}}",
    "jsonpath-as-json={.images}",
];

const FLAGS: &[Flag] = &[
    of(
        "apiserver-advertise-address",
        &["192.0.2.10", "10.0.0.5"],
        &["192.0.2.300", "localhost", "2001:db8::10", "0.0.0.0", "127.0.0.1", "224.0.0.1", ""],
    ),
    of("apiserver-bind-port", &["6443", "443"], &["0", "65536", "-1", "x", "6443.0", "99999999999", "0x192b", ""]),
    of(
        "apiserver-cert-extra-sans",
        &["api.example.org", "192.0.2.99,*.example.org", "API.example.org", "2001:db8::99"],
        &["bad_name", "a,,b", "a, b", "\"a,b\"", "", "*"],
    ),
    of("cert-dir", &["/etc/kubernetes/pki", "/srv/pki"], &["pki", "", "/srv/../etc/pki"]),
    of("certificate-key", &["e6a2eb8581237ab72a4f494f30285ec12a9694d750b9785706a83bfcbbbd2204"], &["abcd", "xyz", ""]),
    of(
        "component-configs",
        &["KubeletConfiguration", "KubeProxyConfiguration,KubeletConfiguration"],
        &["Nonsense", "kubeletconfiguration", "", "KubeletConfiguration,KubeletConfiguration"],
    ),
    of(
        "control-plane-endpoint",
        &["cp.example.org:6443", "cp.example.org", "192.0.2.50"],
        &["cp.example.org:0", "a_b", "https://x", ":6443", "[::1", ""],
    ),
    of(
        "cri-socket",
        &["unix:///var/run/crio/crio.sock"],
        &["/var/run/crio/crio.sock", "tcp://127.0.0.1:1", "", "http://%zz"],
    ),
    of("discovery-token", &["abcdef.abcdef0123456789"], &["abcdef", ""]),
    of(
        "discovery-token-ca-cert-hash",
        &["sha256:3b793efefe27a19f93b0fbe6e637e9c41d0dde8a377d6ab1c0f656bf1136dd8a"],
        &["sha256:abcd", "x", ""],
    ),
    of(
        "feature-gates",
        &["RootlessControlPlane=false", "", "RootlessControlPlane=f"],
        &[
            "RootlessControlPlane",
            "MadeUp=true",
            "RootlessControlPlane=maybe",
            ",",
            "=",
            "RootlessControlPlane=true=true",
        ],
    ),
    of("ignore-preflight-errors", &["all", "Swap,NumCPU", "swap"], &["all,Swap", "", "Nonsense", "Swap,,All"]),
    of(
        "image-repository",
        &["registry.example.org/k8s", "localhost:5000", "registry.k8s.io", "k8s.gcr.io"],
        &["Registry/X", "a//b", "https://x", "x/", ""],
    ),
    of("kubeconfig", &["/etc/kubernetes/admin.conf", "/srv/admin.conf"], &["none", ""]),
    of("kubeconfig-dir", &["/etc/kubernetes", "/srv/conf"], &["conf", ""]),
    of(
        "kubernetes-version",
        &["v1.{m}.{p}", "1.{m}.{p}", "v1.{m}.{p}-rc.0", "v1.{m}.{p}+build.1"],
        &[
            "1.{m}",
            "v1.{m-4}.0",
            "v1.{m-1}.3",
            "v1.{m+1}.0",
            "banana",
            "",
            "stable",
            "ci/latest",
            "v1.{m}.0.0",
            "ci/v1.{m}.{p}-alpha.1+abc",
        ],
    ),
    of("new-config", &["/case/new.yaml"], &["/case/none/new.yaml", ""]),
    of("node-name", &["node-1", "cp-0.example.org"], &["Node-1", "bad_name", "-x", "a..b", "", " node2 "]),
    of("old-config", &["/case/config.yaml"], &["/case/none", ""]),
    of(
        "output",
        FORMATS,
        &[
            "xml",
            "jsonpath",
            "jsonpath={",
            "go-template={{",
            "",
            "JSON",
            "jsonpath={.nothing}",
            "go-template={{.nothing}}",
        ],
    )
    .short("o"),
    of("patches", &["/case/patches"], &["/case/none", "case/patches", "/case/config.yaml", ""]),
    of(
        "pod-network-cidr",
        &["10.244.0.0/16", "192.168.0.0/16", "10.244.0.0/16,fd00:244::/56"],
        &["10.244.0.0", "10.0.0.0/30", "banana", "10.244.0.0/27", "fd00:244::/56,fd01::/56", ""],
    ),
    of(
        "service-cidr",
        &["10.96.0.0/12", "172.30.0.0/16", "10.96.0.0/12,fd00:96::/112"],
        &["10.96.0.0", "10.96.0.0/8", "banana", "10.0.0.0/30", "fd00:96::/112", ""],
    ),
    of("service-dns-domain", &["cluster.local", "example.org"], &["Cluster.Local", "under_score", "", "a..b"]),
    of(
        "skip-phases",
        &["preflight"],
        &[
            "addon/kube-proxy",
            "certs/etcd-ca,addon",
            "kubelet-start",
            "nonsense",
            "",
            "addon/",
            "Preflight",
            "preflight,preflight",
        ],
    ),
    of("tls-bootstrap-token", &["abcdef.0123456789abcdef"], &["abcdef", ""]),
    of("token", &["abcdef.abcdef0123456789"], &["abcdef", "ABCDEF.0123456789abcdef", ""]),
    of("token-ttl", &["24h0m0s", "0", "1h30m", "0s"], &["1d", "-1h", "5", "x", ""]),
    of("v", &["0", "1", "5"], &["x", "-1", "1.5"]).short("v"),
    switch("allow-deprecated-api"),
    switch("allow-experimental-api"),
    switch("allow-missing-template-keys"),
    switch("cleanup-tmp-dir"),
    switch("control-plane"),
    switch("discovery-token-unsafe-skip-ca-verification"),
    switch("dry-run"),
    switch("print-manifest"),
    switch("show-managed-fields"),
    switch("skip-certificate-key-print"),
    switch("skip-token-print"),
    switch("upload-certs"),
];

/// The flag of this name, `config` excepted: it is the case's.
pub(super) fn flag(name: &str) -> &'static Flag {
    let found = FLAGS.iter().find(|flag| flag.name == name);
    found.unwrap_or_else(|| panic!("the generator's own tables have no flag {name}"))
}

impl Flag {
    /// The words that set the flag to a usual value.
    pub(super) fn usual(&'static self, minor: u64) -> BoxedStrategy<Vec<String>> {
        self.words(self.usual, minor)
    }

    /// Or to an odd one.
    pub(super) fn odd(&'static self, minor: u64) -> BoxedStrategy<Vec<String>> {
        self.words(self.odd, minor)
    }

    /// `--flag=value`, `--flag value`, `-f value`, and `--flag` alone.
    fn words(&'static self, values: &'static [&'static str], minor: u64) -> BoxedStrategy<Vec<String>> {
        let forms = prop_oneof![4 => Just(0), 3 => Just(1), 2 => Just(2)];
        (select(values), forms)
            .prop_map(move |(value, form)| {
                let value = with_minor(value, minor);
                match (form, self.short) {
                    (0, _) if self.boolean && value == "true" => vec![format!("--{}", self.name)],
                    (1, _) if !self.boolean => vec![format!("--{}", self.name), value],
                    (2, Some(short)) => vec![format!("-{short}"), value],
                    _ => vec![format!("--{}={value}", self.name)],
                }
            })
            .boxed()
    }
}
