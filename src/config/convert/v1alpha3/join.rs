//! How a node finds the cluster: flat fields, which became a token's or a file's.

use serde_json::{Value, json};

use super::super::super::form::is_empty;
use super::super::super::path::{get, put, take};
use super::super::Lost;
use super::super::moves::{Fields, Gone, Move, is_set, lose, rename};
use super::ONLY_CONTROL_PLANE;

const JOIN: &str = "JoinConfiguration";

const FILE: [Move; 1] = [("discoveryFile", "discovery.file.kubeConfigPath")];
const TOKEN: [Move; 3] = [
    ("discoveryToken", "discovery.bootstrapToken.token"),
    ("discoveryTokenCACertHashes", "discovery.bootstrapToken.caCertHashes"),
    ("discoveryTokenUnsafeSkipCAVerification", "discovery.bootstrapToken.unsafeSkipCAVerification"),
];
const EITHER: [Move; 2] =
    [("tlsBootstrapToken", "discovery.tlsBootstrapToken"), ("discoveryTimeout", "discovery.timeout")];

const THE_FILE_COUNTS: &str = "nothing: discoveryFile says how the cluster is found";
const OF_THE_CLUSTER: &str = "nothing: it is the cluster's, of the ClusterConfiguration";

const GONE: [Gone; 2] = [
    Gone { field: "clusterName", usual: "kubernetes", instead: OF_THE_CLUSTER },
    Gone { field: "featureGates", usual: "", instead: OF_THE_CLUSTER },
];
const GONE_WITH_FILE: [Gone; 4] = [
    Gone { field: "discoveryToken", usual: "", instead: THE_FILE_COUNTS },
    Gone { field: "discoveryTokenAPIServers", usual: "", instead: THE_FILE_COUNTS },
    Gone { field: "discoveryTokenCACertHashes", usual: "", instead: THE_FILE_COUNTS },
    Gone { field: "discoveryTokenUnsafeSkipCAVerification", usual: "", instead: THE_FILE_COUNTS },
];
const GONE_ON_WORKERS: [Gone; 2] = [
    Gone { field: "apiEndpoint.advertiseAddress", usual: "", instead: ONLY_CONTROL_PLANE },
    Gone { field: "apiEndpoint.bindPort", usual: "6443", instead: ONLY_CONTROL_PLANE },
];

/// The fields of a JoinConfiguration.
pub(super) fn convert(fields: &mut Fields) -> Vec<Lost> {
    let mut lost = lose(JOIN, fields, &GONE);
    lost.extend(one_token_for_both(fields));
    if is_set(fields, "discoveryFile") {
        lost.extend(lose(JOIN, fields, &GONE_WITH_FILE));
        lost.extend(rename(JOIN, fields, &FILE));
    } else {
        take(fields, "discoveryFile");
        lost.extend(first_server(fields));
        lost.extend(rename(JOIN, fields, &TOKEN));
    }
    lost.extend(rename(JOIN, fields, &EITHER));
    lost.extend(control_plane(fields));
    lost
}

/// `token` stood for `discoveryToken` and `tlsBootstrapToken` where these were not given.
fn one_token_for_both(fields: &mut Fields) -> Option<Lost> {
    let token = take(fields, "token").filter(|token| !is_empty(token))?;
    let mut used = false;
    for field in ["discoveryToken", "tlsBootstrapToken"] {
        let here = !(field == "discoveryToken" && is_set(fields, "discoveryFile"));
        if here && !is_set(fields, field) {
            put(fields, field, token.clone());
        }
        used |= get(fields, field) == Some(&token);
    }
    let instead = "nothing: discoveryToken and tlsBootstrapToken are given, so it had no effect";
    (!used).then(|| Lost { kind: JOIN, field: "token".to_owned(), instead })
}

/// Only the first server was ever asked.
fn first_server(fields: &mut Fields) -> Vec<Lost> {
    let Some(Value::Array(servers)) = take(fields, "discoveryTokenAPIServers") else { return Vec::new() };
    if let Some(first) = servers.first() {
        put(fields, "discovery.bootstrapToken.apiServerEndpoint", first.clone());
    }
    let instead = "nothing: only the first was asked; for several, give the address of a load balancer";
    let others = 1..servers.len();
    others.map(|n| Lost { kind: JOIN, field: format!("discoveryTokenAPIServers[{n}]"), instead }).collect()
}

/// A flag and an address became one.
fn control_plane(fields: &mut Fields) -> Vec<Lost> {
    let wanted = take(fields, "controlPlane") == Some(json!(true));
    let lost = if wanted { Vec::new() } else { lose(JOIN, fields, &GONE_ON_WORKERS) };
    let endpoint = take(fields, "apiEndpoint");
    if wanted {
        put(fields, "controlPlane.localAPIEndpoint", endpoint.unwrap_or_else(|| json!({})));
    }
    lost
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(fields: &Value) -> (Value, Vec<String>) {
        let mut fields = fields.as_object().cloned().unwrap();
        let lost = convert(&mut fields);
        (json!(fields), lost.into_iter().map(|lost| lost.field).collect())
    }

    #[test]
    fn one_token_stands_for_two() {
        let by_token = |discovery, bootstrap| json!({"discovery": {"bootstrapToken": {"token": discovery}, "tlsBootstrapToken": bootstrap}});
        assert_eq!(converted(&json!({"token": "a", "discoveryFile": ""})), (by_token("a", "a"), Vec::new()));
        assert_eq!(converted(&json!({"token": "a", "discoveryToken": "b"})), (by_token("b", "a"), Vec::new()));
        let three = json!({"token": "a", "discoveryToken": "b", "tlsBootstrapToken": "c"});
        assert_eq!(converted(&three), (by_token("b", "c"), vec!["token".to_owned()]));
        let file = json!({"discovery": {"file": {"kubeConfigPath": "/f"}, "tlsBootstrapToken": "a"}});
        assert_eq!(converted(&json!({"token": "a", "discoveryFile": "/f"})), (file, Vec::new()));
    }

    #[test]
    fn only_one_server_is_asked() {
        let servers = json!({"discoveryTokenAPIServers": ["a", "b", "c"]});
        let new = json!({"discovery": {"bootstrapToken": {"apiServerEndpoint": "a"}}});
        let others = ["discoveryTokenAPIServers[1]", "discoveryTokenAPIServers[2]"].map(str::to_owned);
        assert_eq!(converted(&servers), (new, others.to_vec()));
        assert_eq!(converted(&json!({"discoveryTokenAPIServers": []})), (json!({}), Vec::new()));
    }

    #[test]
    fn a_control_plane_is_there_or_not() {
        let endpoint = json!({"advertiseAddress": "a"});
        let new = json!({"controlPlane": {"localAPIEndpoint": endpoint}});
        assert_eq!(converted(&json!({"controlPlane": true, "apiEndpoint": endpoint})), (new, Vec::new()));
        assert_eq!(converted(&json!({"controlPlane": true})).0, json!({"controlPlane": {"localAPIEndpoint": {}}}));
        let lost = vec!["apiEndpoint.advertiseAddress".to_owned()];
        assert_eq!(converted(&json!({"controlPlane": false, "apiEndpoint": endpoint})), (json!({}), lost));
    }
}
