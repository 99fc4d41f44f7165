//! `init phase bootstrap-token`: what other nodes need for joining.

use super::upload_config::failure;
use super::{Init, staged};
use crate::failure::Outcome;
use crate::kube::tokens::{BadGrant, Grant};
use crate::kube::{Api, Endpoint, cluster_info, rbac};
use crate::versions::APISERVER_KUBELET_CLIENT_GROUP;

/// Stores the tokens, gives the rights that go with them, and publishes cluster-info.
pub(super) async fn run(init: &Init) -> Outcome {
    if !init.options.skip_token_print {
        let tokens: Vec<String> = grants(init)?.iter().map(|grant| grant.token.to_string()).collect();
        match tokens.as_slice() {
            [] => {}
            [token] => init.ui.line(format_args!("[bootstrap-token] Using token: {token}")),
            tokens => init.ui.line(format_args!("[bootstrap-token] Using tokens: [{}]", tokens.join(" "))),
        }
    }
    init.ui.line("[bootstrap-token] Configuring bootstrap tokens, cluster-info ConfigMap, RBAC Roles");
    staged::in_turn(init, "bootstrap-token", async |api| store(init, api).await).await?;
    for right in [
        "Node Bootstrap tokens to get nodes",
        "Node Bootstrap tokens to post CSRs in order for nodes to get long term certificate credentials",
        "the csrapprover controller automatically approve CSRs from a Node Bootstrap Token",
    ] {
        init.ui.line(format_args!("[bootstrap-token] Configured RBAC rules to allow {right}"));
    }
    init.ui.line(
        "[bootstrap-token] Configured RBAC rules to allow certificate rotation for all node client certificates in the \
         cluster",
    );
    if APISERVER_KUBELET_CLIENT_GROUP.at(&init.cfg.version).is_none() {
        init.ui.line(
            "[bootstrap-token] Configured RBAC rules to allow the API server kubelet client certificate to access the \
             kubelet API",
        );
    }
    init.ui.line("[bootstrap-token] Creating the \"cluster-info\" ConfigMap in the \"kube-public\" namespace");
    Ok(())
}

pub(super) async fn store(init: &Init, api: &Api) -> Outcome {
    let kubeconfig = init.cluster.admin_kubeconfig().map_err(failure(init))?;
    let endpoint = Endpoint::of(init.options.kubeconfig.as_str(), &kubeconfig, &*init.host)?;
    let grants = grants(init)?;
    let rights = rbac::for_joining(&init.cfg.version);
    let store = futures::future::try_join_all(grants.iter().map(|grant| grant.ensure(api, init.once.now)));
    futures::try_join!(store, api.ensure_all(&rights), cluster_info::publish(api, &endpoint, &grants))
        .map_err(|error| failure(init)(error).within("error configuring bootstrap tokens"))?;
    Ok(())
}

fn grants(init: &Init) -> Result<Vec<Grant>, BadGrant> {
    Grant::all(&init.cfg.init.bootstrap_tokens, init.once.now)
}
