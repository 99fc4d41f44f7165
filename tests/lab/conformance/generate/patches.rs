//! Patch files: names, kinds and contents. It knows no configuration.

use std::collections::BTreeMap;

use proptest::collection;
use proptest::prelude::*;
use proptest::sample::select;

use super::node::Node;
use super::style::{self, Style};
use super::write;

const PODS: &[&str] = &["kube-apiserver", "kube-controller-manager", "kube-scheduler", "etcd"];

/// What is patched, and the first minor that knows it.
const OBJECTS: &[(&str, u64)] = &[("kubeletconfiguration", 25), ("corednsdeployment", 31), ("kubeproxydaemonset", 37)];

/// Patches for static pods by the type in the file's name; `NAME` is the container's name.
const OF_PODS: &[(&str, &str)] = &[
    ("", r#"{"metadata":{"annotations":{"example.org/a":"b"}}}"#),
    (
        "",
        r#"{"spec":{"containers":[{"name":"NAME","resources":{"requests":{"cpu":"99m"},"limits":{"memory":"1Gi"}}}]}}"#,
    ),
    ("+strategic", r#"{"spec":{"volumes":[{"name":"extra","hostPath":{"path":"/srv"}}]}}"#),
    ("+strategic", r#"{"spec":{"containers":[{"name":"sidecar","image":"example.org/sidecar:1"}]}}"#),
    (
        "+strategic",
        r#"{"spec":{"containers":[{"name":"NAME","env":[{"name":"A","value":"1"}],"livenessProbe":{"periodSeconds":33}}]}}"#,
    ),
    ("+strategic", r#"{"spec":{"containers":[{"name":"NAME","livenessProbe":null}],"hostNetwork":null}}"#),
    ("+merge", r#"{"metadata":{"labels":{"tier":null,"x":"y"}}}"#),
    ("+merge", r#"{"spec":{"dnsPolicy":"Default","nodeSelector":{"a":"b"}}}"#),
    ("+json", r#"[{"op":"replace","path":"/spec/priority","value":5}]"#),
    ("+json", r#"[{"op":"add","path":"/spec/containers/0/command/-","value":"--v=5"}]"#),
    ("+json", r#"[{"op":"test","path":"/kind","value":"Pod"},{"op":"remove","path":"/metadata/labels/tier"}]"#),
];

const OF_OBJECTS: &[(&str, &str)] = &[
    ("", r#"{"maxPods":50}"#),
    ("+merge", r#"{"evictionHard":{"memory.available":"1Gi"}}"#),
    ("+json", r#"[{"op":"add","path":"/podsPerCore","value":7}]"#),
    ("+strategic", r#"{"clusterDNS":["192.0.2.53"]}"#),
];

/// Patches that are refused, or say something that the object does not have.
const ODD: &[(&str, &str)] = &[
    ("", r#"{"spec":{"containers":"x"}}"#),
    ("", r#"{"spec":{"containers":[{"image":"no-name"}]}}"#),
    ("", r#"{"spec":{"madeUp":true}}"#),
    ("", "[]"),
    ("+merge", "\"text\""),
    ("+merge", r#"{"spec":null}"#),
    ("+json", r#"{"spec":{}}"#),
    ("+json", r#"[{"op":"remove","path":"/spec/absent"}]"#),
    ("+json", r#"[{"op":"test","path":"/kind","value":"X"}]"#),
    ("+json", r#"[{"op":"rename","path":"/kind"}]"#),
    ("", r#"{"maxPods":"many"}"#),
    ("+yaml", r#"{"a":"b"}"#),
    ("+", r#"{"metadata":{"annotations":{"a":"b"}}}"#),
];

/// File names that are passed over, or that take a second look.
const ODD_NAMES: &[&str] = &[
    "README.md",
    "kube-apiserver.txt",
    "unknown.yaml",
    "KUBE-APISERVER.yaml",
    "kube-apiserver.x+json.yaml",
    "kube-schedulerx+merge.json",
];

/// One to three files by name, in their directory.
pub(super) fn strategy(minor: u64) -> impl Strategy<Value = BTreeMap<String, String>> {
    let objects: Vec<&str> = OBJECTS.iter().filter(|(_, since)| *since <= minor).map(|(name, _)| *name).collect();
    let targets: Vec<&str> = PODS.iter().copied().chain(objects.clone()).collect();
    let pods = (select(PODS), select(OF_PODS));
    let odd = (select(targets), select(ODD));
    let patch = if objects.is_empty() {
        prop_oneof![10 => pods, 1 => odd].boxed()
    } else {
        prop_oneof![8 => pods, 2 => (select(objects), select(OF_OBJECTS)), 1 => odd].boxed()
    };
    let place = select(vec!["", "", "nested/"]);
    let suffix = select(vec!["", "0", "1", "-a", "10"]);
    let name = (place, suffix, prop_oneof![14 => Just(None), 1 => select(ODD_NAMES).prop_map(Some)]);
    let patches = collection::vec((patch, name, style::strategy(), any::<bool>()), 1..4);
    patches.prop_map(|patches| patches.into_iter().map(file).collect())
}

type Named = (&'static str, &'static str, Option<&'static str>);

fn file(
    ((target, (kind, body)), (place, suffix, other), style, as_json): ((&str, (&str, &str)), Named, Style, bool),
) -> (String, String) {
    let body = body.replace("NAME", target);
    let extension = if as_json { "json" } else { "yaml" };
    let name = other.map_or(format!("{target}{suffix}{kind}.{extension}"), str::to_owned);
    (format!("{place}{name}"), if as_json { body } else { write::document(&Node::json(&body), &style) })
}
