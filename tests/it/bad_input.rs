//! Bad input, each named with what to do about it, before anything is changed. Here configurations and flags.

mod certificates;
mod machine;

use crate::support::{Place, Root, config, kinit, listing};

/// A configuration is refused by a dry run and by a phase that would write; both say the same and nothing is written.
#[track_caller]
fn refused(text: &str, what: &[&str]) {
    let place = Place::new();
    let file = place.file("bad.yaml", text);
    let before = (place.listing(), listing(&["/etc/kubernetes"]));
    let run = kinit(&["init", "--dry-run", "--config", &file]);
    run.refused(what);
    assert_eq!(run.stdout, "", "nothing began");
    assert_eq!((place.listing(), listing(&["/etc/kubernetes"])), before);

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

/// What is passed over may be what is missing.
#[test]
fn a_misspelt_field_is_told_before_what_it_leads_to() {
    let place = Place::new();
    let text = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: JoinConfiguration\ndiscovery:\n  bootstrapToken:\n    \
                apiServerEndPoint: 192.0.2.1:6443\n    token: abcdef.0123456789abcdef\n    unsafeSkipCAVerification: true\n";
    let run = kinit(&["join", "--dry-run", "--config", &place.file("join.yaml", text)]);
    run.refused(&["discovery.bootstrapToken.apiServerEndpoint: "]);
    let (warning, error) = run.stderr.split_once("\nerror: ").expect("both");
    assert!(warning.contains("unknown field \"discovery.bootstrapToken.apiServerEndPoint\" at line 5"), "{warning}");
    assert!(error.contains("APIServerEndpoint is not set"), "{error}");

    let text = config("timeouts: {discovery: soon}\nnodeName: a\n", "");
    let run = kinit(&["init", "--dry-run", "--config", &place.file("init.yaml", &text)]);
    run.refused(&[
        "warning: ",
        "unknown field \"nodeName\" at line 6",
        "InitConfiguration: timeouts.discovery at line 5",
    ]);
}

/// An empty file is passed over; what can't be read was meant.
#[test]
fn a_patch_that_is_a_link_to_nothing() {
    let patched = |dir: &str| {
        let args = ["init", "phase", "control-plane", "scheduler", "--dry-run", "--kubernetes-version=v1.37.2"];
        kinit(&[&args[..], &["--patches", dir]].concat())
    };
    let place = Place::new();
    place.file("empty/kube-scheduler.yaml", "");
    patched(place.path("empty").as_str()).ok();
    place.file("linked/note", "");
    let patch = place.path("linked/kube-scheduler.yaml");
    std::os::unix::fs::symlink("gone.yaml", &patch).expect("made");
    let run = patched(place.path("linked").as_str());
    let said = format!("could not read the patch file {patch:?}: it is a link to a file that is not there; make");
    assert!(run.status == 1 && run.stderr.contains(&said), "{run:?}");
    assert!(!run.stdout.contains("Ignoring empty file"), "{}", run.stdout);
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
        (
            &["192.0.2.1:6443", token],
            "without caCertHashes can be unsafe",
            "hint: give the pin of the cluster's CA with --discovery-token-ca",
        ),
        (
            &["192.0.2.1:6443", token, hash],
            "Invalid value: \"sha256:00\"",
            "hint: give the pin of the cluster's CA with --discovery-token-ca",
        ),
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
            &["nodeRegistration.name: Invalid value: ", name, "nodeRegistration.name in the configuration file\n"],
        );
    }
}

#[test]
fn a_version_that_never_was_or_is_too_old() {
    refused(&config("", "").replace("v1.37.2", "one"), &["version \"one\" doesn't match patterns"]);
    refused(&config("", "").replace("v1.37.2", "v1.22.4"), &["only supports deploying clusters", "v1.22.4"]);
}

#[test]
fn a_runtime_that_is_not_there_is_told_once() {
    let socket = "unix:///nowhere.sock";
    let run = kinit(&["config", "images", "pull", "--kubernetes-version", "v1.37.2", "--cri-socket", socket]);
    run.refused(&["error: could not connect to the container runtime: ", "systemctl enable --now containerd"]);
    assert_eq!(run.stderr.matches(socket).count(), 1, "{}", run.stderr);
}
