//! kinit makes what kubeadm makes: files, modes, certificates' fields and API objects, equal by value. Each bootstrapper gets the same machine (name and
//! address included), fresh from the base, and a script describes what it made.

use std::fs;
use std::time::Duration;

use anyhow::{Result, ensure};

use super::Context;
use crate::artefacts::Parts;
use crate::cluster::{Bootstrapper, network, ready, succeeded};
use crate::interrupt::wait_for;
use crate::lab::Lab;
use crate::progress::step;

/// A cluster with little that is default. Both read the same file.
const RICH: &str = include_str!("../files/rich.yaml");

/// The default configuration.
pub(crate) fn default(context: &mut Context<'_>) -> Result<()> {
    compare(context, "")
}

/// The rich configuration.
pub(crate) fn rich(context: &mut Context<'_>) -> Result<()> {
    compare(context, RICH)
}

fn compare(context: &mut Context<'_>, text: &str) -> Result<()> {
    let tested = describe(context.lab, context.parts, context.options.bootstrapper, text)?;
    context.lab.renew(context.parts, "cp1")?;
    let reference = describe(context.lab, context.parts, Bootstrapper::Kubeadm, text)?;
    let (one, other) = (context.lab.folder.join("kubeadm.txt"), context.lab.folder.join("kinit.txt"));
    fs::write(&one, reference)?;
    fs::write(&other, tested)?;
    let mut diff = crate::command::command("diff", &["--unified=4", "--label=kubeadm", "--label=kinit"]);
    let difference = crate::command::run(diff.arg(&one).arg(&other))?;
    ensure!(difference.status.success(), "kinit made something else:\n{}", difference.stdout);
    Ok(())
}

fn describe(lab: &Lab, parts: &Parts, bootstrapper: Bootstrapper, text: &str) -> Result<String> {
    let machine = lab.machine("cp1")?;
    let program = bootstrapper.program();
    let words = bootstrapper.file_words(machine, &parts.version, text, &[])?;
    step(format!("{program} init"), || succeeded(machine.run(words)?))?;
    // What the controllers add must be there on both sides.
    wait_for("the pod range of the node", Duration::from_secs(60), || {
        let range = machine.check(["kubectl", "get", "node", "cp1", "-o", "jsonpath={.spec.podCIDR}"])?;
        Ok((!range.is_empty()).then_some(()))
    })?;
    network::apply_all(&lab.machines)?;
    step("ready", || ready::wait(&lab.machines))?;
    machine.push("/root/describe.sh", include_bytes!("../files/describe.sh"), 0o755)?;
    machine.check(["/root/describe.sh"])
}
