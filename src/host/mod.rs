//! The machine, through the few verbs that kinit needs.
//!
//! Knows files, mounts and commands; refuses to know what they are for. Everything that changes the machine goes
//! through [`Host`], so that a dry run and a test are the real code over another host. Reading and asking
//! ([`Host::query`]) are done for real in a dry run; acting is recorded instead.

pub mod facts;
pub mod kernel;
pub mod mounts;
pub mod net;
pub mod ports;
pub mod services;

mod bounded;
mod dry_run;
mod error;
mod fake;
pub mod init_system;
mod links;
pub mod lock;
mod real;
mod told;
mod verbs;

use std::fmt;

use camino::{Utf8Path, Utf8PathBuf};

pub use dry_run::{DryRun, Effect, Effects};
pub use error::HostError;
pub use fake::FakeHost;
pub use lock::AccountsLock;
pub use real::RealHost;
pub use told::Told;

/// What came of asking for a state: whether anything had to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    /// The machine or cluster was changed.
    Yes,
    /// It was already so.
    No,
}

impl Changed {
    /// Whether anything changed.
    #[must_use]
    pub fn yes(self) -> bool {
        self == Self::Yes
    }

    /// `Yes` when either is.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        if self.yes() { self } else { other }
    }
}

/// A file to be: its content, mode, and whether its content may be shown.
#[derive(Debug, Clone, Copy)]
pub struct NewFile<'a> {
    /// Absolute path on the host.
    pub path: &'a Utf8Path,
    /// Whole content.
    pub content: &'a [u8],
    /// Permission bits, set before any content is written.
    pub mode: u32,
    /// Holds a private key, token or the like: never printed.
    pub secret: bool,
}

/// Where a file is until it is whole.
#[must_use]
pub fn unfinished(path: &Utf8Path) -> Utf8PathBuf {
    path.with_file_name(format!(".{}.kinit", path.file_name().unwrap_or_default()))
}

/// What is at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stat {
    /// A directory (symlinks followed).
    pub is_dir: bool,
    /// Permission bits.
    pub mode: u32,
    /// Owner's user id.
    pub uid: u32,
    /// Owner's group id.
    pub gid: u32,
    /// Bytes.
    pub len: u64,
}

/// The file system that holds a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Volume {
    /// Bytes that may still be written.
    pub free: u64,
    /// Files that may still be made; `None` where the file system does not count them.
    pub free_files: Option<u64>,
    /// Why this process may not write there, if so: a read-only mount, an immutable directory.
    pub refusal: Option<String>,
}

/// How a command ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Output {
    /// Exit status; `None` when killed by a signal.
    pub status: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Output {
    /// Whether the command exited with 0.
    #[must_use]
    pub fn ok(&self) -> bool {
        self.status == Some(0)
    }
}

/// Short for results of this module.
pub type Result<T, E = HostError> = std::result::Result<T, E>;

/// The machine. Synchronous on purpose: file and process calls are short, and the trait stays usable as `dyn`.
pub trait Host: fmt::Debug {
    /// The content of a file; `None` when there is none.
    fn read(&self, path: &Utf8Path) -> Result<Option<Vec<u8>>>;
    /// What is at a path; `None` when nothing is.
    fn stat(&self, path: &Utf8Path) -> Result<Option<Stat>>;
    /// The entries of a directory as full paths, sorted; empty when it does not exist.
    fn list(&self, dir: &Utf8Path) -> Result<Vec<Utf8PathBuf>>;
    /// Where a symbolic link points, as it stands there; `None` when the path is no link.
    fn link(&self, path: &Utf8Path) -> Result<Option<Utf8PathBuf>>;
    /// The file system that holds a directory, or its nearest ancestor that exists. Writes nothing to find out.
    fn volume(&self, dir: &Utf8Path) -> Result<Volume>;
    /// Runs a command that only looks (`kubelet --version`, `systemctl is-active`): also in a dry run.
    fn query(&self, argv: &[&str]) -> Result<Output>;
    /// Runs commands that only look, side by side where the host can; the answers are in their order.
    fn query_all(&self, commands: &[Vec<&str>]) -> Vec<Result<Output>> {
        commands.iter().map(|argv| self.query(argv)).collect()
    }

    /// Replaces a file, atomically and durably: readers see the old or the new whole, also after a power cut.
    /// Missing directories are made with mode 0755. A link stays, and what it leads to is replaced; it has to be there.
    fn write(&self, file: &NewFile<'_>) -> Result<()>;
    /// Makes a directory and its missing parents, each with `mode`.
    fn make_dir(&self, dir: &Utf8Path, mode: u32) -> Result<()>;
    /// Removes a file, or a directory with all below it; absent is fine. Never follows symlinks.
    fn remove(&self, path: &Utf8Path) -> Result<()>;
    /// Changes permission bits.
    fn set_mode(&self, path: &Utf8Path, mode: u32) -> Result<()>;
    /// Changes the owner, user and group; of a link itself, never of what it points to.
    fn set_owner(&self, path: &Utf8Path, owner: (u32, u32)) -> Result<()>;
    /// Holds the lock under which users and groups are changed (lckpwdf(3)), until what it returns is dropped.
    fn lock_accounts(&self) -> Result<Option<AccountsLock>> {
        Ok(None)
    }
    /// Unmounts; `flags` are umount2's by name (`MNT_FORCE`, `MNT_DETACH`, `MNT_EXPIRE`, `UMOUNT_NOFOLLOW`).
    fn unmount(&self, path: &Utf8Path, flags: &[String]) -> Result<()>;
    /// Runs a command that changes something; a status other than 0 is an error.
    fn act(&self, argv: &[&str]) -> Result<Output>;
    /// How many times this host was changed so far.
    fn changes(&self) -> usize;
    /// Whether acting is only recorded.
    fn is_dry_run(&self) -> bool {
        false
    }
}
