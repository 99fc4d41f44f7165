//! Runs that are cut off in the middle of their writes.

use std::cell::Cell;

use camino::Utf8PathBuf;

use super::*;
use crate::host::{HostError, Output, Result as HostResult, Stat, Volume};

#[test]
fn a_run_cut_off_at_any_write_is_finished_by_the_next_without_writing_anything_over() {
    let total = 2 * CERTIFICATES.len() + 2;
    for writes in 0..total {
        let host = CutOff { machine: FakeHost::new(), left: Cell::new(writes) };
        ensure_all(&host, &config(), now()).unwrap_err();
        let before: Vec<_> = files(&host).into_iter().map(|path| (read(&host, path.as_str()), path)).collect();
        assert_eq!(before.len(), writes);

        host.left.set(total);
        check_existing(&host, &config(), now(), |_| true).unwrap();
        ensure_all(&host, &config(), now()).unwrap();
        assert_eq!(files(&host).len(), total);
        for (content, path) in before {
            assert_eq!(read(&host, path.as_str()), content, "{path} after {writes} writes");
        }
    }
}

/// A machine that takes some writes and then no more.
#[derive(Debug)]
struct CutOff {
    machine: FakeHost,
    left: Cell<usize>,
}

fn files(host: &dyn Host) -> Vec<Utf8PathBuf> {
    let mut files = host.list(Utf8Path::new("/pki")).unwrap();
    files.extend(host.list(Utf8Path::new("/pki/etcd")).unwrap());
    files.retain(|path| path.extension().is_some());
    files
}

impl Host for CutOff {
    fn read(&self, path: &Utf8Path) -> HostResult<Option<Vec<u8>>> {
        self.machine.read(path)
    }
    fn stat(&self, path: &Utf8Path) -> HostResult<Option<Stat>> {
        self.machine.stat(path)
    }
    fn list(&self, dir: &Utf8Path) -> HostResult<Vec<Utf8PathBuf>> {
        self.machine.list(dir)
    }
    fn link(&self, path: &Utf8Path) -> HostResult<Option<Utf8PathBuf>> {
        self.machine.link(path)
    }
    fn volume(&self, dir: &Utf8Path) -> HostResult<Volume> {
        self.machine.volume(dir)
    }
    fn query(&self, argv: &[&str]) -> HostResult<Output> {
        self.machine.query(argv)
    }
    fn write(&self, file: &NewFile<'_>) -> HostResult<()> {
        let path = file.path.to_owned();
        let full = || HostError::Io { verb: "write", path, source: std::io::ErrorKind::StorageFull.into() };
        self.left.set(self.left.get().checked_sub(1).ok_or_else(full)?);
        self.machine.write(file)
    }
    fn make_dir(&self, dir: &Utf8Path, mode: u32) -> HostResult<()> {
        self.machine.make_dir(dir, mode)
    }
    fn remove(&self, path: &Utf8Path) -> HostResult<()> {
        self.machine.remove(path)
    }
    fn set_mode(&self, path: &Utf8Path, mode: u32) -> HostResult<()> {
        self.machine.set_mode(path, mode)
    }
    fn set_owner(&self, path: &Utf8Path, owner: (u32, u32)) -> HostResult<()> {
        self.machine.set_owner(path, owner)
    }
    fn unmount(&self, path: &Utf8Path, flags: &[String]) -> HostResult<()> {
        self.machine.unmount(path, flags)
    }
    fn act(&self, argv: &[&str]) -> HostResult<Output> {
        self.machine.act(argv)
    }
    fn changes(&self) -> usize {
        self.machine.changes()
    }
}
