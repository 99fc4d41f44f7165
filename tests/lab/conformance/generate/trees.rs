//! Lines for every command of kubeadm v1.37 that end before anything is done: help, and what is wrong with a line.

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;

use super::line;

/// What has sub-commands, and which.
const TREE: &[(&str, &str)] = &[
    ("", "certs completion config init join kubeconfig reset token upgrade version"),
    ("certs", "certificate-key check-expiration generate-csr renew"),
    (
        "certs renew",
        "admin.conf all apiserver apiserver-etcd-client apiserver-kubelet-client controller-manager.conf etcd-healthcheck-client etcd-peer \
         etcd-server front-proxy-client scheduler.conf super-admin.conf",
    ),
    ("config", "images migrate print validate"),
    ("config images", "list pull"),
    ("config print", "init-defaults join-defaults reset-defaults upgrade-defaults"),
    ("init", "phase"),
    (
        "init phase",
        "addon bootstrap-token certs control-plane etcd kubeconfig kubelet-finalize kubelet-start mark-control-plane preflight \
         show-join-command upload-certs upload-config wait-control-plane",
    ),
    ("init phase addon", "all coredns kube-proxy"),
    (
        "init phase certs",
        "all apiserver apiserver-etcd-client apiserver-kubelet-client ca etcd-ca etcd-healthcheck-client etcd-peer etcd-server \
         front-proxy-ca front-proxy-client sa",
    ),
    ("init phase control-plane", "all apiserver controller-manager scheduler"),
    ("init phase etcd", "local"),
    ("init phase kubeconfig", "admin all controller-manager kubelet scheduler super-admin"),
    ("init phase kubelet-finalize", "all enable-client-cert-rotation"),
    ("init phase upload-config", "all kubeadm kubelet"),
    ("join", "phase"),
    (
        "join phase",
        "control-plane-join control-plane-prepare etcd-join kubelet-start kubelet-wait-bootstrap preflight wait-control-plane",
    ),
    ("join phase control-plane-join", "all mark-control-plane"),
    ("join phase control-plane-prepare", "all certs control-plane download-certs kubeconfig"),
    ("kubeconfig", "user"),
    ("reset", "phase"),
    ("reset phase", "cleanup-node preflight remove-etcd-member"),
    ("token", "create delete generate list"),
    ("upgrade", "apply diff node plan"),
    ("upgrade apply", "phase"),
    ("upgrade apply phase", "addon bootstrap-token control-plane kubelet-config post-upgrade preflight upload-config"),
    ("upgrade apply phase addon", "all coredns kube-proxy"),
    ("upgrade apply phase upload-config", "all kubeadm kubelet"),
    ("upgrade node", "phase"),
    ("upgrade node phase", "addon control-plane kubelet-config post-upgrade preflight"),
    ("upgrade node phase addon", "all coredns kube-proxy"),
];

/// What ends any command before it does anything.
const ENDINGS: &[&str] = &[
    "--help",
    "-h",
    "--no-such-flag",
    "-Z",
    "--v=x",
    "--v",
    "--config=x --config",
    "a b c d e --help",
    "--rootfs",
    "--no-such-flag --help",
    "--help=false --no-such-flag",
    "--dry_run",
    "--=x",
];

/// Lines that are right or wrong as a whole.
const WHOLE: &[&str] = &[
    "version",
    "version -o short",
    "version -o json",
    "version -o yaml",
    "version -o xml",
    "version --output=short",
    "version -oshort",
    "version extra",
    "certs certificate-key",
    "certificates certificate-key",
    "certs certificate-key extra",
    "completion",
    "completion bash",
    "completion zsh",
    "completion fish",
    "completion bash zsh",
    "help",
    "help init",
    "help nonsense",
    "help init phase certs",
    "init help",
    "alpha",
    "nonsense",
    "init nonsense",
    "init phase nonsense",
    "init phase certs nonsense",
    "config view",
    "config upload",
    "alpha certs renew",
    "inti",
    "token",
    "token delete",
    "token create abc",
    "token create abcdef.0123456789abcdef extra",
    "token delete abc",
    "join a b",
    "join --token",
    "join",
    "init --token=abc",
    "init --token-ttl=abc",
    "init --apiserver-bind-port=x",
    "init --apiserver-bind-port=0",
    "init --feature-gates=A",
    "init --feature-gates=MadeUp=true",
    "init --skip-phases=nonsense",
    "init --kubernetes-version=1.37",
    "init --config /case/none",
    "init --config /case/none --token=abcdef.0123456789abcdef --pod-network-cidr 10.0.0.0/8",
    "init phase show-join-command",
    "init phase upload-certs --config /case/none --certificate-key x",
    "init -c x",
    "upgrade apply",
    "upgrade apply banana",
    "upgrade apply v1.37.1 extra",
    "upgrade diff a b",
    "upgrade plan a b",
    "upgrade node v1.37.1",
    "config migrate",
    "config migrate --old-config",
    "config validate",
    "config images list --kubernetes-version=1.37",
    "config images list extra",
    "config print init-defaults extra",
    "config print init-defaults --component-configs=Nonsense",
    "config print join-defaults --component-configs=KubeletConfiguration",
    "config print reset-defaults --component-configs=KubeletConfiguration",
    "config print nonsense",
    "token generate extra",
    "kubeconfig user",
    "kubeconfig user --client-name",
    "reset extra",
    "--version",
    "-v",
    "-v 5",
    "--kubeconfig x config print init-defaults",
    "config --kubeconfig x print init-defaults",
    "",
];

/// Command lines of every command.
pub(super) fn strategy() -> BoxedStrategy<Vec<String>> {
    let words = |line: String| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let ended =
        (select(all()), select(ENDINGS)).prop_map(move |(command, ending)| words(format!("{command} {ending}")));
    let parents = select(TREE).prop_map(move |(parent, _)| words((*parent).to_owned()));
    // A slip in a command that only prints.
    let printing = select(vec![
        "config print join-defaults",
        "token generate",
        "version -o short",
        "certs certificate-key",
        "config print",
    ]);
    let slipped = (printing, line::slip()).prop_map(move |(command, slip)| {
        let mut line = words(command.to_owned());
        slip.apply(&mut line);
        line
    });
    let whole = select(WHOLE).prop_map(move |line| words(line.to_owned()));
    Union::new_weighted(vec![(3, whole.boxed()), (4, ended.boxed()), (2, parents.boxed()), (2, slipped.boxed())])
        .boxed()
}

/// Every command, those with sub-commands too.
fn all() -> Vec<String> {
    let children = |(parent, children): &(&str, &str)| -> Vec<String> {
        children.split_whitespace().map(|child| format!("{parent} {child}").trim().to_owned()).collect()
    };
    TREE.iter().flat_map(children).collect()
}
