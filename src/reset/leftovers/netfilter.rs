//! What `iptables-save` says, as far as it is of Kubernetes.

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
pub(in crate::reset) fn chain_of(rule: &str) -> &str {
    rule.split(' ').nth(1).unwrap_or_default()
}

/// The chain that a rule jumps or goes to. A comment, which is quoted, may say anything.
pub(in crate::reset) fn target_of(rule: &str) -> Option<&str> {
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
