use proptest::prelude::*;
use serde_json::json;

use super::*;

fn document() -> Value {
    json!({
        "certificates": [
            {"name": "admin.conf", "missing": false, "residualTime": 31_535_999, "expirationDate": null},
            {"name": "apiserver", "missing": true, "residualTime": 5, "expirationDate": "2027-01-01T00:00:00Z"},
        ],
        "labels": {"kubernetes.io/os": "linux"},
    })
}

fn text(template: &str) -> String {
    match JsonPath::parse(template) {
        Ok(path) => path.text(&document(), true).unwrap_or_else(|error| format!("!{}", error.reason)),
        Err(error) => format!("!{}", error.reason),
    }
}

#[test]
fn paths_and_filters() {
    let cases = [
        ("{.certificates[*].name}", "admin.conf apiserver"),
        ("{.certificates[?(@.name==\"apiserver\")].expirationDate}", "2027-01-01T00:00:00Z"),
        ("{.certificates[?(@.missing==true)].name}", "apiserver"),
        ("{.certificates[?(@.residualTime<10)].name}", "apiserver"),
        ("{.certificates[?(@.residualTime!=5)].residualTime}", "3.1535999e+07"),
        ("{.certificates[?(@.expirationDate)].name}", "admin.conf apiserver"),
        ("{.certificates[?(@.nothing)].name}|", "|"),
        ("{.certificates[0].expirationDate}", "null"),
        ("{..name}", "admin.conf apiserver"),
        ("{.labels.kubernetes\\.io/os}", "linux"),
        ("{['labels']['kubernetes\\.io/os']}", "linux"),
        ("{range .certificates[*]}{.name}={.missing};{end}{\"\\n\"}", "admin.conf=false;apiserver=true;\n"),
        ("{range .nothing[*]}{.name}{end}|", "|"),
        ("{.labels.*}", "linux"),
    ];
    for (template, expected) in cases {
        assert_eq!(text(template), expected, "{template}");
    }
}

#[test]
fn what_is_wrong_is_said() {
    let cases = [
        ("{.a", "!unclosed action"),
        ("{.a[0}", "!unterminated array"),
        ("{.a[?(@.b==1}", "!unterminated filter"),
        ("{.certificates[?(@.name=~\"x\")]}", "!unrecognized filter operator ="),
        ("{.certificates[?(@.name<5)]}", "!incompatible types for comparison: \"admin.conf\" and 5.0"),
        ("{....a}", "!invalid multiple recursive descent"),
        ("{.a[1:2:0]}", "!step must be > 0"),
        ("{.certificates[2]}", "!array index out of bounds: index 2, length 2"),
        ("{.certificates[1:9]}", "!array index out of bounds: index 8, length 2"),
        ("{.labels[0]}", "!{\"kubernetes.io/os\":\"linux\"} is not array or slice"),
        ("{end}", "!not in range, nothing to end"),
    ];
    for (template, expected) in cases {
        assert_eq!(text(template), expected, "{template}");
    }
    let deep = "{range @}".repeat(100);
    assert_eq!(text(&deep), "!ranges are nested too deep");
}

proptest! {
    #[test]
    fn no_template_makes_it_panic(template in "[{}\\[\\].@$*?()'\"a-c0-9:,<=! \\\\end-]{0,40}") {
        let _ = text(&template);
    }
}
