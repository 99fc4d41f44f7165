//! What a configuration is made for: kubeadm's minor, the API's version, the address family. It knows what differs between minors.

/// The circumstances of one configuration.
#[derive(Clone)]
pub(super) struct Setting {
    pub(super) minor: u64,
    /// The version of `kubeadm.k8s.io` that it is written in.
    pub(super) api: &'static str,
    /// 0 is IPv4, 1 IPv6, 2 both.
    pub(super) family: usize,
    /// How likely a field is there.
    pub(super) density: f64,
}

pub(super) const V1BETA3: &str = "v1beta3";
pub(super) const V1BETA4: &str = "v1beta4";

/// kubeadm's feature gates: the first and the last minor that know them.
const GATES: &[(&str, u64, u64)] = &[
    ("RootlessControlPlane", 22, 37),
    ("PublicKeysECDSA", 19, 36),
    ("IPv6DualStack", 16, 23),
    ("UnversionedKubeletConfigMap", 23, 25),
    ("EtcdLearnerMode", 27, 32),
    ("UpgradeAddonsBeforeControlPlane", 28, 30),
    ("WaitForAllControlPlaneComponents", 30, 34),
    ("ControlPlaneKubeletLocalMode", 31, 35),
    ("NodeLocalCRISocket", 32, 36),
];

impl Setting {
    /// The feature gates of this minor.
    pub(super) fn gates(&self) -> Vec<String> {
        gates(self.minor).map(str::to_owned).collect()
    }

    /// Texts of a table with this minor put in.
    pub(super) fn texts(&self, table: &[&str]) -> Vec<String> {
        table.iter().map(|text| with_minor(text, self.minor)).collect()
    }
}

/// The feature gates that a minor knows.
pub(super) fn gates(minor: u64) -> impl Iterator<Item = &'static str> {
    GATES.iter().filter(move |(_, first, last)| (*first..=*last).contains(&minor)).map(|(name, ..)| *name)
}

/// The patch release whose kubeadm judges, from v1.23 on: another one may make something else of its minor, and kinit makes what the named one does.
const PATCHES: [u64; 14] = [17, 17, 4, 3, 4, 15, 15, 4, 4, 2, 13, 4, 4, 3];

/// Puts `minor` in for `{m}`, its neighbours for `{m-1}`, `{m+1}` and `{m-4}`, and its patch release for `{p}`.
pub(super) fn with_minor(text: &str, minor: u64) -> String {
    let patch = minor.checked_sub(23).and_then(|at| PATCHES.get(at as usize)).copied().unwrap_or_default();
    [("{m}", minor), ("{m-1}", minor - 1), ("{m+1}", minor + 1), ("{m-4}", minor - 4), ("{p}", patch)]
        .iter()
        .fold(text.to_owned(), |text, (name, value)| text.replace(name, &value.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patches_are_those_of_the_judges() {
        let judges = include_str!("../../artefacts/kubeadm.rs");
        for minor in 23..37 {
            let release = with_minor("({m}, \"v1.{m}.{p}\")", minor);
            assert!(judges.contains(&release), "{release}");
        }
    }
}
