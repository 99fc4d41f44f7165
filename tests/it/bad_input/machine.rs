//! Machines that are not ready: the runtime, the kubelet, ports, rights, and another run.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;

use camino::Utf8Path;
use kinit::host::lock::Lock;

use crate::support::{PATH, Place, Root, Run, kinit, listing, program, run, skipped};

/// A dry run whose checks are looked at; the machine that the test runs on has faults of its own.
fn checked(path: &str, args: &[&str]) -> Run {
    let place = Place::new();
    let cert_dir = format!("--cert-dir={}", place.path("pki"));
    let shared = [
        "init",
        "--dry-run",
        "--kubernetes-version=v1.37.2",
        "--apiserver-advertise-address=192.0.2.10",
        &cert_dir,
        "--ignore-preflight-errors=IsPrivilegedUser",
    ];
    let before = (place.listing(), listing(&["/etc/kubernetes"]));
    let run = run(program().as_str(), &[&shared, args].concat(), path, "");
    assert_eq!((place.listing(), listing(&["/etc/kubernetes"])), before);
    assert!(!run.stdout.contains("[certs]"), "{}", run.stdout);
    run
}

#[test]
fn no_container_runtime() {
    let run = checked(PATH, &["--cri-socket=unix:///run/nowhere/runtime.sock"]);
    run.refused(&[
        "[ERROR CRI]: could not connect to the container runtime: no container runtime at \
         unix:///run/nowhere/runtime.sock: the socket does not exist",
        "\t\thelp: install and start a container runtime",
        "error: error execution phase preflight: preflight checks failed",
    ]);
}

#[test]
fn a_socket_that_nobody_answers_at() {
    let place = Place::new();
    let socket = place.path("dead.sock");
    drop(std::os::unix::net::UnixListener::bind(&socket).expect("bound"));
    checked(PATH, &[&format!("--cri-socket=unix://{socket}")]).refused(&["[ERROR CRI]: ", socket.as_str()]);
}

#[test]
fn a_kubelet_too_old_too_new_or_strange() {
    let place = Place::new();
    for (said, words, help) in [
        (
            "echo Kubernetes v1.33.9",
            "Kubelet version \"1.33.9\" is lower than kubeadm can support",
            "install kubelet v1.34",
        ),
        (
            "echo Kubernetes v1.38.0",
            "the kubelet version is higher than the control plane version",
            "install kubelet v1.37.2, or give",
        ),
        (
            "echo who knows",
            "couldn't get kubelet version: Unable to parse output from Kubelet: \"who knows\"",
            "install the kubelet",
        ),
        ("exit 3", "couldn't get kubelet version", "install the kubelet"),
    ] {
        let path = place.script("kubelet", &format!("#!/bin/sh\n{said}\n"));
        let run = checked(&path, &[]);
        run.refused(&[&format!("[ERROR KubeletVersion]: {words}"), &format!("\t\thelp: {help}")]);
    }
    let path = place.script("kubelet", "#!/bin/sh\necho Kubernetes v1.34.0\n");
    let run = checked(&path, &[]);
    assert!(!run.stderr.contains("KubeletVersion"), "{}", run.stderr);
}

#[test]
fn a_port_in_use_with_its_holder() {
    let held = TcpListener::bind("0.0.0.0:0").expect("a port");
    let port = held.local_addr().expect("bound").port();
    let holder = format!("(pid {})", std::process::id());
    checked(PATH, &[&format!("--apiserver-bind-port={port}")]).refused(&[&format!("[ERROR Port-{port}]: "), &holder]);
}

#[test]
fn not_root() {
    let place = Place::new();
    let copy = place.path("kinit");
    fs::copy(program(), &copy).expect("copied");
    fs::set_permissions(&copy, fs::Permissions::from_mode(0o755)).expect("its own");
    let args = ["init", "--dry-run", "--kubernetes-version=v1.37.2", "--apiserver-advertise-address=192.0.2.10"];
    let setpriv = "/usr/bin/setpriv";
    let run = if !nix::unistd::geteuid().is_root() {
        kinit(&args)
    } else if Utf8Path::new(setpriv).exists() {
        let before = ["--reuid=65534", "--regid=65534", "--clear-groups", copy.as_str()];
        if run(setpriv, &[&before[..], &["version"]].concat(), PATH, "").status != 0 {
            return skipped("others than root may not execute what is in the temporary directory");
        }
        run(setpriv, &[&before[..], &args].concat(), PATH, "")
    } else {
        return skipped("no setpriv, so there is no way not to be root");
    };
    run.refused(&["[ERROR IsPrivilegedUser]: user is not running as root", "\t\thelp: run it with sudo"]);
    // Alone: whoever may not look can't judge.
    assert_eq!(run.stderr.matches("[ERROR ").count(), 1, "{}", run.stderr);
}

#[test]
fn another_run_under_way() {
    let Some(root) = Root::new() else { return };
    let held = Lock::take(&root.0.path("run/kinit.lock"), "kinit join").expect("free");
    let args = ["init", "phase", "certs", "sa", "--kubernetes-version=v1.37.2"];
    let holder = format!("another run is under way on this machine: pid {}, kinit join", std::process::id());
    let before = root.listing();
    root.kinit(&args).refused(&[&holder, "wait for it to end"]);
    assert_eq!(root.listing(), before);
    drop(held);
    root.kinit(&args).ok();
}
