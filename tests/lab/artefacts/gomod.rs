//! The go.mod of the small module that builds Kubernetes. `k8s.io/kubernetes` replaces its staging modules by directories that exist only in
//! its own repository, so each of them is pointed at the published module of the same release here.

use std::fmt::Write;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use super::go::go;
use crate::command::check;

/// Writes `go.mod` and `go.sum` in `folder`, beside its sources, for a build of `k8s.io/kubernetes` at this version.
pub(crate) fn kubernetes(folder: &Path, version: &str) -> Result<()> {
    let minor = version.strip_prefix("v1.").with_context(|| format!("{version} is no v1.X.Y"))?;
    let info = check(go(&["mod", "download", "-json", &format!("k8s.io/kubernetes@{version}")]).current_dir(folder))?;
    let info: Value = serde_json::from_str(&info).context("go mod download said something that is not JSON")?;
    let upstream = info["GoMod"].as_str().context("go mod download named no GoMod")?;
    let upstream = std::fs::read_to_string(upstream)?;
    tidy(folder, &text(&upstream, version, minor)?)
}

/// Writes `go.mod` for a program that is one module at one version.
pub(crate) fn single(folder: &Path, module: &str, version: &str) -> Result<()> {
    tidy(folder, &format!("module lab\ngo 1.26.0\nrequire {module} {version}\n"))
}

fn text(upstream: &str, version: &str, minor: &str) -> Result<String> {
    let mut text = String::from("module lab\n");
    for line in upstream.lines().filter(|line| line.starts_with("go ") || line.starts_with("godebug ")) {
        writeln!(text, "{line}")?;
    }
    writeln!(text, "require k8s.io/kubernetes {version}")?;
    for line in upstream.lines() {
        let rule = line.trim().trim_start_matches("replace ");
        match rule.split_once(" => ") {
            Some((module, place)) if place.starts_with("./staging/") => {
                writeln!(text, "replace {module} => {module} v0.{minor}")?;
            }
            // Older minors pin other modules this way too, and do not compile without it.
            Some(_) if !rule.starts_with("//") => writeln!(text, "replace {rule}")?,
            _ => {}
        }
    }
    Ok(text)
}

fn tidy(folder: &Path, text: &str) -> Result<()> {
    std::fs::write(folder.join("go.mod"), text)?;
    check(go(&["mod", "tidy"]).current_dir(folder)).map(drop)
}
