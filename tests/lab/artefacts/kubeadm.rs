//! The real kubeadm of each minor, alone: one program from the Go module, without the cluster around it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::{binaries, gomod};
use crate::cache::Cache;

/// The last patch release of each minor whose modules the checksum database has all of.
pub(crate) const RELEASES: [(u64, &str); 15] = [
    (23, "v1.23.17"),
    (24, "v1.24.17"),
    (25, "v1.25.4"),
    (26, "v1.26.3"),
    (27, "v1.27.4"),
    (28, "v1.28.15"),
    (29, "v1.29.15"),
    (30, "v1.30.4"),
    (31, "v1.31.4"),
    (32, "v1.32.2"),
    (33, "v1.33.13"),
    (34, "v1.34.4"),
    (35, "v1.35.4"),
    (36, "v1.36.3"),
    (37, super::KUBERNETES),
];

/// kubeadm imports no package that its module would need but this one.
const TOOLS: &str = "//go:build tools\n\npackage lab\n\nimport _ \"k8s.io/kubernetes/cmd/kubeadm/app\"\n";

/// The program of this version (`v1.37.2`), from the cache or built now.
pub(crate) fn get(cache: &Cache, version: &str) -> Result<PathBuf> {
    let flags = binaries::version_flags(version)?;
    let outputs = [("kubeadm", "k8s.io/kubernetes/cmd/kubeadm", flags.as_str())];
    let module = |folder: &Path| gomod::kubernetes(folder, version);
    let built = binaries::build(cache, &format!("kubeadm-{version}"), &[("tools.go", TOOLS)], module, &outputs)
        .with_context(|| format!("cannot build kubeadm {version}"))?;
    Ok(built.join("kubeadm"))
}

/// The minor of a version: `v1.37.2` is of 37.
pub(crate) fn minor(version: &str) -> Result<u64> {
    let minor = version.split('.').nth(1).and_then(|minor| minor.parse().ok());
    minor.with_context(|| format!("{version} is no v1.X.Y"))
}
