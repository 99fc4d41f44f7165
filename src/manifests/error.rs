//! Why a manifest cannot be made.

use crate::accounts::AccountsError;
use crate::host::HostError;
use crate::patches::PatchError;
use crate::yaml::YamlError;

/// A manifest that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// The patches don't fit.
    #[error("failed to patch static Pod manifest file for {component:?}")]
    Patch {
        /// The component's name.
        component: &'static str,
        /// Why not.
        source: Box<PatchError>,
    },
    /// What the patches made is no pod.
    #[error("the patched manifest of {component:?} is not a valid Pod object")]
    NotAPod {
        /// The component's name.
        component: &'static str,
        /// Why not.
        source: serde_json::Error,
    },
    /// It cannot be written as text.
    #[error("failed to marshal manifest for {component:?} to YAML")]
    Yaml {
        /// The component's name.
        component: &'static str,
        /// Why not.
        source: YamlError,
    },
    /// It cannot run as a user of its own.
    #[error("failed to run component {component:?} as non-root")]
    Rootless {
        /// The component's name.
        component: &'static str,
        /// Why not.
        source: AccountsError,
    },
    /// The file cannot be made.
    #[error("failed to create static pod manifest file for {component:?}")]
    File {
        /// The component's name.
        component: &'static str,
        /// Why not.
        source: HostError,
    },
}
