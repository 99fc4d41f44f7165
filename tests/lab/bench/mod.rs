//! Measurements: `cargo lab bench NAME`.

mod binary;
mod init;
mod rest;

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::artefacts::Source;
use crate::cache::Cache;
use crate::lab::Lab;
use crate::progress::step;

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Name {
    /// kinit init and kubeadm init in turn, each on a fresh machine
    Init,
    /// The release binary: its size, its start, what it is linked with
    Binary,
}

/// How it is measured.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[arg(value_enum)]
    pub(crate) name: Name,
    /// Runs of each program
    #[arg(long, default_value_t = 5, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) runs: u16,
    #[command(flatten)]
    pub(crate) source: Source,
}

/// Measures, and prints what came out.
pub(crate) fn run(cache: &Cache, lab: &mut Lab, options: &Options) -> Result<()> {
    let kinit = release()?;
    match options.name {
        Name::Init => init::run(cache, lab, options, &kinit),
        Name::Binary => binary::run(&kinit, options.runs),
    }
}

/// Builds kinit as it is released, unless one is given.
fn release() -> Result<PathBuf> {
    if let Some(given) = std::env::var_os("KINIT_LAB_KINIT") {
        return Ok(given.into());
    }
    step("cargo build --release", || {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(["build", "--release", "--bin", "kinit", "--message-format=json", "--quiet"]);
        cargo.current_dir(env!("CARGO_MANIFEST_DIR"));
        let messages = crate::command::check(&mut cargo)?;
        let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let executables = messages.filter_map(|message| message["executable"].as_str().map(PathBuf::from));
        executables.reduce(|_, later| later).context("cargo named no executable")
    })
}

/// The middle of the measured times.
fn median(times: &mut [Duration]) -> Duration {
    times.sort();
    let middle = times.len() / 2;
    if times.len().is_multiple_of(2) { (times[middle - 1] + times[middle]) / 2 } else { times[middle] }
}
