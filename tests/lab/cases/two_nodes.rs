//! The main job: init, join, and pods that work.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use super::Context;
use crate::artefacts::images;
use crate::cluster::{self, network::SERVICE};
use crate::interrupt::wait_for;
use crate::progress::step;

/// Two machines become a cluster; a pod on the worker uses DNS and the API's service.
pub(crate) fn run(context: &mut Context<'_>) -> Result<()> {
    cluster::bootstrap(context.lab, context.options.bootstrapper, &context.parts.version)?;
    let first = context.lab.machine("cp1")?;
    step("a pod on worker1 resolves kubernetes.default and asks the API through its service", || {
        first.push("/root/pod.yaml", pod("worker1").as_bytes(), 0o644)?;
        first.check(["kubectl", "apply", "-f", "/root/pod.yaml"])?;
        let phase = wait_for("the end of the pod", Duration::from_secs(60), || {
            let phase = first.check(["kubectl", "get", "pod", "probe", "-o", "jsonpath={.status.phase}"])?;
            Ok(["Succeeded", "Failed"].contains(&phase.as_str()).then_some(phase))
        })?;
        let said = first.check(["kubectl", "logs", "probe"])?;
        ensure!(phase == "Succeeded", "the pod failed:\n{said}");
        ensure!(said.contains(SERVICE), "kubernetes.default is not the service's address:\n{said}");
        ensure!(said.matches(&context.parts.version).count() == 2, "the API server did not answer twice:\n{said}");
        Ok(())
    })?;
    for machine in &context.lab.machines {
        let settings = "find /proc/sys -path /proc/sys/net -prune -o -fstype proc -type f -writable -print";
        let open = machine.script(settings)?;
        ensure!(open.is_empty(), "settings of this computer that {} can change:\n{open}", machine.name);
        machine.script("findmnt /proc/swaps").context("this computer's swap is the machine's as well")?;
        let failed = machine.check(["systemctl", "--failed", "--plain", "--no-legend"])?;
        ensure!(failed.trim().is_empty(), "failed units on {}:\n{failed}", machine.name);
        let open =
            machine.script("find /etc/kubernetes /var/lib/kubelet -name '*.key' -perm /077 2>/dev/null || true")?;
        ensure!(open.trim().is_empty(), "keys that others can read on {}:\n{open}", machine.name);
    }
    Ok(())
}

fn pod(node: &str) -> String {
    let image = images::TOOLS;
    let script = "getent hosts kubernetes.default && curl -skm 10 https://kubernetes.default/version \
                  && curl -skm 10 https://$KUBERNETES_SERVICE_HOST/version";
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{ name: probe }}\nspec:\n  nodeName: {node}\n  restartPolicy: Never\n  \
         containers:\n  - name: probe\n    image: {image}\n    imagePullPolicy: Never\n    \
         command: [sh, -ec, '{script}']\n"
    )
}
