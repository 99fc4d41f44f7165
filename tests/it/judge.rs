//! The judge of `cargo lab conformance`, where it needs no machine: what it takes for a difference, and for the same error.

#[path = "../lab/conformance/difference.rs"]
mod difference;
#[path = "../lab/conformance/observe/error.rs"]
mod error;

use difference::{Observation, Side, compare};
use serde_json::{Value, json};

fn seen(name: &str, value: Value) -> Observation {
    [(name.to_owned(), value)].into()
}

/// The lines between what two programs made of one file.
#[track_caller]
fn differs(kubeadm: Value, kinit: Value, lines: &[&str]) {
    let found = compare(&seen("/a.yaml", kubeadm), &seen("/a.yaml", kinit));
    assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), lines);
}

#[test]
fn a_value_is_told_with_its_place() {
    differs(json!({"a": {"b.c": [1, 2]}}), json!({"a": {"b.c": [1, 3]}}), &["~ /a.yaml a.[\"b.c\"][1]: 2 → 3"]);
    differs(json!({"a": []}), json!({"a": {"b": 1}}), &["~ /a.yaml a: [] → {\"b\":1}"]);
}

#[test]
fn what_is_missing_is_told_whole() {
    differs(json!({"a": {"b": 1}}), json!({}), &["- /a.yaml a: {\"b\":1}"]);
    differs(json!({}), json!({"a": null}), &["+ /a.yaml a"]);
    let lines = compare(&seen("/a", json!(1)), &Observation::new());
    assert_eq!((lines.len(), lines[0].side), (1, Side::Kubeadm));
}

#[test]
fn an_item_more_is_one_line() {
    differs(json!(["a", "b", "c"]), json!(["a", "x", "b", "c"]), &["+ /a.yaml[1]: \"x\""]);
    differs(json!(["a", "a"]), json!(["a"]), &["- /a.yaml[1]: \"a\""]);
    differs(json!([{"n": 1, "v": 1}, 2]), json!([{"n": 1, "v": 2}, 2]), &["~ /a.yaml[0] v: 1 → 2"]);
}

#[test]
fn the_order_of_items_counts() {
    let lines = ["~ /a.yaml[0]: \"a\" → \"b\"", "~ /a.yaml[1]: \"b\" → \"a\""];
    differs(json!(["a", "b"]), json!(["b", "a"]), &lines);
}

#[test]
fn errors_mean_what_they_name() {
    let fields = "W1124 03:01:22.969718       1 initconfiguration.go:334] something\n\
        error: could not convert cfg to an internal cfg: [networking.dnsDomain: Invalid value: \"A_B\": a lowercase …, \
        apiServer.extraArgs[0].name: Required value: must not be empty]\n\
        To see the stack trace of this error execute with --v=5 or higher\n";
    let words = "error: [networking.dnsDomain: Invalid value: \"A_B\": no, apiServer.extraArgs[0].name: Required value: x]\n\
        hint: give another --service-dns-domain, or networking.dnsDomain in the configuration file\n";
    let expected = ["field apiServer.extraArgs[0].name: Required value", "field networking.dnsDomain: Invalid value"];
    assert_eq!(error::meanings(fields), expected.map(str::to_owned).into());
    assert_eq!(error::meanings(words), error::meanings(fields));
    let verbose = fields.replace("To see the stack trace of this error execute with --v=5 or higher", "no stack trace");
    assert_eq!(error::meanings(&verbose), error::meanings(fields), "with --v=5");
    let stack =
        "unknown or missing patch type after '+'\npatches.parseFilename\n\t/src/patches.go:246\ncould not list\n";
    assert_eq!(error::meanings(stack), error::meanings("error: unknown or missing patch type after '+'\n"));
}

#[test]
fn a_wrong_type_is_named_by_its_field_alone() {
    let of = |text: &str| error::meanings(&format!("error: {text}\n"));
    let theirs =
        of("json: cannot unmarshal number into Go struct field EnvVar.etcd.local.extraEnvs.EnvVar.name of type string");
    let ours = of(
        "ClusterConfiguration: etcd.local.extraEnvs[0].name at line 3, column 5: invalid value 5, expected a string",
    );
    assert_eq!(theirs, ["type of etcd.local.extraEnvs.name".to_owned()].into());
    assert_eq!(ours, theirs);
}

#[test]
fn another_field_is_another_meaning() {
    let of = |field: &str| error::meanings(&format!("error: {field}: Invalid value: \"x\": no\n"));
    assert_ne!(of("networking.podSubnet"), of("networking.serviceSubnet"));
}

#[test]
fn a_refusal_of_kinits_own_is_not_kubeadms_complaint() {
    let own = "localAPIEndpoint.advertiseAddress: Invalid value: \"192.0.2.10\": an IPv4 address needs a first service \
        subnet of its family, but networking.serviceSubnet is \"fd00:96::/112,10.96.0.0/16\"; give one with --service-cidr \
        or networking.serviceSubnet, or another address";
    let port = "localAPIEndpoint.bindPort: Invalid value: -1: port number is not valid";
    let family = "address of another family".to_owned();
    assert_eq!(error::meanings(&format!("error: cannot use it: {own}\n")), [family.clone()].into());
    let both = [family, "field localAPIEndpoint.bindPort: Invalid value".to_owned()];
    assert_eq!(error::meanings(&format!("error: [{own}, {port}]\n")), both.into());
}

#[test]
fn a_stack_is_no_part_of_an_error() {
    let plain = "error: the --config flag is mandatory\n";
    let stack = "k8s.io/kubernetes/cmd/kubeadm/app/cmd.newCmdConfigValidate.func1\n\t/go/pkg/mod/cmd/config.go:332\n\
        github.com/spf13/cobra.(*Command).execute\n\t/go/pkg/mod/cobra/command.go:1015\nmain.main\n\t/go/kubeadm.go:25\n";
    assert_eq!(error::meanings(&format!("{plain}{stack}")), error::meanings(plain));
}

#[test]
fn a_complaint_beside_a_known_one_counts() {
    let missing = "certificate /a/ca.crt exists, but its private key /a/ca.key does not";
    let meanings =
        error::meanings(&format!("error: 2 existing certificates can't be used:\n\t- {missing}\n\t- it rains\n"));
    assert_eq!(meanings, ["\t- it rains".to_owned(), "certificate without its key".to_owned()].into());
}

#[test]
fn why_a_certificate_cannot_be_used_is_told() {
    let of = |text: &str| error::meanings(&format!("error: {text}\n"));
    let theirs = of(
        "failed to load certificate: couldn't load the certificate file /a/ca.crt: error reading /a/ca.crt: data does \
         not contain any valid RSA or ECDSA certificates",
    );
    assert_eq!(theirs, ["damaged certificate".to_owned()].into());
    assert_eq!(of("couldn't load the certificate file /a/ca.crt: it holds no PEM certificate"), theirs);
    assert_ne!(of("couldn't load CA certificate /a/ca.crt: there is no such file"), theirs);
}

#[test]
fn what_no_rule_knows_counts_by_the_word() {
    let known = |text: &str| error::meanings(text);
    assert_eq!(known("error: it rains\n"), ["it rains".to_owned()].into());
    assert_ne!(known("error: it rains\n"), known("error: it snows\n"));
}
