//! What people and runs before left on the node: patches, static pods; and what the runtime answers.

use camino::Utf8Path;
use kinit::cri::{self, Container, ContainerStatus, Sandbox, Status};
use kinit::host::FakeHost;
use kinit::patches::{Patches, Target};
use kinit::wait::{ControlPlane, Place};
use kinit::{manifests, paths, reset, versions, yaml};
use prost::Message as _;
use serde_json::Value;

use super::machine::{add_file, sample_init, with_file};

/// How much longer than its patches a patched object may be.
const GROWTH: usize = 4 << 20;

/// The first line is the file's name, the rest its content.
pub(super) fn patches(data: &[u8]) {
    let (name, content) = data.split_at(data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len()));
    let name = String::from_utf8_lossy(name).replace('/', "");
    let host = with_file(&format!("/patches/{name}"), content.strip_prefix(b"\n").unwrap_or(content));
    let cfg = sample_init();
    for target in Target::ALL {
        let object = match target {
            Target::KubeletConfiguration => cfg.components.kubelet.document.clone(),
            _ => manifests::pod(manifests::Component::Etcd, &cfg, &manifests::Facts::default()),
        };
        let before = object.to_string().len();
        if let Ok(patched) = Patches::in_directory("/patches").apply(&host, target, object, &|_| ()) {
            let after = patched.to_string().len();
            assert!(after <= before + data.len() + GROWTH, "{after} bytes");
            assert!(yaml::to_string(&patched).is_ok());
        }
    }
}

/// Manifests that are there already.
pub(super) fn static_pods(data: &[u8]) {
    let host = FakeHost::new();
    for component in ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "etcd"] {
        add_file(&host, &format!("{}/{component}.yaml", paths::MANIFESTS_DIR), data);
    }
    let _ = reset::etcd::find(&host, None).map_err(|error| error.to_string());
    let other = b"kind: Pod\nmetadata: {name: other}\n";
    assert_eq!(manifests::says_the_same(data, other), manifests::says_the_same(other, data));
    assert!(manifests::says_the_same(data, data));
    let _ = ControlPlane::read(&Place {
        host: &host,
        dir: Utf8Path::new(paths::MANIFESTS_DIR),
        address: "192.0.2.10",
        admin: Utf8Path::new(paths::ADMIN_CONF),
        version: &versions::OWN,
    });
}

/// The messages of CRI, and the JSON in them.
pub(super) fn runtime(data: &[u8]) {
    let _ = (Sandbox::decode(data), Container::decode(data), ContainerStatus::decode(data));
    let json: Value = match Status::decode(data) {
        Ok(status) => {
            let _ = (status.conditions(), status.condition("NetworkReady"));
            serde_json::from_str(status.info.get("config").map_or("", String::as_str)).unwrap_or_default()
        }
        Err(_) => serde_json::from_slice(data).unwrap_or_default(),
    };
    let _ = (cri::config::cgroup_driver(&json), cri::config::sandbox_image(&json));
}
