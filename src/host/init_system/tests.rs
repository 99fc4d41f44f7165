//! systemd and OpenRC, as they answer.

use super::unit::PROPERTIES;
use super::*;
use crate::host::{Effect, FakeHost};

fn systemd() -> FakeHost {
    FakeHost::new().with_file("/usr/bin/systemctl", "")
}

#[test]
fn detection_prefers_systemd_and_wants_all_of_openrc() {
    assert_eq!(InitSystem::detect(&systemd()).unwrap(), Some(InitSystem::Systemd));
    let openrc = FakeHost::new().with_file("/sbin/openrc", "").with_file("/sbin/rc-service", "");
    assert_eq!(InitSystem::detect(&openrc).unwrap(), None);
    let openrc = openrc.with_file("/sbin/rc-update", "");
    assert_eq!(InitSystem::detect(&openrc).unwrap(), Some(InitSystem::OpenRc));
}

#[test]
fn a_service_that_crashed_does_not_run() {
    let running = |status: &str| {
        let host = FakeHost::new().with_answer("rc-service kubelet status", 0, status);
        InitSystem::OpenRc.is_running(&host, "kubelet").unwrap()
    };
    assert!(running(" * status: started\n"));
    assert!(!running(" * status: crashed\n") && !running(" * status: stopped\n"));
}

#[test]
fn a_stopped_service_is_not_stopped_again() {
    let host = systemd().with_answer("systemctl is-active kubelet", 3, "inactive\n");
    assert_eq!(InitSystem::Systemd.ensure_stopped(&host, "kubelet").unwrap(), Changed::No);
    let host = systemd().with_answer("systemctl is-active kubelet", 3, "activating\n");
    assert_eq!(InitSystem::Systemd.ensure_stopped(&host, "kubelet").unwrap(), Changed::Yes);
    assert_eq!(host.effects(), [Effect::Act(vec!["systemctl".into(), "stop".into(), "kubelet".into()])]);
}

#[test]
fn units_are_read_anew_only_when_they_changed() {
    let asked = "systemctl show --property=NeedDaemonReload --value kubelet";
    let restarted = Effect::Act(vec!["systemctl".into(), "restart".into(), "kubelet".into()]);
    let host = systemd().with_answer(asked, 0, "no\n");
    InitSystem::Systemd.restart(&host, "kubelet").unwrap();
    assert_eq!(host.effects(), std::slice::from_ref(&restarted));
    let host = systemd().with_answer(asked, 0, "yes\n");
    InitSystem::Systemd.restart(&host, "kubelet").unwrap();
    assert_eq!(host.effects(), [Effect::Act(vec!["systemctl".into(), "daemon-reload".into()]), restarted]);
}

#[test]
fn a_crash_looping_unit() {
    let show = "LoadState=loaded\nActiveState=activating\nSubState=auto-restart\nResult=exit-code\nNRestarts=7\n\
                    ExecMainCode=1\nExecMainStatus=1\nMainPID=0\nExecMainStartTimestamp=Mon 2026-11-23 14:00:01 UTC\n\
                    ExecMainStartTimestampMonotonic=5000000\n";
    let command = format!("systemctl show {PROPERTIES} kubelet");
    let state = unit_state(&systemd().with_answer(&command, 0, show), "kubelet").unwrap().unwrap();
    assert!(state.died() && !state.running());
    assert_eq!((state.restarts, state.ending().as_str()), (7, "exit status 1"));
    assert_eq!(state.started, "Mon 2026-11-23 14:00:01 UTC");
}

#[test]
fn journal_lines_of_both_forms_and_the_cursor() {
    let json = concat!(
        r#"{"__CURSOR":"s=1;i=a","__REALTIME_TIMESTAMP":"1795442377607540","_PID":"77","MESSAGE":"E1123 \"x\""}"#,
        "\n",
        r#"{"__CURSOR":"s=1;i=b","__REALTIME_TIMESTAMP":"1795442377607541","_PID":"77","MESSAGE":[104,105,255]}"#,
        "\n",
    );
    let command = "journalctl --quiet --no-pager --output=json --output-fields=MESSAGE,_PID --lines=1000 \
                       --unit=kubelet --since=today";
    let host = systemd().with_answer(command, 0, json);
    let (lines, next) = journal(&host, "kubelet", &Since::Time("today".into())).unwrap();
    assert_eq!(lines[0], JournalLine { at: 1_795_442_377_607_540, pid: 77, text: "E1123 \"x\"".into() });
    assert_eq!(lines[1].text, "hi\u{fffd}");
    assert_eq!(next, Since::Cursor("s=1;i=b".into()));
}
