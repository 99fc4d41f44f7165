//! What is kept when a test fails: everything that a person would look at first, in a folder that the failure names. No private keys.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::lab::Lab;
use crate::machine::Machine;
use crate::progress::say;

/// Commands whose output is kept, by the file's name.
const COMMANDS: &[(&str, &str)] = &[
    ("journal.log", "journalctl --no-pager -b"),
    ("kubelet.log", "journalctl --no-pager -b -u kubelet"),
    ("containerd.log", "journalctl --no-pager -b -u containerd"),
    (
        "units.txt",
        "systemctl status --no-pager kubelet containerd; systemctl --failed --no-pager; systemctl show kubelet",
    ),
    ("containers.txt", "ctr -n k8s.io containers ls; ctr -n k8s.io tasks ls; ctr -n k8s.io images ls -q"),
    ("network.txt", "ip addr; ip route; ss -ltnp; iptables-save; cat /etc/cni/net.d/*"),
    ("mounts.txt", "cat /proc/mounts; df -h"),
    ("files.txt", "find /etc/kubernetes /var/lib/kubelet /var/lib/etcd -not -path '*/pods/*' -ls"),
    (
        "cluster.txt",
        "kubectl get nodes,pods -A -o wide --request-timeout=5s; kubectl get events -A --request-timeout=5s",
    ),
    ("cluster.yaml", "kubectl get nodes,pods,configmaps,deployments,daemonsets -A -o yaml --request-timeout=5s"),
];
/// Directories and files that are copied as they are.
const COPIES: &[&str] = &[
    "/etc/kubernetes/manifests",
    "/var/log/pods",
    "/var/lib/kubelet/config.yaml",
    "/var/lib/kubelet/kubeadm-flags.env",
    "/etc/default/kubelet",
    "/etc/containerd/config.toml",
];

/// Keeps the evidence of a failure and says where it is. That it can't be kept must cost nothing else.
pub(crate) fn keep(lab: &Lab, test: &str, error: &anyhow::Error) {
    match collect(lab, test, error) {
        Ok(folder) => say(format!("     evidence in {}", folder.display())),
        Err(error) => say(format!("     no evidence could be kept: {error:#}")),
    }
}

/// Collects from every machine of the lab into a fresh folder for the test.
fn collect(lab: &Lab, test: &str, error: &anyhow::Error) -> Result<PathBuf> {
    let folder = folder(&lab.name, test)?;
    fs::write(folder.join("error.txt"), format!("{error:#}\n"))?;
    std::thread::scope(|scope| {
        for machine in &lab.machines {
            let place = folder.join(&machine.name);
            scope.spawn(move || collect_one(machine, &place));
        }
    });
    Ok(folder)
}

/// A fresh folder for the evidence of a test.
pub(crate) fn folder(lab: &str, test: &str) -> Result<PathBuf> {
    // Cargo names the tmp directory of the target directory; the evidence lies beside it.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap_or(Path::new("target"));
    let folder = target.join("lab").join(lab).join(test);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Each piece on its own: one that cannot be had must not cost the others.
fn collect_one(machine: &Machine, place: &Path) -> Result<()> {
    fs::create_dir_all(place)?;
    for name in ["console.log", "commands.log"] {
        let _ = fs::copy(machine.folder().join(name), place.join(name));
    }
    for (name, script) in COMMANDS {
        if let Ok(output) = machine.run(["sh", "-c", script]) {
            let _ = fs::write(place.join(name), output.both());
        }
    }
    for path in COPIES {
        let source = machine.inside(path);
        if source.exists() {
            let _ = crate::command::run(crate::command::command("cp", &["-rL"]).arg(&source).arg(place));
        }
    }
    Ok(())
}
