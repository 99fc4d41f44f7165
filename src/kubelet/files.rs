//! What stands in the kubelet's files.

use std::cell::RefCell;
use std::fmt::Write;

use serde_json::{Value, json};

use super::{Facts, KubeletError, Node, node_name};
use crate::config::v1beta4::Arg;
use crate::host::Host;
use crate::images;
use crate::kube::node::taint_text;
use crate::manifests::args::{self, arg};
use crate::patches::{self, Kind, Patches, Target};
use crate::paths::{self, KUBELET_CONFIG, KUBELET_FLAGS_ENV};
use crate::versions::{EXTRA_ARGS, KUBELET_FLAGS, KUBELET_INSTANCE_CONFIG};
use crate::yaml;

/// Where systemd-resolved keeps the name servers that it asks itself.
pub const RESOLVED_CONF: &str = "/run/systemd/resolve/resolv.conf";
const DOCKERSHIM: &str = "unix:///var/run/dockershim.sock";

/// The kubelet's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    /// kubeadm-flags.env.
    pub flags_env: String,
    /// instance-config.yaml, where the version has one.
    pub instance_config: Option<String>,
    /// config.yaml.
    pub config: String,
    /// What stands in it.
    pub document: Value,
    /// What there is to tell of how config.yaml came about.
    pub notes: Vec<String>,
}

impl Files {
    /// Path and content of each.
    pub fn paths(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let instance = self.instance_config.as_deref().map(|content| (paths::KUBELET_INSTANCE_CONFIG, content));
        [(KUBELET_FLAGS_ENV, &*self.flags_env), (KUBELET_CONFIG, &*self.config)].into_iter().chain(instance)
    }
}

/// The files for a node.
pub fn files(node: &Node<'_>, facts: &Facts, patches: &Patches, host: &dyn Host) -> Result<Files, KubeletError> {
    let instance = has_instance_config(node);
    let socket = &node.registration.cri_socket;
    let notes = RefCell::new(Vec::new());
    let say = |note: &str| notes.borrow_mut().push(note.to_owned());

    let mut config = node.config.clone();
    if facts.resolved_active && config["resolvConf"].is_null() {
        config["resolvConf"] = json!(RESOLVED_CONF);
    }
    config = patches.apply(host, Target::KubeletConfiguration, config, &say)?;
    if instance {
        let own = json!({ "containerRuntimeEndpoint": socket });
        config =
            patches::merge_strategically(config, &own, Target::KubeletConfiguration).map_err(KubeletError::Instance)?;
        say(&patches::applied(Kind::Strategic, Target::KubeletConfiguration));
    }

    Ok(Files {
        flags_env: format!("KUBELET_KUBEADM_ARGS={}\n", quoted(&flags(node, facts).join(" "))),
        instance_config: instance.then(|| format!("containerRuntimeEndpoint: {}\n", quoted(socket))),
        config: yaml::to_string(&config).map_err(KubeletError::Yaml)?,
        document: config,
        notes: notes.into_inner(),
    })
}

/// What a person should know about the KubeletConfiguration that he gives.
pub(super) fn warnings(config: &Value, facts: &Facts) -> Vec<String> {
    let given = config["resolvConf"].as_str().filter(|given| facts.resolved_active && *given != RESOLVED_CONF);
    let warning = |given: &str| {
        format!(
            "The recommended value for \"resolvConf\" in \"KubeletConfiguration\" is: {RESOLVED_CONF}; the provided \
             value is: {given}"
        )
    };
    given.map(warning).into_iter().collect()
}

fn has_instance_config(node: &Node<'_>) -> bool {
    KUBELET_INSTANCE_CONFIG.at(node.version, &node.cluster.feature_gates)
}

fn flags(node: &Node<'_>, facts: &Facts) -> Vec<String> {
    let row = KUBELET_FLAGS.at(node.version);
    let registration = node.registration;
    let mut defaults: Vec<Arg> = Vec::new();
    if row.dockershim && registration.cri_socket == DOCKERSHIM {
        defaults.push(arg("network-plugin", "cni"));
    } else {
        if row.container_runtime {
            defaults.push(arg("container-runtime", "remote"));
        }
        if !has_instance_config(node) {
            defaults.push(arg("container-runtime-endpoint", &*registration.cri_socket));
        }
    }
    if row.pause_image {
        defaults.push(arg("pod-infra-container-image", images::pause(node.cluster, node.version)));
    }
    let taints: Vec<String> = registration.taints.iter().flatten().map(taint_text).collect();
    if node.taints_by_flag && !taints.is_empty() {
        defaults.push(arg("register-with-taints", taints.join(",")));
    }
    let extra = &registration.kubelet_extra_args;
    let name = node_name(registration);
    if name != facts.hostname {
        defaults.push(arg("hostname-override", name));
    }
    args::flags(defaults, extra, *EXTRA_ARGS.at(node.version))
}

/// As Go's `%q` writes it.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            control if control.is_ascii_control() => {
                // Writing to a string cannot fail.
                let _ = write!(quoted, "\\x{:02x}", u32::from(control));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::v1beta4::Taint;
    use crate::config::v1beta4::{ClusterConfiguration, NodeRegistrationOptions};
    use crate::host::FakeHost;
    use crate::versions::Version;

    fn registration() -> NodeRegistrationOptions {
        NodeRegistrationOptions {
            name: "cp1".into(),
            cri_socket: "unix:///run/containerd/containerd.sock".into(),
            taints: Some(vec![Taint { key: "a".into(), effect: "NoSchedule".into(), ..Taint::default() }]),
            ..NodeRegistrationOptions::default()
        }
    }

    fn env(registration: &NodeRegistrationOptions, minor: u64, hostname: &str, taints_by_flag: bool) -> String {
        let (cluster, version) = (ClusterConfiguration::default(), Version::new(1, minor, 0));
        let node = Node {
            registration,
            cluster: &cluster,
            version: &version,
            config: &json!({}),
            taints_by_flag,
            serving: None,
        };
        let facts = Facts { hostname: hostname.into(), resolved_active: false };
        files(&node, &facts, &Patches::default(), &FakeHost::new()).unwrap().flags_env
    }

    #[test]
    fn flags_of_each_era() {
        let node = registration();
        assert_eq!(env(&node, 37, "cp1", false), "KUBELET_KUBEADM_ARGS=\"\"\n");
        assert_eq!(
            env(&node, 37, "other", true),
            "KUBELET_KUBEADM_ARGS=\"--hostname-override=cp1 --register-with-taints=a:NoSchedule\"\n"
        );
        assert_eq!(
            env(&node, 25, "cp1", false),
            "KUBELET_KUBEADM_ARGS=\"--container-runtime=remote \
             --container-runtime-endpoint=unix:///run/containerd/containerd.sock \
             --pod-infra-container-image=registry.k8s.io/pause:3.8\"\n"
        );
        let docker = NodeRegistrationOptions { cri_socket: DOCKERSHIM.into(), ..registration() };
        assert!(env(&docker, 23, "cp1", false).contains("\"--network-plugin=cni --pod-infra"));
    }

    #[test]
    fn a_gate_decides_where_the_runtime_is_told() {
        let (registration, version) = (registration(), Version::new(1, 33, 13));
        let told = |gates: &[(&str, bool)]| {
            let feature_gates = gates.iter().map(|(gate, on)| ((*gate).to_owned(), *on)).collect();
            let cluster = ClusterConfiguration { feature_gates, ..ClusterConfiguration::default() };
            let (cluster, version, config) = (&cluster, &version, &json!({}));
            let node =
                Node { registration: &registration, cluster, version, config, taints_by_flag: false, serving: None };
            let facts = Facts { hostname: "cp1".into(), resolved_active: false };
            let files = files(&node, &facts, &Patches::default(), &FakeHost::new()).unwrap();
            (files.flags_env.contains("--container-runtime-endpoint="), files.instance_config.is_some())
        };
        assert_eq!(told(&[]), (true, false));
        assert_eq!(told(&[("NodeLocalCRISocket", true)]), (false, true));
    }

    #[test]
    fn a_users_flags_are_quoted_as_go_does() {
        let mut node = registration();
        node.kubelet_extra_args = vec![arg("node-labels", r#"a="b\c""#), arg("hostname-override", "x")];
        assert_eq!(
            env(&node, 37, "cp1", false),
            "KUBELET_KUBEADM_ARGS=\"--node-labels=a=\\\"b\\\\c\\\" --hostname-override=x\"\n"
        );
    }

    #[test]
    fn the_nodes_own_part_of_the_configuration() {
        let (cluster, version) = (ClusterConfiguration::default(), crate::versions::OWN);
        let config =
            json!({"kind": "KubeletConfiguration", "containerRuntimeEndpoint": "", "clusterDNS": ["10.96.0.10"]});
        let registration = registration();
        let node = Node {
            registration: &registration,
            cluster: &cluster,
            version: &version,
            config: &config,
            taints_by_flag: false,
            serving: None,
        };
        let facts = Facts { hostname: "cp1".into(), resolved_active: true };
        let host = FakeHost::new().with_file("/p/kubeletconfiguration.yaml", "clusterDNS: [169.254.1.1]\nmaxPods: 7\n");
        let files = files(&node, &facts, &Patches::in_directory("/p"), &host).unwrap();
        assert_eq!(
            yaml::document(&files.config).unwrap(),
            json!({
                "kind": "KubeletConfiguration",
                "containerRuntimeEndpoint": "unix:///run/containerd/containerd.sock",
                "clusterDNS": ["169.254.1.1"],
                "maxPods": 7,
                "resolvConf": "/run/systemd/resolve/resolv.conf",
            })
        );
        assert_eq!(
            files.instance_config.as_deref(),
            Some("containerRuntimeEndpoint: \"unix:///run/containerd/containerd.sock\"\n")
        );
        assert_eq!(files.notes.last(), files.notes.get(2), "{:?}", files.notes);
        assert_eq!(warnings(&json!({"resolvConf": "/etc/resolv.conf"}), &facts).len(), 1);
    }
}
