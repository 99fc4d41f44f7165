//! The root file system that every machine has as its read-only lower layer.

use std::path::PathBuf;

use anyhow::Result;

use crate::cache::Cache;
use crate::command::{check, command};

const SUITE: &str = "bookworm";
const PACKAGES: &str = "systemd,systemd-sysv,dbus,iproute2,procps,iptables,nftables,containerd,runc,conntrack,ethtool,socat,kmod,\
util-linux,mount,ipset,ca-certificates,containernetworking-plugins,iputils-ping,curl,openssl,jq,less,vim-tiny,bash-completion";

/// Makes the base with debootstrap. `KINIT_LAB_MIRROR` names another mirror than debootstrap's own.
pub(crate) fn get(cache: &Cache) -> Result<PathBuf> {
    let made = cache.artefact("debian", &["1", SUITE, PACKAGES], |draft| {
        let include = format!("--include={PACKAGES}");
        // In a mount namespace of its own, so that an interrupted debootstrap leaves no /proc mounted in the draft.
        let mut debootstrap = command("unshare", &["--mount", "debootstrap", "--variant=minbase", &include, SUITE]);
        debootstrap.arg(draft.join("root")).args(std::env::var_os("KINIT_LAB_MIRROR"));
        check(debootstrap.env("LC_ALL", "C"))?;
        let archives = draft.join("root/var/cache/apt/archives");
        std::fs::remove_dir_all(&archives)?;
        std::fs::create_dir_all(archives.join("partial")).map_err(Into::into)
    })?;
    Ok(made.join("root"))
}
