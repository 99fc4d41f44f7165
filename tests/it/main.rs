//! The one integration test binary: everything that needs no machine but the whole crate.

mod bad_input;
mod cli;
mod cli_reference;
mod command_tree;
mod compatibility;
mod completion;
mod config_file;
mod conformance;
mod converge;
mod corpus;
mod docs;
mod dry_run;
mod events;
mod golden_manifests;
mod hints;
mod hostile;
mod judge;
mod minors;
mod old_api;
mod output;
mod support;
mod usage;

#[test]
#[expect(clippy::disallowed_methods, reason = "looks at its own folder")]
fn no_test_file_is_forgotten() {
    let main = include_str!("main.rs");
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it");
    for entry in std::fs::read_dir(folder).expect("tests/it is there") {
        let name = entry.expect("readable").file_name().into_string().expect("UTF-8");
        let Some(module) = name.strip_suffix(".rs").filter(|module| *module != "main") else { continue };
        assert!(main.contains(&format!("mod {module};")), "tests/it/{name} is not listed in main.rs");
    }
}
