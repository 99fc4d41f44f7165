//! What a runtime's verbose status tells of its configuration. Pure: JSON in, facts out.

use std::fmt;

use serde_json::Value;

/// Who makes the cgroups of pods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CgroupDriver {
    /// systemd, asked over D-Bus.
    Systemd,
    /// The kubelet and the runtime themselves.
    Cgroupfs,
}

impl CgroupDriver {
    /// As KubeletConfiguration's `cgroupDriver` spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Systemd => "systemd",
            Self::Cgroupfs => "cgroupfs",
        }
    }
}

impl fmt::Display for CgroupDriver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The driver in containerd's configuration: `SystemdCgroup` among the options of the default runtime, or of the
/// only one. `None` where the configuration says nothing of runc (CRI-O, other runtime types).
#[must_use]
pub fn cgroup_driver(config: &Value) -> Option<CgroupDriver> {
    let containerd = config.get("containerd")?;
    let runtimes = containerd.get("runtimes")?.as_object()?;
    let default = containerd.get("defaultRuntimeName").and_then(Value::as_str).unwrap_or("runc");
    let runtime = runtimes.get(default).or_else(|| (runtimes.len() == 1).then(|| runtimes.values().next())?)?;
    let kind = runtime.get("runtimeType").and_then(Value::as_str).unwrap_or_default();
    if !kind.contains("runc") {
        return None;
    }
    let systemd = runtime.get("options").and_then(|options| options.get("SystemdCgroup")).and_then(Value::as_bool);
    // runc's own default, where the option is not written.
    Some(if systemd.unwrap_or(false) { CgroupDriver::Systemd } else { CgroupDriver::Cgroupfs })
}

/// The image of the pause container: containerd 1.x and CRI-O have it on top, containerd 2.x among pinned images.
#[must_use]
pub fn sandbox_image(config: &Value) -> Option<String> {
    let pinned = || config.get("images")?.get("pinned_images")?.get("sandbox");
    let image = config.get("sandboxImage").or_else(pinned)?.as_str()?;
    (!image.is_empty()).then(|| image.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Cut down from what containerd 1.6.20 answered.
    fn containerd(systemd: bool) -> Value {
        json!({
            "containerd": {
                "snapshotter": "overlayfs",
                "defaultRuntimeName": "runc",
                "runtimes": {
                    "runc": { "runtimeType": "io.containerd.runc.v2", "options": { "SystemdCgroup": systemd } },
                    "kata": { "runtimeType": "io.containerd.kata.v2", "options": null }
                }
            },
            "sandboxImage": "registry.example/pause:3.6"
        })
    }

    #[test]
    fn driver_of_containerd() {
        assert_eq!(cgroup_driver(&containerd(true)), Some(CgroupDriver::Systemd));
        assert_eq!(cgroup_driver(&containerd(false)), Some(CgroupDriver::Cgroupfs));
    }

    #[test]
    fn driver_is_unknown_for_other_runtimes() {
        let mut config = containerd(true);
        config["containerd"]["defaultRuntimeName"] = json!("kata");
        assert_eq!(cgroup_driver(&config), None);
        assert_eq!(cgroup_driver(&json!({ "sandboxImage": "pause" })), None);
    }

    #[test]
    fn runc_without_the_option_makes_cgroups_itself() {
        let mut config = containerd(true);
        config["containerd"]["runtimes"]["runc"]["options"] = Value::Null;
        assert_eq!(cgroup_driver(&config), Some(CgroupDriver::Cgroupfs));
    }

    #[test]
    fn sandbox_image_of_both_generations() {
        assert_eq!(sandbox_image(&containerd(true)).as_deref(), Some("registry.example/pause:3.6"));
        let second = json!({ "images": { "pinned_images": { "sandbox": "registry.example/pause:3.10" } } });
        assert_eq!(sandbox_image(&second).as_deref(), Some("registry.example/pause:3.10"));
        assert_eq!(sandbox_image(&json!({ "sandboxImage": "" })), None);
    }
}
