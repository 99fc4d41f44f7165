//! What the values of flags may be.
//!
//! Knows flags by name; looks at files and at the cluster only for those that need it, briefly, and never fails.

use std::time::Duration;

use camino::Utf8Path;
use clap::Arg;
use serde_json::Value;

use super::super::context::Invocation;
use super::super::flag::{BOOL, type_of};
use super::super::line::Found;
use super::{Answer, Candidate, Then};
use crate::config::{defaults, token};
use crate::cri::KNOWN_SOCKETS;
use crate::kube::Api;
use crate::kube::resource::NODE;
use crate::phases::{Phase, init::INIT, join::JOIN, reset::RESET, walk};
use crate::versions::{NEWEST_MINOR, OLDEST_MINOR, OWN};
use crate::{host::net, output, preflight, yaml};

/// How long a cluster is asked while somebody waits at the keyboard.
const GLANCE: Duration = Duration::from_secs(1);

/// The candidates for a flag's value, of which `typed` is there already.
pub(super) async fn of(flag: &Arg, typed: &str, found: &Found<'_>, invocation: &Invocation) -> Answer {
    let exactly = |candidates| Answer::of(candidates, Then::Nothing);
    match flag.get_long().unwrap_or_default() {
        "skip-phases" => list(phases(found.path.first().copied()), typed),
        "ignore-preflight-errors" => list(checks(), typed),
        "component-configs" => list(plain(&["KubeProxyConfiguration", "KubeletConfiguration"]), typed),
        "usages" => list(plain(&token::USAGES), typed),
        "groups" => list(plain(&[token::DEFAULT_GROUP]), typed),
        "feature-gates" => exactly(plain(&["RootlessControlPlane=true", "RootlessControlPlane=false"])),
        "cri-socket" => Answer::of(plain(&KNOWN_SOCKETS), Then::Files),
        "image-repository" => exactly(repositories(found, invocation)),
        "kubernetes-version" => exactly(versions()),
        "node-name" => exactly(nodes(found, invocation).await),
        "output" => forms(found),
        "cert-dir" | "kubeconfig-dir" | "patches" | "rootfs" => Answer::of([], Then::Directories),
        "config" | "kubeconfig" | "discovery-file" => Answer::of([], Then::Files),
        _ if type_of(flag) == BOOL => exactly(plain(&["true", "false"])),
        _ => exactly(Vec::new()),
    }
}

fn plain(words: &[&str]) -> Vec<Candidate> {
    words.iter().map(|word| Candidate::new(*word, "")).collect()
}

/// One more item of a list, after those that are there; none twice.
fn list(items: Vec<Candidate>, typed: &str) -> Answer {
    let (before, _) = typed.rsplit_once(',').unwrap_or_default();
    let comma = if before.is_empty() { "" } else { "," };
    let fresh = items.into_iter().filter(|item| !before.split(',').any(|there| there == item.word));
    let whole = |item: Candidate| Candidate::new(format!("{before}{comma}{}", item.word), item.about);
    Answer::of(fresh.map(whole), Then::MayGoOn)
}

fn phases(command: Option<&str>) -> Vec<Candidate> {
    fn of<C>(table: &'static [Phase<C>]) -> Vec<Candidate> {
        let mut candidates = Vec::new();
        walk(table, "", &mut |path, phase| candidates.push(Candidate::new(path, phase.about)));
        candidates
    }
    match command {
        Some("init") => of(INIT),
        Some("join") => of(JOIN),
        Some("reset") => of(RESET),
        _ => Vec::new(),
    }
}

fn checks() -> Vec<Candidate> {
    let mut candidates = plain(&preflight::NAMES);
    candidates.push(Candidate::new("all", "errors of all checks"));
    candidates
}

/// Those that the configuration on the line names, and the default.
fn repositories(found: &Found<'_>, invocation: &Invocation) -> Vec<Candidate> {
    let mut repositories = vec![defaults::IMAGE_REPOSITORY.to_owned()];
    let config = found.flag("--config").and_then(|config| found.given(config));
    let text = config.and_then(|path| invocation.host.read_text(Utf8Path::new(path)).ok().flatten());
    for document in text.and_then(|text| yaml::documents(&text).ok()).unwrap_or_default() {
        named("imageRepository", &document, &mut repositories);
    }
    repositories.sort();
    repositories.dedup();
    repositories.into_iter().map(|word| Candidate::new(word, "")).collect()
}

/// All texts below fields of a name.
fn named(name: &str, value: &Value, texts: &mut Vec<String>) {
    for (field, value) in value.as_object().into_iter().flatten() {
        match value.as_str() {
            Some(text) if field == name && !text.is_empty() => texts.push(text.to_owned()),
            _ => named(name, value, texts),
        }
    }
}

fn versions() -> Vec<Candidate> {
    let minors = (OLDEST_MINOR..=NEWEST_MINOR).rev();
    let stable =
        minors.map(|minor| Candidate::new(format!("stable-1.{minor}"), format!("the newest release of 1.{minor}")));
    [
        Candidate::new(OWN.to_string(), "the release that kinit is made after"),
        Candidate::new("stable-1", "the newest release"),
    ]
    .into_iter()
    .chain(stable)
    .collect()
}

/// This machine's name, and the nodes of the cluster, where it can be asked.
async fn nodes(found: &Found<'_>, invocation: &Invocation) -> Vec<Candidate> {
    let own = net::hostname().map(|name| Candidate::new(name.to_lowercase(), "this machine")).ok();
    let kubeconfig = found.flag("--kubeconfig").and_then(|flag| found.given(flag));
    let path = invocation.kubeconfig(kubeconfig.map(Utf8Path::new));
    let asked = async {
        let yaml = invocation.host.read_text(&path).ok().flatten()?;
        let api = Api::from_kubeconfig("for completion", &yaml, None).ok()?.patience(Duration::ZERO);
        tokio::time::timeout(GLANCE, api.list(&NODE, "", "")).await.ok()?.ok()
    };
    let nodes = asked.await.unwrap_or_default();
    let nodes = nodes.iter().filter_map(|node| node["metadata"]["name"].as_str());
    let nodes = nodes.map(|name| Candidate::new(name, "a node of the cluster"));
    own.into_iter().chain(nodes).collect()
}

fn forms(found: &Found<'_>) -> Answer {
    if found.path == ["version"] {
        return Answer::of(plain(&["json", "short", "yaml"]), Then::Nothing);
    }
    // A template follows.
    let forms = output::FORMATS.map(|form| {
        if form.contains("path") || form.contains("template") { format!("{form}=") } else { form.to_owned() }
    });
    Answer::of(forms.map(|form| Candidate::new(form, "")), Then::MayGoOn)
}
