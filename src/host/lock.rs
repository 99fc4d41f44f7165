//! One run at a time on a machine, and one change at a time of its users and groups: lock files, held by the kernel for
//! as long as the process lives.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::thread;
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, Flock, FlockArg, fcntl};
use nix::libc;

/// The lock files' permission bits.
const MODE: u32 = 0o600;
/// What lckpwdf(3), useradd(8) and systemd-sysusers(8) lock before they change users and groups.
pub(super) const ACCOUNTS: &str = "/etc/.pwd.lock";
/// How long it is waited for: as long as lckpwdf(3) does.
const PATIENCE: Duration = Duration::from_secs(15);
/// How often it is tried.
const RETRY: Duration = Duration::from_millis(20);

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
        source: io::Error,
    },
}

impl Lock {
    /// Takes the lock at `path` for `command`, at once or not at all.
    pub fn take(path: &Utf8Path, command: &str) -> Result<Self, LockError> {
        let io = |source| LockError::Io { path: path.to_owned(), source };
        let file = open(path).map_err(io)?;
        match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(mut file) => {
                file.set_len(0).map_err(io)?;
                file.rewind().map_err(io)?;
                writeln!(file, "pid {}, {command}", std::process::id()).map_err(io)?;
                Ok(Self { _file: file })
            }
            Err((mut file, Errno::EWOULDBLOCK)) => {
                let mut holder = String::new();
                file.read_to_string(&mut holder).map_err(io)?;
                Err(LockError::Held { holder: holder.trim().to_owned() })
            }
            Err((_, errno)) => Err(io(errno.into())),
        }
    }
}

/// Opens the lock file, which is nobody else's: flock(2) asks for no more than that a file can be read, so whoever could
/// read it could keep every run from starting.
fn open(path: &Utf8Path) -> io::Result<File> {
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(MODE).open(path)?;
    file.set_permissions(Permissions::from_mode(MODE))?;
    Ok(file)
}

/// The lock under which users and groups are changed; given up when dropped.
#[derive(Debug)]
pub struct AccountsLock {
    _file: File,
}

impl AccountsLock {
    /// Takes the lock, once whoever holds it is done.
    pub(super) fn take(path: &Utf8Path) -> io::Result<Self> {
        let file = OpenOptions::new().write(true).create(true).truncate(false).mode(MODE).open(path)?;
        let until = Instant::now() + PATIENCE;
        loop {
            match fcntl(&file, FcntlArg::F_OFD_SETLK(&WHOLE_FILE)) {
                Ok(_) => return Ok(Self { _file: file }),
                Err(Errno::EAGAIN | Errno::EACCES) if Instant::now() < until => thread::sleep(RETRY),
                Err(Errno::EAGAIN | Errno::EACCES) => {
                    let held =
                        format!("another process changes users and groups, for {} s already", PATIENCE.as_secs());
                    return Err(io::Error::new(io::ErrorKind::TimedOut, held));
                }
                Err(errno) => return Err(errno.into()),
            }
        }
    }
}

/// Write access to the whole file, whatever its size.
const WHOLE_FILE: libc::flock = libc::flock {
    l_type: libc::F_WRLCK as libc::c_short,
    l_whence: libc::SEEK_SET as libc::c_short,
    l_start: 0,
    l_len: 0,
    l_pid: 0,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_changed_by_one_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let path = Utf8PathBuf::from_path_buf(dir.path().join(".pwd.lock")).unwrap();
        let held = AccountsLock::take(&path).unwrap();
        let second = thread::spawn({
            let path = path.clone();
            move || AccountsLock::take(&path).map(|_| Instant::now())
        });
        thread::sleep(RETRY);
        let freed = Instant::now();
        drop(held);
        assert!(second.join().unwrap().unwrap() >= freed);
    }

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

    #[test]
    fn nobody_else_can_take_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = Utf8PathBuf::from_path_buf(dir.path().join("kinit.lock")).unwrap();
        let mode = || File::open(&path).unwrap().metadata().unwrap().permissions().mode() & 0o777;
        Lock::take(&path, "kinit init").unwrap();
        assert_eq!(mode(), 0o600);
        std::fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        Lock::take(&path, "kinit init").unwrap();
        assert_eq!(mode(), 0o600, "one that an older kinit made");
    }
}
