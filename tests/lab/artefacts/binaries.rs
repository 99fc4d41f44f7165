//! The real Kubernetes, etcd and CoreDNS, built from their Go modules (no Debian package has them), or a directory of official binaries.
//!
//! The components of Kubernetes are one program that looks at its own name: it links once instead of six times and is 150 MB instead of 530.
//! kubeadm stays a binary of its own: it is the reference that kinit is compared with.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::{Source, go, gomod};
use crate::cache::Cache;
use crate::command::{check, command};

/// The names that the one Kubernetes program answers to.
const COMPONENTS: [&str; 6] =
    ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy", "kubelet", "kubectl"];
const MAIN: &str = include_str!("../go/kubernetes/main.go");
const TOOLS: &str = include_str!("../go/kubernetes/tools.go");
const ETCD: &str = include_str!("../go/etcd/main.go");
const COREDNS: &str = include_str!("../go/coredns/main.go");
const PAUSE: &str = include_str!("../go/pause/main.go");

/// Programs, each in a directory of its own, and the images that they belong to.
#[derive(Debug, Clone)]
pub(crate) struct Binaries {
    pub(crate) version: String,
    pub(crate) kubernetes: PathBuf,
    pub(crate) etcd: PathBuf,
    pub(crate) coredns: PathBuf,
    pub(crate) pause: PathBuf,
    pub(crate) images: Vec<String>,
}

impl Binaries {
    /// Takes the binaries from the cache or the given directory, and builds what is in neither.
    pub(crate) fn get(cache: &Cache, source: &Source) -> Result<Self> {
        let kubernetes = match &source.binaries {
            Some(folder) => official(folder)?,
            None => build_kubernetes(cache, &source.kubernetes)?,
        };
        let version = check(&mut command(path(&kubernetes.join("kubeadm"))?, &["version", "-o", "short"]))?;
        let version = version.trim().to_owned();
        // kubeadm knows which etcd, CoreDNS and pause belong to it, for any version.
        let images = check(&mut command(
            path(&kubernetes.join("kubeadm"))?,
            &["config", "images", "list", "--kubernetes-version", &version],
        ))?;
        let images: Vec<String> = images.lines().map(str::to_owned).collect();
        let given = |name: &str| source.binaries.iter().find(|folder| folder.join(name).is_file()).cloned();
        let etcd = given("etcd").map_or_else(|| build_etcd(cache, &images), Ok)?;
        let coredns = given("coredns").map_or_else(|| build_coredns(cache, &images), Ok)?;
        let pause = build(cache, "pause", &[("main.go", PAUSE)], |_| Ok(()), &[("pause", "main.go", "-s -w")])?;
        Ok(Self { version, kubernetes, etcd, coredns, pause, images })
    }
}

fn official(folder: &Path) -> Result<PathBuf> {
    let missing: Vec<&str> =
        COMPONENTS.into_iter().chain(["kubeadm"]).filter(|name| !folder.join(name).is_file()).collect();
    if !missing.is_empty() {
        bail!("{} lacks {}", folder.display(), missing.join(", "));
    }
    fs::canonicalize(folder).with_context(|| format!("cannot use {}", folder.display()))
}

/// The linker's flags for a program of Kubernetes that knows its version. Without them it calls itself v0.0.0, and every version check goes wrong.
pub(super) fn version_flags(version: &str) -> Result<String> {
    let minor = version.split('.').nth(1).with_context(|| format!("{version} is no vX.Y.Z"))?;
    let flags = ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"].map(|package| {
        format!(
            " -X {package}.gitVersion={version} -X {package}.gitMajor=1 -X {package}.gitMinor={minor} \
             -X {package}.gitTreeState=clean -X {package}.gitCommit={}",
            "0".repeat(40)
        )
    });
    Ok(format!("-s -w{}", flags.concat()))
}

fn build_kubernetes(cache: &Cache, version: &str) -> Result<PathBuf> {
    let flags = version_flags(version)?;
    let outputs = [("kubeadm", "k8s.io/kubernetes/cmd/kubeadm", flags.as_str()), ("kubernetes", ".", flags.as_str())];
    let name = format!("kubernetes-{version}");
    let module = |folder: &Path| gomod::kubernetes(folder, version);
    let built = build(cache, &name, &[("main.go", MAIN), ("tools.go", TOOLS)], module, &outputs)?;
    for component in COMPONENTS {
        match symlink("kubernetes", built.join(component)) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => return Err(error.into()),
            _ => {}
        }
    }
    Ok(built)
}

fn build_etcd(cache: &Cache, images: &[String]) -> Result<PathBuf> {
    let tag = tag(images, "/etcd:")?;
    let version = format!("v{}", tag.split('-').next().unwrap_or(tag));
    let module = |folder: &Path| gomod::single(folder, "go.etcd.io/etcd/server/v3", &version);
    build(cache, &format!("etcd-{version}"), &[("main.go", ETCD)], module, &[("etcd", ".", "-s -w")])
}

fn build_coredns(cache: &Cache, images: &[String]) -> Result<PathBuf> {
    let version = tag(images, "/coredns:")?;
    let module = |folder: &Path| gomod::single(folder, "github.com/coredns/coredns", version);
    build(cache, &format!("coredns-{version}"), &[("main.go", COREDNS)], module, &[("coredns", ".", "-s -w")])
}

/// One artefact with the programs `outputs` (name, package, linker flags) of a module made of `sources`.
pub(super) fn build(
    cache: &Cache,
    name: &str,
    sources: &[(&str, &str)],
    module: impl Fn(&Path) -> Result<()>,
    outputs: &[(&str, &str, &str)],
) -> Result<PathBuf> {
    let mut inputs: Vec<&str> = vec!["2"];
    inputs.extend(sources.iter().map(|source| source.1));
    inputs.extend(outputs.iter().map(|output| output.2));
    cache.artefact(name, &inputs, |draft| {
        go::ensure()?;
        // Always the same place: Go's build cache knows a main package by it.
        let source = draft.join("source");
        fs::create_dir(&source)?;
        for (file, text) in sources {
            fs::write(source.join(file), text)?;
        }
        module(&source)?;
        for (output, package, flags) in outputs {
            let mut go = go::go(&["build", "-ldflags", flags, "-o"]);
            go.arg(draft.join(output)).arg(package).current_dir(&source);
            check(go.env("CGO_ENABLED", "0").env("GOFLAGS", ""))?;
        }
        fs::remove_dir_all(source).map_err(Into::into)
    })
}

fn tag<'a>(images: &'a [String], name: &str) -> Result<&'a str> {
    let tagged = images.iter().find_map(|image| image.split_once(name).map(|parts| parts.1));
    tagged.with_context(|| format!("kubeadm lists no image with {name} in {images:?}"))
}

fn path(path: &Path) -> Result<&str> {
    path.to_str().with_context(|| format!("{} is not UTF-8", path.display()))
}
