//! The kubelet cannot read a static pod's manifest.

use super::{Seen, Signature, Verdict, text};

pub(super) const TABLE: &[Signature] = &[Signature {
    code: "KI-MANIFEST",
    words: &["Could not process manifest file"],
    cause: "the kubelet cannot read the static pod manifest {}",
    remedy: "mend the file, or the patch that made it so; other files do not belong into the manifests directory",
    commands: &["cat {}"],
    once: true,
}];

pub(super) fn judge(seen: &Seen) -> Option<Verdict> {
    let [signature] = TABLE else { return None };
    // Only files of the awaited pods: a stranger's broken file keeps nobody from starting.
    let ours = |path: &str| seen.components.iter().any(|it| path.ends_with(&format!("/{}.yaml", it.name)));
    let line = seen.kubelet_lines().rev().find(|line| {
        signature.matches(&line.text) && text::field(&line.text, "path").is_some_and(|path| ours(&path))
    })?;
    let path = text::field(&line.text, "path")?;
    let made = seen.components.iter().any(|it| path.ends_with(&format!("/{}.yaml", it.name)) && it.sandbox);
    let diagnosis = signature.diagnosis(&path, vec![format!("kubelet: {}", text::plain(&line.text))]);
    (!made).then_some(Verdict { diagnosis, certain: true })
}
