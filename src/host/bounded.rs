//! Reading a file that may be anything: a device without an end, a pipe that nobody writes to.
//!
//! Knows bytes and patience; refuses to know what is in the file.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::time::{Duration, Instant};

use camino::Utf8Path;
use nix::fcntl::OFlag;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

/// How much a file may hold, and how long reading it may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// Bytes.
    pub(super) size: u64,
    /// From opening to the last byte; what is on a disk takes none of it.
    pub(super) patience: Duration,
}

/// The bounds of every file that is read. The largest that a node has are the kernel's socket tables.
pub(super) const BOUNDS: Bounds = Bounds { size: 64 << 20, patience: Duration::from_secs(60) };

/// The content of a file, pipe or device.
pub(super) fn read(path: &Utf8Path, bounds: Bounds) -> io::Result<Vec<u8>> {
    // Opening a pipe would wait for somebody to open its other end.
    let file = OpenOptions::new().read(true).custom_flags(OFlag::O_NONBLOCK.bits()).open(path)?;
    let on_disk = file.metadata()?.is_file();
    let mut rest = (&file).take(bounds.size + 1);
    let mut content = Vec::new();
    let start = Instant::now();
    loop {
        if !on_disk {
            wait(&file, bounds.patience.saturating_sub(start.elapsed()))?;
        }
        match rest.read_to_end(&mut content) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
            Ok(_) if rest.limit() == 0 => {
                let what = format!("it holds more than {} MiB", bounds.size >> 20);
                return Err(io::Error::new(ErrorKind::FileTooLarge, what));
            }
            Ok(_) => return Ok(content),
        }
    }
}

/// Waits for something to read, or the end.
fn wait(file: &File, patience: Duration) -> io::Result<()> {
    let timeout = PollTimeout::try_from(patience).unwrap_or(PollTimeout::MAX);
    match poll(&mut [PollFd::new(file.as_fd(), PollFlags::POLLIN)], timeout)? {
        0 => Err(io::Error::new(ErrorKind::TimedOut, "nothing comes out of it; is anybody writing into it?")),
        _ => Ok(()),
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test writes its own files")]
mod tests {
    use super::*;
    use nix::sys::stat::Mode;

    const SMALL: Bounds = Bounds { size: 1 << 20, patience: Duration::from_millis(200) };

    fn said(path: &str) -> String {
        read(Utf8Path::new(path), SMALL).unwrap_err().to_string()
    }

    #[test]
    fn a_device_without_an_end() {
        assert_eq!(said("/dev/zero"), "it holds more than 1 MiB");
        assert_eq!(read(Utf8Path::new("/dev/null"), SMALL).unwrap(), b"");
        assert!(said("/").contains("Is a directory"));
    }

    #[test]
    fn files_up_to_the_bound() {
        let dir = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(dir.path()).unwrap().join("file");
        for (size, fits) in [(0, true), (1 << 20, true), ((1 << 20) + 1, false)] {
            std::fs::write(&path, vec![b'x'; size]).unwrap();
            assert_eq!(read(&path, SMALL).is_ok_and(|content| content.len() == size), fits, "{size} bytes");
        }
    }

    #[test]
    fn a_pipe_is_read_when_somebody_writes() {
        let dir = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(dir.path()).unwrap().join("pipe");
        nix::unistd::mkfifo(path.as_std_path(), Mode::S_IRWXU).unwrap();
        assert!(said(path.as_str()).starts_with("nothing comes out of it"));

        let writer = path.clone();
        let writing = std::thread::spawn(move || std::fs::write(writer, vec![b'y'; 300_000]).unwrap());
        let patient = Bounds { patience: Duration::from_secs(20), ..SMALL };
        assert_eq!(read(&path, patient).unwrap().len(), 300_000);
        writing.join().unwrap();
    }
}
