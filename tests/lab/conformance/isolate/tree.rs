//! What lies in a root directory after a run.

use std::fs;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// One file, directory or link.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    /// As the program sees it: absolute.
    pub(crate) path: String,
    pub(crate) mode: u32,
    pub(crate) owner: (u32, u32),
    pub(crate) node: Node,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    Directory,
    File(Vec<u8>),
    Link(PathBuf),
    /// A socket, a pipe or a device.
    Special,
}

/// Everything below `root`, sorted by path.
pub(super) fn read(root: &Path) -> Result<Vec<Entry>> {
    let (mut found, mut left) = (Vec::new(), vec![root.to_owned()]);
    while let Some(folder) = left.pop() {
        let entries = fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))?;
        for entry in entries {
            let place = entry?.path();
            let entry = one(root, &place).with_context(|| format!("cannot read {}", place.display()))?;
            if entry.node == Node::Directory {
                left.push(place);
            }
            found.push(entry);
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}

fn one(root: &Path, place: &Path) -> Result<Entry> {
    let meta = place.symlink_metadata()?;
    let kind = meta.file_type();
    let node = if kind.is_dir() {
        Node::Directory
    } else if kind.is_symlink() {
        Node::Link(fs::read_link(place)?)
    } else if kind.is_fifo() || kind.is_socket() || kind.is_char_device() || kind.is_block_device() {
        Node::Special
    } else {
        Node::File(fs::read(place)?)
    };
    let path = format!("/{}", place.strip_prefix(root)?.to_string_lossy());
    Ok(Entry { path, mode: meta.mode() & 0o7777, owner: (meta.uid(), meta.gid()), node })
}
