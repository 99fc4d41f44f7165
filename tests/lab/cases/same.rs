//! kinit makes what kubeadm makes: files, modes, certificates' fields and API objects, equal by value but for what docs/compatibility.md lists. Each bootstrapper gets the same machine (name and
//! address included), fresh from the base, and a script describes what it made.

use std::fs;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use super::{Context, listed};
use crate::artefacts::Parts;
use crate::cluster::{Bootstrapper, network, ready, succeeded};
use crate::interrupt::wait_for;
use crate::lab::Lab;
use crate::progress::step;

/// A cluster with little that is default. Both read the same file.
const RICH: &str = include_str!("../files/rich.yaml");

/// The default configuration.
pub(crate) fn default(context: &mut Context<'_>) -> Result<()> {
    compare(context, "same_default", "")
}

/// The rich configuration.
pub(crate) fn rich(context: &mut Context<'_>) -> Result<()> {
    compare(context, "same_rich", RICH)
}

fn compare(context: &mut Context<'_>, test: &str, text: &str) -> Result<()> {
    let tested = describe(context.lab, context.parts, context.options.bootstrapper, text)?;
    context.lab.renew(context.parts, "cp1")?;
    let reference = describe(context.lab, context.parts, Bootstrapper::Kubeadm, text)?;
    let (one, other) = (context.lab.folder.join("kubeadm.txt"), context.lab.folder.join("kinit.txt"));
    fs::write(&one, reference)?;
    fs::write(&other, tested)?;
    let diff = |context: &str| {
        let mut diff = crate::command::command("diff", &[context, "--label=kubeadm", "--label=kinit"]);
        crate::command::run(diff.arg(&one).arg(&other))
    };
    let lines = diff("--unified=0")?;
    ensure!(lines.status.code().is_some_and(|code| code < 2), "diff failed: {}", lines.both());
    // All of it, with what is around it, for whoever has to find out why.
    listed::check(test, &lines.stdout).with_context(|| diff("--unified=4").map(|all| all.stdout).unwrap_or_default())
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
