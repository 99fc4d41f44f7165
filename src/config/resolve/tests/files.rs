//! What stands in files: mistakes and where they are, other versions and forms, and what the fields come to.

use super::*;
use crate::config::remedy::Asking;

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
    assert!(!run(images(&flags, &host, &machine(), &Offline, &mut Vec::new())).unwrap().cluster.proxy.disabled);
    assert!(init_from(&text).unwrap().value.cluster.proxy.disabled);
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
        (
            &path("").replace("k8s.io", "k8s.oi"),
            "no kind \"InitConfiguration\" is registered for version \"kubeadm.k8s.oi",
        ),
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
fn a_type_is_found_whatever_its_capitals_are() {
    let config = "apiversion: kubeadm.k8s.io/v1beta4\nKind: ClusterConfiguration\nkubernetesVersion: v1.36.0\n";
    let Resolved { value, warnings } = init_from(config).unwrap();
    assert_eq!(value.cluster.kubernetes_version, "v1.36.0");
    let unknown = "unknown field \"Kind\" at line 2, column 1 (did you mean \"kind\"?), unknown field \"apiversion\" at \
                   line 1, column 1 (did you mean \"apiVersion\"?)";
    assert!(warnings[0].ends_with(unknown), "{warnings:?}");
    let host = FakeHost::new().with_file("/c.yaml", config);
    let flags = FileFlags { path: "/c.yaml".into(), ..FileFlags::default() };
    assert!(of_file(&run(file(&flags, &host, &machine(), &Offline, &mut Vec::new())).unwrap_err()).ends_with(unknown));
    let said = init_from(&(cluster("") + "# a comment\nkind: InitConfiguration\n")).unwrap_err();
    assert!(said.ends_with("that must be specified (document 2 at line 7, column 1)"), "{said}");
}

#[test]
fn a_type_that_is_unknown_is_named_with_the_one_that_was_meant() {
    let text = document("ClusterConfig", "") + &document("InitConfiguration", "").replace("v1beta4", "v1beta5");
    let host = FakeHost::new().with_file("/c.yaml", &text);
    let flags = FileFlags { path: "/c.yaml".into(), ..FileFlags::default() };
    let said = of_file(&run(file(&flags, &host, &machine(), &Offline, &mut Vec::new())).unwrap_err());
    assert_eq!(
        said,
        "unknown configuration APIs: kind \"ClusterConfig\" of \"kubeadm.k8s.io/v1beta4\" at line 1, column 1 (did you \
         mean ClusterConfiguration of kubeadm.k8s.io/v1beta4?), kind \"InitConfiguration\" of \
         \"kubeadm.k8s.io/v1beta5\" at line 5, column 1 (did you mean InitConfiguration of kubeadm.k8s.io/v1beta4?)"
    );
}

#[test]
fn what_the_values_of_a_file_come_to_names_it() {
    let takes = ["config", "node-name"].map(str::to_owned);
    let failure = |flags: &InitFlags, config: &str, takes: &[String]| {
        let host = FakeHost::new().with_file("/c.yaml", config);
        let asking = Asking { program: "kinit", defaults: Some("init"), flags: takes };
        run(init(flags, &host, &machine(), &Offline, &mut Vec::new())).unwrap_err().into_failure_of(&asking)
    };
    let flags = InitFlags { config: Some("/c.yaml".into()), ..InitFlags::default() };
    for (fields, said, hint) in [
        ("networking: {podSubnet: x}", "networking.podSubnet: Invalid value", "correct networking.podSubnet in the "),
        ("etcd: {external: {endpoints: [x]}}", "etcd.external.endpoints", "correct etcd.external.endpoints in the "),
    ] {
        let failure = failure(&flags, &cluster(fields), &takes);
        let named = format!("cannot use the configuration file \"/c.yaml\": {said}");
        let named = if said.starts_with("etcd") { named.replace("etcd.ext", "[etcd.ext") } else { named };
        assert!(failure.to_string().starts_with(&named), "{failure}");
        assert!(failure.hints()[0].starts_with(hint), "{failure:?}");
    }
    let name = document("InitConfiguration", "nodeRegistration: {name: a_b}") + &cluster("");
    for (takes, hint) in [
        (&takes[..], "give another --node-name, or nodeRegistration.name in the configuration file"),
        (&[], "correct nodeRegistration.name in the configuration file"),
    ] {
        assert_eq!(failure(&flags, &name, takes).hints(), [hint]);
    }
    let empty = failure(&flags, "", &takes);
    assert!(empty.hints()[0].starts_with("add a document of that kind") && empty.hints()[0].contains("init-defaults"));
}

#[test]
fn json_is_yaml() {
    let config = r#"{"apiVersion": "kubeadm.k8s.io/v1beta4", "kind": "ClusterConfiguration",
        "kubernetesVersion": "1.36.0", "networking": null}"#;
    assert_eq!(init_from(config).unwrap().value.cluster.kubernetes_version, "v1.36.0");
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
    let [old, unknown, lost] = warnings.as_slice() else { panic!("{warnings:#?}") };
    assert!(unknown.contains("unknown field \"nodeRegistration.imagePullPolicy\" at line 3, "), "{unknown}");
    assert!(old.contains("\"kubeadm.k8s.io/v1beta2\"") && old.contains("'config migrate --old-config "), "{old}");
    assert!(lost.starts_with("/c.yaml: ClusterConfiguration: useHyperKubeImage at line 8, column 1 is not"), "{lost}");
}
