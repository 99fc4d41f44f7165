//! What the lab says while it works: one line a step with its time; on a terminal a spinner with the seconds that pass.

use std::io::{Write, stdout};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use anyhow::Result;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

fn bars() -> &'static MultiProgress {
    static BARS: OnceLock<MultiProgress> = OnceLock::new();
    BARS.get_or_init(MultiProgress::new)
}

/// Says a line without breaking the spinners. That nobody can hear it any more must not keep anybody from cleaning up.
pub(crate) fn say(line: impl AsRef<str>) {
    let _ = bars().suspend(|| writeln!(stdout(), "{}", line.as_ref()));
}

/// Draws no more: the terminal is gone.
pub(crate) fn hide() {
    bars().set_draw_target(ProgressDrawTarget::hidden());
}

/// Runs a step under its name and says how long it took.
pub(crate) fn step<T>(name: impl Into<String>, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let name = name.into();
    let bar = bars().add(ProgressBar::new_spinner());
    if let Ok(style) = ProgressStyle::with_template("  {spinner} {msg} {elapsed}") {
        bar.set_style(style);
    }
    bar.set_message(name.clone());
    bar.enable_steady_tick(Duration::from_millis(200));
    // In a pipe there is no spinner, and a build of many minutes would look like one that hangs.
    if bars().is_hidden() {
        say(format!("  ... {name}"));
    }
    let started = Instant::now();
    let result = work();
    bar.finish_and_clear();
    let outcome = if result.is_ok() { "ok " } else { "ERR" };
    say(format!("  {outcome} {name} ({})", seconds(started.elapsed())));
    result
}

/// A duration as people read it.
pub(crate) fn seconds(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 100.0 {
        format!("{seconds:.1} s")
    } else {
        format!("{} min {} s", seconds as u64 / 60, seconds as u64 % 60)
    }
}
