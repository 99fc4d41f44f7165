//! Whole configurations against kubeadm v1.37.2: what it stores for the same input, and what it refuses in which words.

mod join;

use std::net::IpAddr;

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::*;
use crate::config::{InitConfig, JoinConfig, component, print, stored};
use crate::failure::chain;
use crate::host::FakeHost;
use crate::yaml;

struct Offline;

impl Fetch for Offline {
    async fn fetch(&self, url: &str) -> Result<String, FetchError> {
        Err(FetchError { url: url.to_owned(), reason: "offline".to_owned() })
    }
}

/// What is wrong, after the name of the file that every error about its content begins with.
fn of_file(error: &ConfigError) -> String {
    let said = chain(error);
    said.strip_prefix("cannot use the configuration file \"/c.yaml\": ").unwrap_or(&said).to_owned()
}

fn machine() -> Machine {
    let addresses = ["192.0.2.2", "2001:db8::2"];
    Machine {
        hostname: "Node-1".to_owned(),
        default_addresses: addresses.iter().map(|address| address.parse().unwrap()).collect(),
        loopback_addresses: Vec::new(),
        cri_sockets: vec!["unix:///run/containerd/containerd.sock".to_owned()],
        registered_cri_socket: None,
        now: OffsetDateTime::UNIX_EPOCH,
    }
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn init_on(machine: &Machine, flags: &InitFlags, config: &str) -> Result<Resolved<InitConfig>, String> {
    let host = FakeHost::new().with_file("/c.yaml", config);
    run(init(flags, &host, machine, &Offline)).map_err(|error| of_file(&error))
}

fn init_from(config: &str) -> Result<Resolved<InitConfig>, String> {
    let flags = InitFlags { config: Some("/c.yaml".into()), ..InitFlags::default() };
    init_on(&machine(), &flags, config)
}

fn init_with(flags: &InitFlags) -> Result<InitConfig, String> {
    init_on(&machine(), flags, "").map(|resolved| resolved.value)
}

fn join_with(flags: &JoinFlags, config: &str) -> Result<Resolved<JoinConfig>, String> {
    let host = FakeHost::new().with_file("/c.yaml", config).with_file("/discovery.conf", "x");
    join(flags, &host, &machine()).map_err(|error| of_file(&error))
}

fn join_from(config: &str) -> Result<Resolved<JoinConfig>, String> {
    join_with(&JoinFlags { config: Some("/c.yaml".into()), ..JoinFlags::default() }, config)
}

fn reset_from(config: &str) -> Result<Resolved<ResetConfig>, String> {
    let host = FakeHost::new().with_file("/c.yaml", config);
    let flags = ResetFlags { config: Some("/c.yaml".into()), ..ResetFlags::default() };
    reset(&flags, &host, &machine()).map_err(|error| of_file(&error))
}

/// A small valid file, to add to.
fn document(kind: &str, fields: &str) -> String {
    format!("apiVersion: kubeadm.k8s.io/v1beta4\nkind: {kind}\n{fields}\n---\n")
}

fn cluster(fields: &str) -> String {
    document("ClusterConfiguration", &format!("kubernetesVersion: v1.37.2\n{fields}"))
}

#[test]
fn stores_what_kubeadm_stores() {
    let resolved = init_from(include_str!("../testdata/rich.yaml")).unwrap();
    let config = &resolved.value;
    let stored = [
        stored::cluster(config).unwrap().document,
        print::stored_component(&config.components.kubelet.document).unwrap(),
        print::stored_component(&config.components.kube_proxy.document).unwrap(),
    ];
    let kubeadms = yaml::documents(include_str!("../testdata/rich-stored.yaml")).unwrap();
    for (own, kubeadms) in stored.iter().zip(kubeadms) {
        let own = yaml::document(own).unwrap();
        assert_eq!(own, kubeadms, "{own:#} is not {kubeadms:#}");
    }
    assert!(config.components.kubelet.user_supplied && config.components.kube_proxy.user_supplied);
    assert_eq!(config.components.user_cgroup_driver(), Some("cgroupfs"));
    assert_eq!(config.network.control_plane_endpoint, "cp.example.com:7443");
    assert_eq!(config.timeouts.kubelet_health_check.as_secs(), 90);
    let node = &config.init.node_registration;
    assert_eq!((node.name.as_str(), node.cri_socket.as_str()), ("node-1", "unix:///run/x.sock"));
    assert_eq!(node.taints, Some(Vec::new()));
    let recommended = resolved.warnings.iter().filter(|text| text.starts_with("The recommended value for "));
    let fields: Vec<&str> = recommended.filter_map(|text| text.split('"').nth(1)).collect();
    let kube_proxy = ["bindAddress", "clusterCIDR"];
    let kubelet = [
        "clusterDNS",
        "authentication.anonymous.enabled",
        "authentication.webhook.enabled",
        "healthzPort",
        "readOnlyPort",
    ];
    assert_eq!(fields, [&kube_proxy[..], &kubelet[..]].concat());
    assert!(resolved.warnings.contains(
        &"The recommended value for \"clusterDNS\" in \"KubeletConfiguration\" is: [10.200.0.10]; the provided value \
          is: [169.254.25.10]"
            .to_owned()
    ));
}

#[test]
fn reads_back_what_it_stores() {
    let stored = |config: &InitConfig| {
        let components = &config.components;
        let kubelet = print::stored_component(&components.kubelet.document).unwrap();
        let kube_proxy = print::stored_component(&components.kube_proxy.document).unwrap();
        [stored::cluster(config).unwrap().document, kubelet, kube_proxy].join("---\n")
    };
    for config in [include_str!("../testdata/rich.yaml"), &cluster("networking: {podSubnet: 10.244.0.0/16}")] {
        let once = stored(&init_from(config).unwrap().value);
        assert_eq!(stored(&init_from(&once).unwrap().value), once);
    }
}

#[test]
fn refuses_what_kubeadm_refuses_in_its_words() {
    for case in yaml::documents(include_str!("../testdata/invalid.yaml")).unwrap() {
        let (name, config) = (case["name"].as_str().unwrap(), case["config"].as_str().unwrap());
        let said = match () {
            () if config.contains("kind: JoinConfiguration") => join_from(config).map(drop),
            () if config.contains("kind: ResetConfiguration") => reset_from(config).map(drop),
            () => init_from(config).map(drop),
        };
        let wanted = case["error"].as_str().unwrap();
        // kinit also looks at the form of pins and at where subnets overlap, which these don't.
        assert_eq!(said.unwrap_err(), wanted, "{name}");
    }
}

#[test]
fn without_flags_it_is_kubeadms_default_cluster() {
    let flags = InitFlags {
        kubernetes_version: Some("v1.37.2".to_owned()),
        pod_network_cidr: Some("10.244.0.0/16".to_owned()),
        ..InitFlags::default()
    };
    let config = init_with(&flags).unwrap();
    // From `kubeadm init --dry-run` with the same flags.
    let cluster = json!({
        "apiServer": {}, "apiVersion": "kubeadm.k8s.io/v1beta4", "caCertificateValidityPeriod": "87600h0m0s",
        "certificateValidityPeriod": "8760h0m0s", "certificatesDir": "/etc/kubernetes/pki", "clusterName": "kubernetes",
        "controllerManager": {}, "dns": {}, "encryptionAlgorithm": "RSA-2048",
        "etcd": {"local": {"dataDir": "/var/lib/etcd"}}, "imageRepository": "registry.k8s.io",
        "kind": "ClusterConfiguration", "kubernetesVersion": "v1.37.2",
        "networking": {"dnsDomain": "cluster.local", "podSubnet": "10.244.0.0/16", "serviceSubnet": "10.96.0.0/12"},
        "proxy": {}, "scheduler": {},
    });
    assert_eq!(yaml::document(&stored::cluster(&config).unwrap().document).unwrap(), cluster);
    let kubeadms = include_str!("../testdata/init-defaults.yaml").split("---\n").nth(2).unwrap().to_owned();
    let kubelet = print::stored_component(&config.components.kubelet.document).unwrap();
    assert_eq!(yaml::document(&kubelet).unwrap(), yaml::document(&kubeadms).unwrap());
    // The annotation that kubeadm puts on its ConfigMap with this text.
    let hash = component::component_hash(&[("kubelet".to_owned(), kubeadms)].into());
    assert_eq!(hash, "sha256:26488e9fc7c5cb5fdda9996cda2e6651a9af5febce07ea02de11bd3ef3f49e9c");
    assert_eq!(config.components.kube_proxy.document["clusterCIDR"], "10.244.0.0/16");
    assert_eq!(config.network.local_endpoint(), "192.0.2.2:6443");
    let node = &config.init.node_registration;
    assert_eq!((node.name.as_str(), node.cri_socket.as_str()), ("node-1", "unix:///run/containerd/containerd.sock"));
    assert_eq!(node.taints.as_ref().unwrap()[0].key, "node-role.kubernetes.io/control-plane");
    assert!(config.init.bootstrap_tokens[0].token.parse::<crate::config::token::Token>().is_ok());
}

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
fn an_empty_list_of_name_servers_is_a_wish() {
    let kubelet = |fields| format!("apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n{fields}\n");
    let given = |fields| init_from(&(cluster("") + &kubelet(fields))).unwrap();
    let none = given("clusterDNS: []");
    assert!(none.value.components.kubelet.document["clusterDNS"].is_null());
    assert_eq!(none.warnings.len(), 1, "{:?}", none.warnings);
    for unset in ["clusterDNS:", ""] {
        assert_eq!(given(unset).value.components.kubelet.document["clusterDNS"], json!(["10.96.0.10"]));
    }
}

#[test]
fn a_skipped_addon_is_disabled_and_its_image_stays_listed() {
    let text = document("InitConfiguration", "skipPhases: [addon/kube-proxy]") + &cluster("");
    let host = FakeHost::new().with_file("/c.yaml", &text);
    let flags = ImagesFlags { config: Some("/c.yaml".into()), ..ImagesFlags::default() };
    assert!(!run(images(&flags, &host, &machine(), &Offline)).unwrap().value.cluster.proxy.disabled);
    assert!(init_from(&text).unwrap().value.cluster.proxy.disabled);
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
fn bad_files_are_named() {
    let path = |fields| document("InitConfiguration", fields);
    for (config, said) in [
        ("a: [", "the configuration is not valid YAML: line "),
        ("- a\n", "document 1 of the configuration is not a map of fields but [\"a\"]"),
        ("", "no InitConfiguration or ClusterConfiguration kind was found in the configuration file"),
        (&path("").replace("InitC", "FooC"), "no kind \"FooConfiguration\" is registered for version"),
        (&path("").replace("v1beta4", "v1beta9"), "no kind \"InitConfiguration\" is registered for version"),
        (&path("").replace("v1beta4", "v1/beta4"), "unexpected GroupVersion string: kubeadm.k8s.io/v1/beta4"),
        (&path("skipPhases: []\nskipPhases: []"), "the configuration is not valid YAML: line 4, column 1: duplicate"),
        (
            &path("nodeRegistration: {name: n}"),
            "InitConfiguration: nodeRegistration.name at line 3, column 20: invalid value false, expected a string; put",
        ),
        (
            &path("nodeRegistration: {kubeletExtraArgs: [{name: v, value: 4}]}"),
            "InitConfiguration: nodeRegistration.kubeletExtraArgs[0].value at line 3, column 49: invalid value 4, ",
        ),
        (
            &path("timeouts: {discovery: 5x}"),
            "InitConfiguration: timeouts.discovery at line 3, column 12: time: unknown unit \"x\"",
        ),
        (
            &(cluster("") + "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nmaxPods: \"9\"\n"),
            "KubeletConfiguration: maxPods at line 8, column 1: invalid value \"9\", expected an integer",
        ),
        (
            &(cluster("")
                + "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nmaxPods: 4294967296\n"),
            "KubeletConfiguration: maxPods at line 8, column 1: invalid value 4294967296, expected an integer of 32 bits",
        ),
        (
            &(cluster("")
                + "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nlogging: {verbosity: -1}\n"),
            "KubeletConfiguration: logging.verbosity at line 8, column 11: invalid value -1, expected an integer of 32 bits",
        ),
        (
            &(cluster("")
                + "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nsyncFrequency: null\n"),
            "KubeletConfiguration: syncFrequency at line 8, column 1: time: invalid duration \"\"",
        ),
        (
            &(cluster("")
                + "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nregisterWithTaints: x\n"),
            "KubeletConfiguration: registerWithTaints at line 8, column 1: invalid value \"x\", expected a list",
        ),
        (
            &(cluster("")
                + "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nregisterWithTaints: [{key: 1}]\n"),
            "KubeletConfiguration: registerWithTaints[0].key at line 8, column 23: invalid value 1, expected a string",
        ),
        (
            &(cluster("") + "apiVersion: kubelet.config.k8s.io/v1\nkind: KubeletConfiguration\n"),
            "unsupported apiVersion \"kubelet.config.k8s.io/v1\", you may have to do manual conversion to",
        ),
    ] {
        let error = init_from(config).unwrap_err();
        assert!(error.starts_with(said), "{error}\nis not\n{said}");
    }
    let flags = InitFlags { config: Some("/none.yaml".into()), ..InitFlags::default() };
    assert_eq!(init_with(&flags).unwrap_err(), "unable to read config from \"/none.yaml\": no such file or directory");
}

#[test]
fn unknown_fields_and_foreign_documents_are_warnings() {
    let config = cluster("foo: 1\nnetworking: {bar: {}}\napiServer: {extraArgs: [{name: a, value: b, nam: c}]}")
        + "apiVersion: apps/v1\nkind: Deployment\n---\napiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n\
           cgroupDrivr: x\nmemorySwap: {swap: 1}\n";
    let warnings = init_from(&config).unwrap().warnings;
    assert_eq!(
        warnings,
        [
            "/c.yaml: error unmarshaling configuration schema.GroupVersionKind{Group:\"kubeadm.k8s.io\", Version:\"v1beta4\", \
             Kind:\"ClusterConfiguration\"}: strict decoding error: unknown field \"apiServer.extraArgs[0].nam\" at \
             line 6, column 45 (did you mean \"name\"?), unknown field \"foo\" at line 4, column 1, \
             unknown field \"networking.bar\" at line 5, column 14",
            "/c.yaml: error unmarshaling configuration schema.GroupVersionKind{Group:\"kubelet.config.k8s.io\", \
             Version:\"v1beta1\", Kind:\"KubeletConfiguration\"}: strict decoding error: unknown field \
             \"cgroupDrivr\" at line 13, column 1 (did you mean \"cgroupDriver\"?), unknown field \"memorySwap.swap\" \
             at line 14, column 14 (did you mean \"swapBehavior\"?)",
            "/c.yaml: Ignored configuration document with GroupVersionKind apps/v1, Kind=Deployment",
        ]
    );
}

#[test]
fn json_is_yaml() {
    let config = r#"{"apiVersion": "kubeadm.k8s.io/v1beta4", "kind": "ClusterConfiguration",
        "kubernetesVersion": "1.36.0", "networking": null}"#;
    assert_eq!(init_from(config).unwrap().value.cluster.kubernetes_version, "v1.36.0");
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
}

#[test]
fn a_machine_without_routes_or_with_two_runtimes() {
    let bare = Machine { default_addresses: Vec::new(), cri_sockets: Vec::new(), ..machine() };
    let said = init_on(&bare, &InitFlags::default(), "").unwrap_err();
    assert_eq!(said, "cannot use \"0.0.0.0\" as the bind address for the API Server");
    let images = run(images(&ImagesFlags::default(), &FakeHost::new(), &bare, &Offline)).unwrap();
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
    assert!(init_with(&flags("abc", "0")).unwrap_err().starts_with("the bootstrap token \"abc\" was not of the form"));
    let said = init_with(&flags("abcdef.0123456789abcdef", "1d")).unwrap_err();
    assert_eq!(said, "invalid argument \"1d\" for \"--token-ttl\" flag: time: unknown unit \"d\" in duration \"1d\"");
}

#[test]
fn an_end_of_life_may_be_past() {
    let token = |expires: &str| {
        let token = format!("bootstrapTokens: [{{token: abcdef.0123456789abcdef, expires: {expires:?}}}]");
        init_from(&(document("InitConfiguration", &token) + &cluster(""))).map(|resolved| resolved.warnings)
    };
    assert!(token("2030-01-01T00:00:00Z").unwrap().is_empty());
    assert!(token("1969-01-01T00:00:00Z").unwrap()[0].contains("expired at 1969-01-01T00:00:00Z"));
    let said = token("tomorrow").unwrap_err();
    assert!(said.starts_with("InitConfiguration: bootstrapTokens[0].expires at line 3, column 52: invalid"), "{said}");
}

#[test]
fn an_old_version_is_read_with_one_warning() {
    let old = |kind, fields| document(kind, fields).replace("v1beta4", "v1beta2");
    let config = old("InitConfiguration", "nodeRegistration: {kubeletExtraArgs: {v: '4'}, imagePullPolicy: Never}")
        + &old("ClusterConfiguration", "kubernetesVersion: v1.37.2\nuseHyperKubeImage: true");
    let Resolved { value, warnings } = init_from(&config).unwrap();
    assert_eq!(value.init.node_registration.kubelet_extra_args[0].value, "4");
    assert_eq!(value.init.node_registration.image_pull_policy, "IfNotPresent");
    let [unknown, old, lost] = warnings.as_slice() else { panic!("{warnings:#?}") };
    assert!(unknown.contains("unknown field \"nodeRegistration.imagePullPolicy\" at line 3, "), "{unknown}");
    assert!(old.contains("\"kubeadm.k8s.io/v1beta2\"") && old.contains("'kinit config migrate --old-config "), "{old}");
    assert!(lost.starts_with("/c.yaml: ClusterConfiguration: useHyperKubeImage at line 8, column 1 is not"), "{lost}");
}
