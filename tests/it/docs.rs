//! docs/phases.md is what the tables say. `UPDATE=1 cargo test docs` writes it anew.

use std::fmt::Write;

use kinit::phases::{Body, Phase, init::INIT, join::JOIN, reset::RESET, walk};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/phases.md");

#[test]
#[expect(clippy::disallowed_methods, reason = "reads and writes the page that it checks")]
fn phases_page_is_the_tables() {
    let page = page();
    if std::env::var("UPDATE").is_ok() {
        std::fs::write(PATH, &page).expect("docs/phases.md can be written");
    }
    let written = std::fs::read_to_string(PATH).unwrap_or_default();
    assert!(written == page, "docs/phases.md is not what the tables say; UPDATE=1 cargo test docs writes it anew");
}

fn page() -> String {
    let mut page = String::from(
        "# Phases\n\nWritten from the tables in src/phases by `UPDATE=1 cargo test docs`; a test compares them.\n\n\
         `kinit init phase certs ca` runs one phase, `kinit init phase certs all` a group, `--skip-phases certs/ca,addon` \
         leaves some out. Phases run in this order; a failure stops at the first (reset goes on and lists them).\n",
    );
    section(&mut page, "init", INIT);
    section(&mut page, "join", JOIN);
    section(&mut page, "reset", RESET);
    page
}

fn section<C>(page: &mut String, command: &str, table: &'static [Phase<C>]) {
    write!(page, "\n## {command}\n\n| phase | what it does | flags |\n|---|---|---|\n").expect("into a String");
    walk(table, "", &mut |path, phase| {
        let flags: Vec<String> = phase.flags.iter().map(|flag| format!("`--{flag}`")).collect();
        let group = if matches!(phase.body, Body::Group(_)) { "**" } else { "" };
        let flags = flags.join(" ");
        writeln!(page, "| {group}{path}{group} | {} | {flags} |", phase.about).expect("into a String");
    });
}
