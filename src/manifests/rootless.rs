//! The control plane without root (the gate RootlessControlPlane, KEP-2568): each component's security context, and the
//! files that it must own to read them.

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::{Value, json};

use super::{Component, Facts, ManifestError, file_in};
use crate::accounts::{Account, Accounts};
use crate::config::InitConfig;
use crate::config::v1beta4::ClusterConfiguration;
use crate::host::{Host, HostError};
use crate::paths::{CONTROLLER_MANAGER_CONF, SCHEDULER_CONF};
use crate::versions::ROOTLESS;

/// Whether a cluster's control plane runs without root.
#[must_use]
pub fn is_rootless(cluster: &ClusterConfiguration) -> bool {
    cluster.feature_gates.get(ROOTLESS) == Some(&true)
}

/// Makes a pod run as the component's own user.
pub(super) fn run_as_own_user(component: Component, pod: &mut Value, accounts: &Accounts) {
    let Account { uid, gid } = account(component, accounts);
    let context = &mut pod["spec"]["securityContext"];
    context["runAsUser"] = json!(uid);
    context["runAsGroup"] = json!(gid);
    if matches!(component, Component::Apiserver | Component::ControllerManager) {
        context["supplementalGroups"] = json!([accounts.key_readers]);
    }
    pod["spec"]["containers"][0]["securityContext"] = match component {
        // The binary in its image has this capability on its file, and does not start without it.
        Component::Apiserver => json!({ "capabilities": { "drop": ["ALL"], "add": ["NET_BIND_SERVICE"] } }),
        _ => json!({ "allowPrivilegeEscalation": false, "capabilities": { "drop": ["ALL"] } }),
    };
}

/// Makes the component's user the owner of what it reads, before its pod starts.
pub fn give_files(component: Component, cfg: &InitConfig, facts: &Facts, host: &dyn Host) -> Result<(), ManifestError> {
    let Some(accounts) = &facts.accounts else { return Ok(()) };
    let failed = |source: HostError| ManifestError::Rootless { component: component.name(), source: source.into() };
    let Account { uid, gid } = account(component, accounts);
    let mut files: Vec<_> =
        own_files(component, cfg, facts).into_iter().map(|path| (path, (uid, gid), 0o600)).collect();
    if matches!(component, Component::Apiserver | Component::ControllerManager) {
        let path = Utf8PathBuf::from(file_in(&cfg.cluster.certificates_dir, "sa.key"));
        files.push((path, (0, accounts.key_readers), 0o640));
    }
    for (path, owner, mode) in files {
        // A dry run of this phase alone: what the phases before it make is not there.
        if host.is_dry_run() && !host.exists(&path).map_err(failed)? {
            continue;
        }
        host.ensure_owner(&path, owner, mode).map_err(failed)?;
    }
    if let (Component::Etcd, Some(etcd)) = (component, &cfg.cluster.etcd.local) {
        host.ensure_tree_owner(Utf8Path::new(&etcd.data_dir), (uid, gid)).map_err(failed)?;
    }
    Ok(())
}

const fn account(component: Component, accounts: &Accounts) -> Account {
    match component {
        Component::Etcd => accounts.etcd,
        Component::Apiserver => accounts.apiserver,
        Component::ControllerManager => accounts.controller_manager,
        Component::Scheduler => accounts.scheduler,
    }
}

/// What nobody else reads.
fn own_files(component: Component, cfg: &InitConfig, facts: &Facts) -> Vec<Utf8PathBuf> {
    let pki = |name: &&str| Utf8PathBuf::from(file_in(&cfg.cluster.certificates_dir, name));
    match component {
        Component::Etcd => ["etcd/server.key", "etcd/peer.key"].iter().map(pki).collect(),
        Component::Apiserver => {
            let etcd_client = cfg.cluster.etcd.external.is_none().then_some("apiserver-etcd-client.key");
            let always = ["sa.pub", "apiserver.key", "apiserver-kubelet-client.key", "front-proxy-client.key"];
            always.iter().chain(&etcd_client).map(pki).collect()
        }
        Component::ControllerManager => {
            let signing = (!facts.external_ca).then_some("ca.key");
            signing.iter().map(pki).chain([CONTROLLER_MANAGER_CONF.into()]).collect()
        }
        Component::Scheduler => vec![SCHEDULER_CONF.into()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::{Effect, FakeHost};
    use crate::manifests::{self, tests::config};
    use crate::versions::OWN;

    const ACCOUNTS: Accounts = Accounts {
        etcd: Account { uid: 101, gid: 201 },
        apiserver: Account { uid: 102, gid: 202 },
        controller_manager: Account { uid: 103, gid: 203 },
        scheduler: Account { uid: 104, gid: 204 },
        key_readers: 205,
    };

    fn facts() -> Facts {
        Facts { accounts: Some(ACCOUNTS), ..Facts::default() }
    }

    #[test]
    fn pods_run_as_their_users() {
        let contexts = |component| {
            let pod = manifests::pod(component, &config(OWN), &facts());
            (pod["spec"]["securityContext"].clone(), pod["spec"]["containers"][0]["securityContext"].clone())
        };
        let profile = json!({ "type": "RuntimeDefault" });
        assert_eq!(
            contexts(Component::Apiserver),
            (
                json!({ "seccompProfile": profile, "runAsUser": 102, "runAsGroup": 202, "supplementalGroups": [205] }),
                json!({ "capabilities": { "drop": ["ALL"], "add": ["NET_BIND_SERVICE"] } })
            )
        );
        assert_eq!(
            contexts(Component::Scheduler),
            (
                json!({ "seccompProfile": profile, "runAsUser": 104, "runAsGroup": 204 }),
                json!({ "allowPrivilegeEscalation": false, "capabilities": { "drop": ["ALL"] } })
            )
        );
    }

    #[test]
    fn files_belong_to_who_reads_them() {
        let host = FakeHost::new();
        let pki = |name: &str| format!("/etc/kubernetes/pki/{name}");
        let keys = ["sa.pub", "sa.key", "apiserver.key", "apiserver-kubelet-client.key", "front-proxy-client.key"];
        let more = ["apiserver-etcd-client.key", "ca.key", "etcd/server.key", "etcd/peer.key"];
        let host = keys.iter().chain(&more).fold(host, |host, name| host.with_file(&pki(name), ""));
        let host = [CONTROLLER_MANAGER_CONF, SCHEDULER_CONF, "/var/lib/etcd/member/wal/0.wal"]
            .iter()
            .fold(host, |host, path| host.with_file(path, ""));
        let give = || {
            for component in Component::ALL {
                give_files(component, &config(OWN), &facts(), &host).unwrap();
            }
            host.effects()
        };
        let given = give();
        let mode = |path: &str, mode| Effect::SetMode(path.into(), mode);
        let owner = |path: &str, owner| Effect::SetOwner(path.into(), owner);
        for expected in [
            owner(&pki("sa.key"), (0, 205)),
            mode(&pki("sa.key"), 0o640),
            owner(&pki("ca.key"), (103, 203)),
            owner(SCHEDULER_CONF, (104, 204)),
            mode(SCHEDULER_CONF, 0o600),
        ] {
            assert!(given.contains(&expected), "{expected:?} is not in {given:?}");
        }
        // The data as a whole comes last: a walk that was cut off is seen by it.
        let tree =
            ["/var/lib/etcd/member/wal/0.wal", "/var/lib/etcd/member/wal", "/var/lib/etcd/member", "/var/lib/etcd"];
        let of_etcd =
            given.iter().filter(|effect| matches!(effect, Effect::SetOwner(path, _) if path.starts_with("/var/lib")));
        assert_eq!(of_etcd.cloned().collect::<Vec<_>>(), tree.map(|path| owner(path, (101, 201))));
        assert_eq!(give(), [], "a second time changes nothing");
    }
}
