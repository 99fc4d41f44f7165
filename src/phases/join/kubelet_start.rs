//! `join phase kubelet-start`: the cluster's CA, the bootstrap kubeconfig, the kubelet's files, and its start.

use camino::Utf8Path;
use serde_json::Value;

use super::{Cluster, Join};
use crate::failure::{Failure, Outcome};
use crate::host::NewFile;
use crate::kube::resource::{NODE, Reference};
use crate::kubelet::serving::Supply;
use crate::kubelet::{self, Node, Order};
use crate::paths;

/// Gives the kubelet what it needs to become a member by itself, and starts it.
pub(super) async fn run(join: &Join) -> Outcome {
    let cluster = join.cluster().await?;
    let host = &*join.host;
    let anew = if cluster.joined {
        !is_registered(join, cluster).await?
    } else {
        bootstrap_credentials(join, cluster).await?;
        // A kubelet that runs without a certificate may have read other credentials.
        true
    };
    if cluster.joined && join.finished.kubelet_stays("join", host, &join.ui)? {
        kubelet::keep_running(anew, host, &join.ui)?;
        return Ok(());
    }
    let ca = Utf8Path::new(&join.cfg.join.ca_cert_path);
    if !host.exists(ca)? {
        let content = cluster.discovered.endpoint.ca_pem.as_bytes();
        host.ensure_file(&NewFile { path: ca, content, mode: 0o644, secret: false })?;
    }
    let mut config = join.kubelet_configuration(cluster);
    follow_cgroup_driver(join, &mut config).await;
    let node = Node {
        registration: &join.cfg.join.node_registration,
        cluster: &cluster.facts.cluster,
        version: &cluster.facts.version,
        config: &config,
        taints_by_flag: true,
        serving: join.keys.as_ref().map(|keys| Supply { keys, now: join.options.now }),
    };
    kubelet::start(&node, Order::FlagsLast, anew, &join.patches, host, &join.ui)?;
    Ok(())
}

/// Gives the kubelet what it asks for a certificate with.
async fn bootstrap_credentials(join: &Join, cluster: &Cluster) -> Outcome {
    refuse_taken_name(join, cluster).await?;
    let kubeconfig = cluster.discovered.bootstrap_kubeconfig(&cluster.facts.cluster.cluster_name, None)?;
    let path = Utf8Path::new(paths::BOOTSTRAP_KUBELET_CONF);
    let file = NewFile { path, content: kubeconfig.as_bytes(), mode: 0o600, secret: true };
    join.host.ensure_file(&file)?;
    Ok(())
}

/// The name of this machine's Node, and the Node, if it is there.
async fn own_node(join: &Join, cluster: &Cluster) -> Outcome<(String, Option<Value>)> {
    let name = kubelet::node_name(&join.cfg.join.node_registration);
    let node = cluster.api.get(&Reference::new(&NODE, "", &name)).await?;
    Ok((name, node))
}

/// Whether a member's Node is there. A kubelet registers it when it starts, and no more: one that runs does not notice
/// that somebody has deleted it.
async fn is_registered(join: &Join, cluster: &Cluster) -> Outcome<bool> {
    let (name, node) = own_node(join, cluster).await?;
    if node.is_none() {
        join.ui
            .line(format_args!("[kubelet-start] The cluster has no Node {name:?} any more: the kubelet makes it anew"));
    }
    Ok(node.is_some())
}

/// A Node of this name that is alive belongs to another machine.
async fn refuse_taken_name(join: &Join, cluster: &Cluster) -> Outcome {
    let (name, node) = own_node(join, cluster).await?;
    let conditions = node.as_ref().and_then(|node| node["status"]["conditions"].as_array());
    let ready = conditions.into_iter().flatten().any(|it| it["type"] == "Ready" && it["status"] == "True");
    if !ready {
        return Ok(());
    }
    Err(Failure::text(format!(
        "a Node with name {name:?} and status \"Ready\" already exists in the cluster. You must delete the existing Node \
         or change the name of this new joining Node"
    ))
    .hint(format!(
        "kubectl delete node {name}, if that machine is gone; else join with another name: {}",
        kubelet::naming(&join.cfg.join.node_registration)
    ))
    .hint("kubectl get node -o wide shows its address"))
}

/// Gives the kubelet its own runtime's cgroup driver.
async fn follow_cgroup_driver(join: &Join, config: &mut Value) {
    // A runtime that can't be asked was a finding of the pre-flight checks.
    if let Ok(Some(driver)) = join.cri.cgroup_driver().await
        && config["cgroupDriver"] != driver.as_str()
    {
        join.ui.line(format_args!(
            "[kubelet-start] Using the container runtime's cgroup driver {:?} instead of the cluster's {}",
            driver.as_str(),
            config["cgroupDriver"]
        ));
        config["cgroupDriver"] = driver.as_str().into();
    }
}
