//! `--cleanup-network`: takes away what a Kubernetes node made in the machine's network, and nothing else.
//!
//! Chains KUBE-*, with the rules that lead into them; kube-proxy's table of nftables; its and the usual pod network's
//! interfaces; CNI's configuration and state. What a pod network's chains (CNI-*), IPVS and other software's files
//! hold stays, and is named by [`super::leftovers`].

use camino::{Utf8Path, Utf8PathBuf};

use super::Troubles;
use super::leftovers::netfilter::{Table, chain_of, target_of};
use super::leftovers::{CNI_CONFIG_DIR, CNI_STATE_DIR, Leftovers};
use super::node::{clean_dir, say};
use crate::host::{Host, HostError, NewFile};
use crate::ui::Ui;

/// Interfaces that are made anew by whoever needs them.
const INTERFACES: [&str; 3] = ["cni0", "flannel.1", "kube-ipvs0"];
/// CNI configurations of others, by a word in their names or in what they say: of containers that are no pods, and what
/// the runtime's own package brings.
const FOREIGN: [&str; 3] = ["podman", "nerdctl", "crio"];
const SCRIPT: &str = "/run/kinit-cleanup-network.rules";

/// Takes it away; what fails is noted.
pub fn clean(host: &dyn Host, ui: &Ui, found: &Leftovers, troubles: &Troubles) {
    for (command, script) in scripts(&found.tables) {
        say(
            host,
            ui,
            &format!("[reset] Removing Kubernetes' chains from {command}"),
            &format!("Would remove Kubernetes' chains from {command}"),
        );
        troubles.note(
            ui,
            &format!("Failed to remove Kubernetes' chains from {command}"),
            restore(host, command, &script),
        );
    }
    for family in &found.nft_families {
        act(host, ui, &["nft", "delete", "table", family, "kube-proxy"], troubles);
    }
    for name in found.interfaces.iter().filter(|name| INTERFACES.contains(&name.as_str())) {
        act(host, ui, &["ip", "link", "delete", name], troubles);
    }
    let (foreign, ours): (Vec<&Utf8PathBuf>, Vec<&Utf8PathBuf>) =
        found.cni_files.iter().partition(|path| is_foreign(host, path));
    if !ours.is_empty() {
        say(
            host,
            ui,
            &format!("[reset] Deleting CNI configuration in {CNI_CONFIG_DIR}"),
            &format!("Would delete CNI configuration in {CNI_CONFIG_DIR}"),
        );
    }
    for path in ours {
        troubles.note(ui, &format!("Failed to remove {path:?}"), host.ensure_absent(path));
    }
    // Others keep their state there too.
    if found.cni_state && foreign.is_empty() {
        say(
            host,
            ui,
            &format!("[reset] Deleting contents of directories: [{CNI_STATE_DIR}]"),
            &format!("Would delete contents of directories: [{CNI_STATE_DIR}]"),
        );
        troubles.note(
            ui,
            &format!("Failed to delete contents of {CNI_STATE_DIR:?} directory"),
            clean_dir(host, Utf8Path::new(CNI_STATE_DIR)),
        );
    }
}

/// What can't be read is nobody's that is known.
fn is_foreign(host: &dyn Host, path: &Utf8Path) -> bool {
    let Ok(text) = host.read_lossy(path) else { return true };
    FOREIGN.iter().any(|word| path.as_str().contains(word) || text.contains(word))
}

fn act(host: &dyn Host, ui: &Ui, argv: &[&str], troubles: &Troubles) {
    let command = argv.join(" ");
    say(host, ui, &format!("[reset] Running {command:?}"), &format!("Would run {command:?}"));
    troubles.note(ui, "Failed to clean up the network", host.act(argv));
}

/// For each command that has something to remove, one transaction: flush Kubernetes' chains (naming one does), take
/// out the rules of other chains that lead into them, delete them. Rules stand as the kernel's own tool wrote them.
fn scripts(tables: &[Table]) -> Vec<(&'static str, String)> {
    ["iptables", "ip6tables"]
        .into_iter()
        .filter_map(|command| {
            let ours = tables.iter().filter(|table| table.command == command).filter_map(script).collect::<String>();
            (!ours.is_empty()).then_some((command, ours))
        })
        .collect()
}

fn script(table: &Table) -> Option<String> {
    let chains: Vec<&str> = table.chains.iter().map(String::as_str).filter(|chain| is_ours(chain)).collect();
    if chains.is_empty() {
        return None;
    }
    let mut text = format!("*{}\n", table.name);
    for chain in &chains {
        text.push_str(&format!(":{chain} - [0:0]\n"));
    }
    for rule in &table.rules {
        if !is_ours(chain_of(rule)) && target_of(rule).is_some_and(is_ours) {
            text.push_str(&rule.replacen("-A ", "-D ", 1));
            text.push('\n');
        }
    }
    for chain in &chains {
        text.push_str(&format!("-X {chain}\n"));
    }
    text.push_str("COMMIT\n");
    Some(text)
}

fn is_ours(chain: &str) -> bool {
    chain.starts_with("KUBE-")
}

fn restore(host: &dyn Host, command: &str, script: &str) -> Result<(), HostError> {
    let path = Utf8Path::new(SCRIPT);
    host.write(&NewFile { path, content: script.as_bytes(), mode: 0o600, secret: false })?;
    // The seconds in the same word: iptables takes the word after a bare --wait for them, and reads its own input.
    let restored = host.act(&[&format!("{command}-restore"), "--noflush", "--wait=5", SCRIPT]);
    host.remove(path)?;
    restored.map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::super::leftovers::{find, tests::machine};
    use super::*;
    use crate::host::Effect;

    #[test]
    fn removes_only_what_kubernetes_made() {
        let host = machine();
        let ui = Ui::into_writers(Box::new(std::io::sink()), Box::new(std::io::sink()));
        let troubles = Troubles::default();
        clean(&host, &ui, &find(&host).unwrap(), &troubles);
        let effects = host.effects();
        let Effect::WriteFile { content: Some(script), .. } = &effects[0] else { panic!("{effects:?}") };
        assert_eq!(
            script,
            "*filter\n:KUBE-FIREWALL - [0:0]\n-D INPUT -j KUBE-FIREWALL\n-X KUBE-FIREWALL\nCOMMIT\n\
             *nat\n:KUBE-SERVICES - [0:0]\n:KUBE-SVC-ABC - [0:0]\n:KUBE-SVC-DEF - [0:0]\n\
             -D PREROUTING -m comment --comment \"kubernetes service portals\" -j KUBE-SERVICES\n\
             -X KUBE-SERVICES\n-X KUBE-SVC-ABC\n-X KUBE-SVC-DEF\nCOMMIT\n"
        );
        let act = |words: &str| Effect::Act(words.split(' ').map(str::to_owned).collect());
        assert_eq!(
            effects[1..],
            [
                act("iptables-restore --noflush --wait=5 /run/kinit-cleanup-network.rules"),
                Effect::Remove(SCRIPT.into()),
                act("nft delete table ip kube-proxy"),
                act("ip link delete cni0"),
                Effect::Remove("/etc/cni/net.d/10-flannel.conflist".into()),
            ]
        );
        assert!(troubles.all().is_empty());
    }
}
