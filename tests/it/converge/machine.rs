//! A machine in memory that takes so many changes and then is gone.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};
use kinit::host::{FakeHost, Host, NewFile, Output, Result, Stat, Volume};

pub(super) const ROTATED: &str = "/var/lib/kubelet/pki/kubelet-client-current.pem";

/// Every file with its content and mode.
pub(super) type Tree = BTreeMap<Utf8PathBuf, (Vec<u8>, u32)>;

/// A machine whose kubelet is a service, which gets itself a certificate when it starts.
#[derive(Debug)]
pub(super) struct Machine {
    disk: FakeHost,
    pub(super) active: Cell<bool>,
    /// The kubelet's configuration at its last start.
    pub(super) read_at_start: RefCell<Option<Vec<u8>>>,
    /// How many changes it still takes.
    pub(super) left: Cell<usize>,
    pub(super) done: Cell<usize>,
}

impl Machine {
    pub(super) fn new() -> Rc<Self> {
        let disk = FakeHost::new()
            .with_file("/usr/bin/systemctl", "")
            .with_file("/proc/sys/kernel/hostname", "node-1\n")
            .with_file("/etc/ssl/certs/ca.pem", "");
        let (left, done) = (Cell::new(usize::MAX), Cell::new(0));
        Rc::new(Self { disk, active: Cell::new(false), read_at_start: RefCell::default(), left, done })
    }

    /// The process is killed here when this was one change too many.
    fn change(&self) {
        let Some(left) = self.left.get().checked_sub(1) else { resume_unwind(Box::new("killed")) };
        self.left.set(left);
        self.done.set(self.done.get() + 1);
    }

    pub(super) fn tree(&self) -> Tree {
        let mut tree = Tree::new();
        let mut left = vec![Utf8PathBuf::from("/etc/kubernetes"), "/var/lib/kubelet".into(), "/pki".into()];
        while let Some(path) = left.pop() {
            let Some(stat) = self.disk.stat(&path).expect("in memory") else { continue };
            if stat.is_dir {
                left.extend(self.disk.list(&path).expect("in memory"));
            } else {
                let content = self.disk.read(&path).expect("in memory").unwrap_or_default();
                tree.insert(path, (content, stat.mode));
            }
        }
        tree
    }
}

impl Host for Machine {
    fn read(&self, path: &Utf8Path) -> Result<Option<Vec<u8>>> {
        self.disk.read(path)
    }
    fn stat(&self, path: &Utf8Path) -> Result<Option<Stat>> {
        self.disk.stat(path)
    }
    fn list(&self, dir: &Utf8Path) -> Result<Vec<Utf8PathBuf>> {
        self.disk.list(dir)
    }
    fn link(&self, path: &Utf8Path) -> Result<Option<Utf8PathBuf>> {
        self.disk.link(path)
    }
    fn volume(&self, dir: &Utf8Path) -> Result<Volume> {
        self.disk.volume(dir)
    }
    fn query(&self, argv: &[&str]) -> Result<Output> {
        let (status, stdout) = match argv {
            ["systemctl", "is-active", "kubelet"] if self.active.get() => (0, "active\n"),
            ["systemctl", "show", "--property=NeedDaemonReload", ..] => (0, "no\n"),
            _ => (3, "inactive\n"),
        };
        Ok(Output { status: Some(status), stdout: stdout.to_owned(), stderr: String::new() })
    }
    fn write(&self, file: &NewFile<'_>) -> Result<()> {
        self.change();
        self.disk.write(file)
    }
    fn make_dir(&self, dir: &Utf8Path, mode: u32) -> Result<()> {
        self.change();
        self.disk.make_dir(dir, mode)
    }
    fn remove(&self, path: &Utf8Path) -> Result<()> {
        self.change();
        self.disk.remove(path)
    }
    fn set_mode(&self, path: &Utf8Path, mode: u32) -> Result<()> {
        self.change();
        self.disk.set_mode(path, mode)
    }
    fn set_owner(&self, path: &Utf8Path, owner: (u32, u32)) -> Result<()> {
        self.change();
        self.disk.set_owner(path, owner)
    }
    fn unmount(&self, path: &Utf8Path, flags: &[String]) -> Result<()> {
        self.change();
        self.disk.unmount(path, flags)
    }
    fn act(&self, argv: &[&str]) -> Result<Output> {
        self.change();
        match argv {
            ["systemctl", "stop", "kubelet"] => self.active.set(false),
            ["systemctl", "restart" | "start", "kubelet"] => {
                self.active.set(true);
                *self.read_at_start.borrow_mut() = self.disk.read(Utf8Path::new("/var/lib/kubelet/config.yaml"))?;
                let path = Utf8Path::new(ROTATED);
                self.disk.write(&NewFile { path, content: b"the kubelet's own", mode: 0o600, secret: true })?;
            }
            _ => {}
        }
        self.disk.act(argv)
    }
    fn changes(&self) -> usize {
        self.done.get()
    }
}
