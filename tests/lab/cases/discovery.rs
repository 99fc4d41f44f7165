//! Join trusts no API server that it has no reason to trust: a wrong credential is refused, with what is wrong with it, and leaves the machine as it was.

use std::time::Duration;

use anyhow::{Result, ensure};

use super::Context;
use crate::cluster::{Bootstrapper, Joins, succeeded};
use crate::command::Output;
use crate::interrupt::wait_for;
use crate::machine::Machine;
use crate::progress::{say, step};

/// How long join may look for a token that might still be on its way. The default of five minutes is a long test.
const DISCOVERY: &str = "8s";
/// Files that exist only once discovery succeeded.
const LATER: &[&str] =
    &["/etc/kubernetes/kubelet.conf", "/etc/kubernetes/bootstrap-kubelet.conf", "/etc/kubernetes/pki/ca.crt"];

/// A credential that must be refused, and a word that the refusal has to contain.
struct Wrong<'a> {
    what: &'a str,
    token: &'a str,
    pin: &'a str,
    word: &'a str,
}

pub(crate) fn run(context: &mut Context<'_>) -> Result<()> {
    let (bootstrapper, version) = (context.options.bootstrapper, &context.parts.version);
    let first = context.lab.machine("cp1")?;
    let worker = context.lab.machine("worker1")?;
    let printed = step("init on cp1", || succeeded(bootstrapper.init(first, version, false, &[])?))?.stdout;
    let joins = Joins::parse(&printed)?;
    let token = joins.value("--token")?;
    let pin = joins.value("--discovery-token-ca-cert-hash")?;
    let id = id_of(token);
    wait_for("the signature of cluster-info", Duration::from_secs(30), || Ok(signed(first, id)?.then_some(())))?;
    expire(first)?;
    let other_pin = format!("sha256:{}", "5".repeat(64));
    let other_secret = format!("{id}.0000000000000000");
    let wrongs = [
        Wrong { what: "a wrong pin", token, pin: &other_pin, word: "pin" },
        Wrong { what: "a cluster-info that another token signed", token: &other_secret, pin, word: "signature" },
        Wrong { what: "an unknown token", token: "aaaaaa.0000000000000000", pin, word: "aaaaaa" },
        Wrong { what: "an expired token", token: "eeeeee.0123456789abcdef", pin, word: "expired" },
    ];
    let mut refusals = Vec::new();
    for wrong in &wrongs {
        let output = step(format!("join with {}", wrong.what), || join(bootstrapper, first, worker, wrong))?;
        let said = output.both();
        ensure!(!output.status.success(), "{} was accepted:\n{said}", wrong.what);
        ensure!(said.to_lowercase().contains(wrong.word), "{}: {:?} is not in\n{said}", wrong.what, wrong.word);
        let left: Vec<&&str> = LATER.iter().filter(|path| worker.has(path)).collect();
        ensure!(left.is_empty(), "{}: the machine has {left:?}", wrong.what);
        let refusal = output.lines.iter().rev().find(|line| line.text.to_lowercase().contains(wrong.word));
        let refusal = refusal.map_or("?", |line| &line.text);
        say(format!("     {refusal}"));
        // Which token it was does not make other words.
        refusals.push(refusal.replace(id_of(wrong.token), "ID"));
    }
    refusals.sort();
    refusals.dedup();
    // A token that has expired is removed from the cluster, and nothing tells it from one that was never there.
    ensure!(refusals.len() == wrongs.len() - 1, "the last two refusals should be alike, and no others: {refusals:#?}");
    step("join with the printed command", || succeeded(bootstrapper.join(worker, joins.worker()?, &[])?)).map(drop)
}

/// Joins by a configuration file, for the shorter patience.
fn join(bootstrapper: Bootstrapper, first: &Machine, worker: &Machine, wrong: &Wrong<'_>) -> Result<Output> {
    let text = format!(
        "apiVersion: kubeadm.k8s.io/v1beta4\nkind: JoinConfiguration\ndiscovery:\n  bootstrapToken:\n    \
         apiServerEndpoint: {}:6443\n    token: {}\n    caCertHashes: [\"{}\"]\ntimeouts:\n  discovery: {DISCOVERY}\n",
        first.address, wrong.token, wrong.pin
    );
    worker.push("/root/join.yaml", text.as_bytes(), 0o600)?;
    let words = [bootstrapper.program(), "join", "--config=/root/join.yaml"].map(str::to_owned);
    bootstrapper.join(worker, &words, &[])
}

/// Makes a token that lives for some seconds, and waits until the cluster has forgotten it.
fn expire(machine: &Machine) -> Result<()> {
    let end = machine.check(["date", "-u", "-d", "20 seconds", "+%FT%TZ"])?;
    let secret = format!(
        "apiVersion: v1\nkind: Secret\ntype: bootstrap.kubernetes.io/token\n\
         metadata: {{ name: bootstrap-token-eeeeee, namespace: kube-system }}\n\
         stringData: {{ token-id: eeeeee, token-secret: 0123456789abcdef, usage-bootstrap-signing: \"true\", \
         usage-bootstrap-authentication: \"true\", expiration: {:?} }}\n",
        end.trim()
    );
    machine.push("/root/expires.yaml", secret.as_bytes(), 0o600)?;
    machine.check(["kubectl", "apply", "-f", "/root/expires.yaml"])?;
    for (what, lives) in [("the signature with the short-lived token", true), ("the end of that token", false)] {
        wait_for(what, Duration::from_secs(60), || Ok((signed(machine, "eeeeee")? == lives).then_some(())))?;
    }
    Ok(())
}

/// A token's public half.
fn id_of(token: &str) -> &str {
    token.split('.').next().unwrap_or_default()
}

fn signed(machine: &Machine, id: &str) -> Result<bool> {
    let data =
        machine.check(["kubectl", "get", "cm", "-n", "kube-public", "cluster-info", "-o", "jsonpath={.data}"])?;
    Ok(data.contains(&format!("jws-kubeconfig-{id}")))
}
