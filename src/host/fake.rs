//! A machine in memory, for tests: files that start as given, commands that answer from a script, and the list of
//! what was done.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};

use super::{DryRun, Effect, Effects, Host, NewFile, Output, Result, Stat, Volume};

/// A machine in memory.
#[derive(Debug)]
pub struct FakeHost {
    disk: DryRun,
    effects: Effects,
    answers: RefCell<BTreeMap<String, Output>>,
    links: BTreeMap<Utf8PathBuf, Utf8PathBuf>,
    volumes: BTreeMap<Utf8PathBuf, Volume>,
}

/// Nothing at all: what a [`FakeHost`] starts from.
#[derive(Debug)]
struct Empty;

impl Default for FakeHost {
    fn default() -> Self {
        let effects = Effects::default();
        Self {
            disk: DryRun::new(Rc::new(Empty), effects.clone()),
            effects,
            answers: RefCell::default(),
            links: BTreeMap::new(),
            volumes: BTreeMap::new(),
        }
    }
}

impl FakeHost {
    /// An empty machine.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With a file on it.
    #[must_use]
    pub fn with_file(self, path: &str, content: &str) -> Self {
        let file = NewFile { path: Utf8Path::new(path), content: content.as_bytes(), mode: 0o644, secret: false };
        // A write to memory cannot fail.
        let _ = self.disk.write(&file);
        let _ = self.effects.drain();
        self
    }

    /// Answering a command line (words joined by blanks) with a status and a standard output.
    #[must_use]
    pub fn with_answer(self, command: &str, status: i32, stdout: &str) -> Self {
        let output = Output { status: Some(status), stdout: stdout.to_owned(), stderr: String::new() };
        self.answers.borrow_mut().insert(command.to_owned(), output);
        self
    }

    /// With a symbolic link on it.
    #[must_use]
    pub fn with_link(mut self, path: &str, target: &str) -> Self {
        self.links.insert(path.into(), target.into());
        self
    }

    /// With a file system of its own mounted at a directory.
    #[must_use]
    pub fn with_volume(mut self, dir: &str, volume: Volume) -> Self {
        self.volumes.insert(dir.into(), volume);
        self
    }

    /// What was done since the last call.
    #[must_use]
    pub fn effects(&self) -> Vec<Effect> {
        self.effects.drain()
    }
}

impl Host for FakeHost {
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
        Ok(self.links.get(path).cloned())
    }
    fn volume(&self, dir: &Utf8Path) -> Result<Volume> {
        match dir.ancestors().find_map(|above| self.volumes.get(above)) {
            Some(volume) => Ok(volume.clone()),
            None => self.disk.volume(dir),
        }
    }
    /// A command without a scripted answer is one that the machine does not have: status 127.
    fn query(&self, argv: &[&str]) -> Result<Output> {
        let missing = Output { status: Some(127), ..Output::default() };
        Ok(self.answers.borrow().get(&argv.join(" ")).cloned().unwrap_or(missing))
    }
    fn write(&self, file: &NewFile<'_>) -> Result<()> {
        self.disk.write(file)
    }
    fn make_dir(&self, dir: &Utf8Path, mode: u32) -> Result<()> {
        self.disk.make_dir(dir, mode)
    }
    fn remove(&self, path: &Utf8Path) -> Result<()> {
        self.disk.remove(path)
    }
    fn set_mode(&self, path: &Utf8Path, mode: u32) -> Result<()> {
        self.disk.set_mode(path, mode)
    }
    fn set_owner(&self, path: &Utf8Path, owner: (u32, u32)) -> Result<()> {
        self.disk.set_owner(path, owner)
    }
    fn unmount(&self, path: &Utf8Path, flags: &[String]) -> Result<()> {
        self.disk.unmount(path, flags)
    }
    fn act(&self, argv: &[&str]) -> Result<Output> {
        self.disk.act(argv)
    }
    fn changes(&self) -> usize {
        self.disk.changes()
    }
}

impl Host for Empty {
    fn read(&self, _: &Utf8Path) -> Result<Option<Vec<u8>>> {
        Ok(None)
    }
    fn stat(&self, _: &Utf8Path) -> Result<Option<Stat>> {
        Ok(None)
    }
    fn list(&self, _: &Utf8Path) -> Result<Vec<Utf8PathBuf>> {
        Ok(Vec::new())
    }
    fn link(&self, _: &Utf8Path) -> Result<Option<Utf8PathBuf>> {
        Ok(None)
    }
    fn volume(&self, _: &Utf8Path) -> Result<Volume> {
        Ok(Volume { free: u64::MAX, free_files: None, refusal: None })
    }
    fn query(&self, _: &[&str]) -> Result<Output> {
        Ok(Output::default())
    }
    fn write(&self, _: &NewFile<'_>) -> Result<()> {
        Ok(())
    }
    fn make_dir(&self, _: &Utf8Path, _: u32) -> Result<()> {
        Ok(())
    }
    fn remove(&self, _: &Utf8Path) -> Result<()> {
        Ok(())
    }
    fn set_owner(&self, _: &Utf8Path, _: (u32, u32)) -> Result<()> {
        Ok(())
    }
    fn set_mode(&self, _: &Utf8Path, _: u32) -> Result<()> {
        Ok(())
    }
    fn unmount(&self, _: &Utf8Path, _: &[String]) -> Result<()> {
        Ok(())
    }
    fn act(&self, _: &[&str]) -> Result<Output> {
        Ok(Output::default())
    }
    fn changes(&self) -> usize {
        0
    }
}
