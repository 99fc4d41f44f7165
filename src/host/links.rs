//! Symbolic links in the place of files, which administrators make to keep them elsewhere.
//!
//! Knows where a file is, and that one which is elsewhere may be away for a while; refuses to make another in its place.

use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use super::{Host, HostError, Result};

impl dyn Host + '_ {
    /// Refuses a path that is, or lies below, a link to what is not there. What is made where there is nothing must not
    /// take the place of what is kept elsewhere, as on a volume that is not mounted.
    pub fn refuse_dangling(&self, path: &Utf8Path) -> Result<()> {
        for link in path.ancestors() {
            if let Some(target) = self.link(link)?
                && !self.exists(link)?
            {
                return Err(HostError::Dangling { link: link.to_owned(), target });
            }
        }
        Ok(())
    }
}

/// Where a file is: at the path, or where a link there leads to.
pub(super) fn behind(path: Utf8PathBuf) -> io::Result<Utf8PathBuf> {
    if path.is_symlink() { path.canonicalize_utf8() } else { Ok(path) }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::super::{Changed, NewFile, RealHost};
    use super::*;

    /// A machine with directories /etc and /mnt, and a link.
    struct Linked {
        _dir: tempfile::TempDir,
        host: RealHost,
    }

    fn linked(link: &str, target: &str) -> Linked {
        let dir = tempfile::tempdir().unwrap();
        let host = RealHost::new(Utf8Path::from_path(dir.path()).unwrap());
        host.make_dir(Utf8Path::new("/etc"), 0o755).unwrap();
        host.make_dir(Utf8Path::new("/mnt"), 0o755).unwrap();
        symlink(target, dir.path().join(link)).unwrap();
        Linked { _dir: dir, host }
    }

    fn file<'a>(path: &'a str, content: &'a str) -> NewFile<'a> {
        NewFile { path: Utf8Path::new(path), content: content.as_bytes(), mode: 0o600, secret: true }
    }

    #[test]
    fn what_a_link_leads_to_is_written() {
        let Linked { host, _dir } = linked("etc/kubelet.conf", "../mnt/kubelet.conf");
        host.write(&file("/mnt/kubelet.conf", "old")).unwrap();
        let machine: &dyn Host = &host;
        assert_eq!(machine.ensure_file(&file("/etc/kubelet.conf", "new")).unwrap(), Changed::Yes);
        assert_eq!(machine.ensure_file(&file("/etc/kubelet.conf", "new")).unwrap(), Changed::No);
        assert_eq!(host.read(Utf8Path::new("/mnt/kubelet.conf")).unwrap().unwrap(), b"new");
        assert_eq!(host.link(Utf8Path::new("/etc/kubelet.conf")).unwrap().unwrap(), "../mnt/kubelet.conf");
        assert_eq!(host.list(Utf8Path::new("/mnt")).unwrap(), ["/mnt/kubelet.conf"]);
        assert_eq!(host.list(Utf8Path::new("/etc")).unwrap(), ["/etc/kubelet.conf"]);
    }

    /// kubeadm makes the file if the directory is there, and so another than the one that is away.
    #[test]
    fn nothing_is_made_in_the_place_of_what_is_away() {
        for (link, target, path) in
            [("etc/ca.key", "../mnt/ca.key", "/etc/ca.key"), ("etc/pki", "../mnt/pki", "/etc/pki/ca.key")]
        {
            let Linked { host, _dir } = linked(link, target);
            let machine: &dyn Host = &host;
            let by_write = host.write(&file(path, "a key")).unwrap_err().to_string();
            let by_ensure = machine.ensure_file(&file(path, "a key")).unwrap_err().to_string();
            let why = "which is not there: mount what holds it, or remove the link";
            assert_eq!(by_write, format!("/{link} is a link to {target}, {why}: rm /{link}"));
            assert_eq!(by_ensure, by_write);
            assert!(host.list(Utf8Path::new("/mnt")).unwrap().is_empty());
        }
    }

    #[test]
    fn a_link_whose_target_is_away_can_be_made_absent() {
        let Linked { host, _dir } = linked("etc/admin.conf", "../mnt/admin.conf");
        let machine: &dyn Host = &host;
        let path = Utf8Path::new("/etc/admin.conf");
        assert_eq!(machine.ensure_absent(path).unwrap(), Changed::Yes);
        assert_eq!(host.link(path).unwrap(), None);
        assert_eq!(machine.ensure_absent(path).unwrap(), Changed::No);
    }
}
