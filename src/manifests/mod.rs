//! Static pods: what the configuration says, as manifests of kube-apiserver, kube-controller-manager, kube-scheduler
//! and etcd.
//!
//! [`pod`](fn@pod) is a pure function from configuration and a few facts. [`render`] patches and writes it as text, [`ensure`] makes
//! the file be so. This module refuses to know whether a pod runs: that is the kubelet's business.

mod apiserver;
pub mod args;
mod controller_manager;
mod envs;
mod error;
mod etcd;
mod pod;
mod present;
mod rootless;
mod scheduler;
mod volumes;

use std::net::IpAddr;

use camino::{Utf8Path, Utf8PathBuf};
use k8s_openapi::api::core::v1::Pod;
use serde::de::Error;
use serde_json::{Value, json};

use crate::accounts::Accounts;
use crate::config::InitConfig;
use crate::host::{Changed, Host, HostError, NewFile};
use crate::patches::{Patches, Target};
use crate::paths::{self, MANIFESTS_DIR};
use crate::versions::EXTRA_CA_DIRS;
use crate::yaml;

pub use apiserver::warnings;
pub use envs::proxy_environment;
pub use error::ManifestError;
pub use etcd::{client_url, peer_url};
pub use present::version_here;
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
    /// Looks at the machine. Which users count, those that it has or those that it will have, is the caller's to say.
    pub fn gather(host: &dyn Host, cfg: &InitConfig, proxy_env: &[(String, String)]) -> Result<Self, HostError> {
        let mut ca_dirs = Vec::new();
        for dir in EXTRA_CA_DIRS.at(&cfg.version).iter() {
            if host.exists(Utf8Path::new(dir))? {
                ca_dirs.push((*dir).to_owned());
            }
        }
        let ca = |file: &str| host.exists(Utf8Path::new(&file_in(&cfg.cluster.certificates_dir, file)));
        let external_ca = ca("ca.crt")? && !ca("ca.key")?;
        Ok(Self { ca_dirs, proxy_env: proxy_env.to_vec(), external_ca, ..Self::default() })
    }
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
    // The type takes only wrong ones for errors; the kubelet passes over a manifest that has none.
    let missing = ["apiVersion", "kind"].into_iter().find(|field| pod.get(field).is_none());
    let typed = missing
        .map_or_else(|| serde_json::from_value::<Pod>(pod.clone()).map(drop), |field| Err(Error::missing_field(field)));
    typed.map_err(|source| ManifestError::NotAPod { component, source })?;
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
mod tests;
