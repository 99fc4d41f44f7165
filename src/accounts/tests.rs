use super::*;
use crate::host::FakeHost;

const OTHERS: &str = "root:x:0:0:root:/root:/bin/bash\nmessagebus:x:100:101::/nonexistent:/usr/sbin/nologin\n";
const THEIR_GROUPS: &str = "root:x:0:\nusers:x:100:\nmessagebus:x:101:";

fn machine(passwd: &str, group: &str) -> FakeHost {
    FakeHost::new().with_file(PASSWD, passwd).with_file(GROUP, group)
}

fn text(host: &FakeHost, path: &str) -> String {
    (host as &dyn Host).read_text(Utf8Path::new(path)).unwrap().unwrap()
}

#[test]
fn users_and_groups_get_the_lowest_free_ids_and_go_again() {
    let host = machine(OTHERS, THEIR_GROUPS);
    let looked = Accounts::look(&host).unwrap();
    assert_eq!(host.effects(), []);
    let accounts = Accounts::ensure(&host).unwrap();
    assert_eq!(looked, accounts);
    assert_eq!(accounts.etcd, Account { uid: 101, gid: 102 });
    assert_eq!((accounts.scheduler.uid, accounts.key_readers), (104, 106));
    assert_eq!(
        text(&host, PASSWD).strip_prefix(OTHERS).unwrap(),
        "kubeadm-etcd:x:101:102:::/bin/false\nkubeadm-kas:x:102:103:::/bin/false\n\
         kubeadm-kcm:x:103:104:::/bin/false\nkubeadm-ks:x:104:105:::/bin/false\n"
    );
    assert_eq!(
        text(&host, GROUP).strip_prefix(THEIR_GROUPS).unwrap(),
        "\nkubeadm-etcd:x:102:kubeadm-etcd\nkubeadm-kas:x:103:kubeadm-kas\nkubeadm-kcm:x:104:kubeadm-kcm\n\
         kubeadm-ks:x:105:kubeadm-ks\nkubeadm-sa-key-readers:x:106:kubeadm-kas,kubeadm-kcm\n"
    );
    assert_eq!(host.effects().len(), 2);
    assert_eq!(Accounts::ensure(&host).unwrap(), accounts);
    assert_eq!(host.effects(), [], "a second time changes nothing");

    assert_eq!(Accounts::remove(&host).unwrap(), Changed::Yes);
    assert_eq!((text(&host, PASSWD), text(&host, GROUP)), (OTHERS.to_owned(), format!("{THEIR_GROUPS}\n")));
    assert_eq!(Accounts::remove(&host).unwrap(), Changed::No);
}

#[test]
fn groups_that_a_kill_left_without_users_are_used() {
    let host = machine(OTHERS, THEIR_GROUPS);
    let accounts = Accounts::ensure(&host).unwrap();
    let host = machine(OTHERS, &text(&host, GROUP));
    assert_eq!(Accounts::ensure(&host).unwrap(), accounts);
}

#[test]
fn the_machine_tells_which_ids_are_for_the_system() {
    let defs = "# SYS_UID_MIN 1\nSYS_UID_MIN\t\t 200\nSYS_GID_MAX 104\n";
    let host = machine("", "# a comment\n+:::\nx:x:100:\n").with_file(LOGIN_DEFS, defs);
    let failed = Accounts::look(&host).unwrap_err().to_string();
    assert_eq!(
        failed,
        "all IDs in the range 100 - 104 are taken in /etc/group: none is left for \"kubeadm-sa-key-readers\""
    );
    let host = host.with_file(LOGIN_DEFS, "SYS_UID_MIN 200\n");
    assert_eq!(Accounts::look(&host).unwrap().etcd, Account { uid: 200, gid: 101 });
    let host = host.with_file(LOGIN_DEFS, "SYS_UID_MIN many\n");
    let failed = Accounts::look(&host).unwrap_err().to_string();
    assert_eq!(failed, "could not parse value for SYS_UID_MIN in /etc/login.defs: \"many\"");
}

#[test]
fn accounts_of_others_are_named_and_stay() {
    let fit = "kubeadm-etcd:x:150:kubeadm-etcd\n";
    for (passwd, group, said) in [
        ("kubeadm-etcd:x:1500:150:::/bin/false", fit, "UID 1500 for user \"kubeadm-etcd\" is outside"),
        ("kubeadm-etcd:x:150:150:::/bin/sh", fit, "has unexpected shell \"/bin/sh\""),
        ("kubeadm-etcd:x:150:151:::/bin/false", fit, "could not find group with GID 151"),
        ("kubeadm-etcd:x:150:151:::/bin/false", "x:x:151:\n", "the group with that GID is not named"),
        ("", "kubeadm-ks:x:1500:kubeadm-ks", "GID 1500 for group \"kubeadm-ks\" is outside"),
        ("", "kubeadm-ks:x:150:me,kubeadm-ks", "expected users \"kubeadm-ks\" for group \"kubeadm-ks\"; got"),
    ] {
        let host = machine(passwd, group);
        let failed = Accounts::ensure(&host).unwrap_err().to_string();
        assert!(failed.contains(said), "{failed}");
        assert_eq!(host.effects(), []);
    }
    let host = FakeHost::new();
    assert_eq!(Accounts::ensure(&host).unwrap_err().to_string(), "/etc/passwd does not exist");
    assert_eq!(Accounts::remove(&host).unwrap(), Changed::No);
}
