//! Waits that end well, in time, or with a cause.

use serde_json::json;
use time::OffsetDateTime;
use time::macros::datetime;

use super::*;
use crate::cri::Cri;
use crate::diagnose::Role;
use crate::failure::chain;
use crate::host::FakeHost;

const SHOW: &str = "systemctl show --property=LoadState,ActiveState,SubState,Result,NRestarts,ExecMainCode,\
                        ExecMainStatus,MainPID,ExecMainStartTimestamp,ExecMainStartTimestampMonotonic,FragmentPath kubelet";
const JOURNAL: &str = "journalctl --quiet --no-pager --output=json --output-fields=MESSAGE,_PID --lines=1000 \
                           --unit=kubelet --since=Mon 2026-11-23 13:56:17 UTC";

/// The start of the run; the kubelet runs since before.
const BEGAN: OffsetDateTime = datetime!(2026-11-23 14:00:00 UTC);

fn machine(unit: &str, journal: &str) -> FakeHost {
    let started = "ExecMainStartTimestamp=Mon 2026-11-23 13:56:17 UTC\n";
    FakeHost::new().with_answer(SHOW, 0, &format!("{unit}\n{started}")).with_answer(JOURNAL, 0, journal)
}

async fn wait_on(host: &FakeHost, components: &[&str], goal: impl Future<Output = ()>) -> Result<(), WaitError> {
    let cri = Cri::new("/nowhere.sock", None);
    let watch = Watch::new(host, &cri, Role::ControlPlane, components, BEGAN);
    let ui = Ui::into_writers(Box::new(std::io::sink()), Box::new(std::io::sink()));
    let last = || vec!["it said no".to_owned()];
    let what = Goal { what: "a healthy kubelet", timeout: Duration::from_millis(1500), last: &last };
    until(&what, goal, &watch, &ui).await
}

const RUNNING: &str = "LoadState=loaded\nActiveState=active\nSubState=running\nMainPID=77";

#[tokio::test]
async fn a_goal_that_is_reached_ends_the_wait() {
    wait_on(&machine(RUNNING, ""), &[], async {}).await.unwrap();
}

const UNKNOWN_FLAG: &str = r#"E1123 13:56:17.675599   25304 run.go:72] "command failed" err="failed to parse kubelet flag: unknown flag: --x""#;
const MANIFEST: &str = r#"E1123 14:09:38.209364    7778 file.go:186] "Could not process manifest file" err="/etc/kubernetes/manifests/etcd.yaml: couldn't parse as pod" path="/etc/kubernetes/manifests/etcd.yaml""#;

/// A line of the journal, so many seconds after the start of the run.
fn line(second: i64, text: &str) -> String {
    let at = (BEGAN.unix_timestamp() + second) * 1_000_000;
    json!({"__CURSOR": "a", "__REALTIME_TIMESTAMP": at.to_string(), "_PID": "25304", "MESSAGE": text}).to_string()
}

#[tokio::test]
async fn a_cause_of_before_the_run_is_none() {
    let ended = async |second| {
        let error = wait_on(&machine(RUNNING, &line(second, MANIFEST)), &["etcd"], std::future::pending()).await;
        error.unwrap_err()
    };
    let error = ended(1).await;
    assert!(matches!(&error, WaitError::Diagnosed(cause) if cause.code == "KI-MANIFEST"), "{error}");
    let mended = ended(-1).await;
    assert!(matches!(&mended, WaitError::TimedOut { .. }), "{mended}");
    assert!(!mended.to_string().contains("manifest"), "{mended}");
}

#[tokio::test]
async fn a_certain_cause_ends_the_wait_at_once() {
    let unit = "LoadState=loaded\nActiveState=activating\nSubState=auto-restart\nMainPID=0\nExecMainCode=1\n\
                    ExecMainStatus=1";
    let start = Instant::now();
    let error = wait_on(&machine(unit, &line(1, UNKNOWN_FLAG)), &[], std::future::pending()).await.unwrap_err();
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    assert_eq!(
        chain(&error),
        "the kubelet does not know one of its flags [KI-KUBELET-FLAG]\n    \
             kubelet.service: activating (auto-restart), last exit status 1, died once while kinit waited\n    \
             kubelet: command failed: failed to parse kubelet flag: unknown flag: --x"
    );
    assert!(error.into_failure("kinit").hints().iter().any(|hint| hint == "systemctl cat kubelet"));
}

#[tokio::test]
async fn a_wait_that_times_out_tells_everything() {
    let error = wait_on(&machine(RUNNING, ""), &["etcd"], std::future::pending()).await.unwrap_err();
    assert_eq!(
        chain(&error),
        "timed out after 1.5s waiting for a healthy kubelet; the likeliest cause: the container runtime does not answer \
             [KI-RUNTIME-DOWN]\n    it said no\n    no container runtime at unix:///nowhere.sock: the socket does not \
             exist\n    kubelet.service: active (running)\n    runtime: no container runtime at unix:///nowhere.sock: the \
             socket does not exist\n    etcd: no sandbox yet"
    );
}
