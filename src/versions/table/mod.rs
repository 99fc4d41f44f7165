//! The table of differences: one [`History`] for each fact, read from the sources of kubeadm's releases and compared
//! with what they make (`tests/it/minors.rs`).
//!
//! A row holds what the kubeadm of that minor does, and starts at the first release that is known to do it.

mod cluster;
mod credentials;
mod images;
mod kubelet;
mod static_pods;
#[cfg(test)]
mod tests;

pub use cluster::*;
pub use credentials::*;
pub use images::*;
pub use kubelet::*;
pub use static_pods::*;
