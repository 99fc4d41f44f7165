//! What `upgrade` is told: UpgradeConfiguration and its parts.

use serde::{Deserialize, Serialize};

use super::{Patches, Timeouts, empty};

api_type!(
    /// What the commands of `upgrade` do.
    UpgradeConfiguration {
        /// `upgrade apply`.
        apply: UpgradeApplyConfiguration,
        /// `upgrade diff`.
        diff: UpgradeDiffConfiguration,
        /// `upgrade node`.
        node: UpgradeNodeConfiguration,
        /// `upgrade plan`.
        plan: UpgradePlanConfiguration,
        /// How long each wait lasts at most.
        timeouts: Option<Timeouts>,
    }
);

api_type!(
    /// `upgrade apply`.
    UpgradeApplyConfiguration {
        /// The version to upgrade to.
        kubernetes_version: String,
        /// Also to alpha and beta versions.
        allow_experimental_upgrades: Option<bool>,
        /// Also to release candidates.
        #[serde(rename = "allowRCUpgrades")]
        allow_rc_upgrades: Option<bool>,
        /// Renew certificates.
        certificate_renewal: Option<bool>,
        /// Only say what would be done.
        dry_run: Option<bool>,
        /// Upgrade etcd.
        etcd_upgrade: Option<bool>,
        /// Whatever the checks say.
        force_upgrade: Option<bool>,
        /// Checks whose errors are warnings.
        ignore_preflight_errors: Vec<String>,
        /// Patches for generated manifests.
        patches: Option<Patches>,
        /// Show the configuration that is used.
        print_config: Option<bool>,
        /// Phases not to run.
        skip_phases: Vec<String>,
        /// Always, IfNotPresent or Never.
        image_pull_policy: String,
        /// Pull one image after the other.
        image_pull_serial: Option<bool>,
    }
);

api_type!(
    /// `upgrade diff`.
    UpgradeDiffConfiguration {
        /// The version to compare with.
        kubernetes_version: String,
        /// Lines around each difference.
        context_lines: i64,
    }
);

api_type!(
    /// `upgrade node`.
    UpgradeNodeConfiguration {
        /// Renew certificates.
        certificate_renewal: Option<bool>,
        /// Only say what would be done.
        dry_run: Option<bool>,
        /// Upgrade etcd.
        etcd_upgrade: Option<bool>,
        /// Checks whose errors are warnings.
        ignore_preflight_errors: Vec<String>,
        /// Phases not to run.
        skip_phases: Vec<String>,
        /// Patches for generated manifests.
        patches: Option<Patches>,
        /// Always, IfNotPresent or Never.
        image_pull_policy: String,
        /// Pull one image after the other.
        image_pull_serial: Option<bool>,
    }
);

api_type!(
    /// `upgrade plan`.
    UpgradePlanConfiguration {
        /// The version to upgrade to.
        kubernetes_version: String,
        /// Also to alpha and beta versions.
        allow_experimental_upgrades: Option<bool>,
        /// Also to release candidates.
        #[serde(rename = "allowRCUpgrades")]
        allow_rc_upgrades: Option<bool>,
        /// Only say what would be done.
        dry_run: Option<bool>,
        /// Upgrade etcd.
        etcd_upgrade: Option<bool>,
        /// Checks whose errors are warnings.
        ignore_preflight_errors: Vec<String>,
        /// Show the configuration that is used.
        print_config: Option<bool>,
    }
);
