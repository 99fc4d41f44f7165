//! What is written into a machine before it boots: the units and settings of a host that was prepared for Kubernetes.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use anyhow::{Context, Result};

use super::network::GATEWAY;

/// Where the lab's own binaries (kinit) and the Kubernetes binaries are inside a machine.
pub(crate) const OWN: &str = "/opt/lab/bin";
pub(crate) const KUBERNETES: &str = "/opt/lab/kubernetes";

/// Units that only wait for something that a container has not, and the one that would set the computer's kernel before `boot.sh` forbids it.
const MASKED: &[&str] = &[
    "systemd-networkd.service",
    "systemd-networkd.socket",
    "systemd-networkd-wait-online.service",
    "systemd-udevd.service",
    "systemd-udevd-kernel.socket",
    "systemd-udevd-control.socket",
    "systemd-udev-trigger.service",
    "systemd-resolved.service",
    "systemd-timesyncd.service",
    "systemd-hwdb-update.service",
    "console-getty.service",
    "getty.target",
    "apt-daily.timer",
    "apt-daily-upgrade.timer",
    "dpkg-db-backup.timer",
    "e2scrub_all.timer",
    "e2scrub_reap.service",
    "fstrim.timer",
    "systemd-journal-catalog-update.service",
    "systemd-modules-load.service",
    "systemd-sysctl.service",
    "sys-kernel-debug.mount",
    "sys-kernel-tracing.mount",
    "modprobe@.service",
];

/// A machine's disk is the host's: one that is nearly full taints every node, and has the kubelet delete the images that no registry here could
/// bring back.
const KUBELET: &str = "KUBELET_EXTRA_ARGS=--eviction-hard=memory.available<100Mi --image-gc-high-threshold=100\n";

/// Writes the files of the machine `name` below `upper`, the writable layer of its root.
pub(crate) fn write(upper: &Path, name: &str, address: &str, hosts: &[(String, String)], pause: &str) -> Result<()> {
    let mut table = String::from("127.0.0.1 localhost\n::1 localhost\n");
    for (address, name) in hosts {
        table += &format!("{address} {name}\n");
    }
    let resolver = format!("nameserver {GATEWAY}\n");
    let containerd = include_str!("../files/containerd.toml").replace("PAUSE", pause);
    for (path, text, mode) in [
        ("etc/hostname", format!("{name}\n").as_str(), 0o644),
        ("etc/hosts", &table, 0o644),
        ("etc/resolv.conf", &resolver, 0o644),
        ("etc/lab-address", &format!("{address}\n"), 0o644),
        ("etc/containerd/config.toml", &containerd, 0o644),
        ("etc/default/kubelet", KUBELET, 0o644),
        ("usr/lib/lab-boot.sh", include_str!("../files/boot.sh"), 0o755),
        ("usr/lib/systemd/system/lab-boot.service", include_str!("../files/lab-boot.service"), 0o644),
        ("usr/lib/systemd/system/kubelet.service", include_str!("../files/kubelet.service"), 0o644),
        ("usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf", include_str!("../files/10-kubeadm.conf"), 0o644),
        ("etc/profile.d/lab.sh", "export KUBECONFIG=/etc/kubernetes/admin.conf\n", 0o644),
    ] {
        put(&upper.join(path), text.as_bytes(), mode)?;
    }
    link(
        upper,
        "etc/systemd/system/sysinit.target.wants/lab-boot.service",
        "/usr/lib/systemd/system/lab-boot.service",
    )?;
    link(
        upper,
        "etc/systemd/system/multi-user.target.wants/kubelet.service",
        "/usr/lib/systemd/system/kubelet.service",
    )?;
    for unit in MASKED {
        link(upper, &format!("etc/systemd/system/{unit}"), "/dev/null")?;
    }
    for program in ["kubelet", "kubectl", "kubeadm"] {
        link(upper, &format!("usr/bin/{program}"), &format!("{KUBERNETES}/{program}"))?;
    }
    link(upper, "usr/bin/kinit", &format!("{OWN}/kinit"))?;
    // The mount points of the shared directories, and CNI's plugins where everybody looks for them.
    fs::create_dir_all(upper.join(&OWN[1..]))?;
    fs::create_dir_all(upper.join(&KUBERNETES[1..]))?;
    link(upper, "opt/cni/bin", "/usr/lib/cni")
}

/// Writes a file with its directories.
pub(crate) fn put(path: &Path, bytes: &[u8], mode: u32) -> Result<()> {
    let place = || format!("cannot write {}", path.display());
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).with_context(place)?;
    }
    fs::write(path, bytes).with_context(place)?;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).with_context(place)
}

fn link(upper: &Path, path: &str, target: &str) -> Result<()> {
    let place = upper.join(path);
    if let Some(parent) = place.parent() {
        fs::create_dir_all(parent)?;
    }
    symlink(target, &place).with_context(|| format!("cannot link {}", place.display()))
}
