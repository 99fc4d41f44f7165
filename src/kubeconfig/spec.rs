//! Which kubeconfig files a control plane has: who each is for, and which address it names.

use crate::config::InitConfig;
use crate::versions::{ADMIN_GROUP, KUBELET_SERVER_IS_LOCAL, MASTERS, SUPER_ADMIN, Version};

/// One kubeconfig file of a control-plane node.
#[derive(Debug)]
pub struct Definition {
    /// The phase: `controller-manager`.
    pub name: &'static str,
    /// The file's name: `controller-manager.conf`.
    pub file_name: &'static str,
    /// What it is for, after "the".
    pub long_name: &'static str,
    user: User,
    organization: fn(&Version) -> Option<&'static str>,
    server_is_local: fn(&InitConfig) -> bool,
    exists: fn(&Version) -> bool,
}

/// The user's name, which is the client certificate's common name.
#[derive(Debug)]
enum User {
    Named(&'static str),
    /// `system:node:` and the node's name.
    Node,
}

/// The kubeconfig files of a control-plane node, in kubeadm's order.
pub static KUBECONFIGS: &[Definition] = &[
    Definition {
        name: "admin",
        file_name: "admin.conf",
        long_name: "certificate embedded in the kubeconfig file for the admin to use and for kubeadm itself",
        user: User::Named("kubernetes-admin"),
        organization: |version| Some(*ADMIN_GROUP.at(version)),
        server_is_local: |_| false,
        exists: |_| true,
    },
    Definition {
        name: "super-admin",
        file_name: "super-admin.conf",
        long_name: "certificate embedded in the kubeconfig file for the super-admin",
        user: User::Named("kubernetes-super-admin"),
        organization: |_| Some(MASTERS),
        server_is_local: |_| false,
        exists: |version| *SUPER_ADMIN.at(version),
    },
    Definition {
        name: "kubelet",
        file_name: "kubelet.conf",
        long_name: "certificate embedded in the kubeconfig file for the kubelet to use",
        user: User::Node,
        organization: |_| Some("system:nodes"),
        server_is_local: |cfg| KUBELET_SERVER_IS_LOCAL.at(&cfg.version, &cfg.cluster.feature_gates),
        exists: |_| true,
    },
    Definition {
        name: "controller-manager",
        file_name: "controller-manager.conf",
        long_name: "certificate embedded in the kubeconfig file for the controller manager to use",
        user: User::Named("system:kube-controller-manager"),
        organization: |_| None,
        server_is_local: |_| true,
        exists: |_| true,
    },
    Definition {
        name: "scheduler",
        file_name: "scheduler.conf",
        long_name: "certificate embedded in the kubeconfig file for the scheduler manager to use",
        user: User::Named("system:kube-scheduler"),
        organization: |_| None,
        server_is_local: |_| true,
        exists: |_| true,
    },
];

/// What a kubelet's user name begins with.
pub const NODE_USER: &str = "system:node:";

impl Definition {
    /// The row of a phase's name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        KUBECONFIGS.iter().find(|definition| definition.name == name)
    }

    /// Whether a cluster of this configuration has it.
    #[must_use]
    pub fn applies(&self, cfg: &InitConfig) -> bool {
        (self.exists)(&cfg.version)
    }

    /// The user's name.
    #[must_use]
    pub fn user(&self, cfg: &InitConfig) -> String {
        match self.user {
            User::Named(name) => name.to_owned(),
            User::Node => format!("{NODE_USER}{}", cfg.node_name()),
        }
    }

    /// The user's group.
    #[must_use]
    pub fn organization(&self, cfg: &InitConfig) -> Option<&'static str> {
        (self.organization)(&cfg.version)
    }

    /// The URL of the API server that it names.
    #[must_use]
    pub fn server(&self, cfg: &InitConfig) -> String {
        let local = (self.server_is_local)(cfg);
        let endpoint = if local { cfg.network.local_endpoint() } else { cfg.network.control_plane_endpoint.clone() };
        format!("https://{endpoint}")
    }
}
