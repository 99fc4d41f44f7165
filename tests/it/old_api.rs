//! Configurations of v1alpha1, v1alpha2 and v1alpha3: `tests/golden/old-api/<name>.yaml` in, `<name>.v1beta4.yaml` out,
//! with the warnings above as comments.
//!
//! `UPDATE=1` writes the results anew. With `KUBEADM_DIR` set to a directory of programs `kubeadm-1.36` and `kubeadm-1.37`,
//! these say whether they take them.

#![expect(clippy::disallowed_methods, reason = "a test reads and writes its own files")]

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use kinit::config::{load, v1beta4};
use kinit::yaml;
use serde::Serialize;
use serde_json::{Value, json};

use crate::support::{PATH, Place, kubeadms, run, update};

const RESULT: &str = ".v1beta4.yaml";

fn folder() -> Utf8PathBuf {
    Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/old-api")
}

/// Names of the configurations, and their text.
fn inputs() -> Vec<(String, String)> {
    let files = folder().read_dir_utf8().expect("tests/golden/old-api is there");
    let names = files.map(|file| file.expect("can be read").file_name().to_owned());
    let inputs = names.filter(|name| !name.ends_with(RESULT)).map(|name| {
        let text = fs::read_to_string(folder().join(&name)).expect("can be read");
        (name.trim_end_matches(".yaml").to_owned(), text)
    });
    inputs.collect()
}

/// The documents as they are now, below the warnings.
fn converted(name: &str, text: &str) -> String {
    let mut warnings = Vec::new();
    let documents = if name.contains("node") || name.contains("join") {
        let join = load::join(text.as_bytes(), &mut warnings).expect(name);
        vec![document("kubeadm.k8s.io/v1beta4", "JoinConfiguration", &join)]
    } else {
        let found = load::init(text.as_bytes(), &mut warnings).expect(name);
        let init = found.init.expect("an InitConfiguration");
        let cluster = found.cluster.expect("a ClusterConfiguration");
        let mut documents = vec![
            document("kubeadm.k8s.io/v1beta4", "InitConfiguration", &init),
            document("kubeadm.k8s.io/v1beta4", "ClusterConfiguration", &cluster),
        ];
        let kubelet = ("kubelet.config.k8s.io/v1beta1", "KubeletConfiguration", found.kubelet);
        let kube_proxy = ("kubeproxy.config.k8s.io/v1alpha1", "KubeProxyConfiguration", found.kube_proxy);
        for (api_version, kind, fields) in [kubelet, kube_proxy] {
            documents.extend(fields.map(|fields| document(api_version, kind, &fields)));
        }
        documents
    };
    assert_eq!(documents[0]["apiVersion"], v1beta4::API_VERSION);
    let comments: String = warnings.iter().map(|warning| format!("# {warning}\n")).collect();
    let texts: Vec<String> = documents.iter().map(|document| yaml::to_string(document).expect("YAML")).collect();
    format!("{comments}{}", texts.join("---\n"))
}

fn document(api_version: &str, kind: &str, fields: &impl Serialize) -> Value {
    let mut document = serde_json::to_value(fields).expect("JSON");
    document["apiVersion"] = json!(api_version);
    document["kind"] = json!(kind);
    document
}

#[test]
fn old_versions_become_the_current_one() {
    for (name, text) in inputs() {
        let path = folder().join(format!("{name}{RESULT}"));
        let found = converted(&name, &text);
        if update() {
            fs::write(&path, &found).expect("can be written");
        }
        let golden = fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(found, golden, "{name}");
    }
}

#[test]
fn kubeadm_takes_what_old_versions_become() {
    let Some(dir) = kubeadms() else { return };
    for minor in ["1.36", "1.37"] {
        let kubeadm = format!("{dir}/kubeadm-{minor}");
        for (name, text) in inputs() {
            let place = Place::new();
            let file = place.file("new.yaml", &converted(&name, &text));
            let said = run(&kubeadm, &["config", "validate", "--config", &file], PATH, "");
            assert!(said.status == 0 && !said.stderr.contains("unknown field"), "{minor}: {name}: {said:#?}");
        }
    }
}
