//! Waits know why: a machine is broken in one way, and init (or join) must end soon after its wait began and name the cause.
//! Where the machine can be mended, the same command finishes then.

use std::time::Duration;

use anyhow::{Result, ensure};

use super::Context;
use crate::cluster::{Joins, succeeded};
use crate::command::Output;
use crate::interrupt::wait_for;
use crate::progress::{say, step};

/// A wait may go on this long before its end with a named cause.
const LIMIT: Duration = Duration::from_secs(20);

/// Where the kubelet's unit reads more flags, and one that it does not have.
const KUBELET_FLAGS: (&str, &[u8]) = ("/etc/default/kubelet", b"KUBELET_EXTRA_ARGS=--no-such-flag\n");
const RUNC: &str = "/usr/sbin/runc";
const GOOD_RUNC: &str = "/usr/sbin/runc.good";

/// The kubelet is given a flag that it does not have.
pub(crate) fn kubelet(context: &mut Context<'_>) -> Result<()> {
    let first = context.lab.machine("cp1")?;
    first.push(KUBELET_FLAGS.0, KUBELET_FLAGS.1, 0o644)?;
    fails_with(&init(context, &[])?, &["kubelet", "no-such-flag"])?;
    first.check(["rm", KUBELET_FLAGS.0])?;
    succeeded(init(context, &[])?)?;
    Ok(())
}

/// runc, which makes every sandbox, does not work.
pub(crate) fn sandbox(context: &mut Context<'_>) -> Result<()> {
    let broken = b"#!/bin/sh\necho 'this runc is broken on purpose' >&2\nexit 1\n";
    let first = context.lab.machine("cp1")?;
    first.check(["cp", RUNC, GOOD_RUNC])?;
    first.push(RUNC, broken, 0o755)?;
    fails_with(&init(context, &[])?, &["sandbox", "runc"])?;
    first.check(["mv", GOOD_RUNC, RUNC])?;
    succeeded(init(context, &[])?)?;
    Ok(())
}

/// The images are to come from a registry that cannot be reached, and the check that would say so beforehand is switched off.
pub(crate) fn image(context: &mut Context<'_>) -> Result<()> {
    let text = "imageRepository: registry.invalid/k8s\n";
    let output = configured(context, text, &["--ignore-preflight-errors=ImagePull"])?;
    fails_with(&output, &["registry.invalid/k8s/", "pull"])
}

/// The API server is given a flag that it does not have, and exits.
pub(crate) fn static_pod(context: &mut Context<'_>) -> Result<()> {
    let text = "apiServer:\n  extraArgs:\n  - name: no-such-flag\n    value: \"1\"\n";
    let output = configured(context, text, &[])?;
    fails_with(&output, &["kube-apiserver", "no-such-flag"])?;
    // As the error says.
    let away = "mv /etc/kubernetes/manifests/kube-apiserver.yaml /root/";
    ensure!(output.both().contains(away), "{away:?} is not told:\n{}", output.both());
    context.lab.machine("cp1")?.script(away)?;
    succeeded(configured(context, "", &[])?)?;
    Ok(())
}

/// A file that the API server needs is made while the kubelet makes its longer pauses between two starts of it.
pub(crate) fn back_off(context: &mut Context<'_>) -> Result<()> {
    let text = "apiServer:\n  extraArgs:\n  - {name: audit-policy-file, value: /etc/kubernetes/audit/policy.yaml}\n  \
                extraVolumes:\n  - {name: audit, hostPath: /etc/kubernetes/audit, mountPath: /etc/kubernetes/audit, \
                pathType: DirectoryOrCreate}\n";
    let first = context.lab.machine("cp1")?;
    fails_with(&configured(context, text, &[])?, &["kube-apiserver", "/etc/kubernetes/audit/policy.yaml"])?;
    wait_for("a pause of 40 s", Duration::from_secs(90), || {
        let paused = first.run(["sh", "-c", "journalctl -u kubelet | grep -q 'back-off 40s restarting failed'"])?;
        Ok(paused.status.success().then_some(()))
    })?;
    let policy = b"apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: None}]\n";
    first.push("/etc/kubernetes/audit/policy.yaml", policy, 0o644)?;
    succeeded(configured(context, text, &[])?)?;
    Ok(())
}

/// The worker's kubelet is given a flag that it does not have; kubeadm's join has been seen to succeed then.
pub(crate) fn join(context: &mut Context<'_>) -> Result<()> {
    let (bootstrapper, version) = (context.options.bootstrapper, &context.parts.version);
    let first = context.lab.machine("cp1")?;
    let worker = context.lab.machine("worker1")?;
    let printed = step("init on cp1", || succeeded(bootstrapper.init(first, version, false, &[])?))?.stdout;
    let join = || step("join on worker1", || bootstrapper.join(worker, Joins::parse(&printed)?.worker()?, &[]));
    worker.push(KUBELET_FLAGS.0, KUBELET_FLAGS.1, 0o644)?;
    fails_with(&join()?, &["kubelet", "no-such-flag"])?;
    worker.check(["rm", KUBELET_FLAGS.0])?;
    succeeded(join()?)?;
    Ok(())
}

fn init(context: &Context<'_>, more: &[&str]) -> Result<Output> {
    let first = context.lab.machine("cp1")?;
    step("init", || context.options.bootstrapper.init(first, &context.parts.version, false, more))
}

/// Runs init with a configuration file that has `text` among the cluster's settings.
fn configured(context: &Context<'_>, text: &str, more: &[&str]) -> Result<Output> {
    let first = context.lab.machine("cp1")?;
    let words = context.options.bootstrapper.file_words(first, &context.parts.version, text, more)?;
    step("init", || first.run(words))
}

/// The program failed in time, and what it said names the cause.
fn fails_with(output: &Output, causes: &[&str]) -> Result<()> {
    let said = output.both();
    ensure!(!output.status.success(), "it succeeded on a broken machine:\n{said}");
    let begin = output.lines.iter().find(|line| line.text.contains("Starting the kubelet"));
    let begin = begin.map_or(Duration::ZERO, |line| line.at);
    let waited = output.took.saturating_sub(begin);
    say(format!("  ended {:.1} s after the kubelet's start", waited.as_secs_f64()));
    ensure!(waited <= LIMIT, "it waited {waited:?}, {} s are allowed:\n{said}", LIMIT.as_secs());
    // The cause belongs in the error, not somewhere in the lines before.
    let error: String =
        output.lines.iter().filter(|line| line.at >= begin).map(|line| format!("{}\n", line.text)).collect();
    for cause in causes {
        ensure!(error.to_lowercase().contains(&cause.to_lowercase()), "{cause:?} is not named:\n{error}");
    }
    Ok(())
}
