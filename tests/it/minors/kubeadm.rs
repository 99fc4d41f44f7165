//! A minor's own kubeadm, from a configuration file to what it made.
//!
//! It runs with a root directory, a network, a process table and a host name of its own, where it finds no other
//! program: nothing of this machine can be changed. What it would send to a cluster is read from its dry run.

#![expect(clippy::disallowed_methods, reason = "a test makes its own directory and runs its own programs")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use kinit::versions::Version;
use kinit::yaml;
use time::OffsetDateTime;

use super::made::Made;
use super::{CA_DIRS, ETCD_FILES, PLACES};

/// The phases that write files.
const PHASES: [&[&str]; 5] =
    [&["certs", "all"], &["kubeconfig", "all"], &["control-plane", "all"], &["etcd", "local"], &["kubelet-start"]];

/// What this kubeadm's `init --upload-certs` makes of a configuration.
pub(super) fn made(kubeadm: &Utf8Path, config: &str) -> Made {
    let root = Root::new(kubeadm, config);
    let mut made = Made::since(OffsetDateTime::now_utc());
    let images = root.run(&["config", "images", "list", "--config", "/c.yaml"]);
    made.images(&images.lines().map(str::to_owned).collect::<Vec<_>>());
    let whole = ["init", "--dry-run", "--upload-certs", "--skip-phases=preflight", "--config", "/c.yaml"];
    objects(&root.run(&whole), &mut made);
    root.remove("etc/kubernetes/tmp");
    for phase in PHASES {
        root.run(&[&["init", "phase"], phase, &["--config", "/c.yaml"]].concat());
    }
    for place in PLACES {
        root.files(place, &mut made);
    }
    made
}

/// The version that a kubeadm is of.
pub(super) fn version(kubeadm: &Utf8Path) -> Version {
    let output = Command::new(kubeadm).args(["version", "-o", "short"]).env_clear().output().expect("kubeadm starts");
    Version::parse(String::from_utf8_lossy(&output.stdout).trim()).expect("a version")
}

/// Its root directory.
struct Root(tempfile::TempDir);

impl Root {
    fn new(kubeadm: &Utf8Path, config: &str) -> Self {
        let root = Self(tempfile::tempdir().expect("a temporary directory"));
        for dir in CA_DIRS.iter().copied().chain(["/proc", "/tmp"]) {
            fs::create_dir_all(root.path(dir)).expect("can be made");
        }
        for file in ETCD_FILES.map(|file| root.path(file)) {
            fs::create_dir_all(file.parent().expect("below the root")).expect("can be made");
            fs::write(file, "").expect("can be written");
        }
        fs::copy(kubeadm, root.path("/kubeadm")).expect("the program can be copied");
        fs::write(root.path("/c.yaml"), config).expect("can be written");
        root
    }

    fn path(&self, inside: &str) -> Utf8PathBuf {
        Utf8Path::from_path(self.0.path()).expect("UTF-8").join(inside.trim_start_matches('/'))
    }

    /// Runs kubeadm; what it printed.
    fn run(&self, args: &[&str]) -> String {
        let mut command = Command::new("unshare");
        command.args(["--net", "--uts", "--ipc", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]);
        command.args(["--root", self.path("").as_str(), "/kubeadm"]).args(args).env_clear();
        let output = command.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").output().expect("unshare starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "kubeadm {}: {said}", args.join(" "));
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    fn remove(&self, dir: &str) {
        fs::remove_dir_all(self.path(dir)).expect("its own");
    }

    fn files(&self, dir: &str, made: &mut Made) {
        let Ok(entries) = self.path(dir).read_dir_utf8() else { return };
        for entry in entries.map(|entry| entry.expect("can be read")) {
            let inside = format!("{dir}/{}", entry.file_name());
            let meta = entry.metadata().expect("is there");
            if meta.is_dir() {
                self.files(&inside, made);
            } else {
                let content = fs::read(entry.path()).expect("can be read");
                made.file(&inside, meta.permissions().mode() & 0o7777, &content);
            }
        }
    }
}

/// The objects and patches that a dry run would send: each after lines that announce it, up to the next line of that
/// sort. Old ones put a tab before each line; new ones show what they would get too.
fn objects(output: &str, made: &mut Made) {
    let mut lines = output.lines().peekable();
    let mut sent = false;
    while let Some(line) = lines.next() {
        if let Some(action) = line.strip_prefix("[dryrun] Would perform action ") {
            sent = !["GET", "LIST"].iter().any(|verb| action.starts_with(verb)) && !action.contains("PATCH");
        }
        let patch = line.starts_with("[dryrun] Attached patch");
        let object = sent && line.starts_with("[dryrun] Attached object");
        if !(patch || object) {
            continue;
        }
        let mut text = String::new();
        while let Some(line) = lines.next_if(|line| !line.starts_with('[')) {
            text.push_str(line.strip_prefix('\t').unwrap_or(line));
            text.push('\n');
        }
        let document = yaml::document(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        if patch { made.node(&document) } else { made.object(&document) }
    }
}
