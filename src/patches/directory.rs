//! The directory of patches: which files count, what their names say, and what is in them.

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;

use super::{Kind, PatchError, Target};
use crate::host::{Host, HostError};
use crate::yaml;

const KINDS: [(&str, Kind); 3] = [("json", Kind::Json), ("merge", Kind::Merge), ("strategic", Kind::Strategic)];

/// One file of patches.
#[derive(Debug)]
pub(super) struct File {
    pub(super) path: Utf8PathBuf,
    pub(super) target: Target,
    pub(super) kind: Kind,
    pub(super) patches: Vec<Value>,
}

/// What the directory held, and what there is to say of it.
#[derive(Debug, Default)]
pub(super) struct Contents {
    pub(super) files: Vec<File>,
    pub(super) notes: Vec<String>,
}

pub(super) fn read(host: &dyn Host, dir: &Utf8Path) -> Result<Contents, PatchError> {
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
        let bytes = host.read(&path).map_err(unusable)?.ok_or_else(|| PatchError::NoFile { file: path.clone() })?;
        if bytes.is_empty() {
            contents.notes.push(format!("[patches] Ignoring empty file: {name:?}"));
            ignored.push(name.to_owned());
            continue;
        }
        found.push(name.to_owned());
        let patches = yaml::text(&bytes).and_then(|text| yaml::documents(&text));
        let mut patches = patches.map_err(|source| PatchError::Yaml { file: path.clone(), source })?;
        // No document is null, and in a merge patch null stands for a whole object.
        if kind == Kind::Merge && patches.is_empty() {
            patches.push(Value::Null);
        }
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
    match KINDS.into_iter().find(|(text, _)| kind.starts_with(text)) {
        Some((_, kind)) => Name::Patch(target, kind),
        None => Name::UnknownKind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files() {
        use Kind::{Json, Merge, Strategic};
        let patch = |target, kind| Name::Patch(target, kind);
        assert_eq!(parse_name("etcd.yaml"), patch(Target::Etcd, Strategic));
        assert_eq!(parse_name("etcdfoo.json"), patch(Target::Etcd, Strategic));
        assert_eq!(parse_name("kube-scheduler1+merge.yaml"), patch(Target::KubeScheduler, Merge));
        assert_eq!(parse_name("corednsdeployment+jsonish.yaml"), patch(Target::CoreDnsDeployment, Json));
        assert_eq!(parse_name("etcd.a+json.yaml"), patch(Target::Etcd, Strategic));
        assert_eq!(parse_name("etcd+.yaml"), Name::UnknownKind);
        assert_eq!(parse_name("etcd+Merge.yaml"), Name::UnknownKind);
        assert!(matches!(parse_name("etcd.yml"), Name::Other(_)));
        assert!(matches!(parse_name(".yaml"), Name::Other(_)));
        assert!(matches!(parse_name("Etcd.yaml"), Name::Other(_)));
    }
}
