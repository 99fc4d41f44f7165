//! The container images, under the names that kubeadm lists: the four components on one layer (their program looks at its own name), and
//! etcd, CoreDNS and pause beside them.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::binaries::Binaries;
use super::layer::{self, Layer};
use super::tarball::{self, Image};
use crate::cache::Cache;

/// An image with a shell, getent and curl, for pods that tests start; it is kube-proxy's layer under another name.
pub(crate) const TOOLS: &str = "lab.invalid/tools:1";

/// The pause image among `images`.
pub(crate) fn pause(images: &[String]) -> &str {
    images.iter().find(|image| image.contains("/pause:")).map_or("registry.k8s.io/pause:3.10.2", String::as_str)
}

/// A directory of docker-archives.
pub(crate) fn get(cache: &Cache, debian: &Path, binaries: &Binaries) -> Result<PathBuf> {
    let mut inputs = vec!["2".to_owned(), debian.display().to_string(), layer::TOOLS.join(" ")];
    inputs.extend(binaries.images.clone());
    for folder in [&binaries.kubernetes, &binaries.etcd, &binaries.coredns, &binaries.pause] {
        inputs.push(format!("{} {}", folder.display(), stamp(folder)?));
    }
    let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
    cache.artefact("images", &inputs, |draft| {
        std::thread::scope(|scope| {
            let jobs = [
                scope.spawn(|| components(draft, debian, binaries)),
                scope.spawn(|| single(draft, "etcd", &binaries.etcd, "usr/local/bin/etcd", &binaries.images)),
                scope.spawn(|| single(draft, "coredns", &binaries.coredns, "coredns", &binaries.images)),
                scope.spawn(|| single(draft, "pause", &binaries.pause, "pause", &binaries.images)),
            ];
            jobs.into_iter().try_for_each(|job| job.join().map_err(|_| anyhow::anyhow!("making an image panicked"))?)
        })
    })
}

fn components(draft: &Path, debian: &Path, binaries: &Binaries) -> Result<()> {
    let place = draft.join("components.layer");
    let mut layer = Layer::create(&place)?;
    layer.tools(debian)?;
    // The built directory holds one program and links to it; an official one holds four programs.
    if binaries.kubernetes.join("kubernetes").is_file() {
        layer.add(&binaries.kubernetes.join("kubernetes"), "usr/local/bin/kubernetes")?;
    }
    let components = ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy"];
    for component in components {
        layer.add(&binaries.kubernetes.join(component), &format!("usr/local/bin/{component}"))?;
    }
    layer.finish()?;
    let references =
        components.map(|component| find(&binaries.images, component).map(|reference| (reference, component)));
    let mut images = Vec::new();
    for found in references {
        let (reference, entrypoint) = found?;
        images.push(Image { reference, entrypoint });
    }
    images.push(Image { reference: TOOLS, entrypoint: "sh" });
    tarball::write(&draft.join("components.tar"), &place, &images)?;
    fs::remove_file(place).map_err(Into::into)
}

fn single(draft: &Path, name: &str, folder: &Path, program: &str, images: &[String]) -> Result<()> {
    let place = draft.join(format!("{name}.layer"));
    let mut layer = Layer::create(&place)?;
    layer.add(&folder.join(name), program)?;
    layer.finish()?;
    let image = Image { reference: find(images, name)?, entrypoint: &format!("/{program}") };
    tarball::write(&draft.join(format!("{name}.tar")), &place, &[image])?;
    fs::remove_file(place).map_err(Into::into)
}

fn find<'a>(images: &'a [String], name: &str) -> Result<&'a str> {
    let found = images.iter().find(|image| image.contains(&format!("/{name}:")));
    found.map(String::as_str).with_context(|| format!("kubeadm lists no image {name}"))
}

/// Changes when a directory of binaries is filled anew.
fn stamp(folder: &Path) -> Result<String> {
    let mut lines = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let meta = entry.metadata()?;
        let changed = meta.modified()?.duration_since(std::time::UNIX_EPOCH)?.as_nanos();
        lines.push(format!("{} {} {changed}", entry.file_name().to_string_lossy(), meta.len()));
    }
    lines.sort();
    Ok(lines.join("\n"))
}
