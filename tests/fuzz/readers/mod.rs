//! Everything of kinit that reads outside data, by name: one row each.
//!
//! A reader gives the bytes to kinit's own doors, and asserts what must hold of what comes out. Whatever the bytes, it
//! must not panic, and takes neither long nor much memory. The fuzz target (reader.rs) and the replay of the corpus in
//! the normal tests (tests/it/corpus.rs) both go by this table; the corpus of a row is corpus/<its name>/.

mod cluster;
mod config;
mod host;
mod machine;
mod node;
mod pki;
mod words;

/// A row of the table.
pub(crate) struct Reader {
    pub(crate) name: &'static str,
    pub(crate) read: fn(&[u8]),
}

/// Every reader.
pub(crate) static READERS: &[Reader] = &[
    Reader { name: "yaml", read: config::yaml },
    Reader { name: "init-configuration", read: config::init },
    Reader { name: "join-configuration", read: config::join },
    Reader { name: "reset-configuration", read: config::reset },
    Reader { name: "component-configuration", read: config::component },
    Reader { name: "words", read: words::words },
    Reader { name: "certificate", read: pki::certificate },
    Reader { name: "private-key", read: pki::private_key },
    Reader { name: "pki-directory", read: pki::directory },
    Reader { name: "kubeconfig", read: cluster::kubeconfig },
    Reader { name: "discovery-file", read: cluster::discovery_file },
    Reader { name: "cluster-info", read: cluster::cluster_info },
    Reader { name: "config-maps", read: cluster::config_maps },
    Reader { name: "secrets", read: cluster::secrets },
    Reader { name: "proc", read: host::proc },
    Reader { name: "facts", read: host::facts },
    Reader { name: "journal", read: host::journal },
    Reader { name: "leftovers", read: host::leftovers },
    Reader { name: "patches", read: node::patches },
    Reader { name: "static-pods", read: node::static_pods },
    Reader { name: "runtime", read: node::runtime },
];
