//! The kinds of documents that a configuration file may have, and their fields as tables. It knows no values of a case.

mod args;
pub(super) mod bootable;
mod cluster;
mod kubelet;
mod node;
mod proxy;
mod values;

use proptest::prelude::*;

use super::node::Node;
use super::setting::{Setting, V1BETA3};
use super::shape::Shape;

/// A kind of document.
pub(super) struct Api {
    pub(super) kind: &'static str,
    pub(super) shape: &'static Shape,
    /// Of a component; kubeadm's own kinds have the version of the setting.
    api_version: Option<&'static str>,
}

pub(super) static INIT: Api = own("InitConfiguration", &node::INIT);
pub(super) static CLUSTER: Api = own("ClusterConfiguration", &cluster::CLUSTER);
pub(super) static JOIN: Api = own("JoinConfiguration", &node::JOIN);
pub(super) static DRY_JOIN: Api = own("JoinConfiguration", &node::DRY_JOIN);
pub(super) static RESET: Api = own("ResetConfiguration", &node::RESET);
pub(super) static UPGRADE: Api = own("UpgradeConfiguration", &node::UPGRADE);
pub(super) static KUBELET: Api =
    Api { kind: "KubeletConfiguration", shape: &kubelet::KUBELET, api_version: Some("kubelet.config.k8s.io/v1beta1") };
pub(super) static PROXY: Api =
    Api { kind: "KubeProxyConfiguration", shape: &proxy::PROXY, api_version: Some("kubeproxy.config.k8s.io/v1alpha1") };

/// Every kind.
#[cfg(test)]
pub(super) const ALL: &[&Api] = &[&INIT, &CLUSTER, &JOIN, &DRY_JOIN, &RESET, &UPGRADE, &KUBELET, &PROXY];

const fn own(kind: &'static str, shape: &'static Shape) -> Api {
    Api { kind, shape, api_version: None }
}

impl Api {
    /// Whether the setting's version of kubeadm's API has it. Before v1.36 kubeadm passes over an UpgradeConfiguration, whatever is in it.
    pub(super) fn exists(&self, setting: &Setting) -> bool {
        let read = self.kind != UPGRADE.kind || setting.minor >= 36;
        read && (setting.api != V1BETA3 || ![RESET.kind, UPGRADE.kind].contains(&self.kind))
    }

    /// Good documents of this kind.
    pub(super) fn strategy(&'static self, setting: &Setting) -> BoxedStrategy<Document> {
        // Components have so many fields that a tenth of them is a long document.
        let scale = if self.api_version.is_some() { 0.25 } else { 1.0 };
        let setting = Setting { density: setting.density * scale, ..setting.clone() };
        let version = self.api_version.map_or_else(|| format!("kubeadm.k8s.io/{}", setting.api), str::to_owned);
        let head = [("apiVersion".to_owned(), Node::text(version)), ("kind".to_owned(), Node::text(self.kind))];
        let fields = self.shape.strategy(&setting);
        fields.prop_map(move |fields| Document { api: self, node: with_head(&head, fields) }).boxed()
    }
}

fn with_head(head: &[(String, Node)], fields: Node) -> Node {
    let Node::Map(fields) = fields else { unreachable!("a kind is an object") };
    Node::Map(head.iter().cloned().chain(fields).collect())
}

/// One document of a file.
#[derive(Clone)]
pub(super) struct Document {
    pub(super) api: &'static Api,
    pub(super) node: Node,
}

impl std::fmt::Debug for Document {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}: {:?}", self.api.kind, self.node)
    }
}
