//! cluster-info: where the cluster is and whom to trust, for everybody to read, signed with each bootstrap token.
//!
//! The controller manager signs it too, a moment later and with the same result. Signing it here lets a node join as
//! soon as init is done.

use serde_json::{Value, json};

use super::resource::{CONFIG_MAP, Reference};
use super::tokens::Grant;
use super::{Api, Endpoint, KUBE_PUBLIC, KubeError, config_maps, jws, rbac};
use crate::host::Changed;
use crate::yaml;

/// The ConfigMap's name.
pub const CLUSTER_INFO: &str = "cluster-info";
/// The key of the text that is signed.
pub const KUBECONFIG: &str = "kubeconfig";
/// What the keys of signatures begin with; the token's id follows.
pub const SIGNATURE: &str = "jws-kubeconfig-";

/// The ConfigMap.
#[must_use]
pub fn reference() -> Reference {
    Reference::new(&CONFIG_MAP, KUBE_PUBLIC, CLUSTER_INFO)
}

/// The kubeconfig in it: one cluster without a name, no user.
#[must_use]
pub fn kubeconfig(endpoint: &Endpoint) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Config", "contexts": null, "current-context": "", "users": null,
        "clusters": [{"name": "", "cluster": endpoint.embedded()}],
    })
}

/// Publishes where the cluster is, signed with the tokens that may sign.
pub async fn publish(api: &Api, endpoint: &Endpoint, grants: &[Grant]) -> Result<Changed, KubeError> {
    let document = kubeconfig(endpoint);
    let text = config_maps::to_yaml(CLUSTER_INFO, &document)?;
    let mut wanted = json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": CLUSTER_INFO, "namespace": KUBE_PUBLIC}, "data": {KUBECONFIG: text},
    });
    sign(&mut wanted["data"], grants);
    let readers = rbac::cluster_info_readers();
    let store = api.mutate(&wanted, |present| {
        let data = &mut present["data"];
        if !data[KUBECONFIG].as_str().is_some_and(|now| yaml::document(now).is_ok_and(|now| now == document)) {
            // Signatures of another text are worth nothing.
            *data = json!({KUBECONFIG: text});
        }
        sign(data, grants);
    });
    let (stored, read) = futures::try_join!(store, api.ensure_all(&readers))?;
    Ok(stored.or(read))
}

fn sign(data: &mut Value, grants: &[Grant]) {
    let text = data[KUBECONFIG].as_str().unwrap_or_default().to_owned();
    for Grant { token, .. } in grants.iter().filter(|grant| grant.signs()) {
        data[format!("{SIGNATURE}{}", token.id)] = jws::sign(&text, token).into();
    }
}
