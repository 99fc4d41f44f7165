use camino::Utf8Path;
use serde_json::json;

use super::*;
use crate::host::RealHost;

fn written(form: &str, documents: &[Value]) -> String {
    let host = RealHost::new(Utf8Path::new("/"));
    match Format::parse(form, &host).and_then(|format| format.write(documents, true)) {
        Ok(text) => text.unwrap_or_else(|| "for people".to_owned()),
        Err(error) => format!("!{error}"),
    }
}

#[test]
fn several_documents_stand_apart() {
    let two = [json!({"a": 1}), json!({"a": "b"})];
    assert_eq!(written("text", &two), "for people");
    assert_eq!(written("json", &two), "{\n    \"a\": 1\n}\n{\n    \"a\": \"b\"\n}\n");
    assert_eq!(written("yaml", &two), "a: 1\n---\na: b\n");
    assert_eq!(written("kyaml", &two), "---\n{\n  a: 1,\n}\n---\n{\n  a: \"b\",\n}\n");
    assert_eq!(written("jsonpath={.a}", &two), "1b");
    assert_eq!(written("json", &[]), "");
}

#[test]
fn kyaml_leaves_nothing_to_guess() {
    let document = json!({"no": "no", "a-b": [], "1": {}, "x y": [true, null, "\"\n"], "kubernetes.io/os": 1.5});
    let text = written("kyaml", std::slice::from_ref(&document));
    let lines = ["  \"1\": {},", "  a-b: [],", "  kubernetes.io/os: 1.5,", "  \"no\": \"no\",", "  \"x y\": ["];
    assert!(lines.iter().all(|line| text.lines().any(|written| written == *line)), "{text}");
    assert_eq!(yaml::document(&text).expect("YAML"), document);
}

#[test]
fn forms_that_are_none() {
    assert!(
        written("xml", &[]).contains("output format \"xml\", allowed formats are: go-template,go-template-file,json")
    );
    assert!(written("json=x", &[]).contains("output format \"json=x\""));
    assert!(written("jsonpath=", &[]).ends_with("template format specified but no template given"));
}
