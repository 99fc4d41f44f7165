//! What a reset undoes, and what it goes past.

use super::*;
use crate::host::{Effect, FakeHost};

fn quiet() -> Ui {
    Ui::into_writers(Box::new(std::io::sink()), Box::new(std::io::sink()))
}

fn node() -> FakeHost {
    FakeHost::new()
        .with_file(mounts::TABLE, "")
        .with_file("/usr/bin/systemctl", "")
        .with_answer("systemctl is-active kubelet", 0, "active\n")
        .with_file("/data/kubelet/config.yaml", "")
        .with_link("/var/lib/kubelet", "/data/kubelet")
        .with_file("/etc/kubernetes/manifests/etcd.yaml", "")
        .with_file("/etc/kubernetes/pki/ca.crt", "")
        .with_file("/etc/kubernetes/admin.conf", "")
        .with_file("/etc/kubernetes/keep.me", "")
        .with_file("/var/lib/etcd/member/snap/db", "")
}

async fn cleaned(host: &FakeHost) -> (Vec<Effect>, Vec<String>) {
    let troubles = Troubles::default();
    let plan = Plan {
        certificates_dir: Utf8Path::new(paths::PKI_DIR),
        unmount_flags: &[],
        cleanup_tmp_dir: false,
        etcd_data_dir: Some(Utf8Path::new("/var/lib/etcd")),
    };
    let ui = quiet();
    clean(host, &Cri::new("/nowhere.sock", None), &ui, &plan, &troubles).await.unwrap();
    forget(host, &ui, &troubles);
    (host.effects(), troubles.all())
}

#[tokio::test]
async fn undoes_a_node_and_goes_on_without_a_runtime() {
    let (effects, troubles) = cleaned(&node()).await;
    let removed = |path: &str| Effect::Remove(path.into());
    assert_eq!(
        effects,
        [
            Effect::Act(vec!["systemctl".into(), "stop".into(), "kubelet".into()]),
            removed("/var/lib/etcd/member"),
            removed("/data/kubelet/config.yaml"),
            removed("/etc/kubernetes/pki/ca.crt"),
            removed("/etc/kubernetes/admin.conf"),
            removed("/etc/kubernetes/manifests/etcd.yaml"),
        ]
    );
    assert_eq!(troubles.len(), 1);
    assert!(troubles[0].starts_with("Failed to remove containers: no container runtime at"), "{troubles:?}");
}

#[tokio::test]
async fn never_deletes_below_a_mount_that_stays() {
    // A fake unmount takes nothing off the table: as with a busy volume.
    let volume = "/data/kubelet/pods/1/volumes/nfs";
    let host = node()
        .with_file(&format!("{volume}/precious"), "")
        .with_file("/data/kubelet/pods/2/etc-hosts", "")
        .with_file(mounts::TABLE, &format!("nas:/x {volume} nfs4 rw 0 0\n"));
    assert!(clean_dir(&host, Utf8Path::new("/var/lib/kubelet")).is_err());
    let around = ["/data/kubelet/config.yaml", "/data/kubelet/pods/2"].map(|path| Effect::Remove(path.into()));
    assert_eq!(host.effects(), around);
    let (effects, _) = cleaned(&host).await;
    assert!(effects.contains(&Effect::Unmount(volume.into())));
    let below = |effect: &Effect| matches!(effect, Effect::Remove(path) if Utf8Path::new(volume).starts_with(path));
    assert!(!effects.iter().any(below), "{effects:?}");
}

/// As in a chroot without /proc: kubeadm deletes nothing of the kubelet's then.
#[tokio::test]
async fn nothing_is_deleted_where_nobody_knows_what_is_mounted() {
    let host = node();
    host.remove(Utf8Path::new(mounts::TABLE)).unwrap();
    let _ = host.effects();
    let (effects, troubles) = cleaned(&host).await;
    let below = |effect: &Effect| matches!(effect, Effect::Remove(path) if path.components().count() > 4);
    assert!(!effects.iter().any(below), "{effects:?}");
    assert!(troubles.iter().any(|trouble| trouble.contains("/proc/mounts")), "{troubles:?}");
}
