//! What defines kinit, without a machine: the second run changes nothing, and after a kill at any change the next
//! run ends where an undisturbed one does, with every key that there was.
//!
//! Runs init's own table, but for the phases that need a cluster or a runtime, over a machine in memory that takes so
//! many changes and then is gone, without a word to the code that runs, as in a SIGKILL. As in a whole init, most files
//! are made while it waits for the control plane.

mod machine;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;

use camino::Utf8Path;
use kinit::config::InitConfig;
use kinit::config::v1beta4::Arg;
use kinit::cri::Cri;
use kinit::host::{Effects, Host};
use kinit::kube::{AdminAccess, Clusters};
use kinit::patches::Patches;
use kinit::phases::init::{Ahead, INIT, Init, Once, Options, staged};
use kinit::phases::{Finished, Observer, Selection, drive};
use kinit::pki::{KeyAlgorithm, KeyPool};
use kinit::ui::Ui;
use proptest::prelude::*;
use time::macros::datetime;

use self::machine::{Machine, ROTATED, Tree};
use crate::golden_manifests;

/// What needs more than the machine's files and services.
const ELSEWHERE: [&str; 8] = [
    "preflight",
    "wait-control-plane",
    "upload-config",
    "upload-certs",
    "mark-control-plane",
    "bootstrap-token",
    "addon",
    "show-join-command",
];

/// What a whole init does before it waits for the control plane.
const BEFORE_THE_WAIT: [&str; 5] = ["certs", "kubeconfig", "etcd", "control-plane", "kubelet-start"];
/// What it does after that.
const AFTER_THE_WAIT: &str = "kubelet-finalize";

struct Quiet;

impl Observer for Quiet {
    fn started(&self, _: &str) {}
    fn finished(&self, _: &str) {}
}

/// Runs the table; how many changes it made, `None` when it was killed.
fn run(machine: &Rc<Machine>, cfg: &InitConfig, changes: usize) -> Option<usize> {
    machine.left.set(changes);
    machine.done.set(0);
    let host: Rc<dyn Host> = machine.clone();
    let access = AdminAccess {
        kubeconfig: "/etc/kubernetes/admin.conf".into(),
        local_endpoint: cfg.network.local_endpoint(),
        bound_group: *kinit::versions::SUPER_ADMIN.at(&cfg.version),
        patience: cfg.timeouts.kubernetes_api_call,
    };
    let options = Options {
        kubeconfig: "/etc/kubernetes/admin.conf".into(),
        kubeconfig_dir: "/etc/kubernetes".into(),
        upload_certs: false,
        skip_token_print: false,
        skip_certificate_key_print: false,
        print_manifest: false,
        selection: Selection::default(),
        staged: true,
        proxies: Vec::new(),
        effects: None,
    };
    let init = Init {
        cfg: cfg.clone(),
        once: Once { now: datetime!(2026-11-23 12:00 UTC), certificate_key: String::new() },
        options,
        cri: Cri::new("/run/none.sock", Some(Effects::default())),
        cluster: Clusters::new(host.clone(), access, Some(Effects::default())),
        host,
        keys: KeyPool::start(KeyAlgorithm::EcdsaP256, 0),
        patches: Patches::in_directory(""),
        ahead: Ahead::default(),
        finished: Finished::default(),
        kubelet_left_alone: Cell::default(),
        ui: Ui::into_writers(Box::new(std::io::sink()), Box::new(std::io::sink())),
    };
    let without = |phases: &[&str]| {
        let skip = ELSEWHERE.iter().chain(phases).map(|phase| (*phase).to_owned()).collect();
        Selection { only: None, skip }
    };
    let (before, after) = (without(&[AFTER_THE_WAIT]), without(&BEFORE_THE_WAIT));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let whole = || {
        runtime.block_on(drive(INIT, &init, &before, &Quiet))?;
        staged::kubelet_runs(&init)?;
        staged::api_server_answers(&init)?;
        runtime.block_on(drive(INIT, &init, &after, &Quiet))
    };
    match catch_unwind(AssertUnwindSafe(whole)) {
        Ok(outcome) => {
            outcome.unwrap_or_else(|failure| panic!("after {changes} changes before: {failure}"));
            Some(machine.done.get())
        }
        Err(why) if why.downcast_ref() == Some(&"killed") => None,
        Err(panic) => resume_unwind(panic),
    }
}

fn load(scenario: &str) -> InitConfig {
    let mut cfg = golden_manifests::load(scenario);
    if cfg.init.node_registration.name.is_empty() {
        "node-1".clone_into(&mut cfg.init.node_registration.name);
    }
    cfg.cluster.certificate_validity_period = "8760h0m0s".to_owned();
    cfg.cluster.ca_certificate_validity_period = "87600h0m0s".to_owned();
    "/pki".clone_into(&mut cfg.cluster.certificates_dir);
    // The kubelet of this machine has its certificates where it usually does.
    cfg.init.node_registration.kubelet_extra_args.retain(|arg| arg.name != "cert-dir");
    let kubelet = &mut cfg.components.kubelet.document;
    *kubelet = serde_json::json!({"apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration"});
    cfg
}

/// Whether a file says the same in every run of the same configuration: no key, and nothing that a key made.
fn repeatable(path: &Utf8Path) -> bool {
    path.starts_with("/etc/kubernetes/manifests") || path.parent() == Some(Utf8Path::new("/var/lib/kubelet"))
}

/// The paths and modes of a tree, and the content of files that are the same in every run.
fn shape(tree: &Tree) -> BTreeMap<&Utf8Path, (u32, Option<&[u8]>)> {
    tree.iter()
        .map(|(path, (content, mode))| (path.as_path(), (*mode, repeatable(path).then_some(content.as_slice()))))
        .collect()
}

/// One kill after so many changes, and what must be so afterwards.
fn survives(cfg: &InitConfig, undisturbed: &Tree, cut: usize) {
    let machine = Machine::new();
    assert_eq!(run(&machine, cfg, cut), None, "{cut} changes are not the whole run");
    let cut_off = machine.tree();
    run(&machine, cfg, usize::MAX);
    let finished = machine.tree();
    assert_eq!(shape(&finished), shape(undisturbed), "killed after {cut} changes");
    for (path, (content, _)) in &cut_off {
        // kubelet.conf is meant to change: it points to the kubelet's own certificate in the end.
        let kept = finished.get(path).is_some_and(|(now, _)| now == content);
        assert!(kept || path == "/etc/kubernetes/kubelet.conf", "{path} was replaced, killed after {cut} changes");
    }
    assert!(machine.active.get(), "the kubelet runs, killed after {cut} changes");
    let config = finished.get(Utf8Path::new("/var/lib/kubelet/config.yaml")).map(|(content, _)| content);
    assert_eq!(machine.read_at_start.borrow().as_ref(), config, "it runs with its configuration, after {cut} changes");
    assert_eq!(run(&machine, cfg, usize::MAX), Some(0), "nothing is left to do, killed after {cut} changes");
    assert_eq!(machine.tree(), finished);
}

#[test]
fn a_second_run_changes_nothing() {
    for scenario in ["default", "rich", "external-etcd", "ipv6", "v1.30", "v1.23"] {
        let (machine, cfg) = (Machine::new(), load(scenario));
        let changes = run(&machine, &cfg, usize::MAX).expect("not killed");
        assert!(changes > 20, "{scenario}: {changes}");
        let tree = machine.tree();
        assert!(tree.contains_key(Utf8Path::new("/etc/kubernetes/manifests/kube-apiserver.yaml")));
        let kubelet_conf = String::from_utf8_lossy(&tree[Utf8Path::new("/etc/kubernetes/kubelet.conf")].0).into_owned();
        assert!(kubelet_conf.contains(ROTATED), "{scenario}: {kubelet_conf}");
        assert_eq!(run(&machine, &cfg, usize::MAX), Some(0), "{scenario}");
        assert_eq!(machine.tree(), tree, "{scenario}");
    }
}

#[test]
fn a_kill_at_any_change_is_made_good_by_the_next_run() {
    let (machine, cfg) = (Machine::new(), load("default"));
    let changes = run(&machine, &cfg, usize::MAX).expect("not killed");
    for cut in 0..changes {
        survives(&cfg, &machine.tree(), cut);
    }
}

#[test]
fn killed_again_and_again_it_still_arrives() {
    let cfg = load("default");
    let whole = Machine::new();
    run(&whole, &cfg, usize::MAX);
    let machine = Machine::new();
    // Every run is killed after one change.
    let runs = (0..1000).take_while(|_| run(&machine, &cfg, 1).is_none()).count();
    assert!((30..200).contains(&runs), "{runs}");
    assert_eq!(shape(&machine.tree()), shape(&whole.tree()));
    assert!(machine.active.get());
}

prop_compose! {
    /// A configuration that somebody may have.
    fn configurations()(
        scenario in prop::sample::select(vec!["default", "external-etcd", "ipv6", "v1.30", "v1.23"]),
        name in "[a-z]([a-z0-9-]{0,20}[a-z0-9])?",
        sans in prop::collection::vec("[a-z]{1,10}\\.example\\.com|192\\.0\\.2\\.[1-9]", 0..4),
        args in prop::collection::vec(("[a-z]{1,6}-[a-z]{5}", "[ -~]{0,16}"), 0..4),
    ) -> InitConfig {
        let mut cfg = load(scenario);
        cfg.init.node_registration.name = name;
        cfg.cluster.api_server.cert_sans = sans;
        let args: Vec<Arg> = args.into_iter().map(|(name, value)| Arg { name, value, ..Arg::default() }).collect();
        cfg.cluster.scheduler.extra_args.clone_from(&args);
        cfg.init.node_registration.kubelet_extra_args = args;
        cfg
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn any_configuration_converges(cfg in configurations(), at in 0.0..1.0_f64) {
        let machine = Machine::new();
        let changes = run(&machine, &cfg, usize::MAX).expect("not killed");
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "small")]
        let cut = (changes as f64 * at) as usize;
        survives(&cfg, &machine.tree(), cut);
    }
}
