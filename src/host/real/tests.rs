//! Writes, directories and commands on a real file system.

use nix::sched::{CloneFlags, unshare};
use nix::sys::stat::{Mode, umask};

use super::*;

#[test]
fn what_a_kill_left_of_a_write_does_not_stay() {
    let dir = tempfile::tempdir().unwrap();
    let host = RealHost::new(Utf8Path::from_path(dir.path()).unwrap());
    let stale = NewFile { path: Utf8Path::new("/pki/.ca.key.kinit"), content: b"half a k", mode: 0o600, secret: true };
    host.write(&stale).unwrap();
    let path = Utf8Path::new("/pki/ca.key");
    host.write(&NewFile { path, content: b"a key", mode: 0o600, secret: true }).unwrap();
    assert_eq!(host.list(Utf8Path::new("/pki")).unwrap(), [path]);
    assert_eq!(host.read(path).unwrap().unwrap(), b"a key");
    assert_eq!(host.stat(path).unwrap().unwrap().mode, 0o600);
}

#[test]
#[expect(clippy::print_stderr, reason = "says where it shows nothing")]
fn a_file_keeps_the_label_of_the_one_that_it_replaces() {
    let dir = tempfile::tempdir().unwrap();
    let host = RealHost::new(Utf8Path::from_path(dir.path()).unwrap());
    let write = || {
        let path = Utf8Path::new("/passwd");
        host.write(&NewFile { path, content: b"x", mode: 0o644, secret: false }).unwrap();
        std::fs::File::open(dir.path().join("passwd")).unwrap()
    };
    if fsetxattr(write(), SELINUX_LABEL, b"lab_t", XattrFlags::empty()).is_err() {
        eprintln!("SKIPPED, not passed: labels can't be set here");
        return;
    }
    let mut label = [0; 16];
    let len = rustix::fs::fgetxattr(write(), SELINUX_LABEL, &mut label).unwrap();
    assert_eq!(&label[..len], b"lab_t");
}

#[test]
fn a_directory_and_its_missing_parents_have_one_mode() {
    let dir = tempfile::tempdir().unwrap();
    let host = RealHost::new(Utf8Path::from_path(dir.path()).unwrap());
    host.make_dir(Utf8Path::new("/a/b"), 0o700).unwrap();
    host.make_dir(Utf8Path::new("/a/c"), 0o755).unwrap();
    let mode = |path: &str| host.stat(Utf8Path::new(path)).unwrap().unwrap().mode;
    assert_eq!(["/a", "/a/b", "/a/c"].map(mode), [0o700, 0o700, 0o755]);
    host.write(&NewFile { path: Utf8Path::new("/a/file"), content: b"", mode: 0o600, secret: false }).unwrap();
    assert!(host.make_dir(Utf8Path::new("/a/file"), 0o700).is_err(), "a file is no directory");
}

#[test]
#[expect(clippy::print_stderr, reason = "says where it shows nothing")]
fn nobody_may_write_into_the_directories_that_a_file_needs() {
    let dir = tempfile::tempdir().unwrap();
    let root = Utf8PathBuf::from_path_buf(dir.path().to_owned()).unwrap();
    // A umask is all threads', but for one that has its own.
    let lax = std::thread::spawn(move || {
        unshare(CloneFlags::CLONE_FS)?;
        umask(Mode::empty());
        let path = Utf8Path::new("/a/b/file");
        RealHost::new(&root).write(&NewFile { path, content: b"", mode: 0o600, secret: false }).unwrap();
        let mode = |path: &str| RealHost::new(&root).stat(Utf8Path::new(path)).unwrap().unwrap().mode;
        nix::Result::Ok(["/a", "/a/b", "/a/b/file"].map(mode))
    });
    match lax.join().unwrap() {
        Ok(modes) => assert_eq!(modes, [0o755, 0o755, 0o600]),
        Err(errno) => eprintln!("SKIPPED, not passed: no umask of one's own here: {errno}"),
    }
}

#[test]
fn a_device_is_written_into() {
    let dir = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/dev/null", dir.path().join("null")).unwrap();
    let host = RealHost::new(Utf8Path::from_path(dir.path()).unwrap());
    host.write(&NewFile { path: Utf8Path::new("/null"), content: b"x", mode: 0o600, secret: false }).unwrap();
    assert!(dir.path().join("null").is_symlink());
}
