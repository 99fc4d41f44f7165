//! Commands of kubeadm that are not there yet, as docs/compatibility.md lists them.

use super::line::Found;
use crate::failure::Failure;

const COMMANDS: [&str; 12] = [
    "certs check-expiration",
    "certs generate-csr",
    "certs renew",
    "join phase control-plane-join",
    "join phase control-plane-prepare",
    "join phase etcd-join",
    "join phase wait-control-plane",
    "kubeconfig",
    "token create",
    "token delete",
    "token list",
    "upgrade",
];

/// Phases of `join` that are not there yet. They are about the control plane, so that a worker's join leaves them out
/// anyhow.
const JOIN_PHASES: [&str; 10] = [
    "check-etcd",
    "control-plane-join",
    "control-plane-join/mark-control-plane",
    "control-plane-prepare",
    "control-plane-prepare/certs",
    "control-plane-prepare/control-plane",
    "control-plane-prepare/download-certs",
    "control-plane-prepare/kubeconfig",
    "etcd-join",
    "wait-control-plane",
];

/// The phases that `join` is to skip, without those that it does not have yet.
#[must_use]
pub(super) fn skipped(phases: &[String]) -> Vec<String> {
    phases.iter().filter(|phase| !JOIN_PHASES.contains(&phase.as_str())).cloned().collect()
}

/// What to say where a line names one of them, whatever else stands on it: help for it would be another command's.
#[must_use]
pub(super) fn named(found: &Found<'_>, program: &str) -> Option<Failure> {
    let word = found.rest[found.first_word()?].to_str()?;
    let command = [&found.path[..], &[word]].concat().join(" ");
    COMMANDS.contains(&command.as_str()).then(|| {
        let unknown = Failure::text(format!("unknown command {word:?} for {:?}", found.name(program)));
        unknown.hint(format!("'{command}' is not there yet; the kubeadm of the cluster's version has it"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phases::join::JOIN;
    use crate::phases::walk;

    #[test]
    fn what_is_not_there_may_be_skipped() {
        let phases = ["control-plane-prepare", "preflight", "etcd-join", "control-plane-join/nope"].map(str::to_owned);
        assert_eq!(skipped(&phases), ["preflight", "control-plane-join/nope"]);
        walk(JOIN, "", &mut |path, _| assert!(!JOIN_PHASES.contains(&path), "{path} is there"));
    }

    #[test]
    fn those_that_are_listed() {
        let page = include_str!("../../docs/compatibility.md");
        let (_, section) = page.split_once("\n## Commands that come later\n").unwrap();
        let rows = section.split("\n## ").next().unwrap().lines();
        let listed: Vec<_> = rows.filter_map(|row| row.strip_prefix("| `kubeadm ")?.split('`').next()).collect();
        assert_eq!(listed, COMMANDS);
    }
}
