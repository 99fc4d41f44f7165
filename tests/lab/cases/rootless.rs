//! The control plane without root: each component runs as a user of its own, a second init changes nothing, and reset removes the users.

use anyhow::{Result, ensure};

use super::{Context, same};
use crate::cluster::{network, ready, succeeded};
use crate::machine::Machine;
use crate::progress::step;

const GATE: &str = "featureGates:\n  RootlessControlPlane: true\n";
/// The components' processes and their users.
const COMPONENTS: [(&str, &str); 4] = [
    ("etcd", "kubeadm-etcd"),
    ("kube-apiserver", "kubeadm-kas"),
    ("kube-controller-manager", "kubeadm-kcm"),
    ("kube-scheduler", "kubeadm-ks"),
];

/// kinit makes what kubeadm makes of the gate.
pub(crate) fn compared(context: &mut Context<'_>) -> Result<()> {
    same::same(context, "same_rootless", &|bootstrapper, machine, version| {
        bootstrapper.file_words(machine, version, GATE, &[])
    })
}

pub(crate) fn run(context: &mut Context<'_>) -> Result<()> {
    let (bootstrapper, version) = (context.options.bootstrapper, &context.parts.version);
    let machine = context.lab.machine("cp1")?;
    let words = bootstrapper.file_words(machine, version, GATE, &[])?;
    let before = accounts(machine)?;
    // etcd's data on another disk, as people have it.
    machine.script("rm -rf /var/lib/etcd && mkdir -m 0700 /srv/etcd && ln -s /srv/etcd /var/lib/etcd")?;
    step("init", || succeeded(machine.run(words.clone())?))?;
    network::apply_all(&context.lab.machines)?;
    step("ready", || ready::wait(&context.lab.machines))?;
    for (process, user) in COMPONENTS {
        let found = machine.check(["ps", "-o", "user:32=", "-C", process])?;
        ensure!(found.trim() == user, "{process} runs as {found:?}, not as {user}");
    }
    let made = (accounts(machine)?, files(machine)?);
    // A key that is made good has to be its user's, too.
    machine.check(["rm", "/etc/kubernetes/pki/sa.pub"])?;
    step("second init", || succeeded(machine.run(words)?))?;
    ensure!(made == (accounts(machine)?, files(machine)?), "the second init changed something");
    step("reset", || succeeded(bootstrapper.reset(machine)?))?;
    let after = accounts(machine)?;
    let data = machine.check(["find", "/srv/etcd", "-printf", "%u %g %m %P\n"])?;
    ensure!(data == "root root 700 \n", "reset left this of etcd's data: {data}");
    ensure!(after == before, "reset left other users and groups:\n{after}\nBefore init:\n{before}");
    Ok(())
}

/// Who may do what with which content: not when it was written.
fn files(machine: &Machine) -> Result<String> {
    machine.script(
        "cd /etc/kubernetes && find . -printf '%M %u %g %p\n' | LC_ALL=C sort -k4 && \
         find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum",
    )
}

fn accounts(machine: &Machine) -> Result<String> {
    machine.script("stat -c '%A %U %G %n' /etc/passwd /etc/group && cat /etc/passwd /etc/group")
}
