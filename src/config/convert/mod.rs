//! Documents of every published version of `kubeadm.k8s.io`, one step after the other to the current one.
//!
//! A step takes all documents of its version at once, since a field may move from one kind to another. It relies on
//! [`super::schema`]: every field it finds is one of its version's, and has the right form.

mod beta;
mod etcd_image;
mod moves;
#[cfg(test)]
mod tests;
mod v1alpha1;
mod v1alpha2;
mod v1alpha3;

use super::document::{Document, GROUP};
use super::schema::ApiVersion::{self, V1, V1alpha1, V1alpha2, V1alpha3, V1beta1, V1beta2, V1beta3, V1beta4};
use super::schema::Kind;

/// A field that the next version has no place for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lost {
    /// The kind of the document that the field was given in.
    pub(super) kind: &'static str,
    /// `a.b[0].c`, in the last version that has it.
    pub(super) field: String,
    /// What to do instead.
    pub(super) instead: &'static str,
}

/// From all documents of one version to those of the next. The frame sets `version`; documents of another group than
/// kubeadm's, such as a KubeletConfiguration that was a field, say their own.
type Step = fn(Vec<Document>) -> (Vec<Document>, Vec<Lost>);

/// In order: what one step makes, a later one takes.
const STEPS: [(ApiVersion, ApiVersion, Step); 7] = [
    (V1alpha1, V1alpha2, v1alpha1::to_v1alpha2),
    (V1alpha2, V1alpha3, v1alpha2::to_v1alpha3),
    (V1alpha3, V1beta1, v1alpha3::to_v1beta1),
    (V1beta1, V1beta2, beta::unchanged),
    (V1beta2, V1beta3, beta::to_v1beta3),
    (V1beta3, V1beta4, beta::to_v1beta4),
    (V1, V1beta4, beta::from_v1),
];

/// Documents as the current version has them, and what it has no place for.
pub(super) fn to_current(mut documents: Vec<Document>) -> (Vec<Document>, Vec<Lost>) {
    let given: Vec<&Kind> = documents.iter().filter_map(|document| Some(document.known().ok()?.1)).collect();
    let current = |document: &Document| document.version == ApiVersion::CURRENT.name();
    let old_cluster = documents.iter().any(|document| document.kind == "ClusterConfiguration" && !current(document));
    let mut lost = Vec::new();
    for (from, to, step) in STEPS {
        let of_step = |document: &Document| document.group == GROUP && document.version == from.name();
        let (old, others): (Vec<_>, Vec<_>) = documents.into_iter().partition(of_step);
        documents = others;
        if old.is_empty() {
            continue;
        }
        let (mut new, gone) = step(old);
        for document in new.iter_mut().filter(|document| document.group == GROUP) {
            to.name().clone_into(&mut document.version);
        }
        documents.append(&mut new);
        lost.extend(gone);
    }
    if old_cluster {
        beta::control_plane_timeout(&mut documents);
    }
    for lost in &mut lost {
        lost.kind = as_given(&given, lost.kind);
    }
    (documents, lost)
}

/// The kind that was given for one that it became on the way.
fn as_given(given: &[&Kind], kind: &'static str) -> &'static str {
    let same = given.iter().find(|given| given.name == kind);
    let before = same.or_else(|| given.iter().find(|given| given.becomes.contains(&kind)));
    before.map_or(kind, |given| given.name)
}
