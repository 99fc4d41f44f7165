//! The Go toolchain that everything is built with.

use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::command::{check, command};

/// The first Go (1.X) that fetches a later one where a module asks for it, as those of Kubernetes do. Older ones can't even read such a module.
const OLDEST: u32 = 21;
/// What to do without one.
const REMEDY: &str =
    "get it from https://go.dev/dl, or use official programs: --binaries DIR, for the judge --kubeadms DIR";

/// Makes sure that there is a toolchain to build with.
pub(super) fn ensure() -> Result<()> {
    let said = check(&mut command("go", &["version"]))
        .with_context(|| format!("building Kubernetes needs Go 1.{OLDEST} or later: {REMEDY}"))?;
    let recent = minor(&said).is_some_and(|minor| minor >= OLDEST);
    ensure!(recent, "building Kubernetes needs Go 1.{OLDEST} or later, and here is {:?}: {REMEDY}", said.trim());
    Ok(())
}

/// A command of Go. Some distributions tell theirs not to fetch a later one; whoever says so in the environment means it.
pub(super) fn go(args: &[&str]) -> Command {
    let mut go = command("go", args);
    if std::env::var_os("GOTOOLCHAIN").is_none() {
        go.env("GOTOOLCHAIN", "auto");
    }
    go
}

/// The 26 of `go version go1.26.8 linux/amd64`.
fn minor(said: &str) -> Option<u32> {
    let version = said.split_whitespace().find_map(|word| word.strip_prefix("go1."))?;
    version.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}
