//! Command lines that are wrong, or unusual: the exit status and the words of kubeadm v1.37.2 are stored, and kinit's
//! are the same.
//!
//! `UPDATE=1 KUBEADM=/path/to/kubeadm cargo test --test it usage` writes them anew; with KUBEADM alone they are compared.

use crate::support::{PATH, Place, Root, as_stored, kinit, kubeadm, page, program, run};

const STORED: &str = "tests/golden/kubeadm-usage.txt";

/// Lines that change nothing, whatever becomes of them.
const LINES: &str = "
foo
init foo
init -- foo
init -
init phase
init phase foo
init phase certs
init phase certs foo
init phase certs ca foo
init phase certs ca --pod-network-cidr=10.0.0.0/16
init phase wait-control-plane --config=c
init phase bootstraptoken --foo
init --foo
init --foo=bar
init --dry_run
init --=x
init ---x
init -=x
init -x
init -xyz
init --config
version -o --foo short
init -v
-v
init --v
-v=a
--v init
init -va
init --vmodule=x
init --vmodule=a=1,b=x
init --dry-run=maybe
init --dry-run=
init --dry-run true
init --apiserver-bind-port=a
init --apiserver-bind-port -a
init --apiserver-bind-port --help
join --token -h a b
init --apiserver-bind-port=99999999999
init --upload-certs=T foo
init phase control-plane apiserver --apiserver-extra-args
init phase control-plane apiserver --apiserver-extra-args=
init phase control-plane all --scheduler-extra-args=a=b,c
init phase control-plane controller-manager --controller-manager-extra-args a=b=c
init phase control-plane apiserver --scheduler-extra-args=a=b
init phase control-plane apiserver --apiserver-extra-args=a=b foo
join a b
join phase preflight a b
reset --force=x
reset -f=x
reset phase pre-flight --cert-dir=x
config
config foo
config images
config images foo
config images list foo
config images list --output
config images list -o
config print
certs
certificates
certs certificate-key foo
certs foo
token
token foo
token generate foo
token generate -o=x
version foo
version -o=xml
completion
completion a b
--foo
--rootfs
help nothing
help init phase nothing
alpha
alpha foo
-h init
init --help --foo
init -h foo
init phase certs -h
--dry-run=true init --help
init --config=x phase certs --help
init phase --config=x certs ca --help
init --v=3 phase certs --help
";

#[test]
fn kubeadm_says_what_is_stored() {
    let Some(kubeadm) = kubeadm() else { return };
    page(STORED, &lines().map(|line| entry(&kubeadm, line)).collect::<String>());
}

#[test]
fn kinit_says_the_same() {
    let stored = include_str!("../golden/kubeadm-usage.txt");
    as_stored(stored, lines().map(|line| entry(program().as_str(), line).replace("\"kinit", "\"kubeadm")));
}

fn lines() -> impl Iterator<Item = &'static str> {
    LINES.lines().filter(|line| !line.is_empty())
}

/// A line, its status, and the error in the words that both have: what Go's or Rust's libraries add about a value is
/// left out.
fn entry(program: &str, line: &str) -> String {
    let run = run(program, &line.split(' ').collect::<Vec<_>>(), PATH, "");
    let error = run.stderr.lines().find(|line| line.len() > "error: ".len() || line.starts_with("Unknown help"));
    let error = error.unwrap_or_default();
    let error = error.split_once("\" flag: ").map_or(error.to_owned(), |(said, _)| format!("{said}\" flag"));
    format!("==== {line}\n{}: {error}\n", run.status)
}

#[test]
fn a_word_that_is_nearly_right_is_proposed() {
    let cases = [
        ("inti", "did you mean init?"),
        ("init phase cert", "did you mean certs?"),
        ("init --pod-network-cdir=x", "did you mean --pod-network-cidr?"),
        ("config images lst", "did you mean list?"),
        ("xyzzy", "'kinit --help' lists the commands that there are"),
        ("version foo", "'kinit version' takes no arguments"),
        ("init --dry-run false", "write --dry-run=false: "),
        ("reset -f true", "write -f=true: "),
        ("init --config true false", "'kinit init --help' lists the commands that there are"),
        ("config images list -o jsonpath=", "such as -o jsonpath='{.kind}'\n"),
        ("config images list -o go-template", "such as -o go-template='{{.kind}}'\n"),
    ];
    for (line, hint) in cases {
        kinit(&line.split(' ').collect::<Vec<_>>()).refused(&[hint]);
    }
    let foreign = kinit(&["init", "phase", "certs", "ca", "--pod-network-cidr=x"]);
    assert_eq!(foreign.stderr, "error: unknown flag: --pod-network-cidr\n", "a flag of others is not proposed");
}

#[test]
fn another_root_directory() {
    assert_eq!(kinit(&["--rootfs=", "version", "-o", "short"]).ok().stdout, "v1.37.2\n", "no name is no directory");
    if Root::new().is_none() {
        return;
    }
    let root = Root(Place::new());
    let args = ["init", "phase", "certs", "ca", "--kubernetes-version=v1.37.2", "--cert-dir=/pki"];
    root.kinit(&args).ok();
    assert!(root.0.path("pki/ca.crt").is_file() && root.0.path("run/kinit.lock").is_file());
}

#[test]
fn flags_count_wherever_they_stand() {
    let list = |line: &str| kinit(&line.split(' ').collect::<Vec<_>>()).ok().stdout;
    let plain = list("config images list --kubernetes-version v1.36.0 -o json");
    assert!(plain.contains("v1.36.0"));
    for line in [
        "config -o=json images --kubernetes-version v1.36.0 list",
        "--kubernetes-version v1.36.0 config images list -ojson",
        "config images list --kubernetes-version=v1.23.0 -o yaml --kubernetes-version=v1.36.0 --output json",
    ] {
        assert_eq!(list(line), plain, "{line}");
    }
}

#[test]
fn empty_lists_are_empty() {
    let Some(root) = Root::new() else { return };
    for empty in [&["--skip-phases="][..], &["--skip-phases", ""], &["--ignore-preflight-errors=", "--skip-phases="]] {
        let args = ["init", "--dry-run", "--kubernetes-version=v1.37.2", "--apiserver-advertise-address=192.0.2.1"];
        let run = root.kinit(&[&args[..], empty].concat());
        assert!(run.stdout.starts_with("[init] Using Kubernetes version: v1.37.2\n[preflight]"), "{run:?}");
    }
}
