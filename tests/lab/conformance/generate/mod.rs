//! Makes the judge's cases from the shape of the configuration API and of the command line: mostly right ones, and ones with a
//! slip or two. Every case comes from its seed alone. It knows nothing of how cases are run or compared.

mod api;
mod commands;
mod configuration;
mod existing;
mod flags;
mod line;
mod node;
mod patches;
mod plan;
mod setting;
mod shape;
mod slip;
mod style;
mod trees;
mod write;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::case::{CONFIG, Case, Kind, PATCHES};
use configuration::Configuration;
use plan::{Line, Plan};

/// Whether kubeadm of this minor and kinit can be compared in this: what an older kubeadm writes in an older version of the API,
/// or does not have, cannot.
pub(crate) fn applies(minor: u64, kind: Kind) -> bool {
    match kind {
        Kind::ConfigPrint | Kind::CommandLine | Kind::TokenGenerate => minor >= 37,
        Kind::ConfigMigrate | Kind::ConfigValidate => minor >= 31,
        Kind::ResetDryRun => minor >= 24,
        // Without a cluster, it asks for one until it gives up, after minutes.
        Kind::JoinDryRun => minor != 31,
        _ => true,
    }
}

/// The cases of a kind for this minor's kubeadm.
pub(crate) fn case(minor: u64, kind: Kind) -> impl Strategy<Value = Case> {
    let plan = Plan::of(kind);
    let parts = (plan.lines(minor), patches::strategy(minor), plan.variables());
    parts.prop_map(move |(Line { args, file, existing }, patches, env)| {
        let named = |path: &str| {
            args.iter().any(|word| word.contains(path)) || file.as_ref().is_some_and(|file| file.text.contains(path))
        };
        let mut files = BTreeMap::new();
        let pki = directory(&args, "--cert-dir", file.as_ref().map_or("/etc/kubernetes/pki", Configuration::pki));
        files.extend(existing.certificates.into_iter().map(|(name, text)| (format!("{pki}/{name}"), text)));
        let conf = directory(&args, "--kubeconfig-dir", "/etc/kubernetes");
        files.extend(existing.kubeconfigs.into_iter().map(|(name, text)| (format!("{conf}/{name}"), text)));
        if named(PATCHES) {
            files.extend(patches.into_iter().map(|(name, text)| (format!("{PATCHES}/{name}"), text)));
        }
        if named("/case/discovery.conf") {
            files.insert("/case/discovery.conf".to_owned(), existing::discovery().to_owned());
        }
        files.extend(file.map(|file| (CONFIG.to_owned(), file.text)));
        Case { kind, minor, args, files, env }
    })
}

/// Configuration files that a machine of the lab becomes a control plane of this version with; the one that names patches finds them in [`BOOTABLE_PATCHES`].
pub(crate) fn bootable(version: &str) -> impl Strategy<Value = String> {
    configuration::bootable(version)
}

/// Where a bootable configuration has its patches.
pub(crate) const BOOTABLE_PATCHES: &str = "/root/patches";

/// The directory that a flag names, if it can be one, on the shortest way.
fn directory(args: &[String], flag: &str, default: &str) -> String {
    let after = args.iter().position(|word| word == flag).and_then(|at| args.get(at + 1));
    let within = args.iter().find_map(|word| word.strip_prefix(flag)?.strip_prefix('='));
    let named = within.or(after.map(String::as_str)).unwrap_or(default).trim_end_matches('/');
    if !named.starts_with('/') {
        return default.to_owned();
    }
    let mut parts = Vec::new();
    for part in named.split('/').filter(|part| !matches!(*part, "" | ".")) {
        if part == ".." {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    format!("/{}", parts.join("/"))
}
