//! What holds for every step.

use proptest::prelude::*;
use serde_json::{Map, Value};

use super::super::schema::{self, ApiVersion, Findings, arbitrary};
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
        for (_, to, step) in STEPS.iter().filter(|(from, ..)| from.name() == document.version) {
            let (mut new, _) = step(vec![document.clone()]);
            for document in &mut new {
                to.name().clone_into(&mut document.version);
            }
            prop_assert_eq!(strange(new), []);
        }
        prop_assert_eq!(strange(to_current(vec![document]).0), []);
    }
}
