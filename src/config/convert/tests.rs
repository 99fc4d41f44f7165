//! What holds for every step; and that the configurations in `tests/golden/old-api` say all that can be said.

use proptest::prelude::*;
use serde_json::{Map, Value};

use super::super::document::File;
use super::super::findings::Findings;
use super::super::schema::{self, ApiVersion, arbitrary, samples};
use super::*;

fn document(version: ApiVersion, kind: &Kind, fields: Map<String, Value>) -> Document {
    Document { version: version.name().to_owned(), ..Document::of_kubeadm(kind.name, fields) }
}

/// What is the matter with a document's fields, by its own version; unknown ones are gone after this.
fn check(document: &mut Document) -> Findings {
    let (version, kind) = document.known().unwrap();
    schema::check(version, kind.fields, &mut document.fields)
}

/// Documents of kubeadm's group that are not as their versions have them.
fn strange(documents: Vec<Document>) -> Vec<(Document, Findings)> {
    let own = documents.into_iter().filter(|document| document.group == GROUP);
    let checked = own.map(|document| (document.clone(), check(&mut document.clone())));
    checked.filter(|(_, findings)| *findings != Findings::default()).collect()
}

#[test]
fn an_empty_document_loses_nothing() {
    for (from, ..) in STEPS {
        for kind in schema::kinds(from) {
            let (new, lost) = to_current(vec![document(from, kind, Map::new())]);
            assert_eq!(lost, []);
            assert_eq!(strange(new), [], "{from:?} {}", kind.name);
        }
    }
}

/// A token's `expires` is the exception: kubeadm refuses it, and those configurations are for it to judge.
#[test]
#[expect(clippy::disallowed_methods, reason = "a test reads its own files")]
fn the_golden_configurations_have_every_field() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/old-api");
    let files = std::fs::read_dir(folder).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap());
    let documents: Vec<Document> = files.flat_map(|file| File::open(&file).unwrap().1).collect();
    for version in [V1alpha1, V1alpha2, V1alpha3] {
        for kind in schema::kinds(version) {
            let mut of_kind =
                documents.iter().filter(|other| other.version == version.name() && other.kind == kind.name);
            let there = |path: &str, document: &Document| {
                let pointer = format!("/{}", path.replace("[0]", ".0").replace(".sample", ".node-1").replace('.', "/"));
                Value::Object(document.fields.clone()).pointer(&pointer).is_some()
            };
            for (path, ..) in samples::samples(version, kind) {
                let found = of_kind.clone().any(|document| there(&path, document));
                assert!(found || path.ends_with(".expires"), "{version:?} {}: {path}", kind.name);
            }
            assert!(of_kind.next().is_some());
        }
    }
}

fn any_document() -> impl Strategy<Value = Document> {
    let kinds: Vec<_> = STEPS.iter().flat_map(|(from, ..)| schema::kinds(*from).map(|kind| (*from, kind))).collect();
    prop::sample::select(kinds).prop_flat_map(|(version, kind)| {
        arbitrary::fields(version, kind.fields).prop_map(move |fields| document(version, kind, fields))
    })
}

proptest! {
    #[test]
    fn steps_never_panic(document in any_document()) {
        let _ = to_current(vec![document]);
    }

    #[test]
    fn each_step_ends_in_the_next_version(mut document in any_document()) {
        // What v1 has more than v1beta4 stays for validation.
        if document.version == V1.name() || !check(&mut document).wrong.is_empty() {
            return Ok(());
        }
        // A token of v1alpha1 is any text, and wrong only where it comes to be one of a list.
        if document.version == V1alpha1.name() {
            document.fields.remove("token");
            document.fields.remove("secrets");
        }
        for (_, to, step) in STEPS.iter().filter(|(from, ..)| from.name() == document.version) {
            let (mut new, _) = step(vec![document.clone()]);
            for document in &mut new {
                to.name().clone_into(&mut document.version);
            }
            if *to == V1beta4 {
                beta::control_plane_timeout(&mut new);
            }
            prop_assert_eq!(strange(new), []);
        }
        prop_assert_eq!(strange(to_current(vec![document]).0), []);
    }
}
