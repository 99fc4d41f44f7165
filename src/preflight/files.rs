//! Files that must not be there, or must; directories that will be written.
//!
//! A file that says what would be written now is from an earlier run of ours, and no obstacle.

use camino::{Utf8Path, Utf8PathBuf};

use super::{Finding, path_name};
use crate::failure::PROGRAM;
use crate::host::facts::{Facts, Found};
use crate::manifests::says_the_same;

/// A manifest that the run will write.
pub type Expected = (Utf8PathBuf, Vec<u8>);

/// Whether a file says what an expected one will say.
pub(super) fn is_ours(facts: &Facts, path: &Utf8Path, expected: &[Expected]) -> bool {
    let wanted = expected.iter().find(|(known, _)| known == path);
    let both = wanted.zip(facts.at(path).content());
    both.is_some_and(|((_, wanted), present)| says_the_same(present, wanted))
}

/// A file that the run will write must not be there, unless it is so already.
pub(super) fn available(facts: &Facts, path: &Utf8Path, expected: &[Expected]) -> Option<Finding> {
    let name = path_name("FileAvailable", path);
    let found = facts.at(path);
    if !found.exists() {
        return None;
    }
    if is_ours(facts, path, expected) {
        return Some(Finding::ours(&name, format!("{path} is as it would be written")));
    }
    let wanted = expected.iter().find(|(known, _)| known == path);
    let difference = match (found.content(), wanted) {
        (Some(present), Some((_, wanted))) => {
            let (line, has, wants) = first_difference(present, wanted);
            format!(", and differs from what would be written, first in line {line}: it has {has:?}, not {wants:?}")
        }
        _ => String::new(),
    };
    let remedy = if wanted.is_some() {
        format!(
            "to go on with the control plane that is here, give the flags or the --config that it was made with; to have \
             this manifest made anew, as after a mistake in it, move it away: `mv {path} /root/`; `{PROGRAM} reset` deletes \
             the whole control plane, the data of its etcd with it"
        )
    } else {
        format!(
            "`{PROGRAM} reset` undoes the cluster that this machine is or was part of; what is none of it: `rm {path}`"
        )
    };
    Some(Finding::error(&name, format!("{path} already exists{difference}")).fix(remedy))
}

/// The first line, counted from 1, in which two texts differ, and both versions of it.
fn first_difference(present: &[u8], wanted: &[u8]) -> (usize, String, String) {
    let lines = |bytes: &[u8]| {
        String::from_utf8_lossy(bytes)
            .lines()
            .map(|line| line.trim().chars().take(120).collect())
            .collect::<Vec<String>>()
    };
    let (present, wanted) = (lines(present), lines(wanted));
    let at = present.iter().zip(&wanted).position(|(a, b)| a != b).unwrap_or(present.len().min(wanted.len()));
    let line = |lines: &[String]| lines.get(at).cloned().unwrap_or_else(|| "(end of file)".to_owned());
    (at + 1, line(&present), line(&wanted))
}

/// A directory must not be there, or be empty; what a file system keeps in its root for itself does not count.
pub(super) fn directory_available(facts: &Facts, dir: &Utf8Path, ours: Option<&str>) -> Option<Finding> {
    let name = path_name("DirAvailable", dir);
    match facts.at(dir) {
        Found::Nothing => None,
        Found::Dir(names) if names.iter().all(|name| name == "lost+found") => None,
        Found::Unreadable(why) => Some(Finding::error(&name, format!("unable to check if {dir} is empty: {why}"))),
        Found::Dir(_) | Found::File(_) => Some(match ours {
            Some(why) => Finding::ours(&name, format!("{dir} is not empty; {why}")),
            None => Finding::error(&name, format!("{dir} is not empty")).fix(format!(
                "it may hold the data of a cluster: back it up first; `{PROGRAM} reset` undoes a cluster that was made \
                 here, and of what is left, `rm -r {dir}/*` makes room"
            )),
        }),
    }
}

/// A file that the user said would be there.
pub(super) fn existing(facts: &Facts, name: &str, path: &str) -> Option<Finding> {
    let missing = !path.is_empty() && !facts.at(Utf8Path::new(path)).exists();
    missing.then(|| Finding::error(name, format!("{path} doesn't exist")))
}

/// Room that has to be there, in bytes.
#[derive(Debug, Clone)]
pub(super) struct Room {
    pub(super) dir: Utf8PathBuf,
    pub(super) bytes: u64,
    /// What will be written, in words.
    pub(super) what: &'static str,
    /// Nothing new has to be written there.
    pub(super) complete: bool,
}

/// A directory that will be written must let us, and have room.
pub(super) fn writable(facts: &Facts, room: &Room) -> Option<Finding> {
    let Room { dir, bytes, what, complete } = room;
    let name = path_name("Writable", dir);
    let volume = match facts.volumes.get(dir)? {
        Ok(volume) => volume,
        Err(why) => return Some(Finding::warning(&name, why.clone())),
    };
    if let Some(why) = &volume.refusal {
        let message = format!("{dir} cannot be written: {why}");
        return Some(if *complete {
            Finding::warning(&name, format!("{message}; everything that belongs there is there already"))
        } else {
            let remedy = format!("mount it writable (mount -o remount,rw), or see 'lsattr -d {dir}'; {what} go there");
            Finding::error(&name, message).fix(remedy)
        });
    }
    if *complete {
        return None;
    }
    let name = path_name("DiskSpace", dir);
    let remedy = format!("make room on the file system that holds {dir}: df -h {dir}; {what} go there");
    if volume.free < *bytes {
        let (free, needed) = (volume.free >> 20, bytes >> 20);
        let message = format!("the disk is full: {dir} has {free} MiB left, {needed} MiB are needed");
        return Some(Finding::error(&name, message).fix(remedy));
    }
    let no_files = volume.free_files == Some(0);
    no_files.then(|| Finding::error(&name, format!("the disk is full: no more files can be made in {dir}")).fix(remedy))
}

#[cfg(test)]
mod tests {
    use super::super::Severity;
    use super::*;
    use crate::host::Volume;

    const MANIFEST: &str = "/etc/kubernetes/manifests/etcd.yaml";

    fn facts(found: Found) -> Facts {
        Facts { paths: [(MANIFEST.into(), found)].into(), ..Facts::default() }
    }

    #[test]
    fn a_file_as_we_would_write_it_is_ours() {
        let expected = [(Utf8PathBuf::from(MANIFEST), b"a: 1\nb: 2\n".to_vec())];
        let check = |text: &str| available(&facts(Found::File(text.into())), Utf8Path::new(MANIFEST), &expected);
        assert_eq!(check("a: 1\nb: 2\n").unwrap().severity, Severity::Ours);
        assert_eq!(check("# kept\n{b: 2, a: 1}\n").unwrap().severity, Severity::Ours);
        let foreign = check("a: 1\nb: 3\n").unwrap();
        assert_eq!(foreign.name, "FileAvailable--etc-kubernetes-manifests-etcd.yaml");
        assert_eq!(
            foreign.message,
            "/etc/kubernetes/manifests/etcd.yaml already exists, and differs from what would be written, first in line \
             2: it has \"b: 3\", not \"b: 2\""
        );
        assert!(check("a: 1\n").unwrap().message.ends_with("line 2: it has \"(end of file)\", not \"b: 2\""));
        let unknown = available(&facts(Found::File(Vec::new())), Utf8Path::new(MANIFEST), &[]).unwrap();
        assert_eq!(unknown.message, "/etc/kubernetes/manifests/etcd.yaml already exists");
    }

    #[test]
    fn data_of_another_cluster_is_an_obstacle() {
        let dir = Utf8Path::new("/var/lib/etcd");
        let with = |names: &[&str]| {
            let names = names.iter().map(|&name| name.to_owned()).collect();
            Facts { paths: [(dir.into(), Found::Dir(names))].into(), ..Facts::default() }
        };
        assert_eq!(directory_available(&with(&["lost+found"]), dir, None), None);
        let foreign = directory_available(&with(&["member"]), dir, None).unwrap();
        assert_eq!((foreign.name.as_str(), foreign.severity), ("DirAvailable--var-lib-etcd", Severity::Error));
        assert_eq!(foreign.message, "/var/lib/etcd is not empty");
        assert_eq!(directory_available(&with(&["member"]), dir, Some("ours")).unwrap().severity, Severity::Ours);
    }

    #[test]
    fn full_and_read_only_disks() {
        let check = |volume: Volume, complete| {
            let facts = Facts { volumes: [("/etc/x".into(), Ok(volume))].into(), ..Facts::default() };
            writable(&facts, &Room { dir: "/etc/x".into(), bytes: 4 << 20, what: "certificates", complete })
        };
        let good = Volume { free: 1 << 30, free_files: None, refusal: None };
        assert_eq!(check(good.clone(), false), None);
        let full = check(Volume { free: 1 << 20, ..good.clone() }, false).unwrap();
        assert_eq!(full.name, "DiskSpace--etc-x");
        assert_eq!(full.message, "the disk is full: /etc/x has 1 MiB left, 4 MiB are needed");
        assert!(check(Volume { free_files: Some(0), ..good.clone() }, false).is_some());
        let read_only = Volume { refusal: Some("Read-only file system".into()), ..good };
        let refused = check(read_only.clone(), false).unwrap();
        assert_eq!((refused.name.as_str(), refused.severity), ("Writable--etc-x", Severity::Error));
        assert_eq!(check(read_only, true).unwrap().severity, Severity::Warning);
    }
}
