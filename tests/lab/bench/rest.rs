//! A computer at rest, before something is measured on it.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::interrupt::wait_for;
use crate::machine::Machine;

/// How long the processors must have had nearly nothing to do.
const SPAN: Duration = Duration::from_millis(500);
/// What share of that time counts as nearly nothing.
const BUSY: f64 = 0.1;

/// Waits until a machine has booted, what was there before it is on the disk, and the processors are idle: all that would be counted.
pub(super) fn wait(machine: &Machine) -> Result<()> {
    wait_for("the end of the boot", Duration::from_secs(30), || {
        let state = machine.run(["systemctl", "is-system-running"])?.stdout;
        Ok(["running", "degraded"].contains(&state.trim()).then_some(()))
    })?;
    nix::unistd::sync();
    let mut began = (Instant::now(), times()?);
    wait_for("idle processors", Duration::from_secs(60), || {
        if began.0.elapsed() < SPAN {
            return Ok(None);
        }
        let now = times()?;
        let (idle, all) = (now.0 - began.1.0, now.1 - began.1.1);
        began = (Instant::now(), now);
        Ok((idle as f64 >= all as f64 * (1.0 - BUSY)).then_some(()))
    })
}

/// The processors' idle time since the start, and all of it. Waiting for a disk is not idle.
fn times() -> Result<(u64, u64)> {
    let text = std::fs::read_to_string("/proc/stat")?;
    let line = text.lines().next().context("/proc/stat is empty")?;
    let times: Vec<u64> = line.split_whitespace().skip(1).filter_map(|time| time.parse().ok()).collect();
    let idle = times.get(3).context("/proc/stat tells no idle time")?;
    Ok((*idle, times.iter().sum()))
}
