//! From v1alpha1, of kubeadm v1.5 to v1.11, to v1alpha2.
//!
//! One document for a control plane, one for a node, both flat. What the kubeadm of then made of a field on its own (flags
//! of a cloud provider, of authorization) is written out, as kubeadm v1.11 does when it converts.

mod authorization;
mod components;
mod etcd;

use serde_json::{Value, json};

use super::super::document::Document;
use super::super::duration::GoDuration;
use super::super::form::is_empty;
use super::super::path::{put, take};
use super::Lost;
use super::moves::{Fields, Gone, Move, append, carry, give_flag, is_set, lose, rename};

const MASTER: &str = "MasterConfiguration";
const NODE: &str = "NodeConfiguration";

const MOVES: [Move; 3] = [
    ("secrets.givenToken", "token"),
    ("nodeName", "nodeRegistration.name"),
    ("criSocket", "nodeRegistration.criSocket"),
];
const TOKEN_MOVES: [Move; 4] =
    [("token", "token"), ("tokenTTL", "ttl"), ("tokenUsages", "usages"), ("tokenGroups", "groups")];

const WHOLE_TOKEN: &str =
    "nothing where secrets.givenToken is set; else set that to the token, as id.secret, and convert again";
const STATIC_PODS: &str = "nothing: the control plane runs as static pods";
const NO_DISCOVERY_PORT: &str = "nothing: nodes find the cluster by its API server";

const GONE: [Gone; 4] = [
    Gone { field: "secrets.tokenID", usual: "", instead: WHOLE_TOKEN },
    Gone { field: "secrets.token", usual: "", instead: WHOLE_TOKEN },
    Gone { field: "secrets.bearerToken", usual: "", instead: WHOLE_TOKEN },
    Gone { field: "discoveryPort", usual: "9898", instead: NO_DISCOVERY_PORT },
];
const MASTER_GONE: [Gone; 4] = [
    Gone { field: "discovery.bindPort", usual: "9898", instead: NO_DISCOVERY_PORT },
    Gone { field: "selfHosted", usual: "", instead: STATIC_PODS },
    Gone {
        field: "privilegedPods",
        usual: "",
        instead: "put \"spec: {containers: [{name: kube-apiserver, securityContext: {privileged: true}}]}\" into a file \
                  kube-apiserver.yaml, the same for kube-controller-manager into kube-controller-manager.yaml, and name \
                  their directory in patches.directory of the InitConfiguration",
    },
    Gone {
        field: "imagePullPolicy",
        usual: "IfNotPresent",
        instead: "set nodeRegistration.imagePullPolicy of the InitConfiguration",
    },
];

/// Every document of the version.
pub(super) fn to_v1alpha2(mut documents: Vec<Document>) -> (Vec<Document>, Vec<Lost>) {
    let mut lost = Vec::new();
    for document in &mut documents {
        let kind = if document.kind == MASTER { MASTER } else { NODE };
        lost.extend(rename(kind, &mut document.fields, &MOVES));
        lost.extend(lose(kind, &mut document.fields, &GONE));
        document.fields.remove("secrets");
        if kind == MASTER {
            lost.extend(master(&mut document.fields));
        } else {
            lost.extend(master_addresses(&mut document.fields));
        }
    }
    (documents, lost)
}

fn master(fields: &mut Fields) -> Vec<Lost> {
    let mut lost = lose(MASTER, fields, &MASTER_GONE);
    fields.remove("discovery");
    many_addresses(fields);
    bootstrap_token(fields);
    cloud_provider(fields);
    authorization::to_flags(fields);
    if fields.remove("noTaintMaster") == Some(json!(true)) {
        put(fields, "nodeRegistration.taints", json!([]));
    }
    lost.extend(etcd::split(MASTER, fields));
    lost.extend(components::to_v1beta1(MASTER, fields));
    lost
}

/// v1.5: the first address is advertised, and the certificate is for all of them and for the names.
fn many_addresses(fields: &mut Fields) {
    let addresses = take(fields, "api.advertiseAddresses");
    let names = take(fields, "api.externalDNSNames");
    let first = addresses.as_ref().and_then(|addresses| addresses.get(0)).cloned();
    let sans: Vec<Value> =
        [addresses, names].into_iter().flatten().filter_map(|list| list.as_array().cloned()).flatten().collect();
    if !sans.is_empty() {
        append(fields, "apiServerCertSANs", sans);
    }
    if let Some(first) = first.filter(|_| !is_set(fields, "api.advertiseAddress")) {
        put(fields, "api.advertiseAddress", first);
    }
}

/// Four fields become the first token of a list.
fn bootstrap_token(fields: &mut Fields) {
    let mut token = Fields::new();
    carry(fields, &mut token, &TOKEN_MOVES);
    // v1.6 and v1.7 counted nanoseconds, and took 0 for the default.
    token.retain(|_, value| !is_empty(value));
    if let Some(nanos) = token.get("ttl").and_then(Value::as_i64) {
        let text = format!("{nanos}ns");
        let ttl = text.parse::<GoDuration>().map_or(text, |ttl| ttl.to_string());
        token.insert("ttl".to_owned(), json!(ttl));
    }
    if !token.is_empty() {
        fields.insert("bootstrapTokens".to_owned(), json!([token]));
    }
}

/// A cloud provider was a flag of three components.
fn cloud_provider(fields: &mut Fields) {
    let Some(Value::String(provider)) = fields.remove("cloudProvider") else { return };
    if provider.is_empty() {
        return;
    }
    for args in ["apiServerExtraArgs", "controllerManagerExtraArgs", "nodeRegistration.kubeletExtraArgs"] {
        give_flag(fields, args, "cloud-provider", &provider);
    }
}

/// v1.5: addresses, and one port for all.
fn master_addresses(fields: &mut Fields) -> Option<Lost> {
    let port = fields.remove("apiPort").and_then(|port| port.as_i64()).filter(|port| *port != 0);
    let Some(Value::Array(addresses)) = fields.remove("masterAddresses") else {
        let instead = "nothing: it was the port of masterAddresses";
        return port.map(|_| Lost { kind: NODE, field: "apiPort".to_owned(), instead });
    };
    let port = port.unwrap_or(6443);
    let servers = addresses.iter().filter_map(Value::as_str).map(|address| json!(format!("{address}:{port}")));
    append(fields, "discoveryTokenAPIServers", servers);
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(kind: &str, fields: &Value) -> (Value, Vec<String>) {
        let document = Document::of_kubeadm(kind, fields.as_object().cloned().unwrap());
        let (new, lost) = to_v1alpha2(vec![document]);
        (json!(new[0].fields), lost.into_iter().map(|lost| lost.field).collect())
    }

    #[test]
    fn a_token_of_any_age() {
        let token = |fields: Value| converted(MASTER, &fields).0;
        assert_eq!(token(json!({"token": "", "tokenTTL": 0, "tokenUsages": []})), json!({}));
        assert_eq!(token(json!({"tokenTTL": "0s"})), json!({"bootstrapTokens": [{"ttl": "0s"}]}));
        assert_eq!(token(json!({"tokenTTL": 90_000_000_000_i64})), json!({"bootstrapTokens": [{"ttl": "1m30s"}]}));
        assert_eq!(token(json!({"secrets": {"givenToken": "x"}})), json!({"bootstrapTokens": [{"token": "x"}]}));
    }

    #[test]
    fn a_cloud_provider_is_three_flags() {
        let fields = json!({"cloudProvider": "aws", "apiServerExtraArgs": {"cloud-provider": "external"}});
        let flag = |value| json!({"cloud-provider": value});
        let new = json!({
            "apiServerExtraArgs": flag("external"), "controllerManagerExtraArgs": flag("aws"),
            "nodeRegistration": {"kubeletExtraArgs": flag("aws")},
        });
        assert_eq!(converted(MASTER, &fields), (new, Vec::new()));
        assert_eq!(converted(MASTER, &json!({"cloudProvider": ""})).0, json!({}));
    }

    #[test]
    fn the_default_taint_is_left_to_the_role() {
        assert_eq!(converted(MASTER, &json!({"noTaintMaster": false})).0, json!({}));
        let none = json!({"nodeRegistration": {"taints": []}});
        assert_eq!(converted(MASTER, &json!({"noTaintMaster": true})).0, none);
    }

    #[test]
    fn many_addresses_are_names_of_the_certificate() {
        let api = json!({"advertiseAddresses": ["192.0.2.1", "192.0.2.2"], "externalDNSNames": ["a"]});
        let new = json!({
            "api": {"advertiseAddress": "192.0.2.1"}, "apiServerCertSANs": ["b", "192.0.2.1", "192.0.2.2", "a"],
        });
        assert_eq!(converted(MASTER, &json!({"api": api, "apiServerCertSANs": ["b"]})).0, new);
    }

    #[test]
    fn a_port_without_addresses_is_lost() {
        assert_eq!(converted(NODE, &json!({"apiPort": 1})), (json!({}), vec!["apiPort".to_owned()]));
        let new = json!({"discoveryTokenAPIServers": ["192.0.2.1:6443"]});
        assert_eq!(converted(NODE, &json!({"apiPort": 0, "masterAddresses": ["192.0.2.1"]})), (new, Vec::new()));
    }
}
