//! Files that a case finds: certificates, keys and kubeconfigs, right and wrong. They are fixed, so that a seed always makes the
//! same case; all are of 2020 to 2120 and made for tests only. `node-1` at 192.0.2.10 is whom they were made for.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::select;

const CA: &str = include_str!("files/ca.crt");
const CA_KEY: &str = include_str!("files/ca.key");
const RSA: &str = include_str!("files/rsa.crt");
const RSA_KEY: &str = include_str!("files/rsa.key");
const OTHER: &str = include_str!("files/other.crt");
const OTHER_KEY: &str = include_str!("files/other.key");
/// The CA's key, but past since 2021.
const EXPIRED: &str = include_str!("files/expired.crt");
const APISERVER: &str = include_str!("files/apiserver.crt");
const APISERVER_KEY: &str = include_str!("files/apiserver.key");
const SA_KEY: &str = include_str!("files/sa.key");
const SA_PUB: &str = include_str!("files/sa.pub");
const ADMIN: &str = include_str!("files/admin.conf");
const DISCOVERY: &str = include_str!("files/discovery.conf");

type Set = &'static [(&'static str, &'static str)];

/// Every CA.
const WHOLE: Set = &[
    ("ca.crt", CA),
    ("ca.key", CA_KEY),
    ("etcd/ca.crt", CA),
    ("etcd/ca.key", CA_KEY),
    ("front-proxy-ca.crt", OTHER),
    ("front-proxy-ca.key", OTHER_KEY),
];

/// The cluster's CA, with or without more.
const WITH_CA: &[Set] = &[
    WHOLE,
    &[("ca.crt", CA), ("ca.key", CA_KEY)],
    &[("ca.crt", RSA), ("ca.key", RSA_KEY)],
    &[("ca.crt", CA), ("ca.key", CA_KEY), ("front-proxy-ca.crt", OTHER), ("front-proxy-ca.key", OTHER_KEY)],
    &[
        ("ca.crt", CA),
        ("ca.key", CA_KEY),
        ("etcd/ca.crt", OTHER),
        ("etcd/ca.key", OTHER_KEY),
        ("sa.key", SA_KEY),
        ("sa.pub", SA_PUB),
    ],
    &[("ca.crt", CA), ("ca.key", CA_KEY), ("apiserver.crt", APISERVER), ("apiserver.key", APISERVER_KEY)],
];

/// Sets that something is wrong with, or that are not whole.
const ODD: &[Set] = &[
    &[("ca.crt", CA)],
    &[("ca.key", CA_KEY)],
    &[("ca.crt", EXPIRED), ("ca.key", CA_KEY)],
    &[("ca.crt", CA), ("ca.key", OTHER_KEY)],
    &[("ca.crt", APISERVER), ("ca.key", APISERVER_KEY)],
    &[("ca.crt", "not a certificate\n"), ("ca.key", CA_KEY)],
    &[("ca.crt", CA), ("ca.key", "not a key\n")],
    &[("ca.crt", ""), ("ca.key", "")],
    &[("ca.crt", OTHER), ("ca.key", OTHER_KEY), ("apiserver.crt", APISERVER), ("apiserver.key", APISERVER_KEY)],
    &[("ca.crt", CA), ("ca.key", CA_KEY), ("apiserver.crt", APISERVER)],
    &[("ca.crt", CA), ("ca.key", CA_KEY), ("apiserver.crt", APISERVER), ("apiserver.key", OTHER_KEY)],
    &[
        ("ca.crt", CA),
        ("apiserver.crt", APISERVER),
        ("apiserver.key", APISERVER_KEY),
        ("sa.key", SA_KEY),
        ("sa.pub", SA_PUB),
    ],
    &[("ca.crt", CA), ("ca.key", CA_KEY), ("sa.key", SA_KEY)],
    &[("ca.crt", CA), ("ca.key", CA_KEY), ("sa.pub", SA_PUB)],
    &[("etcd/ca.crt", OTHER)],
    &[("front-proxy-ca.crt", OTHER)],
];

/// What a command finds.
#[derive(Clone, Copy)]
pub(super) enum Finds {
    Nothing,
    /// It makes the CAs that it does not find.
    MaybeCas,
    /// It signs with a CA.
    Cas,
    /// It signs with the cluster's CA, and kubeconfigs may be there, too.
    CaAndKubeconfigs,
}

/// Files by their name in a directory.
type Files = BTreeMap<String, String>;

/// What is there before.
#[derive(Debug, Clone, Default)]
pub(super) struct Existing {
    /// In the directory of certificates.
    pub(super) certificates: Files,
    /// In the directory of kubeconfigs.
    pub(super) kubeconfigs: Files,
}

/// What a command finds: mostly what it needs.
pub(super) fn strategy(finds: Finds) -> BoxedStrategy<Existing> {
    let nothing: Set = &[];
    let certificates = match finds {
        Finds::Nothing => Just(nothing).boxed(),
        Finds::MaybeCas => prop_oneof![6 => Just(nothing), 3 => select(WITH_CA), 1 => select(ODD)].boxed(),
        Finds::Cas => {
            prop_oneof![12 => Just(WHOLE), 2 => select(WITH_CA), 1 => select(ODD), 1 => Just(nothing)].boxed()
        }
        Finds::CaAndKubeconfigs => prop_oneof![12 => select(WITH_CA), 1 => select(ODD), 1 => Just(nothing)].boxed(),
    };
    let kubeconfigs = match finds {
        Finds::CaAndKubeconfigs => kubeconfigs().boxed(),
        _ => Just(Files::new()).boxed(),
    };
    (certificates, kubeconfigs)
        .prop_map(|(set, kubeconfigs)| Existing { certificates: files(set), kubeconfigs })
        .boxed()
}

fn files(set: Set) -> Files {
    set.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

/// Mostly none.
fn kubeconfigs() -> impl Strategy<Value = Files> {
    let names =
        select(vec!["admin.conf", "super-admin.conf", "kubelet.conf", "controller-manager.conf", "scheduler.conf"])
            .prop_map(str::to_owned);
    let texts = select(vec![
        ADMIN.to_owned(),
        ADMIN.replace("192.0.2.10:6443", "192.0.2.99:6443"),
        ADMIN.replace("192.0.2.10:6443", "192.0.2.10:443"),
        ADMIN.replace("current-context: kubernetes-admin@kubernetes", "current-context: other"),
        "not a kubeconfig\n".to_owned(),
        String::new(),
    ]);
    prop_oneof![5 => Just(None), 1 => (names, texts).prop_map(Some)].prop_map(|file| file.into_iter().collect())
}

/// What a configuration may name, in /case.
pub(super) fn discovery() -> &'static str {
    DISCOVERY
}
