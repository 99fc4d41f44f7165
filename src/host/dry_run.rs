//! A host that reads the real one and keeps every change in memory, so that later steps of a dry run see what
//! earlier ones would have made.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;

use super::{Host, NewFile, Output, Result, Stat, Volume};

/// One thing that a run would do.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// A file would be written.
    WriteFile {
        /// Where.
        path: Utf8PathBuf,
        /// Permission bits.
        mode: u32,
        /// The content; `None` when it is secret.
        content: Option<String>,
    },
    /// A directory would be made.
    MakeDir(Utf8PathBuf),
    /// A file or directory would be removed.
    Remove(Utf8PathBuf),
    /// Permission bits would be changed.
    SetMode(Utf8PathBuf, u32),
    /// The owner would be changed: user and group.
    SetOwner(Utf8PathBuf, (u32, u32)),
    /// Something would be unmounted.
    Unmount(Utf8PathBuf),
    /// A command would be run.
    Act(Vec<String>),
    /// An API object would be created, updated or deleted.
    Api {
        /// CREATE, UPDATE, PATCH or DELETE.
        verb: &'static str,
        /// The object, secrets redacted; null for a deletion.
        object: Box<Value>,
        /// Its URL path on the API server.
        path: String,
    },
    /// Something else that a person should know, a sentence without its full stop ("Would pull image x").
    Note(String),
}

/// The growing list of effects, shared by everything that acts in one dry run.
#[derive(Debug, Clone, Default)]
pub struct Effects(Rc<RefCell<Vec<Effect>>>);

impl Effects {
    /// Adds one.
    pub fn push(&self, effect: Effect) {
        self.0.borrow_mut().push(effect);
    }

    /// Takes what has gathered since the last call.
    #[must_use]
    pub fn drain(&self) -> Vec<Effect> {
        self.0.take()
    }
}

#[derive(Debug, Clone)]
enum Overlay {
    File { content: Vec<u8>, mode: u32 },
    Dir { mode: u32 },
    Absent,
}

/// What was set of a file or directory that is there.
#[derive(Debug, Clone, Copy, Default)]
struct Attributes {
    mode: Option<u32>,
    owner: Option<(u32, u32)>,
}

/// The host of a dry run.
#[derive(Debug)]
pub struct DryRun {
    base: Rc<dyn Host>,
    overlay: RefCell<BTreeMap<Utf8PathBuf, Overlay>>,
    attributes: RefCell<BTreeMap<Utf8PathBuf, Attributes>>,
    effects: Effects,
}

impl DryRun {
    /// A dry run over `base`, telling `effects` what would be done.
    #[must_use]
    pub fn new(base: Rc<dyn Host>, effects: Effects) -> Self {
        Self { base, overlay: RefCell::default(), attributes: RefCell::default(), effects }
    }

    /// The overlay's word on a path: its own entry, or the removal of a directory above it.
    fn overlaid(&self, path: &Utf8Path) -> Option<Overlay> {
        let overlay = self.overlay.borrow();
        if let Some(entry) = overlay.get(path) {
            return Some(entry.clone());
        }
        if path.ancestors().skip(1).any(|dir| matches!(overlay.get(dir), Some(Overlay::Absent))) {
            return Some(Overlay::Absent);
        }
        let below = overlay
            .iter()
            .any(|(other, entry)| !matches!(entry, Overlay::Absent) && other != path && other.starts_with(path));
        below.then_some(Overlay::Dir { mode: 0o755 })
    }
}

impl Host for DryRun {
    fn read(&self, path: &Utf8Path) -> Result<Option<Vec<u8>>> {
        match self.overlaid(path) {
            Some(Overlay::File { content, .. }) => Ok(Some(content)),
            Some(Overlay::Absent) => Ok(None),
            Some(Overlay::Dir { .. }) | None => self.base.read(path),
        }
    }

    fn stat(&self, path: &Utf8Path) -> Result<Option<Stat>> {
        let made = |is_dir, mode, len| Some(Stat { is_dir, mode, uid: 0, gid: 0, len });
        let stat = match self.overlaid(path) {
            Some(Overlay::File { content, mode }) => made(false, mode, content.len() as u64),
            Some(Overlay::Absent) => None,
            Some(Overlay::Dir { mode }) => self.base.stat(path)?.or_else(|| made(true, mode, 0)),
            None => self.base.stat(path)?,
        };
        let Attributes { mode, owner } = self.attributes.borrow().get(path).copied().unwrap_or_default();
        Ok(stat.map(|stat| {
            let (uid, gid) = owner.unwrap_or((stat.uid, stat.gid));
            Stat { mode: mode.unwrap_or(stat.mode), uid, gid, ..stat }
        }))
    }

    fn list(&self, dir: &Utf8Path) -> Result<Vec<Utf8PathBuf>> {
        let mut paths = self.base.list(dir)?;
        paths.retain(|path| !matches!(self.overlaid(path), Some(Overlay::Absent)));
        for (path, entry) in self.overlay.borrow().iter() {
            // What lies deeper makes the directories above it be there.
            let Some(name) = path.strip_prefix(dir).ok().and_then(|rest| rest.iter().next()) else { continue };
            let child = dir.join(name);
            if !matches!(entry, Overlay::Absent) && !paths.contains(&child) {
                paths.push(child);
            }
        }
        paths.sort();
        Ok(paths)
    }

    fn link(&self, path: &Utf8Path) -> Result<Option<Utf8PathBuf>> {
        if self.overlaid(path).is_some() { Ok(None) } else { self.base.link(path) }
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

    fn write(&self, file: &NewFile<'_>) -> Result<()> {
        let content = (!file.secret).then(|| String::from_utf8_lossy(file.content).into_owned());
        self.effects.push(Effect::WriteFile { path: file.path.to_owned(), mode: file.mode, content });
        let entry = Overlay::File { content: file.content.to_vec(), mode: file.mode };
        // A file that replaces another has nothing of it.
        self.attributes.borrow_mut().remove(file.path);
        self.overlay.borrow_mut().insert(file.path.to_owned(), entry);
        Ok(())
    }

    fn make_dir(&self, dir: &Utf8Path, mode: u32) -> Result<()> {
        self.effects.push(Effect::MakeDir(dir.to_owned()));
        self.overlay.borrow_mut().insert(dir.to_owned(), Overlay::Dir { mode });
        Ok(())
    }

    fn remove(&self, path: &Utf8Path) -> Result<()> {
        self.effects.push(Effect::Remove(path.to_owned()));
        let mut overlay = self.overlay.borrow_mut();
        overlay.retain(|other, _| !other.starts_with(path));
        self.attributes.borrow_mut().retain(|other, _| !other.starts_with(path));
        overlay.insert(path.to_owned(), Overlay::Absent);
        Ok(())
    }

    fn set_mode(&self, path: &Utf8Path, mode: u32) -> Result<()> {
        self.effects.push(Effect::SetMode(path.to_owned(), mode));
        self.attributes.borrow_mut().entry(path.to_owned()).or_default().mode = Some(mode);
        Ok(())
    }

    fn set_owner(&self, path: &Utf8Path, owner: (u32, u32)) -> Result<()> {
        self.effects.push(Effect::SetOwner(path.to_owned(), owner));
        self.attributes.borrow_mut().entry(path.to_owned()).or_default().owner = Some(owner);
        Ok(())
    }

    fn unmount(&self, path: &Utf8Path, _flags: &[String]) -> Result<()> {
        self.effects.push(Effect::Unmount(path.to_owned()));
        Ok(())
    }

    fn act(&self, argv: &[&str]) -> Result<Output> {
        self.effects.push(Effect::Act(argv.iter().map(|&word| word.to_owned()).collect()));
        Ok(Output { status: Some(0), ..Output::default() })
    }

    /// The machine is never changed.
    fn changes(&self) -> usize {
        0
    }

    fn is_dry_run(&self) -> bool {
        true
    }
}
