//! Families of causes over what real parts wrote: a kubelet, kube-apiserver, kube-controller-manager v1.37.2, etcd
//! 3.7.0 and containerd 1.6.20, each made to fail. And starts that are only slow, which must not alarm.

mod joins;

use std::time::Duration;

use super::*;
use crate::host::init_system::UnitState;

const AT: u64 = 1_795_442_377_000_000;

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
const MANIFEST: &str = r#"E1123 14:09:38.209364    7778 file.go:186] "Could not process manifest file" err="/etc/kubernetes/manifests/etcd.yaml: couldn't parse as pod(yaml: line 3: did not find expected ',' or ']'), please check config file" path="/etc/kubernetes/manifests/etcd.yaml""#;
const NOISE: &str = r#"E1123 14:09:38.253567    7778 kubelet_node_status.go:721] "Failed to set some node status fields" err="can't get ip address of node n1. error: no default routes found in \"/proc/net/route\" or \"/proc/net/ipv6_route\"" node="n1""#;

/// What pod_workers.go of v1.37.2 writes around an error of a pod.
fn pod_error(component: &str, action: &str, kind: &str, error: &str) -> String {
    let pod = format!("{component}-n1_kube-system(be6616f89e4a9b97a9f3fd1e191ac9f4)");
    let subject = if action == "CreatePodSandbox" { pod.as_str() } else { component };
    let inner = format!("failed to {action:?} for {subject:?} with {kind}: {error:?}");
    format!(
        "E1123 14:09:38.332021    7778 pod_workers.go:1338] \"Error syncing pod, skipping\" err={inner:?} \
         pod=\"kube-system/{component}-n1\" podUID=\"be6616f89e4a9b97a9f3fd1e191ac9f4\""
    )
}

fn sandbox_error(component: &str, runtime: &str) -> String {
    let error = format!(
        "Failed to create sandbox for pod \"{component}-n1_kube-system(be66)\": rpc error: code = Unknown desc = {runtime}"
    );
    pod_error(component, "CreatePodSandbox", "CreatePodSandboxError", &error)
}

const RUNC: &str = "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create \
                    failed: unable to start container process: can't get final child's PID from pipe: EOF: unknown";

const RUNC_FAILS: &str = "failed to create containerd task: failed to create shim task: OCI runtime create failed: unable to \
                          retrieve OCI runtime error (open /run/containerd/io.containerd.runtime.v2.task/k8s.io/47/log.json: \
                          no such file or directory): runc did not terminate successfully: exit status 1: unknown";

fn control_plane(elapsed: u64) -> Seen {
    let named = |name: &str| Component { name: name.to_owned(), ..Component::default() };
    let components = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"].map(named).to_vec();
    let unit = UnitState { main_pid: 7778, sub: "running".into(), active: "active".into(), ..UnitState::default() };
    Seen { components, elapsed: Duration::from_secs(elapsed), unit: Some(unit), ..Seen::default() }
}

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

/// A journal line, written and seen so many seconds after the start.
fn say(seen: &mut Seen, second: u64, pid: u32, text: &str) {
    let line = Line { at: AT + second * 1_000_000, seen: Duration::from_secs(second), pid, text: text.to_owned() };
    seen.journal.push(line);
}

fn component<'a>(seen: &'a mut Seen, name: &str) -> &'a mut Component {
    seen.components.iter_mut().find(|component| component.name == name).expect(name)
}

fn exits(seen: &mut Seen, name: &str, second: u64, line: &str) {
    let exit = Exit {
        id: format!("{name}{second}"),
        seen: Duration::from_secs(second),
        code: 1,
        reason: "Error".into(),
        log: vec![line.to_owned()],
        ..Exit::default()
    };
    let component = component(seen, name);
    component.sandbox = true;
    component.running = None;
    component.exits.push(exit);
}

fn code(diagnosis: Option<Diagnosis>) -> Option<&'static str> {
    diagnosis.map(|diagnosis| diagnosis.code)
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

#[test]
fn sandboxes_that_fail_and_fail_again() {
    let mut seen = control_plane(3);
    for name in ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"] {
        say(&mut seen, 1, 7778, &sandbox_error(name, RUNC));
    }
    assert_eq!(certain(&seen), None, "all of them, but only just now");
    seen.elapsed = Duration::from_secs(6);
    let diagnosis = certain(&seen).unwrap();
    assert_eq!(diagnosis.code, "KI-SANDBOX-OOM-SCORE");
    assert!(diagnosis.evidence[0].ends_with("can't get final child's PID from pipe: EOF: unknown"), "{diagnosis}");

    let mut broken = control_plane(13);
    say(&mut broken, 1, 7778, &sandbox_error("etcd", RUNC_FAILS));
    say(&mut broken, 12, 7778, &sandbox_error("etcd", RUNC_FAILS));
    assert_eq!(code(certain(&broken)), Some("KI-SANDBOX-RUNC"));

    let mut one = control_plane(13);
    say(&mut one, 1, 7778, &sandbox_error("etcd", "something else"));
    assert_eq!(certain(&one), None, "one failure of one pod");
    say(&mut one, 12, 7778, &sandbox_error("etcd", "something else"));
    assert_eq!(code(certain(&one)), Some("KI-SANDBOX"));
    component(&mut one, "etcd").sandbox = true;
    assert_eq!(likeliest(&one), None, "it was made after all");
}

#[test]
fn sandbox_of_a_pod_that_nobody_waits_for() {
    let mut seen = control_plane(20);
    let line = sandbox_error("coredns", RUNC);
    say(&mut seen, 1, 7778, &line);
    say(&mut seen, 12, 7778, &line);
    assert_eq!(likeliest(&seen), None);
}

#[test]
fn cgroup_drivers_that_differ() {
    let error = "failed to create containerd task: OCI runtime create failed: expected cgroupsPath to be of format \
                 \"slice:prefix:name\" for systemd cgroups, got \"/kubepods/burstable/podbe66/1234\" instead: unknown";
    let mut seen = control_plane(7);
    say(&mut seen, 1, 7778, &sandbox_error("etcd", error));
    assert_eq!(code(certain(&seen)), Some("KI-SANDBOX-CGROUP-DRIVER"));
}

#[test]
fn the_pause_image_that_cannot_be_pulled() {
    let error = "failed to get sandbox image \"registry.example/pause:3.6\": failed to pull image \
                 \"registry.example/pause:3.6\": failed to pull and unpack image \"registry.example/pause:3.6\": failed \
                 to resolve reference \"registry.example/pause:3.6\": failed to do request: Head \
                 \"https://registry.example/v2/pause/manifests/3.6\": dial tcp: lookup registry.example: no such host";
    let mut seen = control_plane(13);
    say(&mut seen, 1, 7778, &sandbox_error("etcd", error));
    say(&mut seen, 12, 7778, &sandbox_error("etcd", error));
    let diagnosis = certain(&seen).unwrap();
    assert_eq!(diagnosis.code, "KI-IMAGE-DNS");
    assert!(diagnosis.cause.contains("the image of the runtime's pause container"), "{}", diagnosis.cause);
}

#[test]
fn images_that_cannot_be_pulled() {
    let reference = "rpc error: code = NotFound desc = failed to pull and unpack image \"registry.example/etcd:9\": failed \
                     to resolve reference \"registry.example/etcd:9\": registry.example/etcd:9";
    let absent = pod_error("etcd", "StartContainer", "ErrImagePull", &format!("{reference}: not found"));
    let mut seen = control_plane(3);
    say(&mut seen, 1, 7778, &absent);
    assert_eq!(certain(&seen), None, "only just now");
    seen.elapsed = Duration::from_secs(7);
    assert_eq!(code(certain(&seen)), Some("KI-IMAGE-NOT-FOUND"));
    component(&mut seen, "etcd").running = Some(("id".into(), Duration::from_secs(6)));
    assert_eq!(likeliest(&seen), None, "it came after all");

    let refused = "failed to do request: Head \"https://registry.example/v2/\": dial tcp 192.0.2.1:443: connect: connection refused";
    let mut seen = control_plane(14);
    say(&mut seen, 1, 7778, &pod_error("etcd", "StartContainer", "ErrImagePull", refused));
    assert_eq!(certain(&seen), None, "once may be the network's start");
    let pause = "Back-off pulling image \"registry.example/etcd:9\"";
    say(&mut seen, 13, 7778, &pod_error("etcd", "StartContainer", "ImagePullBackOff", pause));
    let diagnosis = certain(&seen).unwrap();
    assert_eq!(diagnosis.code, "KI-IMAGE-UNREACHABLE");
    assert!(diagnosis.evidence[0].contains("connection refused"), "{diagnosis}");
}

#[test]
fn a_component_that_does_not_know_its_flag() {
    let mut seen = control_plane(3);
    exits(&mut seen, "kube-apiserver", 2, "Error: unknown flag: --nonsense");
    let diagnosis = certain(&seen).unwrap();
    assert_eq!(diagnosis.code, "KI-POD-FLAG");
    assert_eq!(diagnosis.evidence[1], "kube-apiserver: Error: unknown flag: --nonsense");
    let mut seen = control_plane(3);
    exits(&mut seen, "etcd", 2, "flag provided but not defined: -nonsense");
    assert_eq!(code(certain(&seen)), Some("KI-POD-FLAG"));
}

#[test]
fn a_mended_manifest_is_not_judged_by_its_past() {
    let mut seen = control_plane(1);
    exits(&mut seen, "kube-apiserver", 0, "Error: unknown flag: --nonsense");
    component(&mut seen, "kube-apiserver").exits[0].old = true;
    assert_eq!(certain(&seen), None);
    seen.elapsed = Duration::from_secs(16);
    assert_eq!(code(certain(&seen)), Some("KI-POD-FLAG"), "nothing has followed it");
}

const CONTROLLER_MANAGER: &str = r#"E1123 13:59:57.082313    6584 run.go:72] "command failed" err="unable to load configmap based request-header-client-ca-file: Get \"https://127.0.0.1:16443/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication\": dial tcp 127.0.0.1:16443: connect: connection refused""#;
const NO_ETCD: &str = r#"E1123 14:00:17.196291    6586 run.go:72] "command failed" err="error creating storage factory: etcd grpc connection not ready: context deadline exceeded""#;

#[test]
fn a_slow_start_is_no_failure() {
    // etcd takes its time, the API server gives up on it once, the others give up on the API server many times.
    let mut seen = control_plane(60);
    component(&mut seen, "etcd").running = Some(("etcd0".into(), Duration::from_secs(30)));
    exits(&mut seen, "kube-apiserver", 25, NO_ETCD);
    exits(&mut seen, "kube-apiserver", 46, NO_ETCD);
    for second in [2, 4, 15, 36] {
        exits(&mut seen, "kube-controller-manager", second, CONTROLLER_MANAGER);
    }
    assert_eq!(certain(&seen), None);
    assert_eq!(code(likeliest(&seen)), Some("KI-POD-WAITS"), "it is named when the time is over");

    // Once the API server is well, the same words are the controller manager's own trouble.
    component(&mut seen, "kube-apiserver").healthy = Some(Duration::from_secs(61));
    seen.elapsed = Duration::from_secs(80);
    assert_eq!(certain(&seen), None);
    exits(&mut seen, "kube-controller-manager", 65, CONTROLLER_MANAGER);
    exits(&mut seen, "kube-controller-manager", 76, CONTROLLER_MANAGER);
    let diagnosis = certain(&seen).unwrap();
    assert!(diagnosis.cause.starts_with("kube-controller-manager"), "{}", diagnosis.cause);
}

#[test]
fn a_component_that_exits_twice_or_stays_away() {
    let key = r#"E1123 13:59:23.430101 4472 run.go:72] "command failed" err="failed to parse service-account-issuer-key-file: open /etc/kubernetes/pki/sa.pub: no such file or directory""#;
    let mut seen = control_plane(4);
    exits(&mut seen, "kube-apiserver", 2, key);
    assert_eq!(certain(&seen), None, "once");
    component(&mut seen, "kube-apiserver").running = Some(("again".into(), Duration::from_secs(3)));
    assert_eq!(certain(&seen), None, "once, and it runs again");
    exits(&mut seen, "kube-apiserver", 4, key);
    assert_eq!(code(certain(&seen)), Some("KI-POD-FILE"));

    let mut seen = control_plane(18);
    exits(&mut seen, "etcd", 2, r#"{"level":"fatal","msg":"discovery failed","error":"something new"}"#);
    let diagnosis = certain(&seen).unwrap();
    assert_eq!(diagnosis.code, "KI-POD-EXITS");
    assert_eq!(
        diagnosis.evidence,
        [
            "etcd exited once while kinit waited, last 16 s ago with 1 (Error), and is to be started again",
            "etcd: discovery failed: something new"
        ]
    );
}

#[test]
fn the_line_that_tells_more_than_the_last_words() {
    let warning = "W1123 14:00:14.572661 6586 logging.go:55] [core] grpc: addrConn.createTransport failed to connect. Err: \
                   connection error: desc = \"transport: authentication handshake failed: tls: failed to verify \
                   certificate: x509: certificate signed by unknown authority\"";
    let mut seen = control_plane(43);
    component(&mut seen, "etcd").running = Some(("etcd0".into(), Duration::from_secs(1)));
    exits(&mut seen, "kube-apiserver", 22, NO_ETCD);
    component(&mut seen, "kube-apiserver").exits[0].log.insert(0, warning.to_owned());
    let diagnosis = certain(&seen).unwrap();
    assert_eq!(diagnosis.code, "KI-POD-CERTIFICATE");
    assert!(diagnosis.evidence[2].ends_with("x509: certificate signed by unknown authority\""), "{diagnosis}");
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

/// The texts of certificate_manager.go and csr.go, v1.37.2.
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
    let tables = [kubelet::TABLE, manifest::TABLE, sandbox::TABLE, image::TABLE, container::TABLE, bootstrap::TABLE];
    for row in tables.into_iter().flatten() {
        let name = row.code.strip_prefix("KI-").expect(row.code);
        assert!(name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-'), "{name}");
        assert!(!row.words.is_empty() && !row.cause.is_empty() && !row.remedy.is_empty(), "{}", row.code);
        assert!(!row.cause.ends_with('.') && row.remedy.ends_with(|c: char| c != '.'), "{}", row.code);
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
    assert_eq!(diagnosis.into_failure().hints(), ["turn swap off", "swapoff -a"]);
}
