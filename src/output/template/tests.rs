use proptest::prelude::*;
use serde_json::json;

use super::*;

fn text(template: &str) -> String {
    let document = json!({"kind": "List", "items": [{"name": "a", "n": 1}, {"name": "b", "n": 2}], "none": null});
    match Template::parse(template) {
        Ok(template) => template.execute(&document, true).unwrap_or_else(|error| format!("!{}", error.reason)),
        Err(error) => format!("!line {}: {}", error.line, error.reason),
    }
}

#[test]
fn what_templates_become() {
    let cases = [
        ("{{range .items}}{{.name}}={{.n}} {{end}}", "a=1 b=2 "),
        ("{{range .items}}{{if eq .name \"a\"}}{{$.kind}}{{else if gt .n 1}}more{{end}},{{end}}", "List,more,"),
        ("{{with .none}}x{{else with .kind}}{{.}}{{end}}", "List"),
        ("{{(index .items 1).name}} {{.items | len | printf \"%3d\"}}", "b   2"),
        ("a {{- /* said */ -}} b", "ab"),
        ("{{ .none }}|{{ .nothing.more }}|{{(.nothing).more}}", "<no value>|<no value>|<no value>"),
        ("{{range.items}}{{.n}}{{end}}{{if.kind}}y{{else if.none}}{{end}}{{with.kind}}{{.}}{{end}}", "12yList"),
        ("{{printf \"%03d|%-03d|%05s|%04d|%04v\" 7 7 \"ab\" -5 -5}}", "007|7  |000ab|-005|-005"),
        ("{{`raw \\n`}}{{\"\\\"\"}}", "raw \\n\""),
        ("{{and 1 0}}{{or 0 \"x\"}}{{not nil}}", "0xtrue"),
        ("{{print \"a\" 1 2 \"b\"}}", "a1 2b"),
        ("{{range .none}}x{{else}}none{{end}}", "none"),
    ];
    for (template, expected) in cases {
        assert_eq!(text(template), expected, "{template}");
    }
}

#[test]
fn what_is_wrong_is_said() {
    let cases = [
        ("{{.a", "!line 1: unclosed action"),
        ("\n{{if .a}}", "!line 2: if without its end"),
        ("{{end}}", "!line 1: unexpected {{end}}"),
        ("{{range $i, $e := .items}}{{end}}", "!line 1: variables are not taken"),
        ("{{template \"x\"}}", "!line 1: function \"template\" not defined"),
        ("{{.kind .kind}}", "!line 1: can't give argument to non-function"),
        ("{{len}}", "!wrong number or kind of arguments for len: 0"),
        ("{{index .items 7}}", "!index out of range: 7.0"),
        ("{{printf \"%x\" 1}}", "!printf takes %s, %v, %d, %t and %q"),
        ("{{printf \"%\u{e9}\" 1}}", "!printf takes %s, %v, %d, %t and %q"),
        ("{{printf \"%d\" .kind}}", "!printf can't write List with %d; %v takes anything"),
        ("{{printf \"%d\" 1.5}}", "!printf can't write 1.5 with %d"),
        ("{{printf \"%+5d\" 1}}", "!bad width \"+5\""),
        ("{{len.items}}", "!line 1: unexpected . after \"len\""),
        ("{{(.kind}}", "!line 1: unclosed left paren"),
        ("{{.kind)}}", "!line 1: unexpected right paren"),
        ("{{lt .kind 1}}", "!incompatible types for comparison"),
    ];
    for (template, expected) in cases {
        assert_eq!(text(template), expected, "{template}");
    }
    assert_eq!(text(&"{{if 1}}".repeat(100)), "!line 1: blocks are nested too deep");
    assert_eq!(text(&format!("{{{{{}", "(".repeat(100))), "!line 1: unclosed action");
    assert_eq!(text(&format!("{{{{{}}}}}", "(".repeat(100))), "!line 1: parentheses are nested too deep");
}

proptest! {
    #[test]
    fn no_template_makes_it_panic(template in "(\\{\\{|\\}\\}|range|if|end|else|printf| |[.$|()\"`a-c0-9%-]){0,24}") {
        let _ = text(&template);
    }
}
