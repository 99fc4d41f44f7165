//! Convergence: init on a finished node changes nothing, on disk or in the cluster, nor what was changed there since.

use std::time::Duration;

use anyhow::{Result, ensure};

use super::Context;
use crate::cluster::{network, ready, succeeded};
use crate::interrupt::wait_for;
use crate::machine::Machine;
use crate::progress::step;

/// The files that init is responsible for. (The kubelet rotates and checkpoints others below /var/lib/kubelet by itself.)
const FILES: &[&str] = &[
    "/etc/kubernetes",
    "/var/lib/kubelet/config.yaml",
    "/var/lib/kubelet/instance-config.yaml",
    "/var/lib/kubelet/kubeadm-flags.env",
];
/// Objects that only change when somebody writes them; their resource version tells.
const WRITTEN: &str = "configmaps,secrets,serviceaccounts,services,roles,rolebindings,clusterroles,clusterrolebindings";
/// Objects whose status others write all the time; their specification's generation tells.
const SPECIFIED: &str = "deployments,daemonsets";

pub(crate) fn run(context: &mut Context<'_>) -> Result<()> {
    let (bootstrapper, version) = (context.options.bootstrapper, &context.parts.version);
    let first = context.lab.machine("cp1")?;
    step("first init", || succeeded(bootstrapper.init(first, version, false, &[])?))?;
    network::apply_all(&context.lab.machines)?;
    ready::wait(&context.lab.machines)?;
    // The controllers sign cluster-info a moment after init wrote it.
    wait_for("the signature of cluster-info", Duration::from_secs(30), || {
        let data =
            first.check(["kubectl", "get", "cm", "-n", "kube-public", "cluster-info", "-o", "jsonpath={.data}"])?;
        Ok(data.contains("jws-kubeconfig-").then_some(()))
    })?;
    let before = (files(first)?, objects(first)?);
    let again = step("second init", || bootstrapper.init(first, version, false, &[]))?;
    ensure!(again.status.success(), "the second init: {}\n{}", again.ending(), again.both());
    let after = (files(first)?, objects(first)?);
    same("files", &before.0, &after.0)?;
    same("objects", &before.1, &after.1)?;
    ensure!(again.took < Duration::from_secs(10), "nothing to do, and it took {:?}", again.took);
    lived_in(context, first)
}

/// What an administrator does to a cluster after init: it stays.
fn lived_in(context: &Context<'_>, first: &Machine) -> Result<()> {
    for words in [
        "kubectl taint nodes cp1 node-role.kubernetes.io/control-plane-",
        "kubectl -n kube-system set resources deployment coredns --limits=memory=300Mi",
        "kubectl -n kube-system patch cm kube-proxy --type merge -p '{\"data\":{\"config.conf\":\"mode: ipvs\"}}'",
        "kubectl -n kube-system delete daemonset kube-proxy",
        "echo 'maxPods: 200' >> /var/lib/kubelet/config.yaml",
    ] {
        first.script(words)?;
    }
    let before = (files(first)?, objects(first)?);
    let again = step("init of a cluster that was changed", || {
        context.options.bootstrapper.init(first, &context.parts.version, false, &[])
    })?;
    ensure!(again.status.success(), "init: {}\n{}", again.ending(), again.both());
    same("files", &before.0, &files(first)?)?;
    same("objects", &before.1, &objects(first)?)?;
    let told = again.stdout.matches("init was finished here before").count();
    ensure!(told == 7, "each phase whose work stays says so: {told}\n{}", again.stdout);

    step("a phase alone writes anew", || first.check(["kinit", "init", "phase", "addon", "kube-proxy"]))?;
    first.check(["kubectl", "-n", "kube-system", "get", "daemonset", "kube-proxy"])?;

    // The kubelet registers its node once: init has it do so again, and marks the new one.
    first.check(["kubectl", "delete", "node", "cp1"])?;
    step("init after the Node was deleted", || {
        succeeded(context.options.bootstrapper.init(first, &context.parts.version, false, &[])?)
    })?;
    let taints = first.check(["kubectl", "get", "node", "cp1", "-o", "jsonpath={.spec.taints[*].key}"])?;
    ensure!(taints.contains("node-role.kubernetes.io/control-plane"), "the new Node is not marked: {taints}");
    Ok(())
}

fn files(machine: &Machine) -> Result<String> {
    FILES.iter().map(|place| machine.files(place)).collect()
}

fn objects(machine: &Machine) -> Result<String> {
    let written = "jsonpath={range .items[*]}{.kind} {.metadata.namespace}/{.metadata.name} {.metadata.resourceVersion}{\"\\n\"}{end}";
    let specified =
        "jsonpath={range .items[*]}{.kind} {.metadata.namespace}/{.metadata.name} {.metadata.generation}{\"\\n\"}{end}";
    let node = "jsonpath={range .items[*]}{.metadata.name} {.metadata.labels} {.metadata.annotations} {.spec.taints}{\"\\n\"}{end}";
    let mut lines = String::new();
    for (kinds, path) in [(WRITTEN, written), (SPECIFIED, specified), ("nodes", node)] {
        lines += &machine.check(["kubectl", "get", kinds, "-A", "-o", path])?;
    }
    Ok(lines)
}

/// Fails with the lines that differ.
fn same(what: &str, before: &str, after: &str) -> Result<()> {
    let lost = before.lines().filter(|line| !after.lines().any(|other| other == *line)).map(|line| format!("- {line}"));
    let new = after.lines().filter(|line| !before.lines().any(|other| other == *line)).map(|line| format!("+ {line}"));
    let difference: Vec<String> = lost.chain(new).collect();
    ensure!(difference.is_empty(), "the second init changed {what}:\n{}", difference.join("\n"));
    ensure!(!before.is_empty(), "no {what} were compared");
    Ok(())
}
