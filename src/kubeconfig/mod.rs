//! kubeconfig files: who a component is, and which API server it talks to.
//!
//! [`KUBECONFIGS`] is the list of those that a control plane has; [`ensure`] makes one of them be there. What exists
//! is used and never replaced; [`check_existing`] finds what is wrong with it before anything is changed. Refuses to
//! talk to any server.

mod data;
mod ensure;
mod error;
mod file;
mod rotate;
mod spec;
#[cfg(test)]
mod tests;

pub use data::{decode, encode, normalize};
pub use ensure::{Written, check_existing, ensure, keys_to_make, outlook};
pub use error::KubeconfigError;
pub use file::{Cluster, Credentials, FormatError, Kubeconfig, Source};
pub use rotate::point_to_rotated_certificate;
pub use spec::{Definition, KUBECONFIGS, NODE_USER};
