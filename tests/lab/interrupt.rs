//! Ctrl-C, SIGTERM and the end of the terminal become a flag that every wait looks at, so that an interrupted lab unwinds through the same
//! clean-up as a failed one. A second Ctrl-C ends the process at once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tokio::signal::unix::{SignalKind, signal};

use crate::progress::{self, say};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);
/// Cleaning up runs commands too, and they must not be refused because of the signal that made it necessary.
static CLEANING: AtomicBool = AtomicBool::new(false);

/// Starts the thread that listens for signals.
pub(crate) fn listen() -> Result<()> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().context("a runtime for signals")?;
    std::thread::spawn(move || {
        runtime.block_on(async {
            let (Ok(mut int), Ok(mut term)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) else {
                return;
            };
            let mut hup = (!outlives_terminal()).then(|| signal(SignalKind::hangup()).ok()).flatten();
            let mut hung_up = async || match &mut hup {
                Some(hup) => hup.recv().await,
                None => std::future::pending().await,
            };
            loop {
                tokio::select! { _ = int.recv() => {}, _ = term.recv() => {}, _ = hung_up() => progress::hide() }
                if INTERRUPTED.swap(true, Ordering::SeqCst) {
                    #[allow(clippy::exit)]
                    std::process::exit(130);
                }
                say("interrupted: cleaning up (once more to leave at once)");
            }
        });
    });
    Ok(())
}

/// Whether this was started to go on without its terminal, as by nohup(1): with SIGHUP ignored.
fn outlives_terminal() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:")?.trim().chars().last()?.to_digit(16));
    ignored.is_some_and(|signals| signals & 1 == 1)
}

/// True from the first signal on, except while cleaning up.
pub(crate) fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::SeqCst) && !CLEANING.load(Ordering::SeqCst)
}

/// Runs `clean` with interruption switched off.
pub(crate) fn cleaning<T>(clean: impl FnOnce() -> T) -> T {
    let before = CLEANING.swap(true, Ordering::SeqCst);
    let result = clean();
    CLEANING.store(before, Ordering::SeqCst);
    result
}

/// What came of some work and of the clean-up after it: the error is the work's first, and what could not be cleaned up is told with it.
pub(crate) fn cleaned(work: Result<()>, clean: impl FnOnce() -> Result<()>) -> Result<()> {
    match (work, cleaning(clean)) {
        (Err(error), Err(left)) => bail!("{error:#}\nand this could not be cleaned up after it: {left:#}"),
        (work, cleared) => work.and(cleared),
    }
}

/// Asks `probe` until it has an answer; fails at the deadline with what was still missing, and when interrupted.
pub(crate) fn wait_for<T>(what: &str, limit: Duration, mut probe: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    let started = Instant::now();
    let mut last = None;
    loop {
        match probe() {
            Ok(Some(value)) => return Ok(value),
            Ok(None) => {}
            Err(error) => last = Some(error),
        }
        if interrupted() {
            bail!("interrupted while waiting for {what}");
        }
        if started.elapsed() > limit {
            let missing = format!("{what}: not within {} s", limit.as_secs());
            return match last {
                Some(error) => Err(error.context(missing)),
                None => bail!(missing),
            };
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}
