//! Layers: a few programs of the Debian base with the libraries that they load, and the lab's own binaries.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result};
use tar::{Builder, EntryType, Header};

use crate::command::{command, run};

/// What kube-proxy calls (iptables and nft in all their names, conntrack, ip), and what a person or a test wants in a pod.
pub(super) const TOOLS: &[&str] = &[
    "sh",
    "bash",
    "cat",
    "ls",
    "sleep",
    "env",
    "id",
    "mkdir",
    "rm",
    "touch",
    "getent",
    "curl",
    "ip",
    "ss",
    "ping",
    "nft",
    "conntrack",
    "ipset",
    "modprobe",
    "iptables",
    "iptables-save",
    "iptables-restore",
    "ip6tables",
    "ip6tables-save",
    "ip6tables-restore",
    "iptables-nft",
    "iptables-nft-save",
    "iptables-nft-restore",
    "ip6tables-nft",
    "ip6tables-nft-save",
    "ip6tables-nft-restore",
    "iptables-legacy",
    "iptables-legacy-save",
    "iptables-legacy-restore",
    "ip6tables-legacy",
    "ip6tables-legacy-save",
    "ip6tables-legacy-restore",
];

/// A layer under construction.
pub(crate) struct Layer {
    tar: Builder<File>,
    written: BTreeSet<PathBuf>,
}

impl Layer {
    /// Starts a layer with the directories that programs expect.
    pub(crate) fn create(place: &Path) -> Result<Self> {
        let mut tar = Builder::new(File::create(place).with_context(|| format!("cannot write {}", place.display()))?);
        tar.follow_symlinks(false);
        let mut layer = Self { tar, written: BTreeSet::new() };
        for folder in
            ["etc", "usr", "usr/bin", "usr/sbin", "usr/lib", "usr/local/bin", "var/run", "run", "proc", "sys", "dev"]
        {
            layer.folder(Path::new(folder), 0o755)?;
        }
        layer.folder(Path::new("tmp"), 0o1777)?;
        Ok(layer)
    }

    /// Adds a file of this host as `place` in the layer, or the link that it is.
    pub(crate) fn add(&mut self, source: &Path, place: &str) -> Result<()> {
        let place = Path::new(place);
        if let Some(parent) = place.parent() {
            self.folder(parent, 0o755)?;
        }
        if self.written.insert(place.to_owned()) {
            self.tar
                .append_path_with_name(source, place)
                .with_context(|| format!("cannot pack {}", source.display()))?;
        }
        Ok(())
    }

    /// Adds the tools and every library they load from the base, as the dynamic loader in it resolves them.
    pub(crate) fn tools(&mut self, base: &Path) -> Result<()> {
        for link in ["bin", "sbin", "lib", "lib64"] {
            if base.join(link).is_symlink() {
                self.add(&base.join(link), link)?;
            }
        }
        for file in
            ["/etc/nsswitch.conf", "/etc/passwd", "/etc/group", "/etc/protocols", "/etc/services", "/etc/ethertypes"]
        {
            if base.join(&file[1..]).exists() {
                self.resolve(base, file)?;
            }
        }
        let mut wanted: Vec<String> = TOOLS.iter().filter_map(|tool| locate(base, tool)).collect();
        // The extensions of iptables are opened by name at run time: no loader lists them.
        for library in ["x86_64-linux-gnu", "aarch64-linux-gnu"] {
            let folder = base.join("usr/lib").join(library).join("xtables");
            for entry in std::fs::read_dir(folder).into_iter().flatten() {
                wanted.push(format!("/usr/lib/{library}/xtables/{}", entry?.file_name().to_string_lossy()));
            }
        }
        let mut ldd = command("chroot", &[]);
        ldd.arg(base).arg("/usr/bin/ldd").args(&wanted);
        // ldd ends with 1 when one of its arguments is a script; what it lists for the others stands.
        for line in run(&mut ldd)?.stdout.lines().filter(|line| line.starts_with(char::is_whitespace)) {
            let found = line.split(" => ").last().unwrap_or(line).trim();
            if let Some(library) = found.split(" (").next().filter(|library| library.starts_with('/')) {
                wanted.push(library.to_owned());
            }
        }
        wanted.iter().try_for_each(|file| self.resolve(base, file))
    }

    /// Ends the layer.
    pub(crate) fn finish(self) -> Result<()> {
        self.tar.into_inner()?.sync_all().map_err(Into::into)
    }

    /// Adds a path of the base: the file, and each link on the way to it, at its place on a merged /usr.
    fn resolve(&mut self, base: &Path, file: &str) -> Result<()> {
        let mut place = PathBuf::from(file.trim_start_matches('/'));
        if let (Some(Component::Normal(first)), true) = (place.components().next(), !file.starts_with("/usr"))
            && base.join(first).is_symlink()
        {
            place = Path::new("usr").join(place);
        }
        let source = base.join(&place);
        self.add(&source, &place.to_string_lossy())?;
        if source.is_symlink() {
            let target = std::fs::read_link(&source)?;
            let folder = place.parent().unwrap_or(Path::new(""));
            let target = if target.is_absolute() { target } else { Path::new("/").join(folder).join(target) };
            return self.resolve(base, &normal(&target));
        }
        Ok(())
    }

    fn folder(&mut self, place: &Path, mode: u32) -> Result<()> {
        if place.as_os_str().is_empty() || !self.written.insert(place.to_owned()) {
            return Ok(());
        }
        if let Some(parent) = place.parent() {
            self.folder(parent, 0o755)?;
        }
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Directory);
        header.set_mode(mode);
        header.set_size(0);
        self.tar.append_data(&mut header, place, std::io::empty()).map_err(Into::into)
    }
}

/// Where the base keeps a program.
fn locate(base: &Path, tool: &str) -> Option<String> {
    ["/usr/bin", "/usr/sbin"]
        .map(|folder| format!("{folder}/{tool}"))
        .into_iter()
        .find(|path| base.join(&path[1..]).is_symlink() || base.join(&path[1..]).exists())
}

/// The path without `.` and `..`.
fn normal(path: &Path) -> String {
    let mut parts: Vec<String> = Vec::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(parts.pop()),
            Component::Normal(name) => parts.push(name.to_string_lossy().into_owned()),
            _ => {}
        }
    }
    format!("/{}", parts.join("/"))
}
