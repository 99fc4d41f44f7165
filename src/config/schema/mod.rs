//! The fields of every kind of `kubeadm.k8s.io`, in every version that was published.
//!
//! Data: a field's name, the versions that have it, and its form. Refuses to know what a field means and how one version
//! becomes another.

mod alpha;
#[cfg(test)]
pub(super) mod arbitrary;
mod beta;
mod check;
#[cfg(test)]
pub(super) mod samples;

use std::ops::RangeInclusive;

use super::shape::Shape;

pub(super) use check::check;

/// A version of the group, the oldest first; `v1` is experimental.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ApiVersion {
    V1alpha1,
    V1alpha2,
    V1alpha3,
    V1beta1,
    V1beta2,
    V1beta3,
    V1beta4,
    V1,
}

const NAMES: [(&str, ApiVersion); 8] = [
    ("v1alpha1", ApiVersion::V1alpha1),
    ("v1alpha2", ApiVersion::V1alpha2),
    ("v1alpha3", ApiVersion::V1alpha3),
    ("v1beta1", ApiVersion::V1beta1),
    ("v1beta2", ApiVersion::V1beta2),
    ("v1beta3", ApiVersion::V1beta3),
    ("v1beta4", ApiVersion::V1beta4),
    ("v1", ApiVersion::V1),
];

impl ApiVersion {
    /// The one that is written, and that the types are of.
    pub(super) const CURRENT: Self = Self::V1beta4;

    /// Every version.
    #[cfg(test)]
    pub(super) fn all() -> impl Iterator<Item = Self> {
        NAMES.iter().map(|(_, version)| *version)
    }

    /// The version of this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        NAMES.iter().find(|(known, _)| *known == name).map(|(_, version)| *version)
    }

    /// As it stands behind the group.
    pub(super) fn name(self) -> &'static str {
        NAMES.iter().find(|(_, version)| *version == self).map_or("", |(name, _)| name)
    }
}

/// The first and the last version that has something.
type Versions = RangeInclusive<ApiVersion>;

/// A kind of document.
#[derive(Debug)]
pub(super) struct Kind {
    pub(super) name: &'static str,
    versions: Versions,
    pub(super) fields: Group,
    /// Kinds of the current version that its fields go to.
    pub(super) becomes: &'static [&'static str],
}

/// Fields that stand together. A name may come twice, for versions that do not overlap.
pub(super) type Group = &'static [Field];

/// Name, versions, form.
#[derive(Debug)]
pub(super) struct Field(&'static str, Versions, Form);

/// What a field holds.
#[derive(Debug, Clone, Copy)]
enum Form {
    /// A value.
    Is(Shape),
    /// Fields of its own.
    Fields(Group),
    /// A list of such groups.
    List(Group),
    /// Such groups by name.
    Named(Group),
}

/// The kind of this name in this version.
pub(super) fn kind(version: ApiVersion, name: &str) -> Option<&'static Kind> {
    kinds(version).find(|kind| kind.name == name)
}

/// The kinds of a version.
pub(super) fn kinds(version: ApiVersion) -> impl Iterator<Item = &'static Kind> {
    alpha::KINDS.iter().chain(beta::KINDS).filter(move |kind| kind.versions.contains(&version))
}
