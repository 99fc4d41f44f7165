//! What /etc/passwd, /etc/group and /etc/login.defs say: passwd(5), group(5), login.defs(5).

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use super::AccountsError;

/// The shell of a user who never logs in.
pub(super) const NO_SHELL: &str = "/bin/false";

/// The ids that the machine gives to system accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limits {
    pub uids: (u32, u32),
    pub gids: (u32, u32),
}

impl Limits {
    /// As login.defs says; 100 to 999 where it says nothing.
    pub(super) fn parse(text: &str) -> Result<Self, AccountsError> {
        let limit = |name: &'static str, default: u32| {
            let value = |line: &str| Some(line.strip_prefix(name)?.trim().to_owned());
            let Some(value) = text.lines().rev().find_map(value) else { return Ok(default) };
            value.parse().map_err(|_| AccountsError::Limit { name, value })
        };
        Ok(Self {
            uids: (limit("SYS_UID_MIN", 100)?, limit("SYS_UID_MAX", 999)?),
            gids: (limit("SYS_GID_MIN", 100)?, limit("SYS_GID_MAX", 999)?),
        })
    }
}

#[derive(Debug)]
struct User<'a> {
    name: &'a str,
    uid: u32,
    gid: u32,
    shell: &'a str,
}

#[derive(Debug)]
struct Group<'a> {
    name: &'a str,
    gid: u32,
    members: &'a str,
}

/// The users and groups of a machine.
#[derive(Debug)]
pub(super) struct Database<'a> {
    users: Vec<User<'a>>,
    groups: Vec<Group<'a>>,
}

impl<'a> Database<'a> {
    /// Reads both files. Lines that are no entries (comments, the `+` of NIS) are nobody's.
    pub(super) fn parse(passwd: &'a str, group: &'a str) -> Self {
        let users = passwd.lines().filter_map(|line| {
            let [name, _, uid, gid, _, _, shell] = fields(line)?;
            Some(User { name, uid: uid.parse().ok()?, gid: gid.parse().ok()?, shell })
        });
        let groups = group.lines().filter_map(|line| {
            let [name, _, gid, members] = fields(line)?;
            Some(Group { name, gid: gid.parse().ok()?, members })
        });
        Self { users: users.collect(), groups: groups.collect() }
    }

    /// The ids of all users.
    pub(super) fn uids(&self) -> BTreeSet<u32> {
        self.users.iter().map(|user| user.uid).collect()
    }

    /// The ids of all groups.
    pub(super) fn gids(&self) -> BTreeSet<u32> {
        self.groups.iter().map(|group| group.gid).collect()
    }

    /// The id of the user, if there is one: a system account that never logs in, whose group has his name.
    pub(super) fn fit_user(&self, name: &str, (min, max): (u32, u32)) -> Result<Option<u32>, AccountsError> {
        let Some(user) = self.users.iter().find(|user| user.name == name) else { return Ok(None) };
        let User { uid, gid, shell, .. } = user;
        let group = self.groups.iter().find(|group| group.gid == *gid);
        Err(AccountsError::Foreign(match group {
            _ if !(min..=max).contains(uid) => {
                format!("UID {uid} for user {name:?} is outside the system UID range: {min} - {max}")
            }
            _ if *shell != NO_SHELL => format!("user {name:?} has unexpected shell {shell:?}; expected {NO_SHELL:?}"),
            None => format!("could not find group with GID {gid} for user {name:?}"),
            Some(group) if group.name != name => {
                format!("user {name:?} has GID {gid} but the group with that GID is not named {name:?}")
            }
            Some(_) => return Ok(Some(*uid)),
        }))
    }

    /// The id of the group, if there is one: a system group with these members and no others.
    pub(super) fn fit_group(
        &self,
        name: &str,
        members: &[&str],
        (min, max): (u32, u32),
    ) -> Result<Option<u32>, AccountsError> {
        let Some(group) = self.groups.iter().find(|group| group.name == name) else { return Ok(None) };
        let Group { gid, members: found, .. } = group;
        let expected = members.join(",");
        if !(min..=max).contains(gid) {
            let text = format!("GID {gid} for group {name:?} is outside the system GID range: {min} - {max}");
            return Err(AccountsError::Foreign(text));
        }
        if *found != expected {
            return Err(AccountsError::Foreign(format!(
                "expected users {expected:?} for group {name:?}; got {found:?}"
            )));
        }
        Ok(Some(*gid))
    }
}

fn fields<const N: usize>(line: &str) -> Option<[&str; N]> {
    line.trim().split(':').collect::<Vec<_>>().try_into().ok()
}

/// The ids of a range that nobody has, lowest first.
#[derive(Debug)]
pub(super) struct Ids {
    path: &'static str,
    limits: (u32, u32),
    left: RangeInclusive<u32>,
    taken: BTreeSet<u32>,
}

impl Ids {
    pub(super) fn free(path: &'static str, limits: (u32, u32), taken: BTreeSet<u32>) -> Self {
        Self { path, limits, left: limits.0..=limits.1, taken }
    }

    pub(super) fn take_for(&mut self, name: &'static str) -> Result<u32, AccountsError> {
        let (path, (min, max)) = (self.path, self.limits);
        self.left.find(|id| !self.taken.contains(id)).ok_or(AccountsError::Full { path, name, min, max })
    }
}
