//! The kernel's table of mounts.
//!
//! Knows how /proc/mounts is written and in which order mounts come off; refuses to know whose they are.

use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use super::{Host, HostError, Result};

/// Where the table is.
pub const TABLE: &str = "/proc/mounts";

/// One mount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// Device, share or word.
    pub source: String,
    /// Mount point.
    pub target: Utf8PathBuf,
    /// File system type.
    pub kind: String,
    /// Options, comma separated.
    pub options: String,
}

/// Reads the table, oldest mount first; lines that are none are left out.
#[must_use]
pub fn parse(table: &str) -> Vec<Mount> {
    table.lines().filter_map(parse_line).collect()
}

fn parse_line(line: &str) -> Option<Mount> {
    let mut fields = line.split(' ');
    Some(Mount {
        source: unescape(fields.next()?),
        target: unescape(fields.next()?).into(),
        kind: unescape(fields.next()?),
        options: fields.next().map(unescape).unwrap_or_default(),
    })
}

/// Blanks, tabs, newlines and backslashes stand in the table as `\040` and the like.
fn unescape(field: &str) -> String {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let digits = tail.get(..3).filter(|digits| first == b'\\' && digits.iter().all(|d| (b'0'..=b'7').contains(d)));
        if let Some(digits) = digits {
            let value = digits.iter().fold(0_u32, |value, digit| value * 8 + u32::from(digit - b'0'));
            if let Ok(byte) = u8::try_from(value) {
                bytes.push(byte);
                rest = &tail[3..];
                continue;
            }
        }
        bytes.push(first);
        rest = tail;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Mount points strictly below a directory, in the order in which they can be taken off: the newest first, since
/// whatever lies on or over a mount came after it.
#[must_use]
pub fn below<'a>(mounts: &'a [Mount], dir: &Utf8Path) -> Vec<&'a Utf8Path> {
    let inside = |mount: &&Mount| mount.target != dir && mount.target.starts_with(dir);
    mounts.iter().rev().filter(inside).map(|mount| mount.target.as_path()).collect()
}

/// The machine's mounts now. Without a table nobody knows what is mounted: that is an error.
pub fn read(host: &dyn Host) -> Result<Vec<Mount>> {
    let path = Utf8Path::new(TABLE);
    let missing = || HostError::Io { verb: "read", path: path.to_owned(), source: io::ErrorKind::NotFound.into() };
    let table = host.read(path)?.ok_or_else(missing)?;
    Ok(parse(&String::from_utf8_lossy(&table)))
}

/// A path without symbolic links in it, as the table has it; `None` when nothing is there.
pub fn resolve(host: &dyn Host, path: &Utf8Path) -> Result<Option<Utf8PathBuf>> {
    let mut links = 0;
    let mut todo: Vec<String> = path.components().rev().map(|part| part.as_str().to_owned()).collect();
    let mut done = Utf8PathBuf::from("/");
    while let Some(part) = todo.pop() {
        match part.as_str() {
            "/" => done = "/".into(),
            "." => {}
            ".." => {
                done.pop();
            }
            name => {
                let next = done.join(name);
                let Some(target) = host.link(&next)? else {
                    done = next;
                    continue;
                };
                links += 1;
                if links > 40 {
                    let source = io::Error::other("too many symbolic links");
                    return Err(HostError::Io { verb: "resolve", path: path.to_owned(), source });
                }
                todo.extend(target.components().rev().map(|part| part.as_str().to_owned()));
            }
        }
    }
    Ok(host.exists(&done)?.then_some(done))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::FakeHost;
    use super::*;

    #[test]
    fn reads_escapes_and_order() {
        let table = "tmpfs /var/lib/kubelet/pods/1/volumes/a\\040b tmpfs rw 0 0\n\
                     /dev/sda1 /var/lib/kubelet ext4 rw 0 0\n\
                     tmpfs /var/lib/kubelet-other/x tmpfs rw 0 0\n\
                     tmpfs /var/lib/kubelet/pods/2\\134\\011 tmpfs rw 0 0\nbroken\n";
        let mounts = parse(table);
        assert_eq!(mounts.len(), 4);
        let targets = below(&mounts, Utf8Path::new("/var/lib/kubelet"));
        assert_eq!(targets, ["/var/lib/kubelet/pods/2\\\t", "/var/lib/kubelet/pods/1/volumes/a b"]);
    }

    #[test]
    fn resolves_links_on_the_way() {
        let host = FakeHost::new()
            .with_file("/data/kubelet/config.yaml", "")
            .with_link("/var/lib", "../srv/./lib")
            .with_link("/srv/lib/kubelet", "/data/kubelet");
        let resolved = resolve(&host, Utf8Path::new("/var/lib/kubelet")).unwrap();
        assert_eq!(resolved.unwrap(), "/data/kubelet");
        assert_eq!(resolve(&host, Utf8Path::new("/var/lib/none")).unwrap(), None);
        let endless = FakeHost::new().with_link("/a", "/b").with_link("/b", "/a");
        assert!(resolve(&endless, Utf8Path::new("/a")).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "\\PC*[\n\\\\0-9 /]*\\PC*") {
            let _ = parse(&text);
        }

        /// Taking mounts off in the order given never meets one that something lies on or over.
        #[test]
        fn nothing_lies_on_what_comes_off(paths in proptest::collection::vec("/k(/[ab]){0,4}", 0..12)) {
            let table: String = paths.iter().map(|path| format!("x {path} tmpfs rw 0 0\n")).collect();
            let mounts = parse(&table);
            let mut left: Vec<&str> = paths.iter().map(String::as_str).filter(|path| *path != "/k").collect();
            for target in below(&mounts, Utf8Path::new("/k")) {
                let place = left.iter().rposition(|path| target == *path).unwrap();
                let over = &left[place + 1..];
                prop_assert!(!over.iter().any(|path| Utf8Path::new(path).starts_with(target)));
                prop_assert!(!over.iter().any(|path| target.starts_with(path)));
                left.remove(place);
            }
            prop_assert!(left.is_empty());
        }
    }
}
