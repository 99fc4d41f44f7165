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
    use super::COMMANDS;

    #[test]
    fn those_that_are_listed() {
        let page = include_str!("../../docs/compatibility.md");
        let (_, section) = page.split_once("\n## Commands that come later\n").unwrap();
        let rows = section.split("\n## ").next().unwrap().lines();
        let listed: Vec<_> = rows.filter_map(|row| row.strip_prefix("| `kubeadm ")?.split('`').next()).collect();
        assert_eq!(listed, COMMANDS);
    }
}
