//! kinit makes what kubeadm makes: files, modes, certificates' fields and API objects, equal by value but for what docs/compatibility.md lists. Each bootstrapper gets the same machine (name and
//! address included), fresh from the base, and a script describes what it made.

use std::fs;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use kinit::yaml;
use serde_json::Value;

use super::{Context, listed};
use crate::cluster::{Bootstrapper, network, ready, succeeded};
use crate::conformance::generate::BOOTABLE_PATCHES;
use crate::conformance::{self, draw};
use crate::interrupt::wait_for;
use crate::machine::Machine;
use crate::progress::{say, step};

/// A cluster has more API objects than this, whoever made it: some 290 in all. Fewer are an answer that was cut short.
const OBJECTS: usize = 200;

/// A cluster with little that is default. Both read the same file.
const RICH: &str = include_str!("../files/rich.yaml");

/// What a generated configuration that names patches finds in their directory.
const PATCHES: [(&str, &str); 5] = [
    ("kube-apiserver0+merge.yaml", "metadata:\n  annotations:\n    example.org/patched: \"yes\"\n"),
    ("kube-scheduler+json.json", r#"[{"op":"add","path":"/metadata/labels/example.org~1a","value":"b"}]"#),
    ("etcd1.yaml", "spec:\n  containers:\n  - name: etcd\n    resources:\n      requests:\n        cpu: 50m\n"),
    ("kubeletconfiguration.yaml", "maxPods: 33\n"),
    ("corednsdeployment+strategic.yaml", "metadata:\n  labels:\n    example.org/a: b\n"),
];

/// The default configuration.
pub(crate) fn default(context: &mut Context<'_>) -> Result<()> {
    same(context, "same_default", &|bootstrapper, machine, version| bootstrapper.file_words(machine, version, "", &[]))
}

/// The rich configuration.
pub(crate) fn rich(context: &mut Context<'_>) -> Result<()> {
    same(context, "same_rich", &|bootstrapper, machine, version| bootstrapper.file_words(machine, version, RICH, &[]))
}

/// Generated configurations, each with another seed's choice of fields.
pub(crate) fn generated(context: &mut Context<'_>) -> Result<()> {
    let seed = context.options.seed.unwrap_or_else(conformance::rand_seed);
    for index in 0..context.options.sample.unwrap_or(3) as u64 {
        say(format!("configuration {index} of seed {seed}"));
        let text = draw::bootable(seed, &context.parts.version, index)?;
        same(context, listed::GENERATED, &|bootstrapper, machine, _| {
            for (name, patch) in PATCHES {
                machine.push(&format!("{BOOTABLE_PATCHES}/{name}"), patch.as_bytes(), 0o644)?;
            }
            bootstrapper.whole_file_words(machine, &text, &[])
        })
        .with_context(|| format!("with this configuration:\n{text}"))?;
    }
    Ok(())
}

/// The words of an init, its files pushed to the machine.
pub(super) type Words<'a> = &'a dyn Fn(Bootstrapper, &Machine, &str) -> Result<Vec<String>>;

pub(super) fn same(context: &mut Context<'_>, test: &str, words: Words<'_>) -> Result<()> {
    let tested = describe(context, context.options.bootstrapper, words)?;
    let reference = describe(context, Bootstrapper::Kubeadm, words)?;
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
    listed::check(test, &lines.stdout)
        .with_context(|| diff("--unified=4").map(|all| all.stdout).unwrap_or_default())?;
    let described = fs::read_to_string(&one)?;
    let objects = described.lines().filter(|line| line.starts_with("  \"kind\": ")).count();
    ensure!(objects > OBJECTS, "only {objects} API objects were compared, and a cluster has more than {OBJECTS}");
    say(format!("  the same: {} lines of description, {objects} API objects in them", described.lines().count()));
    Ok(())
}

fn describe(context: &mut Context<'_>, bootstrapper: Bootstrapper, words: Words<'_>) -> Result<String> {
    context.lab.renew(context.parts, "cp1")?;
    let lab = &*context.lab;
    let machine = lab.machine("cp1")?;
    let words = words(bootstrapper, machine, &context.parts.version)?;
    step(format!("{} init", bootstrapper.program()), || succeeded(machine.run(words)?))?;
    // What the controllers add must be there on both sides.
    wait_for("the pod range of the node", Duration::from_secs(60), || {
        let range = machine.check(["kubectl", "get", "node", "cp1", "-o", "jsonpath={.spec.podCIDR}"])?;
        Ok((!range.is_empty()).then_some(()))
    })?;
    network::apply_all(&lab.machines)?;
    step("ready", || ready::wait(&lab.machines))?;
    machine.push("/root/describe.sh", include_bytes!("../files/describe.sh"), 0o755)?;
    let description = machine.check(["/root/describe.sh"])?;
    Ok(description.lines().map(by_value).collect())
}

/// A line of the description; a YAML text in an object, such as a configuration in a ConfigMap, by what it says and not how it is quoted.
fn by_value(line: &str) -> String {
    let member = line.trim().trim_end_matches(',');
    let read = || {
        let Ok(Value::Object(member)) = serde_json::from_str(&format!("{{{member}}}")) else { return None };
        let (key, text) = member.into_iter().next()?;
        let content = yaml::documents(text.as_str().filter(|text| text.contains('\n'))?).ok()?;
        content.iter().all(Value::is_object).then(|| format!("    {key:?}: {}\n", Value::from(content)))
    };
    read().unwrap_or_else(|| format!("{line}\n"))
}
