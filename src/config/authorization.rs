//! kube-apiserver's authorization modes, where kubeadm has a say in them.
//!
//! Up to v1.29 it keeps the modes in the cluster's configuration and drops what it does not know; since then a user's
//! flags count as they are.

use super::last_arg;
use super::v1beta4::Arg;
use crate::versions::{AUTHORIZATION_MODES, AuthorizationModes, Version};

/// The flag.
pub const FLAG: &str = "authorization-mode";
/// Without a user's word.
pub const DEFAULT: &str = "Node,RBAC";

/// Whether kubeadm knows a mode.
#[must_use]
pub fn is_known(mode: &str) -> bool {
    ["Node", "RBAC", "Webhook", "ABAC", "AlwaysAllow", "AlwaysDeny"].contains(&mode)
}

/// Makes the modes part of kube-apiserver's extra flags, where the version's kubeadm does so.
pub(super) fn complete(flags: &mut Vec<Arg>, version: &Version, warnings: &mut Vec<String>) {
    if *AUTHORIZATION_MODES.at(version) == AuthorizationModes::AsGiven {
        return;
    }
    let given = last_arg(flags, FLAG).unwrap_or_default();
    let (known, unknown): (Vec<&str>, Vec<&str>) =
        given.split(',').filter(|mode| !mode.is_empty()).partition(|mode| is_known(mode));
    warnings.extend(unknown.iter().map(|mode| format!("ignoring unknown kube-apiserver {FLAG} {mode:?}")));
    let value = if known.is_empty() { DEFAULT.to_owned() } else { known.join(",") };
    flags.retain(|flag| flag.name != FLAG);
    flags.push(Arg { name: FLAG.to_owned(), value, ..Arg::default() });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn completed(given: &[&str], minor: u64) -> (Vec<String>, Vec<String>) {
        let flag = |value: &&str| Arg { name: FLAG.to_owned(), value: (*value).to_owned(), ..Arg::default() };
        let (mut flags, mut warnings) = (given.iter().map(flag).collect(), Vec::new());
        complete(&mut flags, &Version::new(1, minor, 0), &mut warnings);
        (flags.into_iter().map(|flag| flag.value).collect(), warnings)
    }

    #[test]
    fn only_known_modes_up_to_1_29() {
        assert_eq!(completed(&[], 29).0, [DEFAULT]);
        assert_eq!(completed(&["RBAC", "Node,RBAC,Webhook"], 23).0, ["Node,RBAC,Webhook"]);
        let (modes, warnings) = completed(&["Foo"], 29);
        assert_eq!((modes, warnings.len()), (vec![DEFAULT.to_owned()], 1));
    }

    #[test]
    fn as_given_since() {
        assert_eq!(completed(&["Foo"], 30), (vec!["Foo".to_owned()], Vec::new()));
        assert_eq!(completed(&[], 30).0, [""; 0]);
    }
}
