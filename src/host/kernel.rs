//! What the kernel is and offers: release, build options, control groups.
//!
//! Reads the kernel's own files; refuses to judge whether that is enough.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::{Host, Output, Result, mounts};

/// The kernel.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kernel {
    /// `Linux`.
    pub os: String,
    /// As `uname -r` says.
    pub release: String,
    /// Build options that are y, m or n; `None` when no configuration could be found.
    pub options: Option<BTreeMap<String, char>>,
}

/// Which generation of control groups the machine uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CgroupVersion {
    /// A hierarchy for each controller.
    V1,
    /// One hierarchy.
    V2,
}

/// The machine's control groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cgroups {
    /// Generation.
    pub version: CgroupVersion,
    /// Controllers that may be used.
    pub controllers: Vec<String>,
}

/// The configuration that the running kernel shows itself, packed.
pub const PACKED_CONFIG: &str = "/proc/config.gz";

/// The places where distributions keep a kernel's configuration, in kubeadm's order.
#[must_use]
pub fn config_places(release: &str) -> Vec<Utf8PathBuf> {
    vec![
        format!("/boot/config-{release}").into(),
        format!("/usr/src/linux-{release}/.config").into(),
        "/usr/src/linux/.config".into(),
        format!("/usr/lib/modules/{release}/config").into(),
        format!("/usr/lib/ostree-boot/config-{release}").into(),
        format!("/usr/lib/kernel/config-{release}").into(),
        format!("/usr/src/linux-headers-{release}/.config").into(),
        format!("/lib/modules/{release}/build/.config").into(),
    ]
}

/// The kernel. `unpacked` is the answer of `zcat /proc/config.gz`, where that was asked.
pub fn kernel(host: &dyn Host, unpacked: Option<Output>) -> Result<Kernel> {
    let line = |path: &str| host.read_lossy(Utf8Path::new(path)).map(|text| text.trim().to_owned());
    let release = line("/proc/sys/kernel/osrelease")?;
    let mut text = unpacked.filter(Output::ok).map(|output| output.stdout);
    for place in config_places(&release) {
        if text.is_none() && host.exists(&place)? {
            text = Some(host.read_lossy(&place)?);
        }
    }
    Ok(Kernel { os: line("/proc/sys/kernel/ostype")?, release, options: text.map(|text| parse_options(&text)) })
}

/// The options of a kernel configuration that are y, m or n.
#[must_use]
pub fn parse_options(config: &str) -> BTreeMap<String, char> {
    let parse = |line: &str| {
        let (name, value) = line.trim().split_once('=')?;
        let plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        let value = value.chars().next().filter(|value| matches!(value, 'y' | 'm' | 'n'))?;
        name.strip_prefix("CONFIG_").filter(|rest| !rest.is_empty() && rest.chars().all(plain))?;
        Some((name.to_owned(), value))
    };
    config.lines().filter_map(parse).collect()
}

/// The machine's control groups; `None` when none are mounted.
pub fn cgroups(host: &dyn Host, kernel_release: &str) -> Result<Option<Cgroups>> {
    let memory = host.stat(Utf8Path::new("/sys/fs/cgroup/memory"))?;
    let table = host.read_lossy(Utf8Path::new(mounts::TABLE))?;
    let Some((place, version)) = cgroup_mount(&table, memory.is_some_and(|stat| stat.is_dir)) else { return Ok(None) };
    let text = |path: &Utf8Path| host.read_lossy(path);
    let controllers = match version {
        CgroupVersion::V1 => parse_v1_controllers(&text(Utf8Path::new("/proc/cgroups"))?),
        CgroupVersion::V2 => {
            let listed = text(&place.join("cgroup.controllers"))?;
            let mut controllers: Vec<String> = listed.split_whitespace().map(str::to_owned).collect();
            // The kernel has these two without naming them: devices since 4.15, freezer since 5.2.
            controllers.push("devices".to_owned());
            if has_freezer(host, &place, kernel_release)? {
                controllers.push("freezer".to_owned());
            }
            controllers
        }
    };
    Ok(Some(Cgroups { version, controllers }))
}

/// Where control groups are mounted, and which kind rules there. A hybrid machine (v1 hierarchies on a tmpfs, and
/// a v2 hierarchy beside them) is one of v1.
fn cgroup_mount(table: &str, memory_is_dir: bool) -> Option<(Utf8PathBuf, CgroupVersion)> {
    let mut v1 = None;
    for mount in mounts::parse(table) {
        if mount.target == "/sys/fs/cgroup" {
            let v2 = if mount.kind == "tmpfs" { !memory_is_dir } else { mount.kind == "cgroup2" };
            return Some((mount.target, if v2 { CgroupVersion::V2 } else { CgroupVersion::V1 }));
        }
        match mount.kind.as_str() {
            "cgroup2" => return Some((mount.target, CgroupVersion::V2)),
            "cgroup" => v1 = v1.or(Some((mount.target, CgroupVersion::V1))),
            _ => {}
        }
    }
    v1
}

fn parse_v1_controllers(table: &str) -> Vec<String> {
    let parse = |line: &str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        (*fields.get(3)? != "0").then(|| fields[0].to_owned())
    };
    table.lines().filter(|line| !line.starts_with('#')).filter_map(parse).collect()
}

/// Every group but the root has `cgroup.freeze` where the kernel knows it; a machine has some group always.
fn has_freezer(host: &dyn Host, place: &Utf8Path, kernel_release: &str) -> Result<bool> {
    for group in host.list(place)? {
        if host.stat(&group)?.is_some_and(|stat| stat.is_dir) {
            return host.exists(&group.join("cgroup.freeze"));
        }
    }
    let mut numbers = kernel_release.split(['.', '-']).map_while(|part| part.parse::<u32>().ok());
    Ok((numbers.next(), numbers.next()) >= (Some(5), Some(2)))
}

#[cfg(test)]
mod tests {
    use super::super::FakeHost;
    use super::*;

    #[test]
    fn reads_only_switches() {
        let text =
            "# CONFIG_A is not set\nCONFIG_NET_NS=y\n CONFIG_EXT4_FS=m\nCONFIG_HZ=100\nCONFIG_X=\"y\"\nCONFIG_=y\n";
        let options = parse_options(text);
        assert_eq!(
            options.into_iter().collect::<Vec<_>>(),
            [("CONFIG_EXT4_FS".into(), 'm'), ("CONFIG_NET_NS".into(), 'y')]
        );
    }

    #[test]
    fn a_hybrid_machine_is_v1() {
        let host = FakeHost::new()
            .with_file(
                mounts::TABLE,
                "tmpfs /sys/fs/cgroup tmpfs rw 0 0\ncgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n",
            )
            .with_file("/sys/fs/cgroup/memory/tasks", "")
            .with_file("/proc/cgroups", "#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpu\t1\t1\t1\nrdma\t0\t1\t0\n");
        let cgroups = cgroups(&host, "6.1.0").unwrap().unwrap();
        assert_eq!(cgroups, Cgroups { version: CgroupVersion::V1, controllers: vec!["cpu".to_owned()] });
    }

    #[test]
    fn v2_has_unnamed_controllers() {
        let host = FakeHost::new()
            .with_file(mounts::TABLE, "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n")
            .with_file("/sys/fs/cgroup/cgroup.controllers", "cpuset cpu io memory pids\n")
            .with_file("/sys/fs/cgroup/init.scope/cgroup.freeze", "0\n");
        let cgroups = cgroups(&host, "6.1.0").unwrap().unwrap();
        assert_eq!(cgroups.version, CgroupVersion::V2);
        assert_eq!(cgroups.controllers.join(" "), "cpuset cpu io memory pids devices freezer");
        assert_eq!(super::cgroups(&FakeHost::new(), "6.1.0").unwrap(), None);
    }
}
