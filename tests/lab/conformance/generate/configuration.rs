//! Configuration files: which documents they have, what is wrong with them, how they are written.

use proptest::prelude::*;
use proptest::strategy::Union;
use proptest::{option, sample};

use super::api::{self, Api, Document, bootable};
use super::node::Node;
use super::setting::{Setting, V1BETA3, V1BETA4};
use super::slip::{self, Slip};
use super::style::{self, Style};
use super::write;

/// A configuration file.
#[derive(Debug, Clone)]
pub(super) struct Configuration {
    pub(super) text: String,
    /// Where its certificates are.
    pki: String,
}

impl Configuration {
    /// The directory of its certificates.
    pub(super) fn pki(&self) -> &str {
        &self.pki
    }
}

/// What a file is for, by the documents that it has; each with how likely it is there.
pub(super) type Documents = &'static [(&'static Api, f64)];

pub(super) const FOR_INIT: Documents =
    &[(&api::CLUSTER, 1.0), (&api::INIT, 1.0), (&api::KUBELET, 0.2), (&api::PROXY, 0.2)];
pub(super) const FOR_KUBELET: Documents = &[(&api::CLUSTER, 1.0), (&api::INIT, 1.0), (&api::KUBELET, 0.7)];
pub(super) const FOR_DRY_JOIN: Documents = &[(&api::DRY_JOIN, 1.0), (&api::KUBELET, 0.05)];
pub(super) const FOR_RESET: Documents = &[(&api::RESET, 1.0)];
pub(super) const ANY: Documents = &[
    (&api::CLUSTER, 0.6),
    (&api::INIT, 0.6),
    (&api::JOIN, 0.4),
    (&api::RESET, 0.3),
    (&api::UPGRADE, 0.3),
    (&api::KUBELET, 0.15),
    (&api::PROXY, 0.15),
];

/// Of a machine that is to become a control plane.
const BOOTABLE: Documents =
    &[(&bootable::CLUSTER, 1.0), (&bootable::INIT, 0.9), (&bootable::KUBELET, 1.0), (&bootable::PROXY, 0.6)];

/// Whether a minor has a version of the API with one of the documents.
pub(super) fn possible(documents: Documents, minor: u64) -> bool {
    settings(minor).iter().any(|(_, setting)| documents.iter().any(|(api, _)| api.exists(setting)))
}

/// Files for this minor's kubeadm.
pub(super) fn strategy(documents: Documents, minor: u64) -> BoxedStrategy<Configuration> {
    let settings = settings(minor).into_iter().map(|(weight, setting)| (weight, with_setting(documents, &setting)));
    Union::new_weighted(settings.collect()).boxed()
}

/// The circumstances that a minor is tried in, the simplest first.
fn settings(minor: u64) -> Vec<(u32, Setting)> {
    let apis: &[(u32, &'static str)] = match minor {
        37.. => &[(1, V1BETA4)],
        31..=36 => &[(5, V1BETA4), (1, V1BETA3)],
        _ => &[(1, V1BETA3)],
    };
    let families = [(6, 0), (1, 1), (2, 2)];
    let densities = [(3, 0.15), (2, 0.4)];
    let mut settings = Vec::new();
    for (likely, api) in apis {
        for (family_weight, family) in families {
            for (density_weight, density) in densities {
                settings.push((likely * family_weight * density_weight, Setting { minor, api, family, density }));
            }
        }
    }
    settings
}

/// Files that a machine of the lab becomes a control plane of this version with.
pub(super) fn bootable(version: &str) -> impl Strategy<Value = String> {
    let setting = Setting { minor: 37, api: V1BETA4, family: 0, density: 0.4 };
    let version = version.to_owned();
    (good(BOOTABLE, &setting), style::strategy()).prop_map(move |(mut documents, style)| {
        for document in documents.iter_mut().filter(|document| document.api.kind == api::CLUSTER.kind) {
            *document.node.entry("kubernetesVersion") = Node::text(&*version);
        }
        written(&documents, &style, &("", "---\n", "\n"))
    })
}

/// Documents with nothing wrong in them, in any order.
fn good(documents: Documents, setting: &Setting) -> impl Strategy<Value = Vec<Document>> + use<> {
    let documents: Vec<_> = documents
        .iter()
        .filter(|(api, _)| api.exists(setting))
        .map(|(api, likely)| match likely {
            1.0 => api.strategy(setting).prop_map(Some).boxed(),
            likely => option::weighted(*likely, api.strategy(setting)).boxed(),
        })
        .collect();
    documents.prop_map(|documents| documents.into_iter().flatten().collect::<Vec<_>>()).prop_shuffle()
}

fn with_setting(documents: Documents, setting: &Setting) -> BoxedStrategy<Configuration> {
    let documents = good(documents, setting);
    let slips = [option::weighted(0.18, slip_in_file()), option::weighted(0.04, slip_in_file())];
    let text = option::weighted(0.03, sample::select(TEXT_SLIPS));
    let setting = setting.clone();
    (documents, slips, style::strategy(), separators(), text)
        .prop_map(move |(mut documents, slips, style, separators, text)| {
            let pki = pki(&documents);
            let good = documents.clone();
            for (document, slip) in slips.into_iter().flatten() {
                if !documents.is_empty() {
                    let at = document.index(documents.len());
                    slip.apply(&mut documents[at], &setting);
                }
            }
            let comparable = |kept: bool| kept || setting.minor >= OWN_MINOR;
            if !comparable(names_version(&documents) || !names_version(&good)) {
                documents = good;
            }
            let written = written(&documents, &style, &separators);
            let slipped = text.map(|slip| slip(&written));
            let slipped = slipped.filter(|text| comparable(text.contains(VERSION) || !written.contains(VERSION)));
            Configuration { text: slipped.unwrap_or(written), pki }
        })
        .boxed()
}

/// Where no version is named, each program takes its own, and an older kubeadm's is not kinit's.
const OWN_MINOR: u64 = 37;
const VERSION: &str = "kubernetesVersion";

/// Whether a ClusterConfiguration that an older kubeadm reads says a whole version.
fn names_version(documents: &[Document]) -> bool {
    let read = |node: &Node, field: &str, wanted: &str| node.str(&[field]).is_some_and(|text| text.starts_with(wanted));
    documents.iter().map(|document| &document.node).any(|node| {
        read(node, "kind", "ClusterConfiguration")
            && read(node, "apiVersion", "kubeadm.k8s.io/v1beta")
            && node.str(&[VERSION]).is_some_and(|version| version.contains('.'))
    })
}

fn slip_in_file() -> impl Strategy<Value = (sample::Index, Slip)> {
    (any::<sample::Index>(), slip::strategy())
}

/// What stands before the first document, between two, and at a line's end.
type Separators = (&'static str, &'static str, &'static str);

fn separators() -> impl Strategy<Value = Separators> {
    (
        sample::select(vec!["", "", "---\n", "# kubeadm\n", "\n\n"]),
        sample::select(vec!["---\n", "---\n", "---\n", "--- \n", "\n---\n\n", "---\n# next\n"]),
        prop_oneof![12 => Just("\n"), 1 => Just("\r\n")],
    )
}

fn written(documents: &[Document], style: &Style, (start, between, end): &Separators) -> String {
    let texts: Vec<String> = documents.iter().map(|document| write::document(&document.node, style)).collect();
    format!("{start}{}", texts.join(between)).replace('\n', end)
}

/// What happens to a text on its way into a file.
const TEXT_SLIPS: &[fn(&str) -> String] = &[
    |text| text.replacen("  ", "\t", 1),
    |text| text.chars().take(text.chars().count() / 2).collect(),
    |text| format!("\u{feff}{text}"),
    |text| text.replacen(": ", ":", 1),
    |text| text.replacen("---\n", "--- # next\n", 1),
    |text| if text.is_empty() { String::new() } else { format!("{text}...\n") },
    |text| format!("---\n---\n{text}"),
    |text| format!("# only words\n---\n{text}"),
    |text| format!("{text}---\n# only words\n"),
    |text| format!("{text}\n---\n\n---\n"),
    |text| format!("%YAML 1.2\n---\n{text}"),
    |text| format!("{text}---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n"),
    |text| format!("{text}---\n{text}"),
    |text| format!("{text}---\n- a\n- b\n"),
    |text| format!("{text}---\njust words\n"),
    |text| format!("{text}\0"),
    |_| String::new(),
];

fn pki(documents: &[Document]) -> String {
    let named = documents.iter().find_map(|document| document.node.str(&["certificatesDir"]));
    named.unwrap_or("/etc/kubernetes/pki").trim_end_matches('/').to_owned()
}
