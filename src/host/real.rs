//! The machine that kinit runs on, below a root directory (`/`, or a folder of a test).

use std::cell::Cell;
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::process::{Child, Command, Stdio};

use camino::{Utf8Path, Utf8PathBuf};
use nix::mount::{MntFlags, umount2};
use nix::sys::statvfs::statvfs;
use nix::unistd::{AccessFlags, access};
use rustix::fs::{XattrFlags, fsetxattr, getxattr};

use super::{AccountsLock, Host, HostError, NewFile, Output, Result, Stat, Volume, bounded, links, lock, unfinished};

/// The attribute that holds a file's SELinux label.
const SELINUX_LABEL: &str = "security.selinux";

/// The real machine.
#[derive(Debug)]
pub struct RealHost {
    root: Utf8PathBuf,
    changes: Cell<usize>,
}

impl RealHost {
    /// The machine whose root directory is `root`.
    #[must_use]
    pub fn new(root: &Utf8Path) -> Self {
        Self { root: root.to_owned(), changes: Cell::new(0) }
    }

    /// A path as a person types it may be relative to the working directory; all others are below the root.
    fn at(&self, path: &Utf8Path) -> Utf8PathBuf {
        if path.is_relative() {
            return path.to_owned();
        }
        self.root.join(path.as_str().trim_start_matches('/'))
    }

    fn count(&self) {
        self.changes.set(self.changes.get() + 1);
    }
}

fn io_error(verb: &'static str, path: &Utf8Path) -> impl FnOnce(io::Error) -> HostError {
    move |source| HostError::Io { verb, path: path.to_owned(), source: plain(source) }
}

/// Without the temporary file's name, which says nothing to anybody.
fn plain(error: io::Error) -> io::Error {
    match error.to_string().split_once(" at path \"") {
        Some((why, _)) => io::Error::new(error.kind(), why),
        None => error,
    }
}

fn absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Makes a directory and its missing parents. All get the same mode, as Go's MkdirAll has it, less what the umask takes.
fn make_dirs(dir: &Utf8Path, mode: u32) -> io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(mode).create(dir)
}

/// Makes the names in a directory durable.
fn sync_dir(dir: &Utf8Path) -> io::Result<()> {
    std::fs::File::open(dir)?.sync_all()
}

/// Gives a file the SELinux label of the one that it will replace, where there is one; a new file has its directory's.
fn keep_label(replaced: &Utf8Path, file: &std::fs::File) -> io::Result<()> {
    let mut label = [0; 4096];
    // Without a file, a label, or a file system or kernel with labels there is none to keep.
    let Ok(len) = getxattr(replaced.as_std_path(), SELINUX_LABEL, &mut label) else { return Ok(()) };
    Ok(fsetxattr(file, SELINUX_LABEL, &label[..len], XattrFlags::empty())?)
}

#[expect(clippy::disallowed_methods, reason = "the one place that touches the machine")]
fn start(argv: &[&str]) -> io::Result<Child> {
    let (program, args) = argv.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    Command::new(program).args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()
}

fn finish(argv: &[&str], child: io::Result<Child>) -> Result<Output> {
    let spawn = |source| HostError::Spawn { command: argv.join(" "), source };
    let output = child.and_then(Child::wait_with_output).map_err(spawn)?;
    Ok(Output {
        status: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

#[expect(clippy::disallowed_methods, reason = "the one place that touches the machine")]
impl Host for RealHost {
    fn read(&self, path: &Utf8Path) -> Result<Option<Vec<u8>>> {
        match bounded::read(&self.at(path), bounded::BOUNDS) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if absent(&error) => Ok(None),
            Err(error) => Err(io_error("read", path)(error)),
        }
    }

    fn stat(&self, path: &Utf8Path) -> Result<Option<Stat>> {
        match std::fs::metadata(self.at(path)) {
            Ok(meta) => Ok(Some(Stat {
                is_dir: meta.is_dir(),
                mode: meta.permissions().mode() & 0o7777,
                uid: meta.uid(),
                gid: meta.gid(),
                len: meta.len(),
            })),
            Err(error) if absent(&error) => Ok(None),
            Err(error) => Err(io_error("look at", path)(error)),
        }
    }

    fn list(&self, dir: &Utf8Path) -> Result<Vec<Utf8PathBuf>> {
        let entries = match self.at(dir).read_dir_utf8() {
            Ok(entries) => entries,
            Err(error) if absent(&error) => return Ok(Vec::new()),
            Err(error) => return Err(io_error("list", dir)(error)),
        };
        let mut paths = Vec::new();
        for entry in entries {
            paths.push(dir.join(entry.map_err(io_error("list", dir))?.file_name()));
        }
        paths.sort();
        Ok(paths)
    }

    fn link(&self, path: &Utf8Path) -> Result<Option<Utf8PathBuf>> {
        match self.at(path).read_link_utf8() {
            Ok(target) => Ok(Some(target)),
            // EINVAL: there is something, but no link.
            Err(error) if absent(&error) || error.kind() == io::ErrorKind::InvalidInput => Ok(None),
            Err(error) => Err(io_error("look at", path)(error)),
        }
    }

    fn volume(&self, dir: &Utf8Path) -> Result<Volume> {
        let real = self.at(dir);
        let there = real.ancestors().find(|above| above.exists()).unwrap_or(&real);
        let room = statvfs(there.as_std_path()).map_err(|errno| io_error("look at", dir)(errno.into()))?;
        Ok(Volume {
            free: room.blocks_available().saturating_mul(room.fragment_size()),
            free_files: (room.files() > 0).then(|| room.files_available()),
            refusal: access(there.as_std_path(), AccessFlags::W_OK).err().map(|errno| errno.desc().to_owned()),
        })
    }

    fn query(&self, argv: &[&str]) -> Result<Output> {
        finish(argv, start(argv))
    }

    fn query_all(&self, commands: &[Vec<&str>]) -> Vec<Result<Output>> {
        let children: Vec<io::Result<Child>> = commands.iter().map(|argv| start(argv)).collect();
        commands.iter().zip(children).map(|(argv, child)| finish(argv, child)).collect()
    }

    fn write(&self, file: &NewFile<'_>) -> Result<()> {
        self.count();
        (self as &dyn Host).refuse_dangling(file.path)?;
        let real = self.at(file.path);
        let fail = || io_error("write", file.path);
        // A pipe or a device is written into, not replaced.
        if std::fs::metadata(&real).is_ok_and(|there| !there.is_file() && !there.is_dir()) {
            return std::fs::write(&real, file.content).map_err(fail());
        }
        let real = links::behind(real).map_err(fail())?;
        let dir = match real.parent() {
            Some(dir) if dir == "" => Utf8Path::new("."),
            Some(dir) => dir,
            None => return Err(fail()(io::ErrorKind::InvalidInput.into())),
        };
        make_dirs(dir, 0o755).map_err(fail())?;
        let mode = std::fs::Permissions::from_mode(file.mode);
        let unfinished = unfinished(&real);
        // What a kill left of an earlier write: the same name every time, so that it never stays.
        match std::fs::remove_file(&unfinished) {
            Err(error) if !absent(&error) => return Err(fail()(error)),
            _ => {}
        }
        let mut temp = tempfile::Builder::new()
            .prefix(unfinished.file_name().unwrap_or_default())
            .rand_bytes(0)
            .permissions(mode.clone())
            .tempfile_in(dir)
            .map_err(fail())?;
        keep_label(&real, temp.as_file()).map_err(fail())?;
        temp.write_all(file.content).map_err(fail())?;
        // The umask may have taken bits away.
        temp.as_file().set_permissions(mode).map_err(fail())?;
        temp.as_file().sync_all().map_err(fail())?;
        temp.persist(&real).map_err(|error| fail()(error.error))?;
        sync_dir(dir).map_err(fail())
    }

    fn make_dir(&self, dir: &Utf8Path, mode: u32) -> Result<()> {
        self.count();
        make_dirs(&self.at(dir), mode).map_err(io_error("create", dir))
    }

    fn remove(&self, path: &Utf8Path) -> Result<()> {
        self.count();
        let real = self.at(path);
        let removed = match std::fs::symlink_metadata(&real) {
            Ok(meta) if meta.is_dir() => std::fs::remove_dir_all(&real),
            Ok(_) => std::fs::remove_file(&real),
            Err(error) => Err(error),
        };
        match removed {
            Err(error) if !absent(&error) => Err(io_error("remove", path)(error)),
            _ => Ok(()),
        }
    }

    fn set_mode(&self, path: &Utf8Path, mode: u32) -> Result<()> {
        self.count();
        std::fs::set_permissions(self.at(path), std::fs::Permissions::from_mode(mode))
            .map_err(io_error("change the mode of", path))
    }

    fn set_owner(&self, path: &Utf8Path, (uid, gid): (u32, u32)) -> Result<()> {
        self.count();
        std::os::unix::fs::lchown(self.at(path), Some(uid), Some(gid)).map_err(io_error("change the owner of", path))
    }

    fn lock_accounts(&self) -> Result<Option<AccountsLock>> {
        let path = Utf8Path::new(lock::ACCOUNTS);
        AccountsLock::take(&self.at(path)).map(Some).map_err(io_error("lock", path))
    }

    fn unmount(&self, path: &Utf8Path, flags: &[String]) -> Result<()> {
        self.count();
        let bits = flags.iter().fold(MntFlags::empty(), |bits, flag| {
            bits | match flag.as_str() {
                "MNT_FORCE" => MntFlags::MNT_FORCE,
                "MNT_DETACH" => MntFlags::MNT_DETACH,
                "MNT_EXPIRE" => MntFlags::MNT_EXPIRE,
                "UMOUNT_NOFOLLOW" => MntFlags::UMOUNT_NOFOLLOW,
                _ => MntFlags::empty(),
            }
        });
        umount2(self.at(path).as_std_path(), bits).map_err(|errno| io_error("unmount", path)(errno.into()))
    }

    fn act(&self, argv: &[&str]) -> Result<Output> {
        self.count();
        let output = self.query(argv)?;
        if output.ok() {
            return Ok(output);
        }
        Err(HostError::Command { command: argv.join(" "), status: output.status, stderr: output.stderr })
    }

    fn changes(&self) -> usize {
        self.changes.get()
    }
}

#[cfg(test)]
mod tests;
