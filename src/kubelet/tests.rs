//! The kubelet's files, and when it is started anew.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;

use serde_json::json;

use super::*;
use crate::host::{Effect, FakeHost};

#[derive(Clone, Default)]
struct Screen(Rc<RefCell<Vec<u8>>>);

impl io::Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn machine(active: &str) -> FakeHost {
    FakeHost::new()
        .with_file("/usr/bin/systemctl", "")
        .with_file("/proc/sys/kernel/hostname", "CP1\n")
        .with_answer("systemctl is-active systemd-resolved", 3, "inactive\n")
        .with_answer("systemctl is-active kubelet", 0, active)
        .with_answer("systemctl show --property=NeedDaemonReload --value kubelet", 0, "no\n")
}

fn run(host: &FakeHost, order: Order, anew: bool) -> (Changed, String, Vec<Effect>) {
    let screen = Screen::default();
    let ui = Ui::into_writers(Box::new(screen.clone()), Box::new(Screen::default()));
    let registration = NodeRegistrationOptions {
        name: "cp1".into(),
        cri_socket: "unix:///run/containerd/containerd.sock".into(),
        ..NodeRegistrationOptions::default()
    };
    let node = Node {
        registration: &registration,
        cluster: &ClusterConfiguration::default(),
        version: &crate::versions::OWN,
        config: &json!({"kind": "KubeletConfiguration"}),
        taints_by_flag: false,
        serving: None,
    };
    let changed = start(&node, order, anew, &Patches::default(), host, &ui).unwrap();
    let said = String::from_utf8(screen.0.take()).unwrap();
    (changed, said, host.effects())
}

fn act(verb: &str) -> Effect {
    Effect::Act(["systemctl", verb, "kubelet"].map(str::to_owned).to_vec())
}

/// As printed by kubeadm v1.37.2.
const SAID: &str = "\
[kubelet-start] Writing kubelet environment file with flags to file \"/var/lib/kubelet/kubeadm-flags.env\"
[kubelet-start] Writing kubelet configuration to file \"/var/lib/kubelet/instance-config.yaml\"
[patches] Applied patch of type \"application/strategic-merge-patch+json\" to target \"kubeletconfiguration\"
[kubelet-start] Writing kubelet configuration to file \"/var/lib/kubelet/config.yaml\"
[kubelet-start] Starting the kubelet
";

#[test]
fn stops_writes_starts_and_the_second_time_does_nothing() {
    let host = machine("active\n");
    let (changed, said, effects) = run(&host, Order::FlagsFirst, false);
    assert_eq!((changed, said.as_str()), (Changed::Yes, SAID));
    assert_eq!(effects.first(), Some(&act("stop")));
    assert_eq!(effects.last(), Some(&act("restart")));
    let written = |path| {
        effects.iter().any(|effect| matches!(effect, Effect::WriteFile { path: p, mode: 0o644, .. } if p == path))
    };
    assert!([KUBELET_FLAGS_ENV, KUBELET_INSTANCE_CONFIG, KUBELET_CONFIG].into_iter().all(written));

    let (changed, said, effects) = run(&host, Order::FlagsFirst, false);
    assert_eq!((changed, effects), (Changed::No, Vec::new()));
    assert!(said.contains("nothing is changed"), "{said}");
}

#[test]
fn a_file_that_is_closed_to_others_stays_closed() {
    let host = machine("inactive\n").with_file(KUBELET_CONFIG, "old");
    host.set_mode(Utf8Path::new(KUBELET_CONFIG), 0o600).unwrap();
    run(&host, Order::FlagsFirst, false);
    let mode = |path| host.stat(Utf8Path::new(path)).unwrap().unwrap().mode;
    assert_eq!((mode(KUBELET_CONFIG), mode(KUBELET_FLAGS_ENV)), (0o600, 0o644));
    assert_ne!(host.read(Utf8Path::new(KUBELET_CONFIG)).unwrap().unwrap(), b"old");
}

#[test]
fn a_kubelet_that_must_read_its_files_anew_is_started_though_they_are_right() {
    let host = machine("active\n");
    run(&host, Order::FlagsLast, true);
    let (changed, _, effects) = run(&host, Order::FlagsLast, true);
    assert_eq!((changed, effects), (Changed::Yes, vec![act("stop"), act("restart")]));
}

#[test]
fn a_kubelet_that_does_not_run_is_started_though_its_files_are_right() {
    let host = machine("inactive\n");
    let (_, said, _) = run(&host, Order::FlagsLast, false);
    let last = said.lines().rev().nth(1).unwrap();
    assert!(last.contains("environment file"), "{said}");
    let (changed, _, effects) = run(&host, Order::FlagsLast, false);
    assert_eq!((changed, effects), (Changed::Yes, vec![act("restart")]));
    // It died of what has been mended since, and systemd waits before it starts it again.
    let host = machine("activating\n");
    run(&host, Order::FlagsLast, false);
    let (changed, _, effects) = run(&host, Order::FlagsLast, false);
    assert_eq!((changed, effects), (Changed::Yes, vec![act("stop"), act("restart")]));
}

#[test]
fn the_socket_is_found_again_in_files_of_any_version() {
    let socket = |path: &str, content: &str| registered_socket(&FakeHost::new().with_file(path, content)).unwrap();
    let instance = |content| socket(KUBELET_INSTANCE_CONFIG, content);
    assert_eq!(instance("containerRuntimeEndpoint: \"unix:///a\"\n").as_deref(), Some("unix:///a"));
    assert_eq!((instance("containerRuntimeEndpoint: ''"), instance("{")), (None, None));
    let flags = |flags| socket(KUBELET_FLAGS_ENV, &format!("KUBELET_KUBEADM_ARGS=\"{flags}\"\n"));
    assert_eq!(flags("--v=4 --container-runtime-endpoint=unix:///b").as_deref(), Some("unix:///b"));
    assert_eq!(flags("--container-runtime-endpoint="), None);
    assert_eq!(registered_socket(&FakeHost::new()).unwrap(), None);
}

#[test]
fn without_services_the_files_are_written_and_a_note_says_so() {
    let (changed, said, effects) = run(&FakeHost::new(), Order::FlagsFirst, false);
    assert_eq!(changed, Changed::Yes);
    assert_eq!(said.matches("No supported init system detected").count(), 2);
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Act(_))));
}
