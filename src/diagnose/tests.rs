//! Families of causes over what real parts wrote: a kubelet, kube-apiserver, kube-controller-manager v1.37.2, etcd
//! 3.7.0 and containerd 1.6.20, each made to fail. And starts that are only slow, which must not alarm.

mod components;
mod joins;
mod kubelets;
mod sandboxes;

use std::time::Duration;

use super::*;
use crate::host::init_system::UnitState;

const AT: u64 = 1_795_442_377_000_000;

const MANIFEST: &str = r#"E1123 14:09:38.209364    7778 file.go:186] "Could not process manifest file" err="/etc/kubernetes/manifests/etcd.yaml: couldn't parse as pod(yaml: line 3: did not find expected ',' or ']'), please check config file" path="/etc/kubernetes/manifests/etcd.yaml""#;
const NOISE: &str = r#"E1123 14:09:38.253567    7778 kubelet_node_status.go:721] "Failed to set some node status fields" err="can't get ip address of node n1. error: no default routes found in \"/proc/net/route\" or \"/proc/net/ipv6_route\"" node="n1""#;

fn control_plane(elapsed: u64) -> Seen {
    let named = |name: &str| Component { name: name.to_owned(), ..Component::default() };
    let components = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"].map(named).to_vec();
    let unit = UnitState { main_pid: 7778, sub: "running".into(), active: "active".into(), ..UnitState::default() };
    Seen { components, elapsed: Duration::from_secs(elapsed), unit: Some(unit), ..Seen::default() }
}

/// A journal line, written and seen so many seconds after the start.
fn say(seen: &mut Seen, second: u64, pid: u32, text: &str) {
    let (at, seen_at) = (AT + second * 1_000_000, Duration::from_secs(second));
    let line = Line { at, seen: seen_at, old: false, pid, text: text.to_owned() };
    seen.journal.push(line);
}

fn component<'a>(seen: &'a mut Seen, name: &str) -> &'a mut Component {
    seen.components.iter_mut().find(|component| component.name == name).expect(name)
}

fn code(diagnosis: Option<Diagnosis>) -> Option<&'static str> {
    diagnosis.map(|diagnosis| diagnosis.code)
}

#[test]
fn a_manifest_that_the_kubelet_cannot_read() {
    let mut seen = control_plane(2);
    say(&mut seen, 1, 7778, &MANIFEST.replace("etcd.yaml", "stranger.yaml"));
    assert_eq!(certain(&seen), None, "not one of ours");
    say(&mut seen, 1, 7778, MANIFEST);
    let diagnosis = certain(&seen).unwrap();
    assert_eq!(
        (diagnosis.code, diagnosis.commands[0].as_str()),
        ("KI-MANIFEST", "cat /etc/kubernetes/manifests/etcd.yaml")
    );
}

#[test]
fn a_healthy_start_means_nothing() {
    let mut seen = control_plane(20);
    say(&mut seen, 1, 7778, NOISE);
    for component in &mut seen.components {
        component.sandbox = true;
        component.running = Some(("id".into(), Duration::from_secs(2)));
    }
    assert_eq!(likeliest(&seen), None);
    assert_eq!(seen.summary()[0], "kubelet.service: active (running)");
}

#[test]
fn every_code_is_well_formed_and_every_row_complete() {
    for row in known() {
        let name = row.code.strip_prefix("KI-").expect(row.code);
        assert!(name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-'), "{name}");
        assert!(!row.cause.is_empty() && !row.remedy.is_empty(), "{}", row.code);
        assert!(!row.cause.ends_with('.') && row.remedy.ends_with(|c: char| c != '.'), "{}", row.code);
    }
    let tables = [kubelet::TABLE, manifest::TABLE, sandbox::TABLE, image::TABLE, container::TABLE, bootstrap::TABLE];
    for row in tables.into_iter().flatten() {
        assert!(!row.words.is_empty(), "{}", row.code);
    }
}

#[test]
fn a_diagnosis_in_words() {
    let diagnosis = Diagnosis {
        code: "KI-KUBELET-SWAP",
        cause: "the kubelet refuses to run with swap on".into(),
        evidence: vec!["kubelet.service: auto-restart".into()],
        remedy: "turn swap off".into(),
        commands: vec!["swapoff -a".into()],
    };
    assert_eq!(
        diagnosis.to_string(),
        "the kubelet refuses to run with swap on [KI-KUBELET-SWAP]\n    kubelet.service: auto-restart"
    );
    assert_eq!(diagnosis.hints("kinit"), ["turn swap off", "swapoff -a"]);
}
