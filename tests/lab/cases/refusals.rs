//! What init refuses before it changes anything, on machines where only the real thing shows it.

use std::time::Duration;

use anyhow::{Result, ensure};

use super::{Context, Skipped};
use crate::cluster::{Joins, network, ready, succeeded};
use crate::command::{Output, Running};
use crate::machine::{Machine, cgroup};
use crate::progress::step;

/// Two inits at once: the second names the first one's process, and the work of the first can still be finished.
pub(crate) fn at_once(context: &mut Context<'_>) -> Result<()> {
    let machine = context.lab.machine("cp1")?;
    let words = context.options.bootstrapper.init_words(machine, &context.parts.version, false, &[])?;
    let mut command = machine.command(&words);
    let mut first = Running::start(command.env("KINIT_CHECKPOINT", "after:certs/ca"))?;
    let reached = first.says("checkpoint after:certs/ca reached", Duration::from_secs(60));
    let second = step("a second init beside the first", || machine.run(&words));
    machine.record(&first.kill()?)?;
    reached?;
    let second = second?;
    let said = second.both();
    ensure!(!second.status.success(), "two inits ran at once:\n{said}");
    ensure!(said.contains("pid ") || said.contains("process "), "the holder of the lock is not named:\n{said}");
    step("a third one, alone", || succeeded(machine.run(&words)?)).map(drop)
}

/// A cgroup v1 host needs the user's visible choice: made at init it goes for every node, made at join for that node.
pub(crate) fn cgroup_v1(context: &mut Context<'_>) -> Result<()> {
    ensure!(cgroup::legacy(), Skipped("this host has cgroup v2, and nothing to refuse"));
    let machine = context.lab.machine("cp1")?;
    let mut words = context.options.bootstrapper.init_words(machine, &context.parts.version, false, &[])?;
    words.retain(|word| Some(word) != context.options.bootstrapper.cgroup_flag().as_ref());
    let why = ["cgroup", "--allow-cgroup-v1"];
    refused(machine, &machine.run(words)?, &why)?;

    let bootstrapper = context.options.bootstrapper;
    let init =
        step("init with the choice", || succeeded(bootstrapper.init(machine, &context.parts.version, false, &[])?))?;
    machine
        .script("kubectl -n kube-system get cm kubelet-config -o yaml | sed /failCgroupV1/d | kubectl replace -f -")?;
    let (worker, joins) = (context.lab.machine("worker1")?, Joins::parse(&init.stdout)?);
    step("join of a cluster without it", || refused(worker, &bootstrapper.join(worker, joins.worker()?, &[])?, &why))?;
    step("join with the choice", || succeeded(bootstrapper.join(worker, joins.worker()?, &["--allow-cgroup-v1"])?))?;
    network::apply_all(&context.lab.machines)?;
    ready::wait(&context.lab.machines)
}

/// A cgroup driver that contradicts the runtime is refused with the line to write; without one, the kubelet follows the runtime.
pub(crate) fn cgroup_driver(context: &mut Context<'_>) -> Result<()> {
    let bootstrapper = context.options.bootstrapper;
    let machine = context.lab.machine("cp1")?;
    machine.script("sed -i 's/SystemdCgroup = true/SystemdCgroup = false/' /etc/containerd/config.toml; systemctl restart containerd")?;
    let words = bootstrapper.file_words(machine, &context.parts.version, "", &[])?;
    // The file's kubelet section, where there is one, gets one more line; else it is a new document.
    let set = if cgroup::legacy() {
        ""
    } else {
        "---\napiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n"
    };
    let file = crate::cluster::bootstrapper::CONFIG;
    machine.script(&format!("printf '%s' '{set}cgroupDriver: systemd\n' >> {file}"))?;
    refused(machine, &machine.run(&words)?, &["cgroupDriver: cgroupfs", "systemd"])?;
    let words = bootstrapper.init_words(machine, &context.parts.version, false, &[])?;
    step("init, which follows the runtime's cgroupfs", || succeeded(machine.run(words)?))?;
    let driver = machine.script("grep cgroupDriver /var/lib/kubelet/config.yaml")?;
    ensure!(driver.trim() == "cgroupDriver: cgroupfs", "the kubelet was told {driver}");
    network::apply_all(&context.lab.machines)?;
    ready::wait(&context.lab.machines)
}

/// It failed, in these words, and made nothing.
fn refused(machine: &Machine, output: &Output, words: &[&str]) -> Result<()> {
    let said = output.both();
    ensure!(!output.status.success(), "it was accepted:\n{said}");
    for word in words {
        ensure!(said.contains(word), "{word:?} is not in\n{said}");
    }
    let made = machine.script("find /etc/kubernetes /var/lib/kubelet /var/lib/etcd -type f 2>/dev/null || true")?;
    ensure!(made.trim().is_empty(), "it was refused, and yet made\n{made}");
    Ok(())
}
