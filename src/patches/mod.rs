//! A person's patches for what kinit generates: the directory given by `--patches`.
//!
//! Knows the names of files, what they target and how they are applied; refuses to know when. The directory is read
//! once in a process, at the first use, as kubeadm does.

mod directory;
mod json;
mod size;
mod strategic;

use std::cell::{Cell, OnceCell};

use camino::Utf8PathBuf;
use serde_json::Value;

use crate::host::{Host, HostError};
use crate::yaml::YamlError;
use directory::Contents;
use size::Room;
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
    /// A link to nothing.
    #[error(
        "could not read the patch file {file:?}: it is a link to a file that is not there; make that file, or remove \
         the link"
    )]
    NoFile {
        /// The link.
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
    /// Operations that would make too much of it.
    #[error("too large: {0}")]
    TooLarge(String),
    /// A merge patch that is no map.
    #[error("a merge patch has to be a map")]
    NotAMap,
    /// A strategic merge patch that cannot be merged.
    #[error(transparent)]
    Strategic(#[from] StrategicError),
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
            let _ = self.contents.set(directory::read(host, dir)?);
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

    /// A KubeletConfiguration as the kubelet will have it: patched, without a word.
    pub fn patched_kubelet_configuration(&self, host: &dyn Host, config: Value) -> Result<Value, PatchError> {
        self.quietly(|| self.apply(host, Target::KubeletConfiguration, config, &|_| ()))
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
    let patched = match kind {
        Kind::Json => json::apply(object, patch)?,
        Kind::Merge if !patch.is_object() => return Err(Misfit::NotAMap),
        Kind::Merge => {
            json_patch::merge(&mut object, patch);
            object
        }
        Kind::Strategic => merge_strategically(object, patch, target)?,
    };
    Room::new().take(&patched, 0)?;
    Ok(patched)
}

#[cfg(test)]
mod tests;
