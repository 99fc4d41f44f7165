//! kinit's own pipeline over a machine and a cluster in memory, from a configuration file to what it made.

use std::cell::Cell;
use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};
use kinit::config::resolve::{self, Fetch, FetchError, InitFlags, Machine};
use kinit::config::{InitConfig, token};
use kinit::cri::Cri;
use kinit::host::{Effect, Effects, FakeHost, Host};
use kinit::images;
use kinit::kube::{AdminAccess, Clusters};
use kinit::patches::Patches;
use kinit::phases::init::{Ahead, INIT, Init, Once, Options};
use kinit::phases::{Finished, Observer, Selection, drive};
use kinit::pki::{KeyAlgorithm, KeyPool};
use kinit::ui::Ui;
use kinit::versions::{SUPER_ADMIN, Version};
use time::OffsetDateTime;
use time::macros::datetime;

use super::made::Made;
use super::{CA_DIRS, ETCD_FILES, PLACES};

const NOW: OffsetDateTime = datetime!(2026-11-23 12:00 UTC);
/// What needs a real machine, or makes nothing.
const ELSEWHERE: [&str; 3] = ["preflight", "wait-control-plane", "show-join-command"];

/// A version that is given in full is not looked up.
struct Offline;

impl Fetch for Offline {
    async fn fetch(&self, url: &str) -> Result<String, FetchError> {
        Err(FetchError { url: url.to_owned(), reason: "offline".to_owned() })
    }
}

struct Quiet;

impl Observer for Quiet {
    fn started(&self, _: &str) {}
    fn finished(&self, _: &str) {}
}

/// What `kinit init --upload-certs` makes of a configuration at a version.
pub(super) fn made(config: &str, version: &Version) -> Made {
    let host = CA_DIRS.iter().fold(FakeHost::new(), |host, dir| host.with_file(&format!("{dir}/x"), ""));
    let host = ETCD_FILES.iter().fold(host, |host, file| host.with_file(file, ""));
    let host = host.with_file("/c.yaml", config).with_file("/proc/sys/kernel/hostname", "machine\n");
    let host: Rc<dyn Host> = Rc::new(host);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let cfg = resolved(&*host).await;
        assert_eq!(cfg.version, *version);
        let mut made = Made::since(NOW);
        made.images(&images::all(&cfg.cluster, &cfg.version, cfg.ci));
        for effect in run(cfg, &host).await.drain() {
            match effect {
                Effect::Api { verb: "PATCH", object, path } if path.starts_with("/api/v1/nodes/") => made.node(&object),
                Effect::Api { object, .. } => made.object(&object),
                _ => {}
            }
        }
        files(&*host, &mut made);
        made
    })
}

async fn resolved(host: &dyn Host) -> InitConfig {
    let machine = Machine {
        hostname: "machine".to_owned(),
        default_addresses: Vec::new(),
        loopback_addresses: Vec::new(),
        cri_sockets: Vec::new(),
        now: NOW,
    };
    let flags = InitFlags { config: Some("/c.yaml".into()), ..InitFlags::default() };
    resolve::init(&flags, host, &machine, &Offline, &mut Vec::new()).await.expect("a good configuration")
}

async fn run(cfg: InitConfig, host: &Rc<dyn Host>) -> Effects {
    let effects = Effects::default();
    let access = AdminAccess {
        kubeconfig: "/etc/kubernetes/admin.conf".into(),
        local_endpoint: cfg.network.local_endpoint(),
        bound_group: *SUPER_ADMIN.at(&cfg.version),
        patience: cfg.timeouts.kubernetes_api_call,
    };
    let selection = Selection { only: None, skip: ELSEWHERE.map(str::to_owned).to_vec() };
    let options = Options {
        kubeconfig: "/etc/kubernetes/admin.conf".into(),
        kubeconfig_dir: "/etc/kubernetes".into(),
        upload_certs: true,
        skip_token_print: false,
        skip_certificate_key_print: false,
        print_manifest: false,
        selection: selection.clone(),
        staged: false,
        proxies: Vec::new(),
        effects: None,
    };
    let certificate_key = token::generate_certificate_key().expect("random bytes");
    let init = Init {
        once: Once { now: NOW, certificate_key },
        options,
        cri: Cri::new("/run/none.sock", Some(Effects::default())),
        cluster: Clusters::new(host.clone(), access, Some(effects.clone())),
        host: host.clone(),
        // Quick ones: which algorithm it is does not depend on the version.
        keys: KeyPool::start(KeyAlgorithm::EcdsaP256, 0),
        patches: Patches::in_directory(""),
        ahead: Ahead::default(),
        finished: Finished::default(),
        kubelet_left_alone: Cell::default(),
        ui: Ui::into_writers(Box::new(std::io::sink()), Box::new(std::io::sink())),
        cfg,
    };
    drive(INIT, &init, &selection, &Quiet).await.unwrap_or_else(|failure| panic!("{failure}"));
    effects
}

fn files(host: &dyn Host, made: &mut Made) {
    let mut left: Vec<Utf8PathBuf> = PLACES.map(Utf8PathBuf::from).to_vec();
    while let Some(path) = left.pop() {
        let Some(stat) = host.stat(&path).expect("in memory") else { continue };
        if stat.is_dir {
            left.extend(host.list(&path).expect("in memory"));
        } else {
            let content = host.read(Utf8Path::new(&path)).expect("in memory").unwrap_or_default();
            made.file(path.as_str(), stat.mode, &content);
        }
    }
}
