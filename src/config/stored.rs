//! The ClusterConfiguration as a cluster keeps it, in the API version that the kubeadm of its minor reads.
//!
//! kinit's own is `kubeadm.k8s.io/v1beta4`; what an older version has no place for is named. Refuses to know the
//! ConfigMap around it.

use serde_json::{Map, Value, json};

use super::error::ConfigError;
use super::v1beta4::ClusterConfiguration;
use super::{InitConfig, defaults, print};
use crate::versions::{ECDSA_KEYS, STORED_API, STORED_WITHOUT, STORED_WITHOUT_VALUES, StoredApi};

/// What is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The document, YAML.
    pub document: String,
    /// Fields, with dots, whose values it can't hold.
    pub left_out: Vec<String>,
}

/// The cluster's part of a configuration, to be kept in the ConfigMap `kubeadm-config`.
pub fn cluster(config: &InitConfig) -> Result<Stored, ConfigError> {
    let mut cluster = config.cluster.clone();
    if config.ci {
        cluster.kubernetes_version = format!("ci/{}", cluster.kubernetes_version);
    }
    let mut document = print::cluster_document(&cluster);
    let mut left_out = Vec::new();
    for pointer in *STORED_WITHOUT.at(&config.version) {
        let said = remove(&mut document, pointer);
        if said != remove(&mut with_defaults(&cluster)?, pointer) {
            left_out.push(dotted(pointer));
        }
    }
    for (pointer, value) in *STORED_WITHOUT_VALUES.at(&config.version) {
        if document.pointer(pointer).is_some_and(|said| said == value) {
            remove(&mut document, pointer);
            left_out.push(dotted(pointer));
        }
    }
    if *STORED_API.at(&config.version) == StoredApi::V1beta3 {
        let timeout = config.init.timeouts.as_ref().and_then(|it| it.control_plane_component_health_check.as_ref());
        document["apiServer"]["timeoutForControlPlane"] = json!(timeout);
        // The gate stands for the only other algorithm that it has.
        if cluster.encryption_algorithm == "ECDSA-P256" && !cluster.feature_gates.contains_key(ECDSA_KEYS) {
            document["featureGates"][ECDSA_KEYS] = json!(true);
            left_out.retain(|field| field != "encryptionAlgorithm");
        }
        to_v1beta3(&mut document, &mut left_out);
    }
    Ok(Stored { document: print::text("ClusterConfiguration", &document)?, left_out })
}

/// What a field says when nobody sets it. An external etcd's is made from its endpoints.
fn with_defaults(cluster: &ClusterConfiguration) -> Result<Value, ConfigError> {
    let mut unset = ClusterConfiguration::default();
    unset.etcd.external.clone_from(&cluster.etcd.external);
    if let Some(external) = &mut unset.etcd.external {
        external.http_endpoints.clear();
    }
    defaults::cluster(&mut unset)?;
    Ok(print::cluster_document(&unset))
}

fn dotted(pointer: &str) -> String {
    pointer.trim_start_matches('/').replace('/', ".")
}

fn remove(document: &mut Value, pointer: &str) -> Option<Value> {
    let (above, name) = pointer.rsplit_once('/')?;
    document.pointer_mut(above)?.as_object_mut()?.remove(name)
}

/// Flags are maps there, in which each stands once: the last one counts.
fn to_v1beta3(document: &mut Value, left_out: &mut Vec<String>) {
    document["apiVersion"] = json!("kubeadm.k8s.io/v1beta3");
    for component in ["apiServer", "controllerManager", "scheduler", "etcd/local"] {
        let place = document.pointer_mut(&format!("/{component}/extraArgs"));
        let Some(Value::Array(flags)) = place.map(|place| place.take()) else { continue };
        let mut map = Map::new();
        for flag in &flags {
            let [name, value] = ["name", "value"].map(|part| flag[part].as_str().unwrap_or_default());
            if map.insert(name.to_owned(), json!(value)).is_some() {
                left_out.push(format!("{}.extraArgs (all but the last {name:?})", component.replace('/', ".")));
            }
        }
        if let Some(place) = document.pointer_mut(&format!("/{component}/extraArgs")) {
            *place = map.into();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::load;
    use crate::config::v1beta4::{InitConfiguration, Timeouts};
    use crate::versions::Version;
    use crate::yaml;

    fn stored(fields: &str, minor: u64) -> (Value, Vec<String>) {
        let text = format!("apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n{fields}");
        let mut cluster = load::init(text.as_bytes(), &mut Vec::new()).unwrap().cluster.unwrap();
        defaults::cluster(&mut cluster).unwrap();
        let wait = Timeouts { control_plane_component_health_check: Some("5m0s".to_owned()), ..Timeouts::default() };
        let init = InitConfiguration { timeouts: Some(wait), ..InitConfiguration::default() };
        let config = InitConfig { init, cluster, version: Version::new(1, minor, 0), ..crate::pki::tests::config() };
        let Stored { document, left_out } = super::cluster(&config).unwrap();
        (yaml::document(&document).unwrap(), left_out)
    }

    #[test]
    fn an_old_kubeadm_finds_its_own_fields() {
        let fields = "apiServer: {extraArgs: [{name: v, value: '4'}]}\nencryptionAlgorithm: ECDSA-P256\n";
        let (document, left_out) = stored(fields, 30);
        assert_eq!(document["apiVersion"], "kubeadm.k8s.io/v1beta3");
        assert_eq!(document["apiServer"], json!({"extraArgs": {"v": "4"}, "timeoutForControlPlane": "5m0s"}));
        assert_eq!(document["featureGates"], json!({"PublicKeysECDSA": true}));
        for newer in ["encryptionAlgorithm", "proxy", "certificateValidityPeriod", "caCertificateValidityPeriod"] {
            assert!(document[newer].is_null(), "{newer}");
        }
        assert_eq!(left_out, [""; 0]);
    }

    #[test]
    fn what_has_no_place_is_named() {
        let fields = "proxy: {disabled: true}\ncertificateValidityPeriod: 24h\nencryptionAlgorithm: RSA-4096\n\
                      etcd: {local: {extraEnvs: [{name: A, value: b}]}}\n\
                      scheduler: {extraArgs: [{name: v, value: '1'}, {name: v, value: '2'}]}\n";
        let (document, left_out) = stored(fields, 23);
        assert_eq!(document["scheduler"], json!({"extraArgs": {"v": "2"}}));
        let named = [
            "etcd.local.extraEnvs",
            "proxy",
            "encryptionAlgorithm",
            "certificateValidityPeriod",
            "scheduler.extraArgs (all but the last \"v\")",
        ];
        assert_eq!(left_out, named);
        let (document, left_out) = stored(fields, 31);
        assert_eq!((document["proxy"]["disabled"].as_bool(), left_out.len()), (Some(true), 0));
    }

    #[test]
    fn an_algorithm_that_came_later_is_named() {
        for (minor, kept) in [(30, false), (31, false), (33, false), (34, true)] {
            let (document, left_out) = stored("encryptionAlgorithm: ECDSA-P384\n", minor);
            assert_eq!(
                document["encryptionAlgorithm"].is_string(),
                kept,
                "v1.{minor}'s kubeadm refuses what it can't read"
            );
            assert_eq!(left_out.contains(&"encryptionAlgorithm".to_owned()), !kept, "{minor}");
        }
        assert_eq!(stored("encryptionAlgorithm: ECDSA-P256\n", 31).1, [""; 0]);
    }

    #[test]
    fn endpoints_for_health_came_with_1_35() {
        let own = "etcd: {external: {endpoints: ['https://a:1']}}\n";
        let other = "etcd: {external: {endpoints: ['https://a:1'], httpEndpoints: ['https://b:2']}}\n";
        for (fields, minor, kept, named) in [(own, 34, false, 0), (other, 34, false, 1), (other, 35, true, 0)] {
            let (document, left_out) = stored(fields, minor);
            assert_eq!(document["etcd"]["external"]["httpEndpoints"].is_array(), kept, "{fields} {minor}");
            assert_eq!(left_out.len(), named, "{fields} {minor}");
        }
    }
}
