//! The certificates of a cluster, as a list.
//!
//! Knows who signs whom and what each is for; the rules that fill in a configuration are in [`super::spec`].

use super::Usage;
use crate::config::InitConfig;
use crate::versions::{APISERVER_KUBELET_CLIENT_GROUP, ETCD_CLIENT_GROUP, History};

/// One certificate of the tree.
#[derive(Debug)]
pub struct Definition {
    /// The phase and the argument of `certs renew`: `etcd-server`.
    pub name: &'static str,
    /// The path below the certificates directory, without an ending: `etcd/server`.
    pub base_name: &'static str,
    /// What it is for, after "the".
    pub long_name: &'static str,
    /// The name of the authority that signs it; an authority signs itself.
    pub parent: Option<&'static str>,
    pub(super) subject: Subject,
    pub(super) names: Names,
    pub(super) usages: &'static [Usage],
}

/// Who a certificate is for.
#[derive(Debug)]
pub(super) enum Subject {
    /// The common name.
    Fixed(&'static str),
    /// The common name, and the organisation where the version has one.
    Of(&'static str, &'static History<Option<&'static str>>),
    /// The node's name.
    Node,
}

/// The names and addresses that a certificate is good for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Names {
    /// Its own common name.
    Own,
    /// None: nobody connects to it.
    None,
    ApiServer,
    EtcdServer,
    EtcdPeer,
}

/// The whole tree, each authority before what it signs, in kubeadm's order.
pub static CERTIFICATES: &[Definition] = &[
    authority(
        "ca",
        "ca",
        "self-signed Kubernetes CA to provision identities for other Kubernetes components",
        KUBERNETES,
    ),
    Definition {
        name: "apiserver",
        base_name: "apiserver",
        long_name: "certificate for serving the Kubernetes API",
        parent: Some("ca"),
        subject: Subject::Fixed("kube-apiserver"),
        names: Names::ApiServer,
        usages: &[Usage::Server],
    },
    client(
        "apiserver-kubelet-client",
        "apiserver-kubelet-client",
        "certificate for the API server to connect to kubelet",
        "ca",
        Subject::Of("kube-apiserver-kubelet-client", &APISERVER_KUBELET_CLIENT_GROUP),
    ),
    authority(
        "front-proxy-ca",
        "front-proxy-ca",
        "self-signed CA to provision identities for front proxy",
        "front-proxy-ca",
    ),
    client(
        "front-proxy-client",
        "front-proxy-client",
        "certificate for the front proxy client",
        "front-proxy-ca",
        Subject::Fixed("front-proxy-client"),
    ),
    authority(ETCD_CA, "etcd/ca", "self-signed CA to provision identities for etcd", "etcd-ca"),
    Definition {
        name: "etcd-server",
        base_name: "etcd/server",
        long_name: "certificate for serving etcd",
        parent: Some(ETCD_CA),
        subject: Subject::Node,
        names: Names::EtcdServer,
        usages: &[Usage::Server, Usage::Client],
    },
    Definition {
        name: "etcd-peer",
        base_name: "etcd/peer",
        long_name: "certificate for etcd nodes to communicate with each other",
        parent: Some(ETCD_CA),
        subject: Subject::Node,
        names: Names::EtcdPeer,
        usages: &[Usage::Server, Usage::Client],
    },
    client(
        "etcd-healthcheck-client",
        "etcd/healthcheck-client",
        "certificate for liveness probes to healthcheck etcd",
        ETCD_CA,
        Subject::Of("kube-etcd-healthcheck-client", &ETCD_CLIENT_GROUP),
    ),
    client(
        "apiserver-etcd-client",
        "apiserver-etcd-client",
        "certificate the apiserver uses to access etcd",
        ETCD_CA,
        Subject::Of("kube-apiserver-etcd-client", &ETCD_CLIENT_GROUP),
    ),
];

const KUBERNETES: &str = "kubernetes";
const ETCD_CA: &str = "etcd-ca";

const fn authority(
    name: &'static str,
    base_name: &'static str,
    long_name: &'static str,
    common_name: &'static str,
) -> Definition {
    let subject = Subject::Fixed(common_name);
    Definition { name, base_name, long_name, parent: None, subject, names: Names::Own, usages: &[] }
}

const fn client(
    name: &'static str,
    base_name: &'static str,
    long_name: &'static str,
    parent: &'static str,
    subject: Subject,
) -> Definition {
    let usages = &[Usage::Client];
    Definition { name, base_name, long_name, parent: Some(parent), subject, names: Names::None, usages }
}

impl Definition {
    /// The row of a name of the tree.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        CERTIFICATES.iter().find(|definition| definition.name == name)
    }

    /// The authority that signs it.
    #[must_use]
    pub fn authority(&self) -> Option<&'static Self> {
        self.parent.and_then(Self::named)
    }

    /// Whether it serves etcd, or is signed by etcd's authority: somebody else's when etcd is external.
    #[must_use]
    pub fn is_etcd(&self) -> bool {
        self.name == ETCD_CA || self.parent == Some(ETCD_CA)
    }

    /// Whether a cluster of this configuration has it.
    #[must_use]
    pub fn applies(&self, cfg: &InitConfig) -> bool {
        cfg.cluster.etcd.external.is_none() || !self.is_etcd()
    }
}
