//! Kubelets that die, and one that nobody starts.

use super::*;

const CGROUP_V1: &str = r#"E1123 13:56:17.607540   25295 run.go:72] "command failed" err="failed to validate kubelet configuration, error: kubelet is configured to not run on a host using cgroup v1. cgroup v1 support is unsupported and will be removed in a future release, path: &TypeMeta{Kind:,APIVersion:,}""#;
const READ_ONLY: &str = r#"E1123 14:10:24.714173   11527 kubelet.go:1850] "Failed to start ContainerManager" err="failed to initialize top level QOS containers: failed to update top level BestEffort QOS cgroup : openat2 /sys/fs/cgroup/cpu/kubepods/besteffort/cpu.shares: read-only file system""#;
const NO_CONFIG: &str = r#"E1123 13:56:17.537290   25286 run.go:72] "command failed" err="failed to load kubelet config file, path: /var/lib/kubelet/config.yaml, error: failed to load Kubelet config file /var/lib/kubelet/config.yaml, error failed to read kubelet config file \"/var/lib/kubelet/config.yaml\", error: open /var/lib/kubelet/config.yaml: no such file or directory""#;
const BAD_CONFIG: &str = r#"E1123 13:56:17.843365   25327 run.go:72] "command failed" err="failed to load kubelet config file, path: /var/lib/kubelet/config.yaml, error: failed to load Kubelet config file /var/lib/kubelet/config.yaml, error failed to decode: time: invalid duration \"hello\"""#;
const NO_CRI: &str = r#"E1123 13:56:17.922459   25336 run.go:72] "command failed" err="failed to run Kubelet: validate service connection: validate CRI v1 runtime API for endpoint \"unix:///run/c.sock\": rpc error: code = Unavailable desc = connection error: desc = \"transport: Error while dialing: dial unix /run/c.sock: connect: no such file or directory\"""#;
const CRI_DISABLED: &str = r#"E1123 14:10:24.318087   11514 run.go:72] "command failed" err="failed to run Kubelet: validate service connection: validate CRI v1 runtime API for endpoint \"unix:///run/c.sock\": rpc error: code = Unimplemented desc = unknown service runtime.v1.RuntimeService""#;
const NO_BOOTSTRAP: &str = r#"E1123 13:56:18.087567   25363 run.go:72] "command failed" err="failed to run Kubelet: unable to load bootstrap kubeconfig: stat /etc/kubernetes/bootstrap-kubelet.conf: no such file or directory""#;
const FLAG: &str = r#"E1123 13:56:17.675599   25304 run.go:72] "command failed" err="failed to parse kubelet flag: unknown flag: --network-plugin""#;
/// The text of container_manager_linux.go, v1.37.2.
const SWAP: &str = r#"E1123 13:56:17.675599   25304 run.go:72] "command failed" err="failed to run Kubelet: running with swap on is not supported, please disable swap or set --fail-swap-on flag to false""#;

fn crashed(deaths: u32, line: &str) -> Seen {
    let unit = UnitState {
        active: "activating".into(),
        sub: "auto-restart".into(),
        result: "exit-code".into(),
        exited: true,
        status: 1,
        restarts: deaths - 1,
        ..UnitState::default()
    };
    let mut seen = Seen { unit: Some(unit), deaths, ..control_plane(2) };
    for (pid, text) in [(25304, "I1123 13:56:17.1 25304 server.go:545] \"Kubelet version\""), (25304, line)] {
        say(&mut seen, 1, pid, text);
    }
    say(&mut seen, 1, 1, "kubelet.service: Main process exited, code=exited, status=1/FAILURE");
    seen
}

#[test]
fn a_kubelet_that_must_die_again_is_known_after_one_death() {
    for (line, expected) in [
        (CGROUP_V1, "KI-KUBELET-CGROUP-V1"),
        (READ_ONLY, "KI-KUBELET-CGROUPS-READ-ONLY"),
        (SWAP, "KI-KUBELET-SWAP"),
        (FLAG, "KI-KUBELET-FLAG"),
        (BAD_CONFIG, "KI-KUBELET-CONFIG"),
        (CRI_DISABLED, "KI-KUBELET-CRI-DISABLED"),
    ] {
        let seen = crashed(1, line);
        let diagnosis = certain(&seen).expect(expected);
        assert_eq!(diagnosis.code, expected);
        assert_eq!(diagnosis.evidence.len(), 2, "{:?}", diagnosis.evidence);
        assert!(diagnosis.evidence[0].contains("died once"), "{:?}", diagnosis.evidence);
    }
}

#[test]
fn a_kubelet_that_may_recover_is_given_a_second_life() {
    for (line, expected) in [
        (NO_CONFIG, "KI-KUBELET-CONFIG-MISSING"),
        (NO_CRI, "KI-KUBELET-CRI"),
        (NO_BOOTSTRAP, "KI-KUBELET-KUBECONFIG"),
        ("E1123 13:56:17.1 1 run.go:72] \"command failed\" err=\"something new\"", "KI-KUBELET-CRASHLOOP"),
    ] {
        assert_eq!(certain(&crashed(1, line)), None, "{line}");
        assert_eq!(code(likeliest(&crashed(1, line))), Some(expected));
        assert_eq!(code(certain(&crashed(2, line))), Some(expected));
    }
}

#[test]
fn a_kubelet_that_runs_again_after_two_deaths_may_have_recovered() {
    let mut seen = crashed(2, NO_CRI);
    seen.unit = control_plane(0).unit;
    assert_eq!(certain(&seen), None);
    seen.deaths = 3;
    assert_eq!(code(certain(&seen)), Some("KI-KUBELET-CRI"));
}

#[test]
fn the_last_words_are_those_of_the_dead_kubelet_not_of_the_new_one() {
    let mut seen = crashed(3, FLAG);
    seen.unit = control_plane(0).unit;
    say(&mut seen, 2, 7778, NOISE);
    assert_eq!(code(certain(&seen)), Some("KI-KUBELET-FLAG"));
}

#[test]
fn a_kubelet_that_nobody_starts() {
    let mut seen = control_plane(3);
    let unit =
        UnitState { load: "loaded".into(), active: "inactive".into(), sub: "dead".into(), ..UnitState::default() };
    seen.unit = Some(unit);
    seen.stopped = Some(Duration::from_secs(0));
    assert_eq!(certain(&seen), None);
    seen.elapsed = Duration::from_secs(7);
    assert_eq!(code(certain(&seen)), Some("KI-KUBELET-STOPPED"));
    seen.kubelet_answered = true;
    assert_eq!(certain(&seen), None, "somebody runs it by hand");
}

/// As kubelet v1.37.2 says it, when it is started without kubeadm's drop-in.
#[test]
fn a_kubelet_that_was_given_no_kubeconfig() {
    let mut seen = control_plane(2);
    say(&mut seen, 1, 7778, r#"I1123 13:56:17.1 7778 server.go:741] "Standalone mode, no API client""#);
    assert_eq!(code(certain(&seen)), Some("KI-KUBELET-DROP-IN"));
}
