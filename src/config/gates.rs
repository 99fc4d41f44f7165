//! kubeadm's own feature gates (not those of Kubernetes).

use std::collections::BTreeMap;

use super::error::ConfigError;
use crate::versions::{GATES, Version};

/// Whether the kubeadm of a version has such a gate.
pub(super) fn known(name: &str, version: &Version) -> bool {
    GATES.iter().any(|(gate, first, last)| *gate == name && version.is_within(&(*first..=*last)))
}

/// Reads `A=true,B=false`; gates that no version has are errors.
pub(super) fn parse(text: &str) -> Result<BTreeMap<String, bool>, ConfigError> {
    text.split(',').filter(|gate| !gate.is_empty()).map(gate).collect()
}

fn gate(text: &str) -> Result<(String, bool), ConfigError> {
    let (key, value) = text.split_once('=').ok_or_else(|| ConfigError::GateWithoutValue(text.to_owned()))?;
    let (key, value) = (key.trim().to_owned(), value.trim());
    // Whether the version has it is validated.
    if !GATES.iter().any(|(gate, ..)| *gate == key) {
        return Err(ConfigError::UnknownGate(key));
    }
    match value {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok((key, true)),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok((key, false)),
        _ => Err(ConfigError::GateValue { key, value: value.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_kubeadm_reads_them() {
        assert_eq!(parse("").unwrap(), BTreeMap::new());
        assert_eq!(parse(" RootlessControlPlane = T ,").unwrap(), [("RootlessControlPlane".to_owned(), true)].into());
        let said = |text| parse(text).unwrap_err().to_string();
        assert_eq!(said("RootlessControlPlane"), "missing bool value for feature-gate key:RootlessControlPlane");
        assert!(known("EtcdLearnerMode", &Version::new(1, 30, 0)) && !known("EtcdLearnerMode", &crate::versions::OWN));
        assert_eq!(said("Foo=true"), "unrecognized feature-gate key: Foo");
        assert_eq!(
            said("RootlessControlPlane=yes"),
            "invalid value yes for feature-gate key: RootlessControlPlane, use true|false instead"
        );
    }
}
