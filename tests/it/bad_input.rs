//! Bad input, each named with what to do about it, before anything is changed.

#![expect(clippy::disallowed_methods, reason = "a test reads and writes its own files")]

use std::fs;
use std::net::TcpListener;

use camino::Utf8Path;
use kinit::config::InitConfig;
use kinit::host::RealHost;
use kinit::host::lock::Lock;
use kinit::pki::{self, CERTIFICATES, KeyAlgorithm, KeyPool, PkiDir};
use time::OffsetDateTime;
use time::macros::datetime;

use crate::golden_manifests;
use crate::support::{PATH, Place, Root, Run, config, kinit, listing, program, run, skipped};

/// A configuration is refused by a dry run and by a phase that would write; both say the same and nothing is written.
#[track_caller]
fn refused(text: &str, what: &[&str]) {
    let place = Place::new();
    let file = place.file("bad.yaml", text);
    let before = (place.listing(), listing(&["/etc/kubernetes", "/var/lib/kubelet"]));
    let run = kinit(&["init", "--dry-run", "--config", &file]);
    run.refused(what);
    assert_eq!(run.stdout, "", "nothing began");
    assert_eq!((place.listing(), listing(&["/etc/kubernetes", "/var/lib/kubelet"])), before);

    let Some(root) = Root::new() else { return };
    root.0.file("bad.yaml", text);
    let before = root.listing();
    let run = root.kinit(&["init", "phase", "certs", "all", "--config", "/bad.yaml"]);
    run.refused(what);
    assert_eq!(root.listing(), before);
}

#[test]
fn a_configuration_that_is_not_yaml() {
    let text = config("", "networking:\n  podSubnet: [10.244.0.0/16\n  dnsDomain: }\n");
    refused(&text, &["bad.yaml\": the configuration is not valid YAML: line 11, column 12: "]);
    refused(&config("", "networking:\n\tdnsDomain: a\n"), &["bad.yaml\"", "line 10, column "]);
    refused("just words\n", &["bad.yaml\": document 1 of the configuration is not a map of fields but \"just words\""]);
}

#[test]
fn a_document_of_an_unknown_kind() {
    let text = config("", "").replace("ClusterConfiguration", "ClutserConfiguration");
    refused(
        &text,
        &["bad.yaml\": no kind \"ClutserConfiguration\" is registered for version \"kubeadm.k8s.io/v1beta4\""],
    );
    refused("{}\n---\nkind: ClusterConfiguration\n", &["kind and apiVersion is mandatory information"]);
    refused("", &["bad.yaml\": no InitConfiguration or ClusterConfiguration kind was found"]);
}

#[test]
fn a_key_or_a_document_twice() {
    let text = config("", "clusterName: a\nnetworking:\n  dnsDomain: a\n  dnsDomain: b\n");
    refused(&text, &["bad.yaml\"", "line 12, column 3: duplicate mapping key: dnsDomain\n"]);
    let text = format!("{0}---\n{0}", config("", ""));
    refused(
        &text,
        &["bad.yaml\"", "kind \"InitConfiguration\" is specified twice", "kind \"ClusterConfiguration\" is"],
    );
}

#[test]
fn a_field_of_another_type() {
    refused(
        &config("", "networking: 10.0.0.0/8\n"),
        &["ClusterConfiguration: networking at line 9, column 1: invalid value \"10.0.0.0/8\", expected a map"],
    );
    refused(
        &config("timeouts: {discovery: soon}\n", ""),
        &["InitConfiguration: timeouts.discovery at line 5, column 12: ", "\"soon\""],
    );
}

#[test]
fn a_configuration_that_is_not_there() {
    kinit(&["init", "--dry-run", "--config", "/nowhere/x.yaml"]).refused(&["\"/nowhere/x.yaml\": no such file"]);
    let place = Place::new();
    kinit(&["init", "--dry-run", "--config", place.path("").as_str()]).refused(&["Is a directory"]);
}

#[test]
fn a_flag_that_config_excludes() {
    let place = Place::new();
    let file = place.file("good.yaml", &config("", ""));
    let run = kinit(&["init", "--dry-run", "--config", &file, "--token-ttl=1h", "--pod-network-cidr", "10.0.0.0/16"]);
    run.refused(&[
        "error: can not mix '--config' with arguments [pod-network-cidr token-ttl]\n",
        "hint: write networking.podSubnet of the ClusterConfiguration into the file in place of --pod-network-cidr\n",
    ]);
    assert_eq!(run.stdout, "");
}

#[test]
fn subnets_that_overlap() {
    let text = config("", "networking: {podSubnet: 10.96.128.0/24, serviceSubnet: 10.96.0.0/16}\n");
    refused(
        &text,
        &["networking.podSubnet: Invalid value: \"10.96.128.0/24\"", "overlaps the service subnet 10.96.0.0/16"],
    );
    let both = "networking: {podSubnet: '10.244.0.0/16,fd00::/64', serviceSubnet: '10.96.0.0/16,fd00::1:0/112'}\n";
    refused(&config("", both), &["overlaps the service subnet fd00::1:0/112"]);
    let flags = ["init", "--dry-run", "--kubernetes-version=v1.37.2", "--pod-network-cidr=10.96.0.0/13"];
    kinit(&flags).refused(&["overlaps the service subnet 10.96.0.0/12", "hint: give another --pod-network-cidr"]);
}

#[test]
fn a_join_that_says_too_little_or_nonsense() {
    let token = "--token=abcdef.0123456789abcdef";
    let hash = "--discovery-token-ca-cert-hash=sha256:00";
    let unsafely = "--discovery-token-unsafe-skip-ca-verification";
    for (args, what, hint) in [
        (&[][..], "discovery: Invalid value: \"\": bootstrapToken or file must be set", "hint: give HOST:PORT of"),
        (&["192.0.2.1:6443", token], "without caCertHashes can be unsafe", "hint: give another --discovery-token-ca"),
        (&["192.0.2.1:6443", token, hash], "Invalid value: \"sha256:00\"", "hint: give another --discovery-token-ca"),
        (&["192.0.2.1", token, unsafely], "address 192.0.2.1: missing port in address", "such as 192.0.2.10:6443"),
        (&["192.0.2.1:6443", "--token=x", unsafely], "the bootstrap token is invalid", "hint: give another --token"),
    ] {
        kinit(&[&["join", "--dry-run"], args].concat()).refused(&[what, hint]);
    }
}

#[test]
fn an_ipv6_address_with_ipv4_subnets() {
    let text = config("", "networking: {serviceSubnet: 10.96.0.0/16}\n").replace("192.0.2.10", "'2001:db8::10'");
    refused(&text, &["localAPIEndpoint.advertiseAddress", "\"2001:db8::10\"", "10.96.0.0/16"]);
}

#[test]
fn a_node_name_that_is_no_dns_name() {
    for name in ["node_1", "-node", "a..b", &"a".repeat(254)] {
        refused(
            &config("", "").replace("node-1", name),
            &["nodeRegistration.name: Invalid value: ", name, "--node-name"],
        );
    }
}

#[test]
fn a_version_that_never_was_or_is_too_old() {
    refused(&config("", "").replace("v1.37.2", "one"), &["version \"one\" doesn't match patterns"]);
    refused(&config("", "").replace("v1.37.2", "v1.22.4"), &["only supports deploying clusters", "v1.22.4"]);
}

/// A machine with all certificates on it.
fn certified(now: OffsetDateTime) -> Option<(Root, InitConfig)> {
    let root = Root::new()?;
    let mut cfg = golden_manifests::load("default");
    "/pki".clone_into(&mut cfg.cluster.certificates_dir);
    "node-1".clone_into(&mut cfg.init.node_registration.name);
    cfg.cluster.certificate_validity_period = "8760h0m0s".to_owned();
    cfg.cluster.ca_certificate_validity_period = "87600h0m0s".to_owned();
    let host = RealHost::new(&root.0.path(""));
    let dir = PkiDir::of(&host, &cfg);
    let keys = KeyPool::start(KeyAlgorithm::EcdsaP256, 0);
    for row in CERTIFICATES {
        pki::ensure(&dir, row, &cfg, now, &keys).expect("made");
    }
    Some((root, cfg))
}

/// What `init phase certs all` and a dry run of the whole say of it; neither writes.
#[track_caller]
fn certificates_refused(root: &Root, cfg: &InitConfig, what: &[&str]) {
    let before = root.listing();
    let address = cfg.init.local_api_endpoint.advertise_address.clone();
    let shared = ["--kubernetes-version=v1.37.2", "--cert-dir=/pki", "--apiserver-advertise-address", &address];
    root.kinit(&[&["init", "phase", "certs", "all"][..], &shared].concat()).refused(what);
    let whole = ["init", "--dry-run", "--ignore-preflight-errors=all", "--node-name=node-1"];
    let run = root.kinit(&[&whole[..], &shared].concat());
    run.refused(what);
    assert_eq!(run.stdout, "", "not even the first phase began");
    assert_eq!(root.listing(), before);
}

#[test]
fn a_ca_that_does_not_match_its_key() {
    let Some((root, cfg)) = certified(OffsetDateTime::now_utc()) else { return };
    fs::copy(root.0.path("pki/etcd/ca.key"), root.0.path("pki/ca.key")).expect("copied");
    certificates_refused(&root, &cfg, &["private key /pki/ca.key does not belong to certificate /pki/ca.crt"]);
}

#[test]
fn an_expired_ca() {
    let Some((root, cfg)) = certified(datetime!(2010-01-01 00:00 UTC)) else { return };
    let expired = "certificate /pki/ca.crt has expired: it was valid until 2019-12-30T00:00:00Z";
    certificates_refused(&root, &cfg, &[expired, "/pki/front-proxy-ca.crt", "/pki/etcd/ca.crt"]);
}

#[test]
fn nonsense_in_place_of_a_certificate() {
    let Some((root, cfg)) = certified(OffsetDateTime::now_utc()) else { return };
    root.0.file("pki/apiserver.crt", "nonsense");
    certificates_refused(&root, &cfg, &["/pki/apiserver.crt", "no PEM certificate"]);
}

/// Runs kinit in `root` after a shell line that mounts something there, in a mount namespace of its own.
fn mounted(root: &Root, mount: &str, args: &[&str]) -> Option<Run> {
    let at = root.0.path("");
    let shell = |line: &str| {
        let words =
            ["--mount", "--", "sh", "-c", line, "sh", program().as_str(), "--rootfs", at.as_str()].map(str::to_owned);
        let words: Vec<&str> = words.iter().map(String::as_str).chain(args.iter().copied()).collect();
        run("/usr/bin/unshare", &words, PATH, "")
    };
    let mount = mount.replace("{}", at.as_str());
    if !Utf8Path::new("/usr/bin/unshare").exists() || shell(&mount).status != 0 {
        skipped("nothing may be mounted here");
        return None;
    }
    Some(shell(&format!("{mount} && \"$@\"")))
}

#[test]
fn a_certificates_directory_that_is_read_only() {
    let Some(root) = Root::new() else { return };
    fs::create_dir(root.0.path("pki")).expect("made");
    let mount = "mount --bind {}/pki {}/pki && mount -o remount,bind,ro {}/pki";
    let shared = ["--kubernetes-version=v1.37.2", "--cert-dir=/pki", "--apiserver-advertise-address=192.0.2.10"];
    let Some(run) = mounted(&root, mount, &[&["init", "--dry-run"][..], &shared].concat()) else { return };
    run.refused(&["[ERROR Writable--pki]: /pki cannot be written: ", "help: mount it writable"]);
    assert!(!run.stdout.contains("[certs]"), "{}", run.stdout);

    let alone = mounted(&root, mount, &[&["init", "phase", "certs", "all"][..], &shared].concat()).expect("as before");
    alone.refused(&["cannot write /pki/ca.key: Read-only file system"]);
    assert_eq!(fs::read_dir(root.0.path("pki")).expect("listed").count(), 0);
}

#[test]
fn a_disk_that_fills_up() {
    let Some(root) = Root::new() else { return };
    fs::create_dir(root.0.path("pki")).expect("made");
    // Room for three files of one page each; what was written stays whole, nothing half written stays.
    let mount = "mount -t tmpfs -o size=16k none {}/pki && trap 'find {}/pki -type f -printf \"%f %s\\n\"' EXIT";
    let args = ["--kubernetes-version=v1.37.2", "--cert-dir=/pki", "--apiserver-advertise-address=192.0.2.10"];
    let Some(run) = mounted(&root, mount, &[&["init", "phase", "certs", "all"][..], &args].concat()) else { return };
    run.refused(&["cannot write /pki/", "No space left on device"]);
    let left: Vec<&str> = run.stdout.lines().filter(|line| !line.starts_with('[')).collect();
    assert!(!left.is_empty(), "{run:?}");
    for file in left {
        let (name, size) = file.split_once(' ').expect("name and size");
        let known = name.ends_with(".crt") || name.ends_with(".key");
        assert!(known && size.parse::<u64>().expect("bytes") > 200, "{file}");
    }
}

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
    let before = (place.listing(), listing(&["/etc/kubernetes", "/var/lib/kubelet"]));
    let run = run(program().as_str(), &[&shared, args].concat(), path, "");
    assert_eq!((place.listing(), listing(&["/etc/kubernetes", "/var/lib/kubelet"])), before);
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
    let args = ["init", "--dry-run", "--kubernetes-version=v1.37.2", "--apiserver-advertise-address=192.0.2.10"];
    let setpriv = "/usr/bin/setpriv";
    let run = if !nix::unistd::geteuid().is_root() {
        kinit(&args)
    } else if Utf8Path::new(setpriv).exists() {
        let before = ["--reuid=65534", "--regid=65534", "--clear-groups", copy.as_str()];
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
