//! What machines are made of, each part cached by its content: binaries, the Debian base, container images, and a containerd store that holds
//! the images already.

pub(crate) mod binaries;
pub(crate) mod debian;
mod go;
mod gomod;
pub(crate) mod images;
pub(crate) mod kubeadm;
mod layer;
pub(crate) mod store;
mod tarball;

use std::path::PathBuf;

use anyhow::Result;

use self::binaries::Binaries;
use crate::cache::Cache;
use crate::progress::step;

/// The Kubernetes that the lab runs when nothing else is asked for.
pub(crate) const KUBERNETES: &str = "v1.37.2";

/// Which Kubernetes, and where it comes from.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Source {
    /// Kubernetes version
    #[arg(long, value_name = "vX.Y.Z", default_value = KUBERNETES, value_parser = version)]
    pub(crate) kubernetes: String,
    /// Directory of official binaries, used instead of a build (kube-apiserver, …, kubelet, kubectl, kubeadm)
    #[arg(long, value_name = "DIR")]
    pub(crate) binaries: Option<PathBuf>,
}

/// A released version, with or without its `v`.
pub(crate) fn version(text: &str) -> Result<String, String> {
    let plain = text.strip_prefix('v').unwrap_or(text);
    let numbers = plain.split('.').filter(|part| part.parse::<u32>().is_ok()).count();
    if numbers == 3 && plain.split('.').count() == 3 && plain.starts_with("1.") {
        return Ok(format!("v{plain}"));
    }
    Err("a released version is wanted, like v1.37.2".into())
}

/// Everything that a machine needs, ready on disk.
#[derive(Debug, Clone)]
pub(crate) struct Parts {
    /// Root file system, shared read-only.
    pub(crate) debian: PathBuf,
    /// Directory with kubelet, kubectl, kubeadm.
    pub(crate) kubernetes: PathBuf,
    /// A `/var/lib/containerd` with every image in it.
    pub(crate) store: PathBuf,
    /// The version that the binaries call themselves.
    pub(crate) version: String,
    /// References of the images, the pause image among them.
    pub(crate) images: Vec<String>,
}

impl Parts {
    /// Takes everything from the cache, or makes it. The Debian base is mostly waiting for a network, the build mostly computing:
    /// they run side by side.
    pub(crate) fn get(cache: &Cache, source: &Source) -> Result<Self> {
        step("parts of a machine", || {
            let (debian, binaries) = std::thread::scope(|scope| {
                let debian = scope.spawn(|| debian::get(cache));
                let binaries = Binaries::get(cache, source);
                (debian.join(), binaries)
            });
            let debian = debian.map_err(|_| anyhow::anyhow!("making the Debian base panicked"))??;
            let binaries = binaries?;
            let store = store::get(cache, &debian, &binaries)?;
            Ok(Self {
                debian,
                kubernetes: binaries.kubernetes,
                store,
                version: binaries.version,
                images: binaries.images,
            })
        })
    }

    /// The reference of the pause image.
    pub(crate) fn pause(&self) -> &str {
        images::pause(&self.images)
    }
}
