//! The users that the control plane's components run as with the feature gate RootlessControlPlane (KEP-2568).
//!
//! Knows their names, and how a machine keeps users and groups; refuses to know what a pod is, or who may read which
//! file: that is [`manifests`](crate::manifests)' business.

mod database;

use std::collections::BTreeMap;

use camino::Utf8Path;

use crate::host::{Changed, Host, HostError, NewFile, mounts};
use database::{Database, Ids, Limits};

const PASSWD: &str = "/etc/passwd";
const GROUP: &str = "/etc/group";
const LOGIN_DEFS: &str = "/etc/login.defs";

const ETCD: &str = "kubeadm-etcd";
const APISERVER: &str = "kubeadm-kas";
const CONTROLLER_MANAGER: &str = "kubeadm-kcm";
const SCHEDULER: &str = "kubeadm-ks";
const KEY_READERS: &str = "kubeadm-sa-key-readers";

/// The users.
const USERS: [&str; 4] = [ETCD, APISERVER, CONTROLLER_MANAGER, SCHEDULER];
/// The groups with their members, in the order in which they get ids.
const GROUPS: [(&str, &[&str]); 5] = [
    (ETCD, &[ETCD]),
    (APISERVER, &[APISERVER]),
    (CONTROLLER_MANAGER, &[CONTROLLER_MANAGER]),
    (SCHEDULER, &[SCHEDULER]),
    (KEY_READERS, &[APISERVER, CONTROLLER_MANAGER]),
];

/// A user's id, and that of the group with his name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account {
    /// The user's.
    pub uid: u32,
    /// The group's.
    pub gid: u32,
}

/// The ids that the components run with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accounts {
    /// etcd's.
    pub etcd: Account,
    /// kube-apiserver's.
    pub apiserver: Account,
    /// kube-controller-manager's.
    pub controller_manager: Account,
    /// kube-scheduler's.
    pub scheduler: Account,
    /// The group that may read the key that signs service accounts' tokens.
    pub key_readers: u32,
}

/// Why a machine can't have the users.
#[derive(Debug, thiserror::Error)]
pub enum AccountsError {
    /// A file of the machine.
    #[error(transparent)]
    Host(#[from] HostError),
    /// There is no such file.
    #[error("{path} does not exist")]
    Missing {
        /// The file.
        path: &'static str,
    },
    /// A user or group with one of the names is somebody else's.
    #[error("error validating existing users and groups: {0}; remove it, or set RootlessControlPlane to false")]
    Foreign(String),
    /// The machine's range of system ids can't be told.
    #[error("could not parse value for {name} in {LOGIN_DEFS}: {value:?}")]
    Limit {
        /// `SYS_UID_MIN` and the like.
        name: &'static str,
        /// What stands there.
        value: String,
    },
    /// All ids of the range are taken.
    #[error("all IDs in the range {min} - {max} are taken in {path}: none is left for {name:?}")]
    Full {
        /// The file.
        path: &'static str,
        /// Who needs one.
        name: &'static str,
        /// The first of the range.
        min: u32,
        /// The last of the range.
        max: u32,
    },
}

impl Accounts {
    /// Those that the machine has, or that [`ensure`](Self::ensure) would give it. Changes nothing.
    pub fn look(host: &dyn Host) -> Result<Self, AccountsError> {
        Ok(plan(host)?.accounts)
    }

    /// Makes the users and groups be there. Those that are there already are used, if they are fit.
    pub fn ensure(host: &dyn Host) -> Result<Self, AccountsError> {
        let present = plan(host)?;
        if present.new_groups.is_empty() && present.new_users.is_empty() {
            return Ok(present.accounts);
        }
        let _lock = host.lock_accounts()?;
        // Others may have changed them before the lock was held.
        let plan = plan(host)?;
        // Groups first: users without a group would be refused by the next run.
        append(host, GROUP, &plan.new_groups)?;
        append(host, PASSWD, &plan.new_users)?;
        Ok(plan.accounts)
    }

    /// Whether any of them is there.
    pub fn are_there(host: &dyn Host) -> Result<bool, HostError> {
        for (path, names) in entries() {
            let content = host.read(Utf8Path::new(path))?.unwrap_or_default();
            if without(&content, &names).is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Makes them not be there.
    pub fn remove(host: &dyn Host) -> Result<Changed, AccountsError> {
        if !Self::are_there(host)? {
            return Ok(Changed::No);
        }
        let _lock = host.lock_accounts()?;
        for (path, names) in entries() {
            if let Some(content) = without(&read(host, path)?, &names) {
                write(host, path, &content)?;
            }
        }
        Ok(Changed::Yes)
    }
}

/// Each file, and whose lines in it are ours.
fn entries() -> [(&'static str, Vec<&'static str>); 2] {
    [(PASSWD, USERS.to_vec()), (GROUP, GROUPS.map(|(name, _)| name).to_vec())]
}

/// The accounts, and the lines that are missing for them.
struct Plan {
    accounts: Accounts,
    new_users: Vec<String>,
    new_groups: Vec<String>,
}

fn plan(host: &dyn Host) -> Result<Plan, AccountsError> {
    let limits = Limits::parse(&host.read_lossy(Utf8Path::new(LOGIN_DEFS))?)?;
    let (passwd, group) = (read(host, PASSWD)?, read(host, GROUP)?);
    let (passwd, group) = (String::from_utf8_lossy(&passwd), String::from_utf8_lossy(&group));
    let there = Database::parse(&passwd, &group);
    let mut gids = Ids::free(GROUP, limits.gids, there.gids());
    let mut uids = Ids::free(PASSWD, limits.uids, there.uids());
    let (mut new_groups, mut new_users) = (Vec::new(), Vec::new());
    let mut group_ids = BTreeMap::new();
    for (name, members) in GROUPS {
        let present = there.fit_group(name, members, limits.gids)?;
        let gid = present.map_or_else(|| gids.take_for(name), Ok)?;
        if present.is_none() {
            new_groups.push(format!("{name}:x:{gid}:{}", members.join(",")));
        }
        group_ids.insert(name, gid);
    }
    let mut account = |name| {
        let gid = group_ids[name];
        if let Some(uid) = there.fit_user(name, limits.uids)? {
            return Ok(Account { uid, gid });
        }
        let uid = uids.take_for(name)?;
        new_users.push(format!("{name}:x:{uid}:{gid}:::{}", database::NO_SHELL));
        Ok::<_, AccountsError>(Account { uid, gid })
    };
    let accounts = Accounts {
        etcd: account(ETCD)?,
        apiserver: account(APISERVER)?,
        controller_manager: account(CONTROLLER_MANAGER)?,
        scheduler: account(SCHEDULER)?,
        key_readers: group_ids[KEY_READERS],
    };
    Ok(Plan { accounts, new_users, new_groups })
}

fn read(host: &dyn Host, path: &'static str) -> Result<Vec<u8>, AccountsError> {
    host.read(Utf8Path::new(path))?.ok_or(AccountsError::Missing { path })
}

/// What others wrote stays as it is, to the byte.
fn append(host: &dyn Host, path: &'static str, lines: &[String]) -> Result<(), AccountsError> {
    if lines.is_empty() {
        return Ok(());
    }
    let mut content = read(host, path)?;
    if content.last().is_some_and(|last| *last != b'\n') {
        content.push(b'\n');
    }
    for line in lines {
        content.extend_from_slice(line.as_bytes());
        content.push(b'\n');
    }
    write(host, path, &content)
}

/// The content without the lines of these names; `None` when it has none.
fn without(content: &[u8], names: &[&str]) -> Option<Vec<u8>> {
    let named = |line: &[u8]| {
        names.iter().any(|name| line.strip_prefix(name.as_bytes()).is_some_and(|it| it.starts_with(b":")))
    };
    let kept: Vec<&[u8]> = content.split_inclusive(|byte| *byte == b'\n').filter(|line| !named(line)).collect();
    let kept = kept.concat();
    (kept.len() != content.len()).then_some(kept)
}

/// Replaces the file, where it lies if a link leads to it. Who is on a machine is nobody's business: it is not printed.
fn write(host: &dyn Host, path: &'static str, content: &[u8]) -> Result<(), AccountsError> {
    let real = mounts::resolve(host, Utf8Path::new(path))?.ok_or(AccountsError::Missing { path })?;
    let mode = host.stat(&real)?.map_or(0o644, |stat| stat.mode);
    Ok(host.write(&NewFile { path: &real, content, mode, secret: true })?)
}

#[cfg(test)]
mod tests;
