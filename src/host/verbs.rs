//! The verbs that look, compare, and act only on a difference; and the plain questions that they ask.

use std::io;

use camino::Utf8Path;

use super::{Changed, Host, HostError, NewFile, Result, mounts};

impl dyn Host + '_ {
    /// Makes a file be so, content and mode.
    pub fn ensure_file(&self, file: &NewFile<'_>) -> Result<Changed> {
        let present = self.stat(file.path)?;
        if present.is_none() {
            self.refuse_dangling(file.path)?;
        }
        let same = self.read(file.path)?.as_deref() == Some(file.content);
        match present {
            Some(stat) if same && stat.mode == file.mode => return Ok(Changed::No),
            Some(_) if same => self.set_mode(file.path, file.mode)?,
            _ => self.write(file)?,
        }
        Ok(Changed::Yes)
    }

    /// Makes a directory be there; an existing one keeps its mode.
    pub fn ensure_dir(&self, dir: &Utf8Path, mode: u32) -> Result<Changed> {
        if self.stat(dir)?.is_some_and(|stat| stat.is_dir) {
            return Ok(Changed::No);
        }
        self.make_dir(dir, mode)?;
        Ok(Changed::Yes)
    }

    /// Makes what is at a path, or where a link there points, belong to a user and a group, with a mode. It has to be there.
    pub fn ensure_owner(&self, path: &Utf8Path, owner: (u32, u32), mode: u32) -> Result<Changed> {
        let missing = || HostError::Io {
            verb: "change the owner of",
            path: path.to_owned(),
            source: io::Error::from(nix::errno::Errno::ENOENT),
        };
        let real = mounts::resolve(self, path)?.ok_or_else(missing)?;
        let stat = self.stat(&real)?.ok_or_else(missing)?;
        let mut changed = Changed::No;
        if (stat.uid, stat.gid) != owner {
            self.set_owner(&real, owner)?;
            changed = Changed::Yes;
        }
        if stat.mode != mode {
            self.set_mode(&real, mode)?;
            changed = Changed::Yes;
        }
        Ok(changed)
    }

    /// Makes a directory and all below it belong to a user and a group, with the modes that they have. The directory itself
    /// comes last: while it is still another's, nobody who gets something below it can get at it, and a walk that was cut
    /// off is seen by it.
    pub fn ensure_tree_owner(&self, dir: &Utf8Path, owner: (u32, u32)) -> Result<Changed> {
        let Some(real) = mounts::resolve(self, dir)? else { return Ok(Changed::No) };
        if self.stat(&real)?.is_none_or(|stat| (stat.uid, stat.gid) == owner) {
            return Ok(Changed::No);
        }
        self.own_below(&real, owner)?;
        self.set_owner(&real, owner)?;
        Ok(Changed::Yes)
    }

    fn own_below(&self, dir: &Utf8Path, owner: (u32, u32)) -> Result<()> {
        for entry in self.list(dir)? {
            let linked = self.link(&entry)?.is_some();
            if !linked && self.stat(&entry)?.is_some_and(|stat| stat.is_dir) {
                self.own_below(&entry, owner)?;
            }
            match self.set_owner(&entry, owner) {
                // Who works there took it away.
                Err(error) if error.io_kind() == Some(io::ErrorKind::NotFound) => {}
                done => done?,
            }
        }
        Ok(())
    }

    /// Makes a path not be there, a link whose target is gone too.
    pub fn ensure_absent(&self, path: &Utf8Path) -> Result<Changed> {
        if !self.exists(path)? && self.link(path)?.is_none() {
            return Ok(Changed::No);
        }
        self.remove(path)?;
        Ok(Changed::Yes)
    }

    /// The content of a text file; `None` when there is none.
    pub fn read_text(&self, path: &Utf8Path) -> Result<Option<String>> {
        let Some(bytes) = self.read(path)? else { return Ok(None) };
        String::from_utf8(bytes).map(Some).map_err(|error| HostError::Io {
            verb: "read",
            path: path.to_owned(),
            source: io::Error::new(io::ErrorKind::InvalidData, error),
        })
    }

    /// The content of a text file that others write, names in any encoding among it: what is no UTF-8 is replaced.
    /// Nothing when there is none.
    pub fn read_lossy(&self, path: &Utf8Path) -> Result<String> {
        let bytes = self.read(path)?.unwrap_or_default();
        Ok(String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
    }

    /// Whether something is at the path.
    pub fn exists(&self, path: &Utf8Path) -> Result<bool> {
        Ok(self.stat(path)?.is_some())
    }
}
