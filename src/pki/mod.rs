//! Certificates and keys of a cluster.
//!
//! [`CERTIFICATES`] is the tree as a list; [`ensure`] makes one of its rows be there, and phases, renewal and lists
//! derive from it. What exists is used and never replaced; [`check_existing`] finds all that is wrong with it before
//! anything is changed. Keys come from a [`KeyPool`], made ahead. Refuses to know kubeconfig files and the cluster.

mod chain;
mod check;
mod constraints;
mod curve;
mod der;
mod ensure;
mod error;
mod external;
mod inspect;
mod issue;
mod keys;
mod pin;
mod pool;
mod service_account;
mod spec;
mod store;
#[cfg(test)]
pub(crate) mod tests;
mod tree;

pub use chain::{Chain, Refusal, Verdict};
pub use check::check_existing;
pub(crate) use check::{period, stray};
pub use constraints::NameConstraints;
pub use ensure::{Made, authority, ensure, keys_to_make, new_key, outlook};
pub use error::{Difference, PkiError};
pub use external::{external_ca, external_front_proxy_ca};
pub use inspect::{Certificate, NotACertificate, Usage};
pub use issue::{Authority, IssueError, self_signed, signed};
pub use keys::{KeyAlgorithm, KeyError, PrivateKey};
pub use pool::KeyPool;
pub use service_account::{
    SERVICE_ACCOUNT, ServiceAccountKey, ensure as ensure_service_account_key, outlook as service_account_outlook,
};
pub use spec::{Spec, leaf_expiry};
pub use store::{Pair, PkiDir, read_certificate};
pub use tree::{CERTIFICATES, Definition};
