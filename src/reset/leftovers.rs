//! What a Kubernetes node leaves in the machine's network, and an etcd's data: found, counted and named.
//!
//! Only looks. Chains, tables, interfaces and files are known by the names that Kubernetes and its usual pod
//! networks give them.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

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

/// One table of iptables with Kubernetes's chains in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// `iptables` or `ip6tables`.
    pub command: &'static str,
    /// `nat`, `filter`, `mangle`.
    pub name: String,
    /// `KUBE-…` and `CNI-…`, in the order of the table.
    pub chains: Vec<String>,
    /// Rules in or into those chains.
    pub rules: Vec<String>,
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

/// Reads the output of `iptables-save`.
#[must_use]
pub fn parse_saved(command: &'static str, saved: &str) -> Vec<Table> {
    let mut tables: Vec<Table> = Vec::new();
    for line in saved.lines() {
        if let Some(name) = line.strip_prefix('*') {
            tables.push(Table { command, name: name.to_owned(), chains: Vec::new(), rules: Vec::new() });
        }
        let Some(table) = tables.last_mut() else { continue };
        if let Some(chain) = line.strip_prefix(':').and_then(|rest| rest.split(' ').next()) {
            if is_kubernetes(chain) {
                table.chains.push(chain.to_owned());
            }
        } else if line.starts_with("-A ")
            && (is_kubernetes(chain_of(line)) || target_of(line).is_some_and(is_kubernetes))
        {
            table.rules.push(line.to_owned());
        }
    }
    tables.retain(|table| !table.chains.is_empty() || !table.rules.is_empty());
    tables
}

fn is_kubernetes(chain: &str) -> bool {
    chain.starts_with("KUBE-") || chain.starts_with("CNI-")
}

/// The chain that a rule of `iptables-save` is in.
pub(super) fn chain_of(rule: &str) -> &str {
    rule.split(' ').nth(1).unwrap_or_default()
}

/// The chain that a rule jumps or goes to. A comment, which is quoted, may say anything.
pub(super) fn target_of(rule: &str) -> Option<&str> {
    let mut words = unquoted_words(rule).into_iter();
    words.find(|word| matches!(*word, "-j" | "-g"))?;
    words.next()
}

/// The words of a line that stand outside of double quotes; a backslash keeps a quote from ending.
fn unquoted_words(line: &str) -> Vec<&str> {
    let (mut words, mut start, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (at, letter) in line.char_indices() {
        match letter {
            '"' if !escaped => {
                if !quoted {
                    words.extend(line[start..at].split_whitespace());
                }
                quoted = !quoted;
                start = at + 1;
            }
            _ => {}
        }
        escaped = letter == '\\' && !escaped;
    }
    if !quoted {
        words.extend(line[start..].split_whitespace());
    }
    words
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
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::host::FakeHost;

    pub(in crate::reset) const SAVED: &str = r#"# Generated by iptables-save v1.8.9 (nf_tables)
*filter
:INPUT ACCEPT [0:0]
:DOCKER-USER - [0:0]
:KUBE-FIREWALL - [0:0]
-A INPUT -j KUBE-FIREWALL
-A INPUT -p tcp -m comment --comment "not -j KUBE-FIREWALL" -j ACCEPT
-A INPUT -p tcp -m comment --comment "count \" -j KUBE-FIREWALL only"
-A KUBE-FIREWALL -m comment --comment "block incoming localnet connections" -j DROP
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
:CNI-HOSTPORT-DNAT - [0:0]
:KUBE-SERVICES - [0:0]
:KUBE-SVC-ABC - [0:0]
:KUBE-SVC-DEF - [0:0]
-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A KUBE-SERVICES -d 10.96.0.1/32 -j KUBE-SVC-ABC
COMMIT
*mangle
:PREROUTING ACCEPT [0:0]
COMMIT
"#;

    pub(in crate::reset) fn machine() -> FakeHost {
        FakeHost::new()
            .with_answer("iptables-save", 0, SAVED)
            .with_answer("nft list tables", 0, "table ip filter\ntable ip kube-proxy\ntable inet kube-proxy-not\n")
            .with_file("/etc/cni/net.d/10-flannel.conflist", "{}")
            .with_file("/etc/cni/net.d/87-podman-bridge.conflist", "{}")
            .with_file("/var/lib/cni/networks/cbr0/10.244.0.2", "")
            .with_file("/sys/class/net/cni0/mtu", "")
            .with_file("/sys/class/net/eth0/mtu", "")
            .with_file("/sys/class/net/veth1/mtu", "")
            .with_link("/sys/class/net/veth1/master", "../cni0")
            .with_file("/sys/class/net/veth2/mtu", "")
            .with_link("/sys/class/net/veth2/master", "../docker0")
            .with_file("/proc/net/ip_vs", "IP Virtual Server\nProt\nTCP  0A600001:01BB rr\n  -> C0000202:192B\n")
    }

    #[test]
    fn names_what_is_there() {
        let found = find(&machine()).unwrap();
        assert_eq!(
            found.describe(),
            [
                "CNI configuration: /etc/cni/net.d/10-flannel.conflist",
                "CNI configuration: /etc/cni/net.d/87-podman-bridge.conflist",
                "CNI state: /var/lib/cni",
                "netfilter rules: 2 of iptables in table filter, chains KUBE-FIREWALL",
                "netfilter rules: 2 of iptables in table nat, chains CNI-HOSTPORT-DNAT, KUBE-SERVICES, 2 KUBE-SVC",
                "nftables table: ip kube-proxy",
                "interface: cni0",
                "interface: veth1",
                "IPVS: 1 virtual servers (ipvsadm --list)",
            ]
        );
        assert!(find(&FakeHost::new()).unwrap().describe().is_empty());
    }

    #[test]
    fn data_of_an_etcd_is_named_with_what_removes_it() {
        let found = find(&FakeHost::new().with_file("/var/lib/etcd/member/wal/0.wal", "")).unwrap();
        assert_eq!(found.describe(), ["data of an etcd: /var/lib/etcd (if nobody needs it: rm -r /var/lib/etcd/*)"]);
        assert!(!found.in_network() && find(&machine()).unwrap().in_network());
    }

    proptest! {
        #[test]
        fn any_output_is_read(text in "[\\PC\n]*", rules in proptest::collection::vec("[*:]?(-A )?[A-Z -]{0,20}(-j)?( KUBE-X)?", 0..8)) {
            let _ = parse_saved("iptables", &text);
            let _ = parse_saved("iptables", &rules.join("\n"));
            let _ = parse_nft(&text);
        }
    }
}
