//! Flags of `init`, with a file and without one, on machines of several kinds.

use std::net::IpAddr;

use serde_json::Value;

use super::*;

#[test]
fn config_excludes_flags() {
    let set = ["config", "v", "node-name", "upload-certs", "skip-phases", "pod-network-cidr", "cert-dir"];
    let flags =
        InitFlags { config: Some("/c.yaml".into()), set: set.map(str::to_owned).to_vec(), ..InitFlags::default() };
    let said = init_on(&machine(), &flags, &cluster("")).unwrap_err();
    assert_eq!(said, "can not mix '--config' with arguments [cert-dir pod-network-cidr]");
}

#[test]
fn an_empty_name_of_a_file_is_none_and_still_excludes_flags() {
    let mut flags = InitFlags { config: Some("".into()), set: vec!["config".to_owned()], ..InitFlags::default() };
    assert_eq!(init_with(&flags).unwrap().cluster.cluster_name, "kubernetes");
    flags.set.push("cert-dir".to_owned());
    assert_eq!(init_with(&flags).unwrap_err(), "can not mix '--config' with arguments [cert-dir]");
}

#[test]
fn flags_that_win_over_the_file() {
    let fields =
        "nodeRegistration: {name: other, ignorePreflightErrors: [Swap]}\nskipPhases: [preflight]\ndryRun: true";
    let flags = InitFlags {
        config: Some("/c.yaml".into()),
        node_name: Some("Mine".to_owned()),
        dry_run: Some(false),
        ignore_preflight_errors: vec!["NumCPU".to_owned()],
        skip_phases: vec!["addon/coredns".to_owned()],
        ..InitFlags::default()
    };
    let config = document("InitConfiguration", fields) + &cluster("proxy: {disabled: true}");
    let config = init_on(&machine(), &flags, &config).unwrap().value;
    assert_eq!(config.node_name(), "mine");
    assert!(!config.init.dry_run);
    assert_eq!(config.init.node_registration.ignore_preflight_errors, ["numcpu", "swap"]);
    assert_eq!(config.init.skip_phases, ["addon/coredns", "addon/kube-proxy"]);
    assert!(config.cluster.dns.disabled && config.cluster.proxy.disabled);
    let flags =
        InitFlags { ignore_preflight_errors: vec!["all".to_owned(), "Swap".to_owned()], ..InitFlags::default() };
    assert_eq!(
        init_with(&flags).unwrap_err(),
        "ignore-preflight-errors: Invalid value: \"all,swap\": don't specify individual checks if 'all' is used"
    );
}

#[test]
fn addresses_and_subnets_fit_each_other() {
    let given = |address: &str, services: &str, pods: &str| {
        init_with(&InitFlags {
            advertise_address: Some(address.to_owned()),
            service_cidr: Some(services.to_owned()),
            pod_network_cidr: Some(pods.to_owned()),
            ..InitFlags::default()
        })
    };
    let said = given("2001:db8::2", "10.96.0.0/12", "").unwrap_err();
    let start =
        "localAPIEndpoint.advertiseAddress: Invalid value: \"2001:db8::2\": an IPv6 address needs a first service";
    assert!(said.starts_with(start), "{said}");
    for (pods, overlapping) in [("10.96.0.0/16", "10.96.0.0/16"), ("10.0.0.0/8,fd01::/56", "10.0.0.0/8")] {
        let said = given("192.0.2.2", "10.96.0.0/12,fd00::/112", pods).unwrap_err();
        let why = "it overlaps the service subnet 10.96.0.0/12; choose subnets apart from each other";
        assert_eq!(said, format!("networking.podSubnet: Invalid value: {overlapping:?}: {why}"));
    }
    let config = given("", "fd00::/112", "fd01::/56").unwrap();
    assert_eq!(config.network.advertise_address, "2001:db8::2".parse::<IpAddr>().unwrap());
    assert_eq!(config.components.kube_proxy.document["bindAddress"], "::");
    assert_eq!(config.components.kubelet.document["clusterDNS"], json!(["fd00::a"]));
    for (address, said) in [
        ("nope", "couldn't use \"nope\" as \"apiserver-advertise-address\", must be ipv4 or ipv6 address"),
        ("224.0.0.1", "cannot use \"224.0.0.1\" as the bind address for the API Server"),
        ("127.0.0.1", "unable to select an IP from lo network interface"),
    ] {
        assert_eq!(given(address, "10.96.0.0/12", "").unwrap_err(), said);
    }
    assert_eq!(given("0.0.0.0", "10.96.0.0/12", "").unwrap().network.local_endpoint(), "192.0.2.2:6443");
    let said = given("::", "10.96.0.0/12", "").unwrap_err();
    assert!(said.starts_with(start), "an address of IPv6 was asked for: {said}");
    assert_eq!(given("::", "fd00::/112", "").unwrap().network.local_endpoint(), "[2001:db8::2]:6443");
}

#[test]
fn only_init_needs_an_address_of_this_machine_that_fits() {
    let v6 = Machine { default_addresses: vec!["2001:db8::2".parse().unwrap()], ..machine() };
    let refusal = "an IPv6 address needs a first service subnet of its family";
    assert!(init_on(&v6, &InitFlags::default(), "").unwrap_err().contains(refusal));
    assert!(run(images(&ImagesFlags::default(), &FakeHost::new(), &v6, &Offline, &mut Vec::new())).is_ok());
    let looked_at = |address: &str| {
        let endpoint = format!("localAPIEndpoint: {{advertiseAddress: {address:?}}}");
        let host = FakeHost::new().with_file("/c.yaml", &(document("InitConfiguration", &endpoint) + &cluster("")));
        let images_flags = ImagesFlags { config: Some("/c.yaml".into()), ..ImagesFlags::default() };
        let file_flags = FileFlags { path: "/c.yaml".into(), ..FileFlags::default() };
        [
            resolved(|warnings| run(images(&images_flags, &host, &v6, &Offline, warnings))).map(drop),
            resolved(|warnings| run(file(&file_flags, &host, &v6, &Offline, warnings))).map(drop),
        ]
    };
    assert_eq!(looked_at(""), [Ok(()), Ok(())]);
    assert_eq!(looked_at("::"), [Ok(()), Ok(())]);
    for refused in looked_at("2001:db8::7") {
        assert!(refused.unwrap_err().contains(refusal));
    }
}

#[test]
fn a_machine_without_routes_or_with_two_runtimes() {
    let bare = Machine { default_addresses: Vec::new(), cri_sockets: Vec::new(), ..machine() };
    let said = init_on(&bare, &InitFlags::default(), "").unwrap_err();
    assert_eq!(said, "cannot use \"0.0.0.0\" as the bind address for the API Server");
    let none = ImagesFlags::default();
    let images = resolved(|warnings| run(images(&none, &FakeHost::new(), &bare, &Offline, warnings))).unwrap();
    assert_eq!(images.value.init.node_registration.cri_socket, crate::config::defaults::CRI_SOCKET);
    assert_eq!(images.warnings.len(), 2, "{:?}", images.warnings);
    let two = Machine { cri_sockets: vec!["unix:///a".to_owned(), "unix:///b".to_owned()], ..machine() };
    let said = init_on(&two, &InitFlags::default(), "").unwrap_err();
    assert!(said.starts_with("found multiple CRI endpoints on the host.") && said.ends_with(": unix:///a, unix:///b"));
    let chosen = InitFlags { cri_socket: Some("unix:///a".to_owned()), ..InitFlags::default() };
    assert!(init_on(&two, &chosen, "").is_ok());
}

#[test]
fn old_versions_and_cgroups() {
    let flags = |version: &str| InitFlags {
        kubernetes_version: Some(version.to_owned()),
        allow_cgroup_v1: true,
        ..InitFlags::default()
    };
    let old = init_with(&flags("1.23.1")).unwrap();
    assert_eq!(old.init.node_registration.taints.as_ref().unwrap()[0].key, "node-role.kubernetes.io/master");
    let kubelet = &old.components.kubelet.document;
    for newer in ["failCgroupV1", "crashLoopBackOff", "containerRuntimeEndpoint", "imageMaximumGCAge"] {
        assert_eq!(kubelet.get(newer), None, "{newer}");
    }
    assert_eq!(kubelet["logging"]["options"], json!({"json": {"infoBufferSize": "0"}}));
    let mut new = init_with(&flags("1.35.4")).unwrap().components;
    assert_eq!(new.kubelet.document["failCgroupV1"], json!(false));
    assert_eq!((new.user_cgroup_driver(), &new.kubelet.document["cgroupDriver"]), (None, &json!("systemd")));
    new.with_cgroup_driver("cgroupfs");
    assert_eq!(new.kubelet.document["cgroupDriver"], Value::from("cgroupfs"));
}

#[test]
fn token_flags() {
    let flags = |token: &str, ttl: &str| InitFlags {
        token: Some(token.to_owned()),
        token_ttl: Some(ttl.to_owned()),
        ..InitFlags::default()
    };
    let config = init_with(&flags("abcdef.0123456789abcdef", "0")).unwrap();
    let token = &config.init.bootstrap_tokens[0];
    assert_eq!((token.token.as_str(), token.ttl.as_deref()), ("abcdef.0123456789abcdef", Some("0s")));
    assert_eq!(token.description, "The default bootstrap token generated by 'kubeadm init'.");
    assert!(init_with(&flags("", "0")).unwrap().generated_token, "an empty one is none");
    assert!(init_with(&flags("abc", "0")).unwrap_err().starts_with("the bootstrap token \"abc\" was not of the form"));
    let said = init_with(&flags("abcdef.0123456789abcdef", "1d")).unwrap_err();
    assert_eq!(said, "invalid argument \"1d\" for \"--token-ttl\" flag: time: unknown unit \"d\" in duration \"1d\"");
}
