//! Input that is meant to hurt: everything ends soon, in little memory, and an error says what is wrong and where.
//!
//! What kubeadm v1.37.2 takes of it is taken.

#![expect(clippy::disallowed_methods, reason = "a test reads and writes its own files")]

use std::fs;
use std::os::unix::fs::symlink;
use std::time::{Duration, Instant};

use camino::Utf8Path;
use kinit::failure::chain;
use kinit::host::RealHost;
use kinit::patches::{Patches, Target};
use kinit::pki::{Certificate, Verdict};
use serde_json::json;

use crate::support::{PATH, Place, Run, config, program, run};

/// How long anything may take, also without optimisation on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);
/// KiB of address space, the program itself included.
const MEMORY: u32 = 400_000;

/// Runs kinit with bounds on its memory and time.
#[track_caller]
fn bounded(args: &[&str], stdin: &str) -> Run {
    let script = format!("ulimit -v {MEMORY}; exec \"$0\" \"$@\"");
    let start = Instant::now();
    let run = run("/bin/sh", &[&["-c", &script, program().as_str()], args].concat(), PATH, stdin);
    assert!(start.elapsed() < PATIENCE, "it took {:?}", start.elapsed());
    run.tidy();
    run
}

#[track_caller]
fn configured(file: &str) -> Run {
    bounded(&["config", "images", "list", "--config", file], "")
}

#[track_caller]
fn configuration(content: impl AsRef<[u8]>) -> Run {
    let place = Place::new();
    let file = place.file("c.yaml", "");
    fs::write(&file, content).expect("its own");
    configured(&file)
}

/// A whole configuration and more lines of its last document.
fn with(lines: &str) -> String {
    config("", lines)
}

fn bomb() -> String {
    let levels = (1..9).map(|level| format!("a{level}: &a{level} [{}]\n", format!("*a{}, ", level - 1).repeat(9)));
    format!("a0: &a0 [x, x, x]\n{}", levels.collect::<String>())
}

#[test]
fn configurations_that_are_refused() {
    for (content, what) in [
        (with(&bomb()).into_bytes(), "too large: aliases repeat more than"),
        (with(&format!("x: {}", "[".repeat(100_000))).into(), "line 9, column "),
        (with(&format!("x:\n  {}a", "- ".repeat(100_000))).into(), "too large: more than 50 lists and maps"),
        (with("x: &a {b: *a}\n").into(), "line 9, column 11: an alias within the value that it stands for"),
        (with("clusterName: \"a\0b\"\n").into(), "line 9, column 16: a NUL byte"),
        (with("networking:\n\tdnsDomain: a\n").into(), "line 10, column "),
        ([with("# caf").as_bytes(), b"\xe9\n"].concat(), "line 9, column 6: not UTF-8 text"),
        (with("x: .inf\n").into(), "line 9, column 4: a number that is not finite"),
        (with(&format!("x: {}\n", "9".repeat(1 << 20))).into(), "line 9, column 4: a number that is not finite"),
        (with("networking:\n  dnsDomain: a\n  dnsDomain: b\n").into(), "line 11, column 3: duplicate mapping key"),
        ("---\n".repeat(1_000_000).into(), "line 1001, column 1: too large: more than 1000 documents"),
        (with(&"- a\n".repeat(200_000)).into(), "line 9, column "),
        (with(&format!("x: [{}]", "1,".repeat(200_000))).into(), "too large: more than 100000 values"),
        (b"\x1f\x8b\x08\0\0\0".repeat(1_000), "line 1, column "),
        (b"<!DOCTYPE html>\n<html><body>404: not found</body></html>\n".to_vec(), "line 2, column "),
        (vec![0; 10 << 20], "line 1, column 1: a NUL byte"),
    ] {
        let run = configuration(content);
        run.refused(&["c.yaml\"", what]);
        assert!(run.stderr.len() < 2_000, "{}", run.stderr);
    }
}

#[test]
fn configurations_that_are_taken() {
    let mark = "\u{feff}";
    let plain = with("clusterName: a\n");
    let long = "x".repeat(10 << 20);
    let utf_16 = format!("{mark}{plain}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    for content in [
        format!("{mark}{plain}").into_bytes(),
        format!("{mark}{}", plain.replace("---\n", &format!("---\n{mark}"))).into(),
        plain.replace('\n', "\r\n").into(),
        utf_16,
        with(&format!("clusterName: \"{long}\"\n")).into(),
        with(&format!("# {long}\n")).into(),
        with("networking:\n  <<: {dnsDomain: a.b}\n  podSubnet: 10.1.0.0/16\n").into(),
        with("clusterName:\ta\t# tabs\n").into(),
        with("").replace("192.0.2.10}", "192.0.2.10, bindPort: 6.443e3}").into(),
        format!("{}{plain}", "---\n".repeat(500)).into(),
    ] {
        configuration(content).ok();
    }
}

#[test]
fn files_that_are_none() {
    configured("/dev/zero").refused(&["\"/dev/zero\": cannot read /dev/zero: it holds more than 64 MiB"]);
    configured("/dev/null").refused(&["no InitConfiguration or ClusterConfiguration kind was found"]);
    configured("/").refused(&["Is a directory"]);
    let place = Place::new();
    let link = place.path("loop");
    symlink(&link, &link).expect("can be made");
    configured(link.as_str()).refused(&["Too many levels of symbolic links"]);
    bounded(&["config", "images", "list", "--config", "/dev/stdin"], &with("")).ok();
}

#[test]
fn discovery_files() {
    let place = Place::new();
    let join = |content: &str| {
        let file = place.file("discovery.conf", content);
        let args = ["--discovery-file", &file, "--tls-bootstrap-token=abcdef.0123456789abcdef"];
        bounded(&[&["join", "--dry-run", "--ignore-preflight-errors=all"][..], &args].concat(), "")
    };
    let clusters = "- {name: a, cluster: {server: 'https://192.0.2.1'}}\n";
    for (content, what) in [
        (bomb(), "too large: aliases repeat more than"),
        (format!("kind: Config\nclusters:\n{}", clusters.repeat(40_000)), "too large: more than 100000 values"),
        ("clusters: [a]\nusers: [b]\n".to_owned(), "invalid type: string"),
        ("clusters: x\n".to_owned(), "must have at least one Cluster defined"),
        (
            format!(
                "current-context: a\ncontexts: [{{name: a, context: {{cluster: a}}}}]\nclusters: \
                 [{{name: a, cluster: {{server: 'https://192.0.2.1', certificate-authority-data: {}}}}}]\n",
                "x".repeat(1 << 20)
            ),
            "discovery.conf cannot be used: invalid utf-8 sequence",
        ),
    ] {
        let run = join(&content);
        assert_eq!(run.status, 1, "{run:?}");
        assert!(run.stderr.contains(what) && run.stderr.len() < 4_000, "{what:?} is not in {}", run.stderr);
    }
}

/// What something took, that may take long.
#[track_caller]
fn soon<T>(act: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = act();
    assert!(start.elapsed() < PATIENCE, "it took {:?}", start.elapsed());
    result
}

#[test]
fn ten_thousand_certificates() {
    let ca = include_str!("../../src/pki/testdata/ca.crt");
    let leaf = include_str!("../../src/pki/testdata/apiserver.crt");
    let chain = soon(|| Certificate::chain_from_pem(format!("{leaf}{}", ca.repeat(10_000)).as_bytes()));
    let chain = chain.expect("they are certificates");
    assert_eq!(chain.iter().count(), 10_001);
    let now = chain.first.not_before;
    assert_eq!(soon(|| chain.leads_to(&chain.intermediates[0], now)), Verdict::Hold);
    assert_eq!(soon(|| chain.leads_to(&chain.first, now)), Verdict::Fail);
    let junk = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".repeat(10_000);
    assert_eq!(soon(|| Certificate::chain_from_pem(junk.as_bytes())).unwrap_err().to_string(), "it is damaged");
}

fn patched(place: &Place) -> Result<serde_json::Value, String> {
    let host = RealHost::new(Utf8Path::new("/"));
    let patches = Patches::in_directory(place.path("patches").as_str());
    let object = json!({"kind": "Pod", "spec": {"volumes": []}});
    soon(|| patches.apply(&host, Target::Etcd, object, &|_| ())).map_err(|error| chain(&error))
}

#[test]
fn directories_of_patches() {
    let place = Place::new();
    for number in 0..2_000 {
        place
            .file(&format!("patches/etcd{number}.yaml"), &format!("spec: {{volumes: [{{name: v{}}}]}}\n", number % 10));
    }
    assert_eq!(patched(&place).expect("they fit")["spec"]["volumes"].as_array().map(Vec::len), Some(10));

    let place = Place::new();
    place.file("patches/sub/README", "");
    let volumes: String = (0..10_000).map(|number| format!("- {{name: v{number}}}\n")).collect();
    for name in ["etcd1.yaml", "etcd2.yaml"] {
        place.file(&format!("patches/{name}"), &format!("spec:\n  volumes:\n{}", volumes.replace("- ", "  - ")));
    }
    symlink(place.path("patches"), place.path("patches/sub/etcd"))
        .expect("a loop of directories is no file of patches");
    assert_eq!(patched(&place).expect("they fit")["spec"]["volumes"].as_array().map(Vec::len), Some(10_000));

    symlink("etcd3.yaml", place.path("patches/etcd3.yaml")).expect("can be made");
    let said = patched(&place).unwrap_err();
    assert!(said.contains("etcd3.yaml") && said.contains("Too many levels of symbolic links"), "{said}");
}

#[test]
fn patches_that_grow() {
    let place = Place::new();
    let double: String = (0..40).map(|at| format!("- {{op: copy, from: '', path: /x{at}}}\n")).collect();
    place.file("patches/etcd+json.yaml", &double);
    let said = patched(&place).unwrap_err();
    assert!(said.ends_with("too large: more than 16 MiB would be filled"), "{said}");
    place.file(
        "patches/etcd+json.yaml",
        "- {op: copy, from: '', path: /a}\n- {op: copy, from: '', path: /b}\n---\n".repeat(9).as_str(),
    );
    assert!(patched(&place).is_ok());
}
