//! Locks between labs: whoever comes second learns who holds it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::interrupt::wait_for;
use crate::progress::say;

/// A held lock; the kernel gives it back when the process ends, however that happens.
pub(crate) struct Lock(#[allow(dead_code, reason = "dropping the file gives the lock back")] File);

/// Takes the lock or says who has it.
pub(crate) fn take(path: &Path) -> Result<Lock> {
    match attempt(path)? {
        Some(lock) => Ok(lock),
        None => bail!("another lab is at work here: {} holds {}", holder(path), path.display()),
    }
}

/// Takes the lock, waiting for whoever has it.
pub(crate) fn wait(path: &Path) -> Result<Lock> {
    if let Some(lock) = attempt(path)? {
        return Ok(lock);
    }
    say(format!("  waiting for {}, which works on the same", holder(path)));
    wait_for("the lock", Duration::from_secs(3600), || attempt(path))
}

fn attempt(path: &Path) -> Result<Option<Lock>> {
    let mut file = OpenOptions::new()
        .create(true)
        .read(true)
        .write(true)
        .truncate(false)
        .open(path)
        .with_context(|| format!("cannot open {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(None),
        Err(TryLockError::Error(error)) => {
            return Err(error).with_context(|| format!("cannot lock {}", path.display()));
        }
    }
    file.set_len(0)?;
    file.rewind()?;
    let words: Vec<String> = std::env::args().skip(1).collect();
    write!(file, "pid {} (cargo lab {})", std::process::id(), words.join(" "))?;
    Ok(Some(Lock(file)))
}

fn holder(path: &Path) -> String {
    let mut text = String::new();
    let read = File::open(path).and_then(|mut file| file.read_to_string(&mut text));
    if read.is_err() || text.is_empty() { "an unnamed process".into() } else { text }
}
