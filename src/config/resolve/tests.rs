//! Whole configurations against kubeadm v1.37.2: what it stores for the same input, and what it refuses in which words.

mod files;
mod flags;
mod join;

use serde_json::json;
use time::OffsetDateTime;

use super::*;
use crate::config::{InitConfig, JoinConfig, component, print, stored};
use crate::failure::chain;
use crate::host::FakeHost;
use crate::yaml;

/// A configuration, and what was told of it.
#[derive(Debug)]
struct Resolved<T> {
    value: T,
    warnings: Vec<String>,
}

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
        now: OffsetDateTime::UNIX_EPOCH,
    }
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn resolved<T>(resolve: impl FnOnce(&mut Vec<String>) -> Result<T, ConfigError>) -> Result<Resolved<T>, String> {
    let mut warnings = Vec::new();
    let value = resolve(&mut warnings).map_err(|error| of_file(&error))?;
    Ok(Resolved { value, warnings })
}

fn init_on(machine: &Machine, flags: &InitFlags, config: &str) -> Result<Resolved<InitConfig>, String> {
    let host = FakeHost::new().with_file("/c.yaml", config);
    resolved(|warnings| run(init(flags, &host, machine, &Offline, warnings)))
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
    resolved(|warnings| join(flags, &host, &machine(), warnings))
}

fn join_from(config: &str) -> Result<Resolved<JoinConfig>, String> {
    join_with(&JoinFlags { config: Some("/c.yaml".into()), ..JoinFlags::default() }, config)
}

fn reset_from(config: &str) -> Result<Resolved<ResetConfig>, String> {
    let host = FakeHost::new().with_file("/c.yaml", config);
    let flags = ResetFlags { config: Some("/c.yaml".into()), ..ResetFlags::default() };
    resolved(|warnings| reset(&flags, &host, &machine(), None, warnings))
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
        // kinit also looks at the form of pins and at where subnets overlap, which these don't, and says which document it is.
        let said = said.unwrap_err();
        assert_eq!(said.split(" (document ").next(), Some(wanted), "{name}");
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
