//! What the machine says of itself: files of the kernel, answers of commands.

use std::time::Duration;

use camino::Utf8Path;
use kinit::diagnose::{self, Component, Exit, Line, Seen};
use kinit::host::facts::{Ask, Facts, Own};
use kinit::host::init_system::{self, Since};
use kinit::host::{kernel, mounts, net, ports, services};
use kinit::preflight::{init, join, kubelet, proxy::Proxies, runtime::Answers};
use kinit::reset::leftovers;
use kinit::versions;

use super::machine::{Parrot, sample_init, sample_join};

pub(super) fn proc(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let lines = text.lines().count();
    let table = mounts::parse(&text);
    assert!(table.len() <= lines);
    let dir = Utf8Path::new("/var/lib/kubelet");
    let below = mounts::below(&table, dir);
    assert!(below.iter().all(|path| path.starts_with(dir) && *path != dir));
    assert!(net::default_routes_v4(&text).len() + net::default_routes_v6(&text).len() <= 2 * lines);
    assert!(ports::parse(&text).len() <= lines);
    assert!(kernel::parse_options(&text).values().all(|value| "ymn".contains(*value)));
    let machine = Parrot::new(data);
    let _ = (kernel::kernel(&machine, None), kernel::cgroups(&machine, "6.1.0"), ports::listeners(&machine, &[6443]));
    let _ = (net::default_addresses(&machine), mounts::read(&machine), mounts::resolve(&machine, dir));
}

/// All that preflight looks at, and what it makes of it.
pub(super) fn facts(data: &[u8]) {
    let machine = Parrot::new(data);
    let cfg = sample_init();
    let own = || Own { uid: 0, interfaces: Vec::new(), search_path: "/usr/bin:/bin".to_owned() };
    let expected = [("/etc/kubernetes/manifests/etcd.yaml".into(), b"kind: Pod\n".to_vec())];
    let runtime = Answers {
        conditions: Ok(Vec::new()),
        tells_cgroup_driver: Ok(true),
        cgroup_driver: None,
        elsewhere: Vec::new(),
    };
    let proxies = Proxies::of(&[("HTTPS_PROXY".to_owned(), String::from_utf8_lossy(data).into_owned())]);
    if let Ok(facts) = Facts::gather(&machine, own(), &init::ask(&cfg)) {
        let input = init::Input {
            cfg: &cfg,
            expected: &expected,
            runtime: &runtime,
            proxies: &proxies,
            kubelet: &cfg.components.kubelet.document,
            newest: &versions::OWN,
            external_etcd: &[],
        };
        let findings = init::checks(&facts, &input).findings;
        assert!(findings.iter().all(|finding| !finding.name.is_empty() && !finding.message.is_empty()));
        let _ = kubelet::version(&facts);
    }
    let cfg = sample_join();
    if let Ok(facts) = Facts::gather(&machine, own(), &join::ask(&cfg)) {
        let _ = join::has_leftovers(&facts, &cfg);
        let input = join::Input { cfg: &cfg, runtime: &runtime, proxies: &proxies, ca: Some(data) };
        let _ = join::checks(&facts, &input);
    }
    let _ = Facts::gather(&machine, own(), &Ask { services: vec!["kubelet"], ..Ask::default() });
    let _ = services::questions(None, &[]);
}

/// The kubelet's journal and its unit, the runtime's log lines, and the diagnosis that they lead to.
pub(super) fn journal(data: &[u8]) {
    let machine = Parrot::new(data);
    let unit = init_system::unit_state(&machine, "kubelet").ok().flatten();
    let start = Since::Time("-1min".to_owned());
    let (mut journal, _) = init_system::journal(&machine, "kubelet", &start).expect("it exits with 0");
    let text = String::from_utf8_lossy(data);
    let plain = text.lines().map(|text| init_system::JournalLine { at: 1, pid: 7, text: text.to_owned() });
    journal.extend(plain);
    let seen = Duration::from_secs(5);
    let log: Vec<String> = text.lines().map(str::to_owned).collect();
    let exit = Exit { seen, code: 1, log, message: text.clone().into_owned(), ..Exit::default() };
    let component = |name: &str, exits: Vec<Exit>| Component { name: name.to_owned(), exits, ..Component::default() };
    let seen = Seen {
        components: vec![component("etcd", vec![exit.clone(), exit.clone()]), component("kube-apiserver", vec![exit])],
        elapsed: Duration::from_secs(60),
        unit,
        journal: journal
            .into_iter()
            .map(|line| Line { at: line.at, seen, old: false, pid: line.pid, text: line.text })
            .collect(),
        socket: "unix:///run/containerd/containerd.sock".to_owned(),
        ..Seen::default()
    };
    if let Some(diagnosis) = diagnose::likeliest(&seen) {
        assert!(diagnosis.code.starts_with("KI-") && !diagnosis.cause.is_empty());
        assert!(diagnosis.evidence.iter().all(|line| line.len() < 4_000 && !line.contains('\n')), "{diagnosis:?}");
    }
    assert!(seen.summary().iter().all(|line| line.len() < 4_000), "{:?}", seen.summary());
}

/// What a reset finds in the network.
pub(super) fn leftovers(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for table in leftovers::netfilter::parse_saved("iptables", &text) {
        assert!(table.rules.iter().all(|rule| rule.starts_with("-A ")));
    }
    let found = leftovers::find(&Parrot::new(data)).expect("the machine answers");
    let _ = found.describe();
}
