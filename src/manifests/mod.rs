//! Static pods: what the configuration says, as manifests of kube-apiserver, kube-controller-manager, kube-scheduler
//! and etcd.
//!
//! [`pod`](fn@pod) is a pure function from configuration and a few facts. [`render`] patches and writes it as text, [`ensure`] makes
//! the file be so. This module refuses to know whether a pod runs: that is the kubelet's business.

mod apiserver;
pub mod args;
mod controller_manager;
mod envs;
mod etcd;
mod pod;
mod rootless;
mod scheduler;
mod volumes;

use std::net::IpAddr;

use camino::{Utf8Path, Utf8PathBuf};
use k8s_openapi::api::core::v1::Pod;
use serde_json::{Value, json};

use crate::accounts::{Accounts, AccountsError};
use crate::config::InitConfig;
use crate::host::{Changed, Host, HostError, NewFile};
use crate::patches::{PatchError, Patches, Target};
use crate::paths::{self, MANIFESTS_DIR};
use crate::versions::EXTRA_CA_DIRS;
use crate::yaml::{self, YamlError};

pub use apiserver::warnings;
pub use envs::proxy_environment;
pub use etcd::{client_url, peer_url};
pub use rootless::{give_files, is_rootless};

const ETCD_CLIENT_PORT: u16 = 2379;

/// A component that runs as a static pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Component {
    /// etcd, where it is local.
    Etcd,
    /// kube-apiserver.
    Apiserver,
    /// kube-controller-manager.
    ControllerManager,
    /// kube-scheduler.
    Scheduler,
}

impl Component {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Etcd, Self::Apiserver, Self::ControllerManager, Self::Scheduler];

    /// The pod's name, and the manifest's without its extension.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.target().name()
    }

    /// The manifest's path.
    #[must_use]
    pub fn path(self) -> Utf8PathBuf {
        Utf8Path::new(MANIFESTS_DIR).join(format!("{}.yaml", self.name()))
    }

    const fn target(self) -> Target {
        match self {
            Self::Etcd => Target::Etcd,
            Self::Apiserver => Target::KubeApiserver,
            Self::ControllerManager => Target::KubeControllerManager,
            Self::Scheduler => Target::KubeScheduler,
        }
    }
}

/// What manifests depend on beside the configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// Those of [`EXTRA_CA_DIRS`] that exist.
    pub ca_dirs: Vec<String>,
    /// From [`proxy_environment`].
    pub proxy_env: Vec<(String, String)>,
    /// The CA's key is not on this machine.
    pub external_ca: bool,
    /// Names and peer URLs of the etcd cluster that this node's member joins, itself included; empty for a new one.
    pub etcd_members: Vec<(String, String)>,
    /// The users that the components run as; `None` is root for all.
    pub accounts: Option<Accounts>,
}

impl Facts {
    /// Looks at the machine.
    pub fn gather(host: &dyn Host, cfg: &InitConfig, proxy_env: &[(String, String)]) -> Result<Self, AccountsError> {
        let mut ca_dirs = Vec::new();
        for dir in EXTRA_CA_DIRS.at(&cfg.version).iter() {
            if host.exists(Utf8Path::new(dir))? {
                ca_dirs.push((*dir).to_owned());
            }
        }
        let ca = |file: &str| host.exists(Utf8Path::new(&file_in(&cfg.cluster.certificates_dir, file)));
        let external_ca = ca("ca.crt")? && !ca("ca.key")?;
        let accounts = if is_rootless(&cfg.cluster) { Some(Accounts::look(host)?) } else { None };
        Ok(Self { ca_dirs, proxy_env: proxy_env.to_vec(), external_ca, etcd_members: Vec::new(), accounts })
    }
}

/// A manifest that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// The patches don't fit.
    #[error("failed to patch static Pod manifest file for {component:?}")]
    Patch {
        /// The component's name.
        component: &'static str,
        /// Why not.
        source: Box<PatchError>,
    },
    /// What the patches made is no pod.
    #[error("the patched manifest of {component:?} is not a valid Pod object")]
    NotAPod {
        /// The component's name.
        component: &'static str,
        /// Why not.
        source: serde_json::Error,
    },
    /// It cannot be written as text.
    #[error("failed to marshal manifest for {component:?} to YAML")]
    Yaml {
        /// The component's name.
        component: &'static str,
        /// Why not.
        source: YamlError,
    },
    /// It cannot run as a user of its own.
    #[error("failed to run component {component:?} as non-root")]
    Rootless {
        /// The component's name.
        component: &'static str,
        /// Why not.
        source: AccountsError,
    },
    /// The file cannot be made.
    #[error("failed to create static pod manifest file for {component:?}")]
    File {
        /// The component's name.
        component: &'static str,
        /// Why not.
        source: HostError,
    },
}

/// The components that this configuration runs, etcd first.
#[must_use]
pub fn components(cfg: &InitConfig) -> Vec<Component> {
    let external = cfg.cluster.etcd.external.is_some();
    Component::ALL.into_iter().filter(|component| !(external && *component == Component::Etcd)).collect()
}

/// A component's pod, without patches.
#[must_use]
pub fn pod(component: Component, cfg: &InitConfig, facts: &Facts) -> Value {
    let mut pod = match component {
        Component::Etcd => etcd::etcd(cfg, &cfg.cluster.etcd.local.clone().unwrap_or_default(), facts),
        Component::Apiserver => apiserver::apiserver(cfg, facts),
        Component::ControllerManager => controller_manager::controller_manager(cfg, facts),
        Component::Scheduler => scheduler::scheduler(cfg, facts),
    };
    if let Some(accounts) = &facts.accounts {
        rootless::run_as_own_user(component, &mut pod, accounts);
    }
    pod
}

/// A component's manifest as text, patched.
pub fn render(
    component: Component,
    cfg: &InitConfig,
    facts: &Facts,
    patches: &Patches,
    host: &dyn Host,
    say: &dyn Fn(&str),
) -> Result<String, ManifestError> {
    let name = component.name();
    let plain = pod(component, cfg, facts);
    let patched = patches
        .apply(host, component.target(), plain.clone(), say)
        .map_err(|source| ManifestError::Patch { component: name, source: Box::new(source) })?;
    let pod = if patched == plain { plain } else { checked(patched, name)? };
    yaml::to_string(&pod).map_err(|source| ManifestError::Yaml { component: name, source })
}

/// Makes a component's manifest be there. One that says the same in other words is left alone.
pub fn ensure(component: Component, content: &str, host: &dyn Host) -> Result<Changed, ManifestError> {
    let failed = |source| ManifestError::File { component: component.name(), source };
    let path = component.path();
    if host.read(&path).map_err(failed)?.is_some_and(|present| says_the_same(&present, content.as_bytes())) {
        return Ok(Changed::No);
    }
    ensure_dir(component, host)?;
    let file = NewFile { path: &path, content: content.as_bytes(), mode: 0o600, secret: false };
    host.ensure_file(&file).map_err(failed)
}

/// Makes the folder for a component's manifest be there. The kubelet watches it from its start, if it is there then.
pub fn ensure_dir(component: Component, host: &dyn Host) -> Result<Changed, ManifestError> {
    let failed = |source| ManifestError::File { component: component.name(), source };
    host.ensure_dir(Utf8Path::new(MANIFESTS_DIR), 0o700).map_err(failed)
}

/// Every manifest that this configuration leads to, by path: what preflight compares a present file with. Without a word.
pub fn expected(
    cfg: &InitConfig,
    facts: &Facts,
    patches: &Patches,
    host: &dyn Host,
) -> Result<Vec<(Utf8PathBuf, Vec<u8>)>, ManifestError> {
    let text = |component| patches.quietly(|| render(component, cfg, facts, patches, host, &|_| ()));
    components(cfg).into_iter().map(|component| Ok((component.path(), text(component)?.into_bytes()))).collect()
}

/// Whether two YAML files hold the same values.
#[must_use]
pub fn says_the_same(present: &[u8], content: &[u8]) -> bool {
    let value = |bytes| yaml::text(bytes).and_then(|text| yaml::document(&text)).map(yaml::without_nulls);
    present == content || matches!((value(present), value(content)), (Ok(a), Ok(b)) if a == b)
}

/// A patched pod, as kubeadm's types would write it: of the right types, without nulls.
fn checked(patched: Value, component: &'static str) -> Result<Value, ManifestError> {
    let mut pod = yaml::without_nulls(patched);
    serde_json::from_value::<Pod>(pod.clone()).map_err(|source| ManifestError::NotAPod { component, source })?;
    for list in ["/spec/containers", "/spec/initContainers"] {
        let containers = pod.pointer_mut(list).and_then(Value::as_array_mut);
        for container in containers.into_iter().flatten().filter_map(Value::as_object_mut) {
            container.entry("resources").or_insert_with(|| json!({}));
        }
    }
    Ok(pod)
}

/// A file in a directory of the configuration.
fn file_in(dir: &str, file: &str) -> String {
    paths::clean(dir).join(file).into_string()
}

/// The loopback address of the family that this node advertises.
fn loopback(cfg: &InitConfig) -> &'static str {
    match cfg.network.advertise_address {
        IpAddr::V4(_) => "127.0.0.1",
        IpAddr::V6(_) => "::1",
    }
}

/// Whether a path is a directory or inside it.
fn under(path: &str, dir: &str) -> bool {
    Utf8Path::new(path).starts_with(dir)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::v1beta4::{ClusterConfiguration, Etcd, InitConfiguration, LocalEtcd};
    use crate::config::{Components, Network, Timeouts};
    use crate::host::{Effect, FakeHost};
    use crate::versions::{OWN, Version};

    pub(in crate::manifests) fn config(version: Version) -> InitConfig {
        let local = LocalEtcd { data_dir: "/var/lib/etcd".into(), ..LocalEtcd::default() };
        let mut init = InitConfiguration::default();
        init.node_registration.name = "cp2".into();
        let cluster = ClusterConfiguration {
            certificates_dir: "/etc/kubernetes/pki".into(),
            etcd: Etcd { local: Some(local), external: None },
            ..ClusterConfiguration::default()
        };
        let network = Network {
            advertise_address: IpAddr::from([10, 0, 0, 2]),
            bind_port: 6443,
            service_subnets: Vec::new(),
            pod_subnets: Vec::new(),
            control_plane_endpoint: String::new(),
        };
        InitConfig {
            init,
            cluster,
            components: Components::default(),
            network,
            generated_token: false,
            version,
            ci: false,
            timeouts: Timeouts::default(),
        }
    }

    fn flags(component: Component, facts: &Facts) -> Vec<String> {
        let pod = pod(component, &config(OWN), facts);
        serde_json::from_value(pod["spec"]["containers"][0]["command"].clone()).unwrap()
    }

    #[test]
    fn a_member_that_joins_names_the_others() {
        let members = [("cp1", "https://10.0.0.1:2380"), ("cp2", "https://10.0.0.2:2380")];
        let etcd_members = members.map(|(name, peer)| (name.to_owned(), peer.to_owned())).to_vec();
        let flags = flags(Component::Etcd, &Facts { etcd_members, ..Facts::default() });
        assert!(flags.contains(&"--initial-cluster=cp1=https://10.0.0.1:2380,cp2=https://10.0.0.2:2380".to_owned()));
        assert!(flags.contains(&"--initial-cluster-state=existing".to_owned()));
    }

    #[test]
    fn what_the_machine_tells() {
        let host = FakeHost::new()
            .with_file("/etc/pki/tls/certs/x", "")
            .with_file("/usr/share/ca-certificates/x", "")
            .with_file("/etc/kubernetes/pki/ca.crt", "");
        let facts = Facts::gather(&host, &config(OWN), &[]).unwrap();
        assert_eq!(facts.ca_dirs, ["/etc/pki/tls/certs", "/usr/share/ca-certificates"]);
        assert!(facts.external_ca);
        let signing = flags(Component::ControllerManager, &facts);
        assert!(signing.contains(&"--cluster-signing-key-file=".to_owned()), "{signing:?}");
        let old = Facts::gather(&host, &config(Version::new(1, 30, 0)), &[]).unwrap();
        assert_eq!(old.ca_dirs, ["/etc/pki", "/usr/share/ca-certificates"]);
    }

    #[test]
    fn probes_go_where_flags_say() {
        let probed = |component, flag: &str, value: &str| {
            let mut cfg = config(OWN);
            let flags = vec![args::arg(flag, value)];
            cfg.cluster.scheduler.extra_args = flags.clone();
            cfg.cluster.etcd.local = cfg.cluster.etcd.local.map(|etcd| LocalEtcd { extra_args: flags, ..etcd });
            let http = &pod(component, &cfg, &Facts::default())["spec"]["containers"][0]["livenessProbe"]["httpGet"];
            http.get("host").and_then(Value::as_str).map(str::to_owned)
        };
        for (value, host) in [("::1", Some("::1")), ("0.0.0.0", None), ("", None)] {
            assert_eq!(probed(Component::Scheduler, "bind-address", value).as_deref(), host, "{value:?}");
        }
        for (value, host) in [("http://10.0.0.9:1", "10.0.0.9"), ("10.0.0.9:1", "127.0.0.1"), ("5", "127.0.0.1")] {
            assert_eq!(probed(Component::Etcd, "listen-metrics-urls", value).as_deref(), Some(host), "{value:?}");
        }
    }

    #[test]
    fn a_wait_of_no_time_leaves_the_number_of_failures_to_the_kubelet() {
        let probe = |seconds| {
            let mut cfg = config(OWN);
            cfg.timeouts.control_plane_component_health_check = std::time::Duration::from_secs(seconds);
            pod(Component::Scheduler, &cfg, &Facts::default())["spec"]["containers"][0]["startupProbe"].clone()
        };
        assert_eq!((probe(31)["failureThreshold"].as_u64(), probe(0).get("failureThreshold")), (Some(4), None));
    }

    #[test]
    fn a_manifest_is_written_once_and_other_words_for_it_stay() {
        let (host, cfg, patches) = (FakeHost::new(), config(OWN), Patches::default());
        let facts = Facts::default();
        let text = render(Component::Etcd, &cfg, &facts, &patches, &host, &|_| ()).unwrap();
        assert_eq!(ensure(Component::Etcd, &text, &host).unwrap(), Changed::Yes);
        let effects = host.effects();
        assert_eq!(effects[0], Effect::MakeDir(MANIFESTS_DIR.into()));
        assert!(matches!(&effects[1], Effect::WriteFile { mode: 0o600, .. }));
        assert_eq!(ensure(Component::Etcd, &text, &host).unwrap(), Changed::No);

        let as_json = yaml::document(&text).unwrap().to_string();
        let host = FakeHost::new().with_file("/etc/kubernetes/manifests/etcd.yaml", &as_json);
        assert_eq!(ensure(Component::Etcd, &text, &host).unwrap(), Changed::No);
        let host = host.with_file("/etc/kubernetes/manifests/etcd.yaml", &as_json.replace("10.0.0.2", "10.0.0.3"));
        assert_eq!(ensure(Component::Etcd, &text, &host).unwrap(), Changed::Yes);
        let expected = expected(&cfg, &facts, &patches, &host).unwrap();
        assert_eq!(expected.len(), 4);
        assert!(says_the_same(as_json.as_bytes(), &expected[0].1));
    }

    #[test]
    fn a_patch_that_makes_no_pod_is_refused() {
        let host = FakeHost::new().with_file("/p/etcd.yaml", "spec: {hostNetwork: sometimes}");
        let patches = Patches::in_directory("/p");
        let result = render(Component::Etcd, &config(OWN), &Facts::default(), &patches, &host, &|_| ());
        assert_eq!(result.unwrap_err().to_string(), "the patched manifest of \"etcd\" is not a valid Pod object");
    }
}
