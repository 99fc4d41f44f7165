//! `init --dry-run`: writes nothing, needs nothing, tells everything, and no secret.

use std::collections::BTreeSet;

use crate::support::{PATH, Place, Root, Run, config, kinit, listing, program, run};

const TOKEN: &str = "abcdef.0123456789abcdef";
const KEY: &str = "7d3c5a0e9f1b2846d05c7e93a1f4b6820e5d7c9b3a1f80642d5e7c9b1a3f5d70";

/// Where init writes.
const PLACES: [&str; 2] = ["/etc/kubernetes", "/etc/systemd"];

/// All that is in a configuration and must not be told.
fn secretive() -> String {
    let init = format!("bootstrapTokens: [{{token: {TOKEN}}}]\ncertificateKey: {KEY}\n");
    let cluster = "certificatesDir: /etc/kubernetes/pki\ncontrolPlaneEndpoint: cp.example.com\n\
                   networking: {podSubnet: 10.244.0.0/16}\n";
    config(&init, cluster)
}

fn lines_of<'a>(run: &'a Run, start: &'a str) -> impl Iterator<Item = &'a str> {
    run.stdout.lines().filter_map(move |line| line.strip_prefix(start))
}

fn tells_no_secret(run: &Run) {
    let all = format!("{}{}", run.stdout, run.stderr);
    // The token's halves apart: its id is in the Secret's name, what follows is secret; then base64 of both.
    let secrets =
        ["PRIVATE KEY", "0123456789abcdef", "MDEyMzQ1Njc4OWFiY2RlZg", KEY, "client-key-data", "LS0tLS1CRUdJTiBSU0Eg"];
    for secret in secrets {
        assert!(!all.contains(secret), "{secret} is told:\n{all}");
    }
    run.tidy();
}

#[test]
fn in_an_empty_root_directory_it_tells_all_and_leaves_it_so() {
    let Some(root) = Root::new() else { return };
    root.0.file("config.yaml", &secretive());
    let before = root.0.listing();
    let args = ["init", "--dry-run", "--config", "/config.yaml", "--upload-certs", "--ignore-preflight-errors", "all"];
    let run = root.kinit(&args).ok();
    assert_eq!(root.0.listing(), before, "the lock's file included");
    tells_no_secret(&run);
    tells_every_file(&run);
    tells_the_waits(&run);
    tells_every_object(&run);
    assert!(run.stdout.contains("kinit join cp.example.com:6443 --token <value withheld> \\"), "{}", run.stdout);
    assert!(run.stdout.contains("--certificate-key <value withheld>"), "{}", run.stdout);
}

#[test]
fn the_kubelet_is_asked_where_its_patches_put_it() {
    let Some(root) = Root::new() else { return };
    root.0.file("patches/kubeletconfiguration.yaml", "healthzPort: 10555\n");
    let version = ["--kubernetes-version", "v1.37.2"];
    let args = ["init", "--dry-run", "--patches", "/patches", "--ignore-preflight-errors", "all"];
    let run = root.kinit(&[&args, &version[..]].concat()).ok();
    assert!(run.stdout.contains("returns 'ok' at http://127.0.0.1:10555/healthz"), "{}", run.stdout);
}

fn tells_every_file(run: &Run) {
    let told: BTreeSet<&str> =
        lines_of(run, "[dryrun] Would write file \"").filter_map(|rest| rest.split('"').next()).collect();
    let mut expected = BTreeSet::new();
    for name in ["ca", "apiserver", "apiserver-kubelet-client", "front-proxy-ca", "front-proxy-client", "etcd/ca"] {
        expected.extend(["crt", "key"].map(|ending| format!("/etc/kubernetes/pki/{name}.{ending}")));
    }
    for name in ["etcd/server", "etcd/peer", "etcd/healthcheck-client", "apiserver-etcd-client"] {
        expected.extend(["crt", "key"].map(|ending| format!("/etc/kubernetes/pki/{name}.{ending}")));
    }
    expected.extend(["key", "pub"].map(|ending| format!("/etc/kubernetes/pki/sa.{ending}")));
    for name in ["admin", "super-admin", "kubelet", "controller-manager", "scheduler"] {
        expected.insert(format!("/etc/kubernetes/{name}.conf"));
    }
    for name in ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"] {
        expected.insert(format!("/etc/kubernetes/manifests/{name}.yaml"));
    }
    for name in ["config.yaml", "instance-config.yaml", "kubeadm-flags.env"] {
        expected.insert(format!("/var/lib/kubelet/{name}"));
    }
    let missing: Vec<&String> = expected.iter().filter(|path| !told.contains(path.as_str())).collect();
    assert!(missing.is_empty(), "not told: {missing:?}; told: {told:?}");
    for path in told {
        let secret = path.ends_with(".key") || path.starts_with("/etc/kubernetes/") && path.ends_with(".conf");
        let line = lines_of(run, &format!("[dryrun] Would write file {path:?} ")).next().unwrap_or_default().to_owned();
        assert_eq!(line.ends_with("its content is secret and not printed"), secret, "{path}: {line}");
        assert_eq!(line.ends_with("with content:"), !secret, "{path}: {line}");
    }
    // The content is there, not only the promise of it.
    for words in ["\t    - --advertise-address=192.0.2.10", "\tstaticPodPath: /etc/kubernetes/manifests"] {
        assert!(run.stdout.contains(words), "{words:?}");
    }
}

fn tells_the_waits(run: &Run) {
    let after_kubelet = run.stdout.split_once("[wait-control-plane]").expect("the phase is told").1;
    assert!(after_kubelet.contains("[dryrun] Would wait for the control plane components to be healthy"));
}

fn tells_every_object(run: &Run) {
    let told: Vec<&str> = lines_of(run, "[dryrun] Would perform action ").collect();
    let namespaced =
        |group: &str, namespace: &str, rest: &str| format!("CREATE on resource {group}/namespaces/{namespace}/{rest}");
    let rbac = "/apis/rbac.authorization.k8s.io/v1";
    let mut expected = vec![
        namespaced("/api/v1", "kube-system", "configmaps/kubeadm-config"),
        namespaced("/api/v1", "kube-system", "configmaps/kubelet-config"),
        namespaced("/api/v1", "kube-system", "configmaps/coredns"),
        namespaced("/api/v1", "kube-system", "configmaps/kube-proxy"),
        namespaced("/api/v1", "kube-public", "configmaps/cluster-info"),
        namespaced("/api/v1", "kube-system", "secrets/bootstrap-token-abcdef"),
        namespaced("/api/v1", "kube-system", "secrets/kubeadm-certs"),
        namespaced("/api/v1", "kube-system", "services/kube-dns"),
        namespaced("/api/v1", "kube-system", "serviceaccounts/coredns"),
        namespaced("/api/v1", "kube-system", "serviceaccounts/kube-proxy"),
        namespaced("/apis/apps/v1", "kube-system", "deployments/coredns"),
        namespaced("/apis/apps/v1", "kube-system", "daemonsets/kube-proxy"),
        "PATCH on resource /api/v1/nodes/node-1".to_owned(),
    ];
    for name in ["kubeadm:nodes-kubeadm-config", "kubeadm:kubelet-config", "kubeadm:kubeadm-certs", "kube-proxy"] {
        expected.push(namespaced(rbac, "kube-system", &format!("roles/{name}")));
        expected.push(namespaced(rbac, "kube-system", &format!("rolebindings/{name}")));
    }
    for name in ["kubeadm:cluster-admins", "kubeadm:get-nodes", "kubeadm:kubelet-bootstrap", "kubeadm:node-proxier"] {
        expected.push(format!("CREATE on resource {rbac}/clusterrolebindings/{name}"));
    }
    for object in expected {
        assert!(told.contains(&object.as_str()), "{object} is not told, but {told:#?}");
    }
    assert_eq!(told.len(), run.stdout.matches("[dryrun] Attached object:").count());
}

#[test]
fn on_this_machine_it_writes_nothing() {
    let place = Place::new();
    let certificates = place.path("pki");
    let text = secretive().replace("/etc/kubernetes/pki", certificates.as_str());
    let file = place.file("config.yaml", &text);
    // A kubelet of its own and something like systemd: the commands are told, and not run.
    place.script("kubelet", "#!/bin/sh\n[ \"$*\" = --version ] && echo Kubernetes v1.37.2\n");
    let called = place.path("called");
    let path = place.script("systemctl", &format!("#!/bin/sh\ncase $1 in *start|*reload) touch {called};; esac\n"));
    let before = (place.listing(), listing(&PLACES));
    let args = ["init", "--dry-run", "--config", &file, "--upload-certs", "--ignore-preflight-errors=all"];
    let run = run(program().as_str(), &args, &path, "").ok();
    assert_eq!((place.listing(), listing(&PLACES)), before);
    tells_no_secret(&run);
    for words in [&format!("Would write file \"{certificates}/ca.crt\""), "Would run: systemctl restart kubelet"] {
        assert!(run.stdout.contains(&format!("[dryrun] {words}")), "{words} is not in {}", run.stdout);
    }
}

#[test]
fn tokens_that_were_typed_are_not_told_either() {
    let place = Place::new();
    let pki = place.path("pki");
    let args = [
        "init",
        "--dry-run",
        "--kubernetes-version=v1.37.2",
        "--apiserver-advertise-address=192.0.2.10",
        "--token",
        TOKEN,
        "--upload-certs",
        "--certificate-key",
        KEY,
        "--control-plane-endpoint=cp.example.com",
        "--cert-dir",
        pki.as_str(),
        "--ignore-preflight-errors=all",
        "-v",
        "5",
    ];
    tells_no_secret(&kinit(&args).ok());
    assert!(!pki.exists());
}

#[test]
fn one_phase_alone() {
    let place = Place::new();
    let pki = place.path("pki");
    let args = ["init", "phase", "certs", "all", "--dry-run", "--kubernetes-version", "v1.37.2"];
    let run =
        kinit(&[&args[..], &["--apiserver-advertise-address", "192.0.2.10", "--cert-dir", pki.as_str()]].concat());
    let run = run.ok();
    tells_no_secret(&run);
    assert_eq!(lines_of(&run, "[dryrun] Would write file ").count(), 22);
    assert!(!pki.exists());
}

/// Nobody listens at port 1.
const NOBODY: [&str; 6] = ["join", "127.0.0.1:1", "--token", TOKEN, "--discovery-token-ca-cert-hash", PIN];
const PIN: &str = "sha256:3dab097e361c6ae5399f457c3cce8b42711807ce925d48bd37a0ad197ed26865";

#[test]
fn a_join_without_a_cluster_goes_on_and_says_what_it_made_up() {
    let Some(root) = Root::new() else { return };
    let before = root.0.listing();
    let others = ["--dry-run", "--ignore-preflight-errors", "all", "--node-name", "node-1"];
    let run = root.kinit(&[&NOBODY[..], &others].concat()).ok();
    assert_eq!(root.0.listing(), before);
    tells_no_secret(&run);
    assert!(run.stderr.contains("warning: [dryrun] The cluster does not answer"), "{}", run.stderr);
    let made_up: Vec<&str> = lines_of(&run, "[dryrun] Made up: ").collect();
    assert_eq!(
        made_up,
        [
            "cluster-info: the cluster is at https://127.0.0.1:1, its CA is an example",
            "kubeadm-config: Kubernetes v1.37.2 (the newest one known), all settings as init has them by default",
            "kubelet-config: the kubelets' settings as init has them by default",
            "nodes: none is called \"node-1\"",
        ]
    );
    for path in ["/etc/kubernetes/bootstrap-kubelet.conf", "/etc/kubernetes/pki/ca.crt", "/var/lib/kubelet/config.yaml"]
    {
        assert!(run.stdout.contains(&format!("[dryrun] Would write file {path:?} ")), "{path}:\n{}", run.stdout);
    }
    assert!(run.stdout.contains("\tstaticPodPath: /etc/kubernetes/manifests"), "{}", run.stdout);
}

#[test]
fn a_join_by_file_without_a_cluster_takes_the_files_word() {
    let Some(root) = Root::new() else { return };
    // As cluster-info has it.
    let file = include_str!("../lab/conformance/generate/files/discovery.conf");
    root.0.file("discovery.conf", &file.replace("192.0.2.10:6443", "127.0.0.1:1"));
    let args =
        ["join", "--dry-run", "--ignore-preflight-errors=all", "--discovery-file=/discovery.conf", "--token", TOKEN];
    let run = root.kinit(&args).ok();
    assert!(run.stdout.contains("its CA is that of the discovery file"), "{}", run.stdout);
    assert!(run.stdout.contains("-----BEGIN CERTIFICATE-----"), "{}", run.stdout);
}

#[test]
fn a_proxy_that_is_not_used_need_not_be_a_url() {
    let others = ["--dry-run", "--ignore-preflight-errors", "all"];
    let program = program();
    let words = [&["HTTPS_PROXY=http://a b:1", "NO_PROXY=,", program.as_str()], &NOBODY[..], &others].concat();
    let run = run("/usr/bin/env", &words, PATH, "").ok();
    assert!(run.stderr.contains("warning: [dryrun] The cluster does not answer"), "{}", run.stderr);
}
