//! kinit as a person runs it, and places for it to work in.

#![expect(clippy::disallowed_methods, reason = "a test reads and writes its own files")]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use assert_cmd::Command;
use camino::{Utf8Path, Utf8PathBuf};

/// Where programs are, when a test does not say otherwise.
pub(crate) const PATH: &str = "/usr/sbin:/usr/bin:/sbin:/bin";

/// What a run came to.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// Refused: status 1, an error that says `what`, and a line that says what to do.
    #[track_caller]
    pub(crate) fn refused(&self, what: &[&str]) {
        assert_eq!(self.status, 1, "{self:#?}");
        for words in what {
            assert!(self.stderr.contains(words), "{words:?} is not in\n{}", self.stderr);
        }
        let advice = |line: &str| line.starts_with("hint: ") || line.starts_with("\t\thelp: ");
        assert!(self.stderr.lines().any(advice), "nothing says what to do:\n{}", self.stderr);
        self.tidy();
    }

    /// Nothing in it is meant for programmers, or says the same twice.
    #[track_caller]
    pub(crate) fn tidy(&self) {
        let all = format!("{}{}", self.stdout, self.stderr);
        for noise in ["panicked", "RUST_BACKTRACE", "Some(", "src/", "unwrap"] {
            assert!(!all.contains(noise), "{noise:?} is in\n{all}");
        }
    }

    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.status, 0, "{self:#?}");
        self
    }
}

/// The program that cargo built.
pub(crate) fn program() -> Utf8PathBuf {
    Utf8PathBuf::from(env!("CARGO_BIN_EXE_kinit"))
}

/// Runs kinit with nothing of this process's environment.
pub(crate) fn kinit(args: &[&str]) -> Run {
    run(program().as_str(), args, PATH, "")
}

/// Runs any program so.
pub(crate) fn run(program: &str, args: &[&str], path: &str, stdin: &str) -> Run {
    let mut command = Command::new(program);
    command.env_clear().env("PATH", path).args(args).write_stdin(stdin);
    let output = command.output().expect("starts");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    Run { status: output.status.code().expect("exits"), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// Whether what is stored is to be written anew: `UPDATE=1`.
pub(crate) fn update() -> bool {
    std::env::var("UPDATE").is_ok_and(|value| value == "1")
}

/// Compares a page with what it should be, or writes it.
#[track_caller]
pub(crate) fn page(path: &str, text: &str) {
    let path = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if update() {
        fs::create_dir_all(path.parent().expect("in the repository")).expect("can be made");
        fs::write(&path, text).expect("can be written");
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    let differs = text.lines().zip(written.lines()).find(|(now, then)| now != then);
    assert!(written == text, "{path} is not what the program says, first {differs:#?}; UPDATE=1 if this is meant");
}

/// Compares entries, each of which begins with `==== `, with those that are stored: all of them, in their order.
#[track_caller]
pub(crate) fn as_stored(stored: &str, entries: impl IntoIterator<Item = String>) {
    let now: String = entries.into_iter().collect();
    let (now, then): (Vec<&str>, Vec<&str>) = (now.split("==== ").collect(), stored.split("==== ").collect());
    for (now, then) in now.iter().zip(&then) {
        assert_eq!(now, then, "this run's is the first, what is stored the second");
    }
    assert_eq!(now.len(), then.len(), "so many entries, and so many are stored");
}

/// A directory that goes away with the test.
#[derive(Debug)]
pub(crate) struct Place(tempfile::TempDir);

impl Place {
    pub(crate) fn new() -> Self {
        let place = Self(tempfile::tempdir().expect("a temporary directory"));
        // Also for tests that give up root.
        fs::set_permissions(place.path(""), fs::Permissions::from_mode(0o755)).expect("its own");
        place
    }

    pub(crate) fn path(&self, name: &str) -> Utf8PathBuf {
        Utf8Path::from_path(self.0.path()).expect("UTF-8").join(name.trim_start_matches('/'))
    }

    /// Writes a file; its path.
    pub(crate) fn file(&self, name: &str, content: &str) -> String {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("below the place")).expect("can be made");
        fs::write(&path, content).expect("can be written");
        path.into_string()
    }

    /// Writes a script that can be run; the `PATH` that finds it first.
    pub(crate) fn script(&self, name: &str, content: &str) -> String {
        let path = self.file(&format!("bin/{name}"), content);
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("its own");
        format!("{}:{PATH}", self.path("bin"))
    }

    pub(crate) fn listing(&self) -> Listing {
        listing(&[self.path("").as_str()])
    }
}

/// A root directory for kinit to change, `--rootfs`.
#[derive(Debug)]
pub(crate) struct Root(pub(crate) Place);

impl Root {
    /// An empty one; `None` without the right to use it, loudly.
    pub(crate) fn new() -> Option<Self> {
        if !nix::unistd::geteuid().is_root() {
            skipped("only root may change the root directory");
            return None;
        }
        let place = Place::new();
        fs::create_dir(place.path("run")).expect("can be made");
        Some(Self(place))
    }

    pub(crate) fn kinit(&self, args: &[&str]) -> Run {
        let root = self.0.path("");
        kinit(&[&["--rootfs", root.as_str()], args].concat())
    }

    /// All that is there, but for the lock: its file stays.
    pub(crate) fn listing(&self) -> Listing {
        let mut listing = self.0.listing();
        listing.retain(|path, _| !path.as_str().ends_with("/run") && !path.as_str().ends_with("/run/kinit.lock"));
        listing
    }
}

/// The real kubeadm, where `KUBEADM` names it.
pub(crate) fn kubeadm() -> Option<String> {
    named("KUBEADM", "KUBEADM names no kubeadm; what it says is taken as stored")
}

/// The directory of kubeadms, one of each minor, where `KUBEADM_DIR` names it.
pub(crate) fn kubeadms() -> Option<String> {
    named("KUBEADM_DIR", "KUBEADM_DIR names no directory of kubeadms")
}

fn named(variable: &str, without: &str) -> Option<String> {
    let named = std::env::var(variable).ok();
    if named.is_none() {
        skipped(without);
    }
    named
}

pub(crate) fn skipped(why: &str) {
    let writer = &mut std::io::stderr();
    let _ = std::io::Write::write_fmt(writer, format_args!("SKIPPED, not passed: {why}\n"));
}

/// What is at each path: kind and mode, time of the last change, content.
pub(crate) type Listing = BTreeMap<Utf8PathBuf, (u32, (i64, i64), Vec<u8>)>;

/// All that is at some paths and below, as far as it can be read.
pub(crate) fn listing(paths: &[&str]) -> Listing {
    let mut listing = Listing::new();
    let mut left: Vec<Utf8PathBuf> = paths.iter().map(Utf8PathBuf::from).collect();
    while let Some(path) = left.pop() {
        let Ok(meta) = path.symlink_metadata() else { continue };
        let content = if meta.is_file() { fs::read(&path).unwrap_or_default() } else { Vec::new() };
        let entries = path.read_dir_utf8().into_iter().flatten();
        left.extend(entries.map(|entry| entry.expect("can be read").into_path()));
        listing.insert(path, (meta.mode(), (meta.mtime(), meta.mtime_nsec()), content));
    }
    listing
}

/// A configuration of `init`, with lines added to each document.
pub(crate) fn config(init: &str, cluster: &str) -> String {
    format!(
        "apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
nodeRegistration: {{name: node-1, criSocket: unix:///run/none.sock}}
localAPIEndpoint: {{advertiseAddress: 192.0.2.10}}
{init}---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v1.37.2
{cluster}"
    )
}
