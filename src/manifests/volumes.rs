//! Host paths that static pods mount.
//!
//! Knows kubeadm's volumes by name and how a user's replace them; refuses to look at the machine: which directories
//! exist is told.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Facts, under};
use crate::config::v1beta4::{ExternalEtcd, HostPathMount};
use crate::config::{InitConfig, last_arg};
use crate::paths::{self, CONTROLLER_MANAGER_CONF, SCHEDULER_CONF};
use crate::versions::{EXTRA_CA_DIRS, FLEXVOLUME_DIR};

const DIRECTORY: &str = "DirectoryOrCreate";
const FILE: &str = "FileOrCreate";
const CA_DIR: &str = "/etc/ssl/certs";
const DEFAULT_FLEXVOLUME_DIR: &str = "/usr/libexec/kubernetes/kubelet-plugins/volume/exec";

/// Host paths by volume name; one name, one volume.
#[derive(Debug, Default)]
pub(super) struct Mounts(BTreeMap<String, HostPathMount>);

impl Mounts {
    pub(super) fn apiserver(cfg: &InitConfig, facts: &Facts) -> Self {
        let mut mounts = Self::default();
        mounts.certificates(cfg, facts);
        if let Some(external) = &cfg.cluster.etcd.external {
            for (index, dir) in etcd_dirs(external, cfg).iter().enumerate() {
                mounts.add(&format!("etcd-certs-{index}"), dir, true, DIRECTORY);
            }
        }
        mounts.extra(&cfg.cluster.api_server.extra_volumes)
    }

    pub(super) fn controller_manager(cfg: &InitConfig, facts: &Facts) -> Self {
        let component = &cfg.cluster.controller_manager;
        let mut mounts = Self::default();
        mounts.certificates(cfg, facts);
        mounts.add("kubeconfig", CONTROLLER_MANAGER_CONF, true, FILE);
        if *FLEXVOLUME_DIR.at(&cfg.version) {
            let dir = last_arg(&component.extra_args, "flex-volume-plugin-dir").unwrap_or(DEFAULT_FLEXVOLUME_DIR);
            mounts.add("flexvolume-dir", dir, false, DIRECTORY);
        }
        mounts.extra(&component.extra_volumes)
    }

    pub(super) fn scheduler(cfg: &InitConfig) -> Self {
        let mut mounts = Self::default();
        mounts.add("kubeconfig", SCHEDULER_CONF, true, FILE);
        mounts.extra(&cfg.cluster.scheduler.extra_volumes)
    }

    pub(super) fn etcd(data_dir: &str, certificates_dir: &str) -> Self {
        let mut mounts = Self::default();
        mounts.add("etcd-data", data_dir, false, DIRECTORY);
        mounts.add("etcd-certs", &format!("{certificates_dir}/etcd"), false, DIRECTORY);
        mounts
    }

    /// The pod's `volumes`, by name.
    pub(super) fn volumes(&self) -> Value {
        let volume = |mount: &HostPathMount| json!({ "name": mount.name, "hostPath": { "path": mount.host_path, "type": mount.path_type } });
        self.0.values().map(volume).collect()
    }

    /// The container's `volumeMounts`, by name.
    pub(super) fn volume_mounts(&self) -> Value {
        self.0.values().map(volume_mount).collect()
    }

    /// The same in an order of one's own; names that are not there are left out.
    pub(super) fn volume_mounts_in(&self, names: &[&str]) -> Value {
        names.iter().filter_map(|name| self.0.get(*name)).map(volume_mount).collect()
    }

    fn certificates(&mut self, cfg: &InitConfig, facts: &Facts) {
        self.add("k8s-certs", &cfg.cluster.certificates_dir, true, DIRECTORY);
        self.add("ca-certs", CA_DIR, true, DIRECTORY);
        for dir in &facts.ca_dirs {
            self.add(&dir.trim_start_matches('/').replace('/', "-"), dir, true, DIRECTORY);
        }
    }

    fn add(&mut self, name: &str, path: &str, read_only: bool, path_type: &str) {
        let mount = HostPathMount {
            name: name.to_owned(),
            host_path: path.to_owned(),
            mount_path: path.to_owned(),
            read_only,
            path_type: path_type.to_owned(),
        };
        self.0.insert(name.to_owned(), mount);
    }

    fn extra(mut self, volumes: &[HostPathMount]) -> Self {
        self.0.extend(volumes.iter().map(|volume| (volume.name.clone(), volume.clone())));
        self
    }
}

fn volume_mount(mount: &HostPathMount) -> Value {
    let mut value = json!({ "name": mount.name, "mountPath": mount.mount_path });
    if mount.read_only {
        value["readOnly"] = json!(true);
    }
    value
}

/// The directories of an external etcd's certificates that are not mounted anyway: of several, one inside the other,
/// the outermost. A directory that is written with a slash at its end is another text, which kubeadm mounts again.
fn etcd_dirs(external: &ExternalEtcd, cfg: &InitConfig) -> Vec<String> {
    let mounted = EXTRA_CA_DIRS.at(&cfg.version).iter().copied().chain([CA_DIR, &cfg.cluster.certificates_dir]);
    let mounted: Vec<&str> = mounted.collect();
    let mut dirs: Vec<String> = Vec::new();
    for file in [&external.ca_file, &external.cert_file, &external.key_file] {
        let Some(dir) = file.rfind('/').map(|end| paths::clean(&file[..=end])).filter(|dir| dir.is_absolute()) else {
            continue;
        };
        if mounted.iter().any(|known| under(dir.as_str(), known) && dir.as_str().starts_with(known)) {
            continue;
        }
        dirs.retain(|other| !under(other, dir.as_str()));
        if !dirs.iter().any(|other| under(dir.as_str(), other)) {
            dirs.push(dir.to_string());
        }
    }
    dirs.sort();
    dirs
}
