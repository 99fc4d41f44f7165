//! Reset gives a machine back: init works on it again, as often as wanted.

use anyhow::{Context as _, Result, ensure};

use super::Context;
use crate::cluster::{Bootstrapper, network, ready, succeeded};
use crate::machine::Machine;
use crate::progress::step;

/// What no reset may leave behind.
const GONE: &[&str] = &[
    "/etc/kubernetes/admin.conf",
    "/etc/kubernetes/super-admin.conf",
    "/etc/kubernetes/kubelet.conf",
    "/etc/kubernetes/controller-manager.conf",
    "/etc/kubernetes/scheduler.conf",
    "/etc/kubernetes/bootstrap-kubelet.conf",
    "/etc/kubernetes/pki/ca.key",
    "/etc/kubernetes/pki/ca.crt",
    "/var/lib/etcd/member",
    "/var/lib/kubelet/config.yaml",
];

pub(crate) fn run(context: &mut Context<'_>) -> Result<()> {
    let (bootstrapper, version) = (context.options.bootstrapper, &context.parts.version);
    let first = context.lab.machine("cp1")?;
    for round in 1..=10 {
        step(format!("init {round}"), || succeeded(bootstrapper.init(first, version, false, &[])?))?;
        // The first cluster and the last are used; those between only have to come up.
        if round == 1 || round == 10 {
            network::apply_all(&context.lab.machines)?;
            step("ready", || ready::wait(&context.lab.machines))?;
        }
        step(format!("reset {round}"), || succeeded(bootstrapper.reset(first)?))?;
        clean(first).with_context(|| format!("after reset {round}"))?;
    }
    if bootstrapper == Bootstrapper::Kinit {
        clean_network(first)?;
    }
    Ok(())
}

/// kube-proxy's chains, which stay, go when that is asked for.
fn clean_network(machine: &Machine) -> Result<()> {
    let chains = || machine.script("iptables-save | grep -c '^:KUBE-' || true");
    ensure!(chains()?.trim() != "0", "kube-proxy has made no chains");
    step("reset of the network", || machine.check(["kinit", "reset", "phase", "cleanup-node", "--cleanup-network"]))?;
    let left = chains()?;
    ensure!(left.trim() == "0", "{left} of Kubernetes' chains are still there");
    Ok(())
}

fn clean(machine: &Machine) -> Result<()> {
    let left: Vec<&&str> = GONE.iter().filter(|path| machine.has(path)).collect();
    ensure!(left.is_empty(), "still there: {left:?}");
    let manifests = machine.script("ls -A /etc/kubernetes/manifests 2>/dev/null || true")?;
    ensure!(manifests.trim().is_empty(), "manifests are still there: {manifests}");
    let mounts = machine.script("grep ' /var/lib/kubelet/' /proc/mounts || true")?;
    ensure!(mounts.is_empty(), "mounts below /var/lib/kubelet:\n{mounts}");
    let containers = machine.check(["ctr", "-n", "k8s.io", "containers", "ls", "-q"])?;
    ensure!(containers.trim().is_empty(), "containers are still there:\n{containers}");
    let active = machine.run(["systemctl", "is-active", "kubelet"])?.stdout;
    ensure!(active.trim() != "active", "the kubelet still runs");
    Ok(())
}
