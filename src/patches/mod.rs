//! A person's patches for what kinit generates: the directory given by `--patches`.
//!
//! Knows the names of files, what they target and how they are applied; refuses to know when. The directory is read
//! once in a process, at the first use, as kubeadm does.

mod strategic;

use std::cell::{Cell, OnceCell};

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;

use crate::host::{Host, HostError};
use crate::yaml::{self, YamlError};
use strategic::Shape;
pub use strategic::StrategicError;

/// What can be patched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// etcd's static pod.
    Etcd,
    /// kube-apiserver's static pod.
    KubeApiserver,
    /// kube-controller-manager's static pod.
    KubeControllerManager,
    /// kube-scheduler's static pod.
    KubeScheduler,
    /// The node's own KubeletConfiguration.
    KubeletConfiguration,
    /// CoreDNS' Deployment.
    CoreDnsDeployment,
    /// kube-proxy's DaemonSet.
    KubeProxyDaemonSet,
}

impl Target {
    /// All of them, in kubeadm's order.
    pub const ALL: [Self; 7] = [
        Self::Etcd,
        Self::KubeApiserver,
        Self::KubeControllerManager,
        Self::KubeScheduler,
        Self::KubeletConfiguration,
        Self::CoreDnsDeployment,
        Self::KubeProxyDaemonSet,
    ];

    /// As files are named for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Etcd => "etcd",
            Self::KubeApiserver => "kube-apiserver",
            Self::KubeControllerManager => "kube-controller-manager",
            Self::KubeScheduler => "kube-scheduler",
            Self::KubeletConfiguration => "kubeletconfiguration",
            Self::CoreDnsDeployment => "corednsdeployment",
            Self::KubeProxyDaemonSet => "kubeproxydaemonset",
        }
    }

    const fn shape(self) -> Shape {
        match self {
            Self::Etcd | Self::KubeApiserver | Self::KubeControllerManager | Self::KubeScheduler => Shape::Pod,
            Self::CoreDnsDeployment | Self::KubeProxyDaemonSet => Shape::Workload,
            Self::KubeletConfiguration => Shape::Plain,
        }
    }
}

/// How a patch is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A list of operations, RFC 6902.
    Json,
    /// A piece of the object, RFC 7386.
    Merge,
    /// A piece of the object, merged by Kubernetes' rules.
    Strategic,
}

impl Kind {
    const NAMES: [(&str, Self); 3] = [("json", Self::Json), ("merge", Self::Merge), ("strategic", Self::Strategic)];

    const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json-patch+json",
            Self::Merge => "application/merge-patch+json",
            Self::Strategic => "application/strategic-merge-patch+json",
        }
    }
}

/// Patches that cannot be read or applied.
#[derive(Debug, thiserror::Error)]
pub enum PatchError {
    /// The directory, or what is in it, cannot be used.
    #[error("could not list patch files for path {dir:?}")]
    Directory {
        /// The directory.
        dir: Utf8PathBuf,
        /// Why not.
        source: HostError,
    },
    /// Nothing there, a file, or a link.
    #[error("could not list patch files for path {dir:?}: {reason}")]
    NotADirectory {
        /// What was given.
        dir: Utf8PathBuf,
        /// Which of these.
        reason: &'static str,
    },
    /// A file whose name ends in `+` and no type.
    #[error("the patch file {file:?}: unknown or missing patch type after '+', must be one of [json merge strategic]")]
    UnknownKind {
        /// The file.
        file: Utf8PathBuf,
    },
    /// A file that is not YAML.
    #[error("could not read the patch file {file:?}")]
    Yaml {
        /// The file.
        file: Utf8PathBuf,
        /// Why not.
        source: YamlError,
    },
    /// A patch that does not fit.
    #[error("could not apply the following patch of type {:?} to target {:?}, from the file {file:?}:\n{patch}\n",
            .kind.media_type(), .target.name())]
    Apply {
        /// The file.
        file: Utf8PathBuf,
        /// The patch's kind.
        kind: Kind,
        /// What it was for.
        target: Target,
        /// The patch, as JSON.
        patch: String,
        /// Why not.
        source: Misfit,
    },
}

/// Why a patch does not fit.
#[derive(Debug, thiserror::Error)]
pub enum Misfit {
    /// No list of operations.
    #[error("not a list of JSON patch operations")]
    NotOperations(#[source] serde_json::Error),
    /// An operation that fails.
    #[error(transparent)]
    Operation(json_patch::PatchError),
    /// A merge patch that is no map.
    #[error("a merge patch has to be a map")]
    NotAMap,
    /// A strategic merge patch that cannot be merged.
    #[error(transparent)]
    Strategic(#[from] StrategicError),
}

/// One file of patches.
#[derive(Debug)]
struct File {
    path: Utf8PathBuf,
    target: Target,
    kind: Kind,
    patches: Vec<Value>,
}

/// What the directory held, and what there is to say of it.
#[derive(Debug, Default)]
struct Contents {
    files: Vec<File>,
    notes: Vec<String>,
}

/// The patches of one run.
#[derive(Debug, Default)]
pub struct Patches {
    dir: Option<Utf8PathBuf>,
    contents: OnceCell<Contents>,
    noted: Cell<bool>,
}

impl Patches {
    /// Those in a directory; none when its name is empty. Nothing is read yet.
    #[must_use]
    pub fn in_directory(dir: &str) -> Self {
        Self { dir: Some(dir).filter(|dir| !dir.is_empty()).map(Utf8PathBuf::from), ..Self::default() }
    }

    /// Applies those for a target, in the order of their files, telling kubeadm's `[patches] …` lines.
    pub fn apply(
        &self,
        host: &dyn Host,
        target: Target,
        mut object: Value,
        say: &dyn Fn(&str),
    ) -> Result<Value, PatchError> {
        let Some(dir) = &self.dir else { return Ok(object) };
        if self.contents.get().is_none() {
            // Another call cannot have come in between: one thread.
            let _ = self.contents.set(read_directory(host, dir)?);
        }
        let Some(contents) = self.contents.get() else { return Ok(object) };
        if !self.noted.replace(true) {
            contents.notes.iter().for_each(|note| say(note));
        }
        for file in contents.files.iter().filter(|file| file.target == target) {
            for patch in &file.patches {
                object = apply_one(object, patch, file.kind, target).map_err(|source| PatchError::Apply {
                    file: file.path.clone(),
                    kind: file.kind,
                    target,
                    patch: patch.to_string(),
                    source,
                })?;
                say(&applied(file.kind, target));
            }
        }
        Ok(object)
    }

    /// Does something with the patches that is not to be told of, nor to count as the first use.
    pub fn quietly<T>(&self, act: impl FnOnce() -> T) -> T {
        let noted = self.noted.replace(true);
        let result = act();
        self.noted.set(noted);
        result
    }
}

/// kubeadm's words for a patch that was applied.
#[must_use]
pub fn applied(kind: Kind, target: Target) -> String {
    format!("[patches] Applied patch of type {:?} to target {:?}", kind.media_type(), target.name())
}

/// Merges one piece into an object by Kubernetes' rules for the target.
pub fn merge_strategically(object: Value, patch: &Value, target: Target) -> Result<Value, StrategicError> {
    strategic::merge(object, patch, target.shape())
}

fn apply_one(mut object: Value, patch: &Value, kind: Kind, target: Target) -> Result<Value, Misfit> {
    match kind {
        Kind::Json => {
            let operations: json_patch::Patch = serde_json::from_value(patch.clone()).map_err(Misfit::NotOperations)?;
            json_patch::patch(&mut object, &operations).map_err(Misfit::Operation)?;
            Ok(object)
        }
        Kind::Merge if !patch.is_object() => Err(Misfit::NotAMap),
        Kind::Merge => {
            json_patch::merge(&mut object, patch);
            Ok(object)
        }
        Kind::Strategic => Ok(merge_strategically(object, patch, target)?),
    }
}

fn read_directory(host: &dyn Host, dir: &Utf8Path) -> Result<Contents, PatchError> {
    let unusable = |source| PatchError::Directory { dir: dir.to_owned(), source };
    let stat = host.stat(dir).map_err(unusable)?;
    if !stat.is_some_and(|stat| stat.is_dir) || host.link(dir).map_err(unusable)?.is_some() {
        let reason = if stat.is_some() { "not a directory" } else { "no such directory" };
        return Err(PatchError::NotADirectory { dir: dir.to_owned(), reason });
    }
    let mut contents = Contents::default();
    let (mut found, mut ignored) = (Vec::new(), Vec::new());
    contents.notes.push(format!("[patches] Reading patches from path {:?}", dir.as_str()));
    for path in files_below(host, dir).map_err(unusable)? {
        let name = path.file_name().unwrap_or_default();
        let (target, kind) = match parse_name(name) {
            Name::Patch(target, kind) => (target, kind),
            Name::UnknownKind => return Err(PatchError::UnknownKind { file: path }),
            Name::Other(why) => {
                contents.notes.push(format!("[patches] Ignoring file {name:?}: {why}"));
                ignored.push(name.to_owned());
                continue;
            }
        };
        let bytes = host.read(&path).map_err(unusable)?.unwrap_or_default();
        if bytes.is_empty() {
            contents.notes.push(format!("[patches] Ignoring empty file: {name:?}"));
            ignored.push(name.to_owned());
            continue;
        }
        found.push(name.to_owned());
        let patches = yaml::text(&bytes).and_then(yaml::documents);
        let patches = patches.map_err(|source| PatchError::Yaml { file: path.clone(), source })?;
        contents.files.push(File { path, target, kind, patches });
    }
    if !found.is_empty() {
        contents.notes.push(format!("[patches] Found the following patch files: [{}]", found.join(" ")));
    }
    if !ignored.is_empty() {
        contents.notes.push(format!("[patches] Ignored the following files: [{}]", ignored.join(" ")));
    }
    Ok(contents)
}

/// The files in a directory and those below it, by name; links to directories count as files.
fn files_below(host: &dyn Host, dir: &Utf8Path) -> Result<Vec<Utf8PathBuf>, HostError> {
    let mut files = Vec::new();
    for path in host.list(dir)? {
        if host.stat(&path)?.is_some_and(|stat| stat.is_dir) && host.link(&path)?.is_none() {
            files.extend(files_below(host, &path)?);
        } else {
            files.push(path);
        }
    }
    Ok(files)
}

#[derive(Debug, PartialEq, Eq)]
enum Name {
    Patch(Target, Kind),
    UnknownKind,
    /// Why it is no patch.
    Other(String),
}

/// `target[suffix][+type].(json|yaml)`; a suffix ends at the first dot.
fn parse_name(name: &str) -> Name {
    let stem = name.strip_suffix(".json").or(name.strip_suffix(".yaml"));
    if stem.is_none_or(str::is_empty) {
        return Name::Other("the file extension must be one of [json yaml]".to_owned());
    }
    let Some(target) = Target::ALL.into_iter().find(|target| name.starts_with(target.name())) else {
        let names = Target::ALL.map(Target::name).join(" ");
        return Name::Other(format!("unknown target, must be one of [{names}]"));
    };
    let rest = &name[target.name().len()..];
    let rest = &rest[rest.find(['.', '+', '\n']).unwrap_or(rest.len())..];
    let Some(kind) = rest.strip_prefix('+') else { return Name::Patch(target, Kind::Strategic) };
    match Kind::NAMES.into_iter().find(|(text, _)| kind.starts_with(text)) {
        Some((_, kind)) => Name::Patch(target, kind),
        None => Name::UnknownKind,
    }
}
