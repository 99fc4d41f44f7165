//! Whatever can be said in any version reaches the types of the current one, or is named.

use serde_json::Value;

use super::super::schema::samples::samples;
use super::super::schema::{self, ApiVersion};
use super::*;
use crate::yaml;

/// The fields as the type of their kind holds them.
fn typed(document: Document) -> Value {
    fn through<T: DeserializeOwned + serde::Serialize>(document: Document) -> Value {
        serde_json::to_value(document.decode::<T>().unwrap()).unwrap()
    }
    match document.kind.as_str() {
        "InitConfiguration" => through::<InitConfiguration>(document),
        "ClusterConfiguration" => through::<ClusterConfiguration>(document),
        "JoinConfiguration" => through::<JoinConfiguration>(document),
        "ResetConfiguration" => through::<ResetConfiguration>(document),
        "UpgradeConfiguration" => through::<UpgradeConfiguration>(document),
        _ => Value::Object(document.fields),
    }
}

/// Flags whose meaning is kept in other words.
const IN_OTHER_WORDS: [&str; 5] = [
    "noTaintMaster",
    "controlPlane",
    "apiServerExtraVolumes[0].writable",
    "controllerManagerExtraVolumes[0].writable",
    "schedulerExtraVolumes[0].writable",
];

#[test]
fn every_field_of_every_version_reaches_its_type_or_is_named() {
    let allowed = Allowed { experimental: true, deprecated: true };
    let reading = Reading { kinds: &[INIT, CLUSTER, JOIN, RESET, UPGRADE], allowed, strict: true };
    for version in ApiVersion::all() {
        for kind in schema::kinds(version) {
            for (path, mut fields, mark) in samples(version, kind) {
                let place = format!("{} {}: {path}", version.name(), kind.name);
                fields.insert("apiVersion".to_owned(), format!("{GROUP}/{}", version.name()).into());
                fields.insert("kind".to_owned(), kind.name.into());
                let text = yaml::to_string(&fields).unwrap();
                let mut warnings = Vec::new();
                let documents = reading.current(text.as_bytes(), &mut warnings).expect(&place);
                let survives = documents.into_iter().any(|document| typed(document).to_string().contains(mark));
                let lost = |text: &String| {
                    let (before, _) = text.split_once(" is not carried over to ")?;
                    let (field, place) = before.strip_prefix(&format!("{}: ", kind.name))?.split_once(" at ")?;
                    Some(path.starts_with(field) && place.starts_with("line "))
                };
                let named = warnings.iter().filter_map(lost).any(|named| named);
                let kept = survives || IN_OTHER_WORDS.contains(&path.as_str());
                assert!(kept != named, "{place}: survives: {survives}, named: {named}: {warnings:#?}");
                let unknown = warnings.iter().find(|text| text.contains("unknown field"));
                assert_eq!(unknown, None, "{place}");
            }
        }
    }
}

#[test]
fn a_wrong_value_in_an_old_version_is_told_with_its_path() {
    let said = |fields: &str| {
        let file = format!("apiVersion: kubeadm.k8s.io/v1alpha2\nkind: MasterConfiguration\n{fields}\n");
        init(file.as_bytes(), &mut Vec::new()).unwrap_err().to_string()
    };
    for (fields, wrong) in [
        ("api: {bindPort: x}", "MasterConfiguration: api.bindPort at line 3, column 7: invalid value \"x\""),
        (
            "apiServerExtraVolumes: [{}, {writable: 1}]",
            "MasterConfiguration: apiServerExtraVolumes[1].writable at line 3, column 30: invalid value 1",
        ),
        ("kubeProxy: {config: []}", "MasterConfiguration: kubeProxy.config at line 3, column 13: invalid value []"),
        (
            "kubeletConfiguration: {baseConfig: {maxPods: x}}",
            "KubeletConfiguration: maxPods at line 3, column 37: invalid value \"x\"",
        ),
    ] {
        let said = said(fields);
        assert!(said.starts_with(wrong), "{said}");
    }
}
