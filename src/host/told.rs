//! A host that is changed for real, and tells what was done to it.

use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};

use super::{AccountsLock, Effect, Effects, Host, NewFile, Output, Result, Stat, Volume};

/// Another host, whose changes are told.
#[derive(Debug)]
pub struct Told {
    base: Rc<dyn Host>,
    effects: Effects,
}

impl Told {
    /// Over `base`, telling `effects` of each change that was made.
    #[must_use]
    pub fn new(base: Rc<dyn Host>, effects: Effects) -> Self {
        Self { base, effects }
    }

    fn done<T>(&self, result: Result<T>, effect: Effect) -> Result<T> {
        if result.is_ok() {
            self.effects.push(effect);
        }
        result
    }
}

impl Host for Told {
    fn read(&self, path: &Utf8Path) -> Result<Option<Vec<u8>>> {
        self.base.read(path)
    }

    fn stat(&self, path: &Utf8Path) -> Result<Option<Stat>> {
        self.base.stat(path)
    }

    fn list(&self, dir: &Utf8Path) -> Result<Vec<Utf8PathBuf>> {
        self.base.list(dir)
    }

    fn link(&self, path: &Utf8Path) -> Result<Option<Utf8PathBuf>> {
        self.base.link(path)
    }

    fn volume(&self, dir: &Utf8Path) -> Result<Volume> {
        self.base.volume(dir)
    }

    fn query(&self, argv: &[&str]) -> Result<Output> {
        self.base.query(argv)
    }

    fn query_all(&self, commands: &[Vec<&str>]) -> Vec<Result<Output>> {
        self.base.query_all(commands)
    }

    /// The content is on the machine for whoever may read it, and not told.
    fn write(&self, file: &NewFile<'_>) -> Result<()> {
        let effect = Effect::WriteFile { path: file.path.to_owned(), mode: file.mode, content: None };
        self.done(self.base.write(file), effect)
    }

    fn make_dir(&self, dir: &Utf8Path, mode: u32) -> Result<()> {
        self.done(self.base.make_dir(dir, mode), Effect::MakeDir(dir.to_owned()))
    }

    fn remove(&self, path: &Utf8Path) -> Result<()> {
        self.done(self.base.remove(path), Effect::Remove(path.to_owned()))
    }

    fn set_mode(&self, path: &Utf8Path, mode: u32) -> Result<()> {
        self.done(self.base.set_mode(path, mode), Effect::SetMode(path.to_owned(), mode))
    }

    fn set_owner(&self, path: &Utf8Path, owner: (u32, u32)) -> Result<()> {
        self.done(self.base.set_owner(path, owner), Effect::SetOwner(path.to_owned(), owner))
    }

    fn lock_accounts(&self) -> Result<Option<AccountsLock>> {
        self.base.lock_accounts()
    }

    fn unmount(&self, path: &Utf8Path, flags: &[String]) -> Result<()> {
        self.done(self.base.unmount(path, flags), Effect::Unmount(path.to_owned()))
    }

    fn act(&self, argv: &[&str]) -> Result<Output> {
        let words = argv.iter().map(|&word| word.to_owned()).collect();
        self.done(self.base.act(argv), Effect::Act(words))
    }

    fn changes(&self) -> usize {
        self.base.changes()
    }
}
