//! Machines for readers to look at, and configurations that fit them.

use std::cell::Cell;

use camino::{Utf8Path, Utf8PathBuf};
use futures::FutureExt as _;
use kinit::config::resolve::{self, Fetch, FetchError, InitFlags, Machine};
use kinit::config::{InitConfig, JoinConfig};
use kinit::host::{FakeHost, Host, NewFile, Output, Result, Stat, Volume};
use time::OffsetDateTime;
use time::macros::datetime;

/// The moment of every run.
pub(super) const NOW: OffsetDateTime = datetime!(2026-11-24 12:00 UTC);
/// Where a configuration lies on its machine.
pub(super) const FILE: &str = "/config.yaml";

/// The smallest configurations that are whole.
pub(super) const INIT: &str = "\
apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
bootstrapTokens: [{token: abcdef.0123456789abcdef}]
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v1.37.2
";
const JOIN: &str = "\
apiVersion: kubeadm.k8s.io/v1beta4
kind: JoinConfiguration
discovery:
  bootstrapToken: {token: abcdef.0123456789abcdef, apiServerEndpoint: '192.0.2.1:6443', unsafeSkipCAVerification: true}
";

/// A machine with one file on it.
pub(super) fn with_file(path: &str, content: &[u8]) -> FakeHost {
    let host = FakeHost::new();
    add_file(&host, path, content);
    host
}

/// Puts one more file on it.
pub(super) fn add_file(host: &FakeHost, path: &str, content: &[u8]) {
    host.write(&NewFile { path: Utf8Path::new(path), content, mode: 0o600, secret: false }).expect("memory takes it");
}

/// The facts that defaults are made of.
pub(super) fn machine() -> Machine {
    Machine {
        hostname: "node-1".to_owned(),
        default_addresses: vec!["192.0.2.10".parse().expect("an address"), "2001:db8::10".parse().expect("one")],
        loopback_addresses: Vec::new(),
        cri_sockets: vec!["unix:///run/containerd/containerd.sock".to_owned()],
        now: NOW,
    }
}

/// What `init --config` makes of a file; `None` when it refuses it, in words of a bearable length.
pub(super) fn init(content: &[u8]) -> Option<InitConfig> {
    let flags = InitFlags { config: Some(FILE.into()), ..InitFlags::default() };
    let (host, machine) = (with_file(FILE, content), machine());
    let mut warnings = Vec::new();
    let resolved = resolve::init(&flags, &host, &machine, &Offline, &mut warnings).now_or_never();
    bearable(resolved.expect("nothing is waited for"))
}

/// What `join --config` makes of a file.
pub(super) fn join(content: &[u8]) -> Option<JoinConfig> {
    let flags = resolve::JoinFlags { config: Some(FILE.into()), ..Default::default() };
    bearable(resolve::join(&flags, &with_file(FILE, content), &machine(), &mut Vec::new()))
}

/// A whole InitConfiguration.
pub(super) fn sample_init() -> InitConfig {
    init(INIT.as_bytes()).expect("it is whole")
}

/// A whole JoinConfiguration.
pub(super) fn sample_join() -> JoinConfig {
    join(JOIN.as_bytes()).expect("it is whole")
}

/// The value; or an error whose words do not grow with the input without bounds.
pub(super) fn bearable<T, E: std::error::Error + 'static>(resolved: std::result::Result<T, E>) -> Option<T> {
    match resolved {
        Ok(value) => Some(value),
        Err(error) => {
            let words = kinit::failure::chain(&error);
            assert!(!words.is_empty() && !words.contains("panicked"), "{words}");
            None
        }
    }
}

/// No internet.
struct Offline;

impl Fetch for Offline {
    async fn fetch(&self, url: &str) -> std::result::Result<String, FetchError> {
        Err(FetchError { url: url.to_owned(), reason: "offline".to_owned() })
    }
}

/// A machine that answers the same to every question: all its files, links and commands say it.
#[derive(Debug)]
pub(super) struct Parrot<'a> {
    pub(super) says: &'a [u8],
    /// What follows the names of entries in its directories.
    pub(super) names: &'a str,
    depth: Cell<usize>,
}

impl<'a> Parrot<'a> {
    pub(super) fn new(says: &'a [u8]) -> Self {
        Self { says, names: "1", depth: Cell::new(0) }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(self.says).into_owned()
    }
}

impl Host for Parrot<'_> {
    fn read(&self, _: &Utf8Path) -> Result<Option<Vec<u8>>> {
        Ok(Some(self.says.to_vec()))
    }
    fn stat(&self, path: &Utf8Path) -> Result<Option<Stat>> {
        let is_dir = path.extension().is_none() && path.components().count() < 4;
        Ok(Some(Stat { is_dir, mode: 0o755, uid: 0, gid: 0, len: 1 }))
    }
    fn list(&self, dir: &Utf8Path) -> Result<Vec<Utf8PathBuf>> {
        self.depth.set(self.depth.get() + 1);
        Ok(if self.depth.get() < 100 { vec![dir.join(self.names)] } else { Vec::new() })
    }
    fn link(&self, _: &Utf8Path) -> Result<Option<Utf8PathBuf>> {
        Ok(Some(self.text().into()))
    }
    fn volume(&self, _: &Utf8Path) -> Result<Volume> {
        Ok(Volume { free: 0, free_files: None, refusal: None })
    }
    fn query(&self, _: &[&str]) -> Result<Output> {
        Ok(Output { status: Some(0), stdout: self.text(), stderr: self.text() })
    }
    fn write(&self, _: &NewFile<'_>) -> Result<()> {
        Ok(())
    }
    fn make_dir(&self, _: &Utf8Path, _: u32) -> Result<()> {
        Ok(())
    }
    fn remove(&self, _: &Utf8Path) -> Result<()> {
        Ok(())
    }
    fn set_mode(&self, _: &Utf8Path, _: u32) -> Result<()> {
        Ok(())
    }
    fn set_owner(&self, _: &Utf8Path, _: (u32, u32)) -> Result<()> {
        Ok(())
    }
    fn unmount(&self, _: &Utf8Path, _: &[String]) -> Result<()> {
        Ok(())
    }
    fn act(&self, argv: &[&str]) -> Result<Output> {
        self.query(argv)
    }
    fn changes(&self) -> usize {
        0
    }
}
