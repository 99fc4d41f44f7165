//! One run at a time on a machine: a lock file, held by the kernel for as long as the process lives.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, Write};

use camino::{Utf8Path, Utf8PathBuf};
use nix::fcntl::{Flock, FlockArg};

/// A held lock; given up when dropped, or when the process dies in whatever way.
#[derive(Debug)]
pub struct Lock {
    _file: Flock<File>,
}

/// The lock could not be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another run holds it.
    #[error("another run is under way on this machine: {holder}")]
    Held {
        /// Its pid and command.
        holder: String,
    },
    /// The lock file could not be used.
    #[error("cannot lock {path}")]
    Io {
        /// The lock file.
        path: Utf8PathBuf,
        /// Why not.
        source: std::io::Error,
    },
}

impl Lock {
    /// Takes the lock at `path` for `command`, at once or not at all.
    pub fn take(path: &Utf8Path, command: &str) -> Result<Self, LockError> {
        let io = |source| LockError::Io { path: path.to_owned(), source };
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(io)?;
        match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(mut file) => {
                file.set_len(0).map_err(io)?;
                file.rewind().map_err(io)?;
                writeln!(file, "pid {}, {command}", std::process::id()).map_err(io)?;
                Ok(Self { _file: file })
            }
            Err((mut file, nix::errno::Errno::EWOULDBLOCK)) => {
                let mut holder = String::new();
                file.read_to_string(&mut holder).map_err(io)?;
                Err(LockError::Held { holder: holder.trim().to_owned() })
            }
            Err((_, errno)) => Err(io(errno.into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_told_who_holds_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = Utf8PathBuf::from_path_buf(dir.path().join("kinit.lock")).unwrap();
        let held = Lock::take(&path, "kinit init").unwrap();
        let refused = Lock::take(&path, "kinit join").unwrap_err().to_string();
        assert!(refused.ends_with(&format!("pid {}, kinit init", std::process::id())), "{refused}");
        drop(held);
        Lock::take(&path, "kinit join").unwrap();
    }
}
