//! What a Kubernetes node leaves in the machine's network, and an etcd's data: found, counted and named.
//!
//! Only looks. Chains, tables, interfaces and files are known by the names that Kubernetes and its usual pod
//! networks give them.

pub mod netfilter;

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use self::netfilter::{Table, parse_saved};
use crate::host::{Host, HostError, Output};
use crate::paths::ETCD_DATA_DIR;
use crate::ui::Ui;

/// Configuration of pod networks.
pub const CNI_CONFIG_DIR: &str = "/etc/cni/net.d";
/// State of pod networks.
pub const CNI_STATE_DIR: &str = "/var/lib/cni";
/// The table of kube-proxy in its nftables mode.
const PROXY_TABLE: &str = "kube-proxy";
/// Interfaces that Kubernetes and its usual pod networks make.
const INTERFACES: [&str; 8] =
    ["cni0", "flannel.1", "kube-ipvs0", "kube-bridge", "nodelocaldns", "weave", "vxlan.calico", "cilium_vxlan"];
/// Interfaces to pods begin so when a pod network made them without a bridge.
const POD_INTERFACES: [&str; 2] = ["cali", "lxc"];

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Leftovers {
    /// Files in /etc/cni/net.d.
    pub cni_files: Vec<Utf8PathBuf>,
    /// State of pod networks is there.
    pub cni_state: bool,
    /// Chains and rules, by command (`iptables`, `ip6tables`) and table.
    pub tables: Vec<Table>,
    /// Families of nftables that have kube-proxy's table.
    pub nft_families: Vec<String>,
    /// Interfaces by name.
    pub interfaces: Vec<String>,
    /// Virtual servers of IPVS; whose they are can't be told.
    pub ipvs_servers: usize,
    /// Data in the usual place of etcd; whose it is can't be told.
    pub etcd_data: bool,
}

/// Looks for everything.
pub fn find(host: &dyn Host) -> Result<Leftovers, HostError> {
    let commands = [vec!["iptables-save"], vec!["ip6tables-save"], vec!["nft", "list", "tables"]];
    let [v4, v6, nft] = <[_; 3]>::try_from(host.query_all(&commands)).unwrap_or_else(|_| [none(), none(), none()]);
    let mut tables = parse_saved("iptables", &said(v4));
    tables.extend(parse_saved("ip6tables", &said(v6)));
    let servers = host.read_lossy(Utf8Path::new("/proc/net/ip_vs"))?;
    Ok(Leftovers {
        cni_files: host.list(Utf8Path::new(CNI_CONFIG_DIR))?,
        cni_state: !host.list(Utf8Path::new(CNI_STATE_DIR))?.is_empty(),
        tables,
        nft_families: parse_nft(&said(nft)),
        interfaces: interfaces(host)?,
        ipvs_servers: servers.lines().filter(|line| line.starts_with("TCP ") || line.starts_with("UDP ")).count(),
        etcd_data: !host.list(Utf8Path::new(ETCD_DATA_DIR))?.is_empty(),
    })
}

fn none() -> Result<Output, HostError> {
    Ok(Output::default())
}

/// A machine without the command has none of its tables.
fn said(answer: Result<Output, HostError>) -> String {
    answer.ok().filter(Output::ok).map(|output| output.stdout).unwrap_or_default()
}

fn parse_nft(tables: &str) -> Vec<String> {
    let family = |line: &str| {
        let mut words = line.split_whitespace();
        let (Some("table"), Some(family), Some(PROXY_TABLE)) = (words.next(), words.next(), words.next()) else {
            return None;
        };
        Some(family.to_owned())
    };
    tables.lines().filter_map(family).collect()
}

fn interfaces(host: &dyn Host) -> Result<Vec<String>, HostError> {
    let mut found = Vec::new();
    for dir in host.list(Utf8Path::new("/sys/class/net"))? {
        let Some(name) = dir.file_name() else { continue };
        let master = host.link(&dir.join("master"))?;
        let bridge = master.as_deref().and_then(Utf8Path::file_name);
        let to_a_pod = bridge.is_some_and(|bridge| INTERFACES.contains(&bridge))
            || POD_INTERFACES.iter().any(|prefix| name.starts_with(prefix));
        if INTERFACES.contains(&name) || to_a_pod {
            found.push(name.to_owned());
        }
    }
    Ok(found)
}

impl Leftovers {
    /// Each thing that is there, a line for each.
    #[must_use]
    pub fn describe(&self) -> Vec<String> {
        let mut lines = Vec::new();
        lines.extend(self.cni_files.iter().map(|path| format!("CNI configuration: {path}")));
        if self.cni_state {
            lines.push(format!("CNI state: {CNI_STATE_DIR}"));
        }
        for Table { command, name, chains, rules } in &self.tables {
            let mut groups: BTreeMap<&str, usize> = BTreeMap::new();
            for chain in chains {
                *groups.entry(family_of(chain)).or_default() += 1;
            }
            let words =
                |(group, count): (&str, usize)| if count == 1 { group.to_owned() } else { format!("{count} {group}") };
            let chains: Vec<String> = groups.into_iter().map(words).collect();
            let rules = rules.len();
            lines.push(format!("netfilter rules: {rules} of {command} in table {name}, chains {}", chains.join(", ")));
        }
        lines.extend(self.nft_families.iter().map(|family| format!("nftables table: {family} {PROXY_TABLE}")));
        lines.extend(self.interfaces.iter().map(|name| format!("interface: {name}")));
        if self.ipvs_servers > 0 {
            lines.push(format!("IPVS: {} virtual servers (ipvsadm --list)", self.ipvs_servers));
        }
        if self.etcd_data {
            lines.push(format!("data of an etcd: {ETCD_DATA_DIR} (if nobody needs it: rm -r {ETCD_DATA_DIR}/*)"));
        }
        lines
    }

    /// Whether any of it is in the network.
    fn in_network(&self) -> bool {
        *self != Self { etcd_data: self.etcd_data, ..Self::default() }
    }
}

/// Lists what is left, and how to have it removed.
pub fn tell(ui: &Ui, left: &Leftovers, cleaned: bool) {
    let lines = left.describe();
    if lines.is_empty() {
        return;
    }
    ui.line("[reset] Found on this machine and left:");
    lines.iter().for_each(|line| ui.line(format_args!("\t{line}")));
    if !cleaned && left.in_network() {
        ui.line(format_args!(
            "[reset] To remove what a Kubernetes node made of the network: {} reset phase cleanup-node --cleanup-network",
            ui.program
        ));
    }
}

/// The chains of a service or an endpoint have a hash for a name: they are counted, not listed.
fn family_of(chain: &str) -> &str {
    for prefix in
        ["KUBE-SVC-", "KUBE-SEP-", "KUBE-FW-", "KUBE-XLB-", "KUBE-SVL-", "KUBE-EXT-", "KUBE-POD-FW-", "KUBE-NWPLCY-"]
    {
        if chain.starts_with(prefix) {
            return &chain[..prefix.len() - 1];
        }
    }
    chain
}

#[cfg(test)]
pub(super) mod tests;
