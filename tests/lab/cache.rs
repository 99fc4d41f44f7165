//! Expensive things are made once: an artefact is a directory named by the hash of everything it is made from, made beside its place and
//! moved there whole, so that an interruption leaves nothing that looks finished.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use aws_lc_rs::digest;

use crate::{lock, progress};

/// Where the lab keeps everything: artefacts, and the state of running machines.
#[derive(Clone)]
pub(crate) struct Cache {
    root: PathBuf,
}

impl Cache {
    /// Opens `$XDG_CACHE_HOME/kinit-lab`, by default in `~/.cache`.
    pub(crate) fn open() -> Result<Self> {
        let base = match (std::env::var_os("XDG_CACHE_HOME"), std::env::var_os("HOME")) {
            (Some(cache), _) if !cache.is_empty() => PathBuf::from(cache),
            (_, Some(home)) => Path::new(&home).join(".cache"),
            _ => anyhow::bail!("neither XDG_CACHE_HOME nor HOME is set: nowhere to keep the lab"),
        };
        let root = base.join("kinit-lab");
        for part in ["artefacts", "tmp", "labs", "cases"] {
            fs::create_dir_all(root.join(part)).with_context(|| format!("cannot make {}/{part}", root.display()))?;
        }
        Ok(Self { root })
    }

    /// The state directory of a named lab.
    pub(crate) fn lab(&self, name: &str) -> PathBuf {
        self.root.join("labs").join(name)
    }

    /// An empty directory, to mount something on.
    pub(crate) fn cases(&self) -> PathBuf {
        self.root.join("cases")
    }

    /// Names of the labs that have a state directory.
    pub(crate) fn labs(&self) -> Result<Vec<String>> {
        let entries = fs::read_dir(self.root.join("labs"))?.filter_map(Result::ok);
        let directories = entries.filter(|entry| entry.path().is_dir());
        Ok(directories.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect())
    }

    /// The artefact of this kind made from these inputs: from the cache, or made now.
    pub(crate) fn artefact(
        &self,
        kind: &str,
        inputs: &[&str],
        make: impl FnOnce(&Path) -> Result<()>,
    ) -> Result<PathBuf> {
        let name = format!("{kind}-{}", hash(inputs));
        let place = self.root.join("artefacts").join(&name);
        if place.exists() {
            return Ok(place);
        }
        let _lock = lock::wait(&self.root.join("tmp").join(format!("{name}.lock")))?;
        if place.exists() {
            return Ok(place);
        }
        let draft = self.root.join("tmp").join(&name);
        if draft.exists() {
            fs::remove_dir_all(&draft).with_context(|| format!("cannot remove the half-made {}", draft.display()))?;
        }
        fs::create_dir_all(&draft)?;
        progress::step(kind, || make(&draft))?;
        fs::rename(&draft, &place).with_context(|| format!("cannot move {} into place", draft.display()))?;
        Ok(place)
    }

    /// Forgets every artefact.
    pub(crate) fn clear(&self) -> Result<()> {
        for part in ["artefacts", "tmp"] {
            fs::remove_dir_all(self.root.join(part))?;
        }
        Ok(())
    }
}

/// A short name for these inputs.
pub(crate) fn hash(inputs: &[&str]) -> String {
    let mut context = digest::Context::new(&digest::SHA256);
    for input in inputs {
        context.update(input.len().to_string().as_bytes());
        context.update(b":");
        context.update(input.as_bytes());
    }
    hex(context.finish().as_ref())[..16].to_owned()
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
