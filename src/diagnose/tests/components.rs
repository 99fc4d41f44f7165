//! Components that exit, and those that only wait for another.

use super::*;

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
    assert_eq!(certain(&seen), None, "what nothing has followed yet may have been mended");
    assert_eq!(code(likeliest(&seen)), Some("KI-POD-FLAG"), "it is named when the time is over");
}

const CONTROLLER_MANAGER: &str = r#"E1123 13:59:57.082313    6584 run.go:72] "command failed" err="unable to load configmap based request-header-client-ca-file: Get \"https://127.0.0.1:16443/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication\": dial tcp 127.0.0.1:16443: connect: connection refused""#;
const NO_ETCD: &str = r#"E1123 14:00:17.196291    6586 run.go:72] "command failed" err="error creating storage factory: etcd grpc connection not ready: context deadline exceeded""#;

#[test]
fn a_slow_start_is_no_failure() {
    // etcd takes its time, the API server gives up on it twice, the others give up on the API server many times.
    let mut seen = control_plane(60);
    component(&mut seen, "etcd").running = Some(("etcd0".into(), Duration::from_secs(5)));
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
fn an_api_server_that_only_runs_is_not_up() {
    let mut seen = control_plane(90);
    component(&mut seen, "kube-apiserver").running = Some(("api0".into(), Duration::from_secs(5)));
    for second in [16, 29, 44, 70, 86] {
        exits(&mut seen, "kube-controller-manager", second, CONTROLLER_MANAGER);
    }
    assert_eq!(certain(&seen), None);
    assert_eq!(code(likeliest(&seen)), Some("KI-POD-WAITS"));
}

#[test]
fn an_api_server_that_gives_up_on_an_etcd_that_is_up() {
    let mut seen = control_plane(90);
    component(&mut seen, "etcd").running = Some(("etcd0".into(), Duration::from_secs(2)));
    for second in [25, 48, 70] {
        exits(&mut seen, "kube-apiserver", second, NO_ETCD);
        seen.elapsed = Duration::from_secs(second);
        assert_eq!(certain(&seen), None);
    }
    exits(&mut seen, "kube-apiserver", 90, NO_ETCD);
    assert_eq!(code(certain(&seen)), Some("KI-POD-EXITS"));
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
fn a_component_that_only_tells_its_version() {
    let mut seen = control_plane(4);
    for second in [2, 4] {
        exits(&mut seen, "kube-scheduler", second, "Kubernetes v1.37.2");
        let exit = component(&mut seen, "kube-scheduler").exits.last_mut().unwrap();
        (exit.code, exit.reason) = (0, "Completed".into());
    }
    let diagnosis = certain(&seen).unwrap();
    assert_eq!(diagnosis.code, "KI-POD-EXITS");
    assert_eq!(
        diagnosis.evidence,
        [
            "kube-scheduler exited twice while kinit waited, last 0 s ago with 0 (Completed), and is to be started again",
            "kube-scheduler: Kubernetes v1.37.2"
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
