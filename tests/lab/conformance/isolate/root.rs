//! The root directory that a program finds: what every Debian has of what kubeadm looks at, and the files of the case.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Component, Path};

use anyhow::{Context, Result, ensure};

use super::inside::PROGRAM;
use crate::conformance::case::Case;
use crate::machine::files::put;

/// Directories and their modes. The certificates' are two of those that kubeadm mounts into the API server if they are there.
const DIRECTORIES: &[(&str, u32)] = &[
    ("dev", 0o755),
    ("proc", 0o555),
    ("sys", 0o555),
    ("root", 0o700),
    ("run", 0o755),
    ("tmp", 0o1777),
    ("var/lib", 0o755),
    ("var/log", 0o755),
    ("etc/ssl/certs", 0o755),
    ("usr/share/ca-certificates", 0o755),
];

const FILES: &[(&str, &str)] = &[
    ("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"),
    ("etc/group", "root:x:0:\n"),
    ("etc/hosts", "127.0.0.1 localhost\n::1 localhost\n"),
    ("etc/resolv.conf", "nameserver 127.0.0.1\n"),
    ("etc/os-release", "PRETTY_NAME=\"Debian GNU/Linux 13 (trixie)\"\nID=debian\nVERSION_ID=\"13\"\n"),
    ("etc/machine-id", "0123456789abcdef0123456789abcdef\n"),
];

/// Makes a root directory for a case.
pub(super) fn furnish(root: &Path, case: &Case) -> Result<()> {
    for (path, mode) in DIRECTORIES {
        let place = root.join(path);
        fs::create_dir_all(&place).with_context(|| format!("cannot make {}", place.display()))?;
        fs::set_permissions(&place, fs::Permissions::from_mode(*mode))?;
    }
    symlink("/run", root.join("var/run"))?;
    for (path, text) in FILES {
        put(&root.join(path), text.as_bytes(), 0o644)?;
    }
    // The program is mounted over it.
    put(&within(root, PROGRAM), b"", 0o755)?;
    for (path, text) in &case.files {
        let plain = Path::new(path).components().skip(1).all(|part| matches!(part, Component::Normal(_)));
        ensure!(path.starts_with('/') && plain, "a case can't have a file {path:?}: an absolute path is wanted");
        put(&within(root, path), text.as_bytes(), mode(path))?;
    }
    Ok(())
}

fn within(root: &Path, path: &str) -> std::path::PathBuf {
    root.join(path.trim_start_matches('/'))
}

/// Keys and kubeconfigs are their owner's, as both programs write them.
fn mode(path: &str) -> u32 {
    if path.ends_with(".key") || path.ends_with(".conf") { 0o600 } else { 0o644 }
}
