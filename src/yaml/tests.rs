use super::*;
use proptest::prelude::*;
use serde_json::json;

#[test]
fn reads_scalars_as_go_does() {
    let read = document("{d: 0755, m: 010, f: 1_000, y: yes, n: off, s: 'on', v: 1.10, t: \"1e3\"}").unwrap();
    assert_eq!(read, json!({"d": 493, "m": 8, "f": 1000, "y": true, "n": false, "s": "on", "v": 1.1, "t": "1e3"}));
}

#[test]
fn splits_documents_and_keeps_nulls() {
    let read = documents("\u{feff}# c\r\n---\r\na: null\r\n---\r\n---\r\n{\"b\": [1]}\r\n---\r\n").unwrap();
    assert_eq!(read, [json!({"a": null}), json!({"b": [1]})]);
    assert_eq!(without_nulls(read[0].clone()), json!({}));
    assert!(documents("").unwrap().is_empty());
    assert!(documents("# nothing\n---\n").unwrap().is_empty());
    assert!(matches!(document("a: 1\n---\nb: 2\n"), Err(YamlError::NotOne(2))));
    assert!(matches!(document(""), Err(YamlError::NotOne(0))));
}

#[test]
fn says_where_and_what() {
    let said = |text| documents(text).unwrap_err().to_string();
    let twice = said("a: 1\nb:\n  c: 1\n  c: 2\n");
    assert!(twice.starts_with("line 4, column 3: duplicate") && twice.ends_with(": c"), "{twice}");
    let tab = said("a:\n\tb: 1\n");
    assert!(tab.starts_with("line 2, "), "{tab}");
    assert!(!tab.contains('\n') && !tab.contains(" at line "), "{tab}");
}

/// Aliases of aliases, ten times as many on each level.
fn bomb(open: &str, close: &str) -> String {
    let mut bomb = format!("a0: &a0 {open}0: x{close}\n");
    for level in 1..10 {
        let below: Vec<String> = (0..10).map(|key| format!("k{key}: *a{}", level - 1)).collect();
        bomb.push_str(&format!("a{level}: &a{level} {open}{}{close}\n", below.join(", ")));
    }
    bomb
}

#[test]
fn more_than_anybody_means_is_refused() {
    let deep = "too large: more than 50 lists and maps are within each other";
    let aliases = "too large: aliases repeat more than 50000 values";
    let lines = |line: &str, count| line.repeat(count);
    for (text, what) in [
        (bomb("{", "}"), aliases),
        (bomb("[", "]"), aliases),
        (format!("a: &a [{}]\nb: {{<<: [{}]}}", "{b: 1}, ".repeat(900), "*a, ".repeat(900)), aliases),
        (format!("a: &a {}\nb: [{}]", "x".repeat(100_000), "*a, ".repeat(900)), "too large: more than 32 MiB of text"),
        (format!("a: &a 1\nb: [{}]", "*a, ".repeat(2_000)), "too large: more than 1000 aliases"),
        ("a: &a [*a]".to_owned(), "an alias within the value that it stands for"),
        ("[".repeat(100_000), deep),
        (format!("{}{}", "[".repeat(51), "]".repeat(51)), deep),
        ("{a: ".repeat(100_000), deep),
        (lines("- ", 100_000), deep),
        ((0..200).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect(), deep),
        (lines("- 1\n", 200_000), "too large: more than 100000 values"),
        (lines("---\n", 1_000_000), "too large: more than 1000 documents"),
        ("9".repeat(100_000), "a number that is not finite, or too large"),
        ("x: .inf".to_owned(), "a number that is not finite"),
        ("~: a".to_owned(), "an empty key"),
        ("x: !!timestamp 2020-01-01".to_owned(), "a tag that has no meaning here"),
        ("*a".repeat(100_000), "line 1, column 1: alias references unknown anchor"),
        (format!("{}: a", "x".repeat(100_000)), "mapping values are not allowed in this context"),
    ] {
        let said = documents(&text).unwrap_err().to_string();
        assert!(said.contains(what) && said.starts_with("line ") && said.len() < 300, "{said} is not {what}");
    }
}

#[test]
fn what_is_only_large_is_read() {
    let long = "x".repeat(10 << 20);
    assert_eq!(document(&format!("a: \"{long}\"")).unwrap()["a"], long);
    assert_eq!(document(&format!("a: |\n  {long}\n")).unwrap()["a"], format!("{long}\n"));
    assert_eq!(document(&format!("# {long}\na: 1")).unwrap(), json!({"a": 1}));
    assert!(documents(&"\n".repeat(1 << 20)).unwrap().is_empty());
    let nested = format!("{}{}", "[".repeat(50), "]".repeat(50));
    assert!(document(&nested).is_ok());
}

#[test]
fn whole_floats_are_integers_as_in_gos_json() {
    let read = document("{a: 6443.0, b: 6.443e3, c: 1.5, d: -0.0, e: 1e20, f: 12e-1}").unwrap();
    assert_eq!(read, json!({"a": 6443, "b": 6443, "c": 1.5, "d": 0, "e": 1e20, "f": 1.2}));
}

#[test]
fn marks_and_line_ends_of_joined_files() {
    let read = documents("\u{feff}a: 1\r\n---\r\n\u{feff}b: 2\r\n---\n\u{feff}c: 3\n").unwrap();
    assert_eq!(read, [json!({"a": 1}), json!({"b": 2}), json!({"c": 3})]);
    assert_eq!(document("a: 1\rb: 2\r").unwrap(), json!({"a": 1, "b": 2}));
}

#[test]
fn utf_16_is_text_too() {
    let units: Vec<u16> = "\u{feff}a: é😀\r\n".encode_utf16().collect();
    let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
    for bytes in [little, big] {
        assert_eq!(document(&text(&bytes).unwrap()).unwrap(), json!({"a": "é😀"}));
    }
}

#[test]
fn bytes_that_are_no_text() {
    let said = |bytes| text(bytes).unwrap_err().to_string();
    assert_eq!(said(b"a: 1\n\xc3\xa9\xff"), "line 2, column 2: not UTF-8 text");
    assert_eq!(said(b"a: 1\n\n\0"), "line 3, column 1: a NUL byte, which no text holds");
    assert_eq!(said(b"\xff\xfea\0\0\xd8"), "line 1, column 2: not UTF-16 text, though it begins so");
    assert_eq!(said(b"\xfe\xff\0a\0"), "line 1, column 2: UTF-16 text that is cut short");
    // UTF-32 begins as UTF-16 does.
    assert!(said(b"\xff\xfe\0\0a\0\0\0").contains("NUL"));
}

#[test]
fn writes_what_go_reads_back_equal() {
    let tricky = json!({
        "yes": "yes", "on": "on", "n": "n", "octal": "0755", "under": "1_000", "float": "1e3", "date": "2020-01-01",
        "null": "null", "tilde": "~", "empty": "", "colon": "a: b", "hash": "a #b", "version": "1.10",
        "lines": "a\nb\n", "none": {}, "list": [], "seq": [{"a": 1}],
    });
    let written = to_string(&tricky).unwrap();
    assert_eq!(document(&written).unwrap(), tricky, "{written}");
    for word in ["\"yes\": \"yes\"", "lines: |", "none: {}", "list: []"] {
        assert!(written.contains(word), "{word} in {written}");
    }
    assert!(written.contains("seq:\n- a: 1\n"), "{written}");
}

#[test]
fn says_where_things_stand() {
    let text = "a: 1\n---\n---\nb:\n  - c\n  - {d: 1, e.f: [x, y]}\n1: {g: 2}\nk: &a {z: 1}\nl: *a\n";
    let [_, second] = &places(text)[..] else { unreachable!() };
    let at = |path| second.of(path).map(|place| (place.line, place.column));
    assert_eq!(at("b"), Some((4, 1)));
    assert_eq!(at("b[0]"), Some((5, 5)));
    assert_eq!(at("b.1.d"), Some((6, 6)));
    assert_eq!(at("b[1].e.f[1]"), Some((6, 21)));
    assert_eq!(at("1.g"), Some((7, 5)));
    assert_eq!(at("l.z"), Some((9, 4)), "an alias, where it is used");
    for nowhere in ["", "c", "b[2]", "b[x]", "b[0].c", "bb", "b..c"] {
        assert_eq!(at(nowhere), None, "{nowhere}");
    }
    assert!(places("a: [").is_empty());
}

fn any_value() -> impl Strategy<Value = Value> {
    let text = prop_oneof!["[ -~]{0,40}", "[a-z\n]{0,20}", "[0-9_.:eExyn+-]{0,8}", "\\PC{0,12}"];
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        text.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map("[a-zA-Z0-9./_ -]{1,12}", inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn reads_back_what_it_wrote(value in any_value()) {
        let written = to_string(&value).unwrap();
        prop_assert_eq!(document(&written).unwrap(), value, "{}", written);
    }

    #[test]
    fn never_panics(noise in "\\PC{0,60}") {
        let _ = documents(&noise);
        let _ = places(&noise).iter().map(|places| places.of(&noise)).collect::<Vec<_>>();
    }
}
