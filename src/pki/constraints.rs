//! The names that an authority may sign for, where its certificate limits them.
//!
//! Knows DNS names and addresses, which certificates of clusters are for; refuses to know other kinds.

use std::net::IpAddr;

use x509_parser::extensions::{self, GeneralName, GeneralSubtree};

/// Name constraints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameConstraints {
    permitted: Vec<Subtree>,
    excluded: Vec<Subtree>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Subtree {
    /// A DNS name and all below it; with a dot before it only those.
    Name(String),
    /// A network, each bit of whose mask counts by itself.
    Network { address: Vec<u8>, mask: Vec<u8> },
}

impl NameConstraints {
    pub(super) fn read(parsed: &extensions::NameConstraints<'_>) -> Self {
        let read = |trees: &Option<Vec<GeneralSubtree<'_>>>| {
            trees.iter().flatten().filter_map(|tree| Subtree::read(&tree.base)).collect()
        };
        Self { permitted: read(&parsed.permitted_subtrees), excluded: read(&parsed.excluded_subtrees) }
    }

    /// Those of the names and addresses that must not be signed for.
    #[must_use]
    pub fn forbidden(&self, names: &[String], addresses: &[IpAddr]) -> Vec<String> {
        let stands_for_excluded = |name: &str| self.excluded.iter().any(|tree| tree.is_stood_for(name));
        let names = names.iter().filter(|name| self.forbid(|tree| tree.has_name(name)) || stands_for_excluded(name));
        let names = names.cloned();
        let addresses = addresses.iter().filter(|address| self.forbid(|tree| tree.has_address(**address)));
        names.chain(addresses.map(ToString::to_string)).collect()
    }

    /// Whether something is excluded, or is none of what is permitted of its kind. `has` says nothing to other kinds.
    fn forbid(&self, has: impl Fn(&Subtree) -> Option<bool>) -> bool {
        let permitted: Vec<bool> = self.permitted.iter().filter_map(&has).collect();
        let limited = !permitted.is_empty() && !permitted.contains(&true);
        limited || self.excluded.iter().filter_map(has).any(|within| within)
    }
}

impl Subtree {
    fn read(base: &GeneralName<'_>) -> Option<Self> {
        match base {
            GeneralName::DNSName(name) => Some(Self::Name(name.to_ascii_lowercase())),
            GeneralName::IPAddress(octets) => {
                let (address, mask) = octets.split_at(octets.len() / 2);
                Some(Self::Network { address: address.to_vec(), mask: mask.to_vec() })
            }
            _ => None,
        }
    }

    fn has_name(&self, name: &str) -> Option<bool> {
        let Self::Name(base) = self else { return None };
        let name = name.to_ascii_lowercase();
        Some(match name.strip_suffix(base.as_str()) {
            Some(above) if base.is_empty() || base.starts_with('.') => base.is_empty() || !above.is_empty(),
            Some(above) => above.is_empty() || above.ends_with('.'),
            None => false,
        })
    }

    /// Whether a wildcard stands for its base, too.
    fn is_stood_for(&self, name: &str) -> bool {
        let Self::Name(base) = self else { return false };
        let parents = name.strip_prefix("*.").zip(base.split_once('.'));
        parents.is_some_and(|(named, (label, parent))| !label.is_empty() && named.eq_ignore_ascii_case(parent))
    }

    fn has_address(&self, of: IpAddr) -> Option<bool> {
        let Self::Network { address, mask } = self else { return None };
        let octets = match of {
            IpAddr::V4(of) => of.octets().to_vec(),
            IpAddr::V6(of) => of.octets().to_vec(),
        };
        let mut bits = address.iter().zip(&octets).zip(mask);
        Some(octets.len() == address.len() && bits.all(|((base, octet), mask)| base & mask == octet & mask))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(base: &str) -> Subtree {
        Subtree::read(&GeneralName::DNSName(base)).unwrap()
    }

    fn forbidden(permitted: Vec<Subtree>, excluded: Vec<Subtree>) -> Vec<String> {
        let names = ["example.com", "A.Example.com", "notexample.com", "node-1"].map(str::to_owned);
        let addresses = ["192.0.2.10", "2001:db8::1"].map(|address| address.parse().unwrap());
        NameConstraints { permitted, excluded }.forbidden(&names, &addresses)
    }

    #[test]
    fn names_lie_within_by_whole_labels() {
        assert_eq!(forbidden(vec![name("EXAMPLE.com")], Vec::new()), ["notexample.com", "node-1"]);
        assert_eq!(forbidden(vec![name(".example.com")], Vec::new()), ["example.com", "notexample.com", "node-1"]);
        assert_eq!(forbidden(Vec::new(), vec![name("example.com")]), ["example.com", "A.Example.com"]);
        assert_eq!(forbidden(vec![name("")], vec![name("node-1")]), ["node-1"]);
    }

    #[test]
    fn a_wildcard_stands_for_an_excluded_name() {
        let names = ["*.Example.com".to_owned()];
        let forbidden = |permitted: Vec<Subtree>, excluded: Vec<Subtree>| {
            !NameConstraints { permitted, excluded }.forbidden(&names, &[]).is_empty()
        };
        for (base, excludes, permits) in [
            ("example.com", true, true),
            ("a.example.com", true, false),
            ("a.b.example.com", false, false),
            (".example.com", true, true),
        ] {
            assert_eq!(forbidden(Vec::new(), vec![name(base)]), excludes, "{base}");
            assert_eq!(forbidden(vec![name(base)], Vec::new()), !permits, "{base}");
        }
    }

    #[test]
    fn networks_are_of_one_family_and_names_of_another_kind() {
        let network = |octets: &[u8]| Subtree::read(&GeneralName::IPAddress(octets)).unwrap();
        let v4 = || network(&[192, 0, 2, 0, 255, 255, 255, 0]);
        assert_eq!(forbidden(vec![v4()], Vec::new()), ["2001:db8::1"]);
        assert_eq!(forbidden(Vec::new(), vec![v4()]), ["192.0.2.10"]);
        assert_eq!(forbidden(vec![network(&[10, 0, 0, 0, 255, 0, 0, 0]), v4()], Vec::new()), ["2001:db8::1"]);
        assert_eq!(forbidden(Vec::new(), Vec::new()), Vec::<String>::new());
    }
}
