//! The release binary: size, start time, linkage.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::median;
use crate::command::{command, run as run_command};
use crate::progress::say;

pub(crate) fn run(kinit: &Path, runs: u16) -> Result<()> {
    let path = kinit.to_str().context("the target directory is not UTF-8")?;
    let bytes = std::fs::read(kinit)?;
    let mut times = Vec::new();
    for _ in 0..runs.max(20) {
        let output = run_command(&mut command(path, &["version"]))?;
        ensure!(output.status.success(), "kinit version: {}\n{}", output.ending(), output.both());
        times.push(output.took);
    }
    let linkage = linkage(&bytes)?;
    say(format!("\nbinary  {path}"));
    say(format!("size    {:.1} MB", bytes.len() as f64 / 1e6));
    say(format!("start   {:.1} ms (median of {} of `kinit version`)", millis(median(&mut times)), times.len()));
    say(format!("linked  {linkage}"));
    ensure!(linkage == "static-pie", "kinit must run on any distribution: it has to be one static binary");
    Ok(())
}

/// From the ELF header: a program interpreter means dynamic; a shared object without one is a static-pie.
fn linkage(bytes: &[u8]) -> Result<&'static str> {
    let word = |at: usize, size: usize| -> Result<usize> {
        let field = bytes.get(at..at + size).context("the binary is cut off")?;
        Ok(field.iter().rev().fold(0, |value, byte| value << 8 | usize::from(*byte)))
    };
    ensure!(bytes.starts_with(b"\x7fELF\x02\x01"), "not a 64-bit little-endian ELF binary");
    let (kind, headers, size, count) = (word(16, 2)?, word(32, 8)?, word(54, 2)?, word(56, 2)?);
    let mut interpreted = false;
    for number in 0..count {
        interpreted |= word(headers + number * size, 4)? == 3;
    }
    Ok(match (kind, interpreted) {
        (_, true) => "dynamic",
        (3, false) => "static-pie",
        (_, false) => "static",
    })
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
