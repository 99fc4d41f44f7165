//! The cluster as kinit writes and reads it.
//!
//! [`Api`] is an API server as one user, with convergent verbs over JSON documents; [`Clusters`] knows which user.
//! The objects are data in [`config_maps`], [`rbac`], [`tokens`], [`cluster_info`], [`certs_secret`], [`node`] and
//! [`addons`]. Refuses to know phases: what is written when is theirs.

pub mod addons;
pub mod certs_secret;
mod client;
pub mod cluster_info;
mod clusters;
pub mod compare;
pub mod config_maps;
pub mod dry_run;
mod endpoint;
mod error;
pub mod jws;
pub mod node;
pub mod rbac;
pub mod read_back;
pub mod resource;
pub mod tokens;
mod verbs;

#[cfg(test)]
mod tests;

pub use client::Api;
pub use clusters::{AdminAccess, Clusters};
pub use endpoint::Endpoint;
pub use error::{Cause, KubeError};

/// Namespace of the control plane.
pub const KUBE_SYSTEM: &str = "kube-system";
/// Namespace that everybody may read.
pub const KUBE_PUBLIC: &str = "kube-public";
