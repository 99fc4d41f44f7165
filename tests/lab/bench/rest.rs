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
    let (mut began, mut before) = (Instant::now(), Times::now()?);
    wait_for("idle processors", Duration::from_secs(60), || {
        if began.elapsed() < SPAN {
            return Ok(None);
        }
        let now = Times::now()?;
        let (idle, all) = (now.idle - before.idle, now.all - before.all);
        (began, before) = (Instant::now(), now);
        Ok((idle as f64 >= all as f64 * (1.0 - BUSY)).then_some(()))
    })
}

/// The processors' time since the start.
struct Times {
    /// Waiting for a disk is not idle.
    idle: u64,
    all: u64,
}

impl Times {
    fn now() -> Result<Self> {
        let text = std::fs::read_to_string("/proc/stat")?;
        let line = text.lines().next().context("/proc/stat is empty")?;
        let times: Vec<u64> = line.split_whitespace().skip(1).filter_map(|time| time.parse().ok()).collect();
        let idle = times.get(3).context("/proc/stat tells no idle time")?;
        Ok(Self { idle: *idle, all: times.iter().sum() })
    }
}
