//! Every minor from 1.23 to 1.37: what `init` makes is what that minor's own kubeadm makes.
//!
//! `tests/golden/minors/` has the configurations, and in `history.txt` all that is made of the default one, from minor
//! to minor; `UPDATE=1` writes it anew. With `KUBEADM_DIR` set to a directory of programs `kubeadm-1.23` to `kubeadm-1.37`,
//! root lets each that is there work on the same configurations, in the newest API version that it reads, and compares
//! what it makes by value. What is meant to differ stands in docs/compatibility.md.

#![expect(clippy::disallowed_methods, reason = "a test reads its files")]

mod history;
mod kinit;
mod kubeadm;
#[path = "../lab/cases/listed.rs"]
mod listed;
mod made;

use std::fs;

use ::kinit::versions::{NEWEST_MINOR, OLDEST_MINOR, STORED_API, StoredApi, Version};
use camino::{Utf8Path, Utf8PathBuf};

use crate::support::{kubeadms, skipped, update};

/// Directories of certificates on the machine, some of which the API server gets to see.
const CA_DIRS: [&str; 4] =
    ["/etc/pki/tls/certs", "/etc/pki/ca-trust", "/etc/ca-certificates", "/usr/share/ca-certificates"];
/// Where files are made.
const PLACES: [&str; 2] = ["/etc/kubernetes", "/var/lib/kubelet"];
/// What an external etcd's clients need.
const ETCD_FILES: [&str; 3] = ["/srv/etcd/ca.crt", "/srv/etcd/client/client.crt", "/srv/etcd/client/client.key"];
const CONFIGURATIONS: [&str; 3] = ["default", "rich", "external"];

/// The newest patch release of each minor.
const RELEASES: [Version; 15] = [
    Version::new(1, 23, 17),
    Version::new(1, 24, 17),
    Version::new(1, 25, 16),
    Version::new(1, 26, 15),
    Version::new(1, 27, 16),
    Version::new(1, 28, 15),
    Version::new(1, 29, 15),
    Version::new(1, 30, 14),
    Version::new(1, 31, 14),
    Version::new(1, 32, 13),
    Version::new(1, 33, 13),
    Version::new(1, 34, 4),
    Version::new(1, 35, 4),
    Version::new(1, 36, 3),
    Version::new(1, 37, 2),
];

fn folder() -> Utf8PathBuf {
    Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/minors")
}

/// A configuration at a version.
fn config(name: &str, api: &str, version: &Version) -> String {
    let text = fs::read_to_string(folder().join(format!("{name}-{api}.yaml"))).expect("is there");
    text.replace("VERSION", &version.to_string())
}

#[test]
fn every_minor_makes_what_was_reviewed() {
    assert!(RELEASES.iter().map(Version::minor).eq(OLDEST_MINOR..=NEWEST_MINOR));
    let lines = |version: &Version| kinit::made(&config("default", "v1beta4", version), version).lines(version);
    let versions: Vec<_> = RELEASES.iter().map(|version| (version.to_string(), lines(version))).collect();
    let (text, path) = (history::write(&versions), folder().join("history.txt"));
    if update() {
        fs::write(&path, &text).expect("can be written");
    }
    let expected = fs::read_to_string(&path).expect("is there");
    let split = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let differing = history::difference(&split(&expected), &split(&text));
    assert!(text == expected, "UPDATE=1 if this is meant\n{}", differing.join("\n"));
}

#[test]
fn every_minor_makes_what_its_kubeadm_makes() {
    let Some(dir) = kubeadms() else { return };
    if !nix::unistd::geteuid().is_root() {
        return skipped("only root may give a program a root directory of its own");
    }
    let programs = (OLDEST_MINOR..=NEWEST_MINOR).map(|minor| Utf8PathBuf::from(format!("{dir}/kubeadm-1.{minor}")));
    let (there, missing): (Vec<_>, Vec<_>) = programs.partition(|program| program.exists());
    missing.iter().for_each(|program| skipped(&format!("{program} is not there")));
    assert!(!there.is_empty(), "{dir} has no kubeadm-1.*");
    let pairs = there.iter().flat_map(|program| CONFIGURATIONS.map(|name| (program, name)));
    let wrong: Vec<String> = pairs.filter_map(|(program, name)| difference(program, name)).collect();
    assert!(wrong.is_empty(), "- only kubeadm, + only kinit\n{}", wrong.join("\n"));
}

/// In what a kubeadm and kinit differ that is not listed.
fn difference(program: &Utf8Path, name: &str) -> Option<String> {
    let version = kubeadm::version(program);
    let api = if *STORED_API.at(&version) == StoredApi::V1beta3 { "v1beta3" } else { "v1beta4" };
    let theirs = kubeadm::made(program, &config(name, api, &version)).lines(&version);
    let mut ours = kinit::made(&config(name, "v1beta4", &version), &version).lines(&version);
    ours.retain(|line| told(line, &theirs));
    let differing = history::difference(&theirs, &ours);
    if let Err(error) = listed::check("minors", &format!("--- kubeadm\n+++ kinit\n{}\n", differing.join("\n"))) {
        return Some(format!("== {version} {name}: {error}"));
    }
    let differs = |line: &&String| differing.iter().any(|differing| differing[2..] == **line);
    let same_order = theirs.iter().filter(|line| !differs(line)).eq(ours.iter().filter(|line| !differs(line)));
    (!same_order).then(|| format!("== {version} {name}: the same in another order"))
}

/// Whether kubeadm's dry run tells of it, too: none does of what the first use of admin.conf makes, and new ones do not
/// of changes of the node.
fn told(line: &str, theirs: &[String]) -> bool {
    let node = |line: &str| line.starts_with("Node: ");
    !line.starts_with("ClusterRoleBinding kubeadm:cluster-admins: ")
        && (!node(line) || theirs.iter().any(|line| node(line)))
}
