//! Configuration: what is read, printed and read again stays the same.

use kinit::config::resolve::{self, ResetConfig};
use kinit::config::{InitConfig, JoinConfig, print, stored, v1beta4};
use kinit::pki::CERTIFICATES;
use kinit::{images, kubeconfig, manifests, yaml};
use serde_json::Value;

use super::machine::{FILE, INIT, NOW, bearable, init as init_of, join as join_of, machine, with_file};

pub(super) fn yaml(data: &[u8]) {
    let Ok(text) = yaml::text(data) else { return };
    let Ok(documents) = yaml::documents(&text) else { return };
    for document in documents {
        let printed = yaml::to_string(&document).expect("JSON can be written");
        assert_eq!(yaml::document(&printed).expect("it was written by us"), document, "{printed}");
        let _ = yaml::without_nulls(document);
    }
}

pub(super) fn init(data: &[u8]) {
    let Some(first) = init_of(data) else { return };
    let printed = documents(&first);
    let second = init_of(printed.as_bytes()).expect("what was printed is valid");
    assert_eq!(documents(&second), printed);
    derive(&first);
}

pub(super) fn component(data: &[u8]) {
    init(&[INIT.as_bytes(), b"---\n", data].concat());
}

pub(super) fn join(data: &[u8]) {
    let Some(first) = join_of(data) else { return };
    let text = |config: &JoinConfig| text(&print::join_document(&config.join));
    let printed = text(&first);
    let second = join_of(printed.as_bytes()).expect("what was printed is valid");
    assert_eq!(text(&second), printed);
}

pub(super) fn reset(data: &[u8]) {
    let read = |data: &[u8]| {
        let flags = resolve::ResetFlags { config: Some(FILE.into()), ..Default::default() };
        bearable(resolve::reset(&flags, &with_file(FILE, data), &machine(), None, &mut Vec::new()))
    };
    let text = |config: &ResetConfig| {
        let mut document = serde_json::to_value(&config.reset).expect("it is JSON");
        document["apiVersion"] = v1beta4::API_VERSION.into();
        document["kind"] = "ResetConfiguration".into();
        text(&document)
    };
    let Some(first) = read(data) else { return };
    let printed = text(&first);
    assert_eq!(text(&read(printed.as_bytes()).expect("what was printed is valid")), printed);
}

/// Every document of a configuration.
fn documents(cfg: &InitConfig) -> String {
    let parts = [
        print::init_document(&cfg.init),
        print::cluster_document(&cfg.cluster),
        cfg.components.kubelet.document.clone(),
        cfg.components.kube_proxy.document.clone(),
    ];
    parts.iter().map(text).collect::<Vec<_>>().join("---\n")
}

fn text(document: &Value) -> String {
    yaml::to_string(document).expect("it can be written")
}

/// What a valid configuration leads to: nothing of it panics, and manifests read back as they are.
fn derive(cfg: &InitConfig) {
    for row in CERTIFICATES {
        // A validity of centuries has no end on the calendar; that is an error, told before.
        let _ = row.spec(cfg, NOW);
    }
    for row in kubeconfig::KUBECONFIGS {
        assert!(row.server(cfg).starts_with("https://"));
    }
    for component in manifests::components(cfg) {
        let pod = manifests::pod(component, cfg, &manifests::Facts::default());
        assert_eq!(yaml::document(&text(&pod)).expect("it was written by us"), pod);
    }
    let _ = images::all(&cfg.cluster, &cfg.version, cfg.ci);
    assert!(stored::cluster(cfg).is_ok());
}
