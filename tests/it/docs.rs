//! docs/phases.md and docs/errors.md are what the tables say. `UPDATE=1 cargo test docs` writes them anew.

use std::collections::BTreeSet;
use std::fmt::Write;

use camino::{Utf8Path, Utf8PathBuf};
use kinit::diagnose::known;
use kinit::phases::{Body, Phase, init::INIT, join::JOIN, reset::RESET, walk};

use crate::support::page;

#[test]
fn phases_page_is_the_tables() {
    let mut page = String::from(
        "# Phases\n\nWritten from the tables in src/phases by `UPDATE=1 cargo test docs`; a test compares them.\n\n\
         `kinit init phase certs ca` runs one phase, `kinit init phase certs all` a group, `--skip-phases certs/ca,addon` \
         leaves some out. Phases run in this order; a failure stops at the first (reset goes on and lists them).\n",
    );
    section(&mut page, "init", INIT);
    section(&mut page, "join", JOIN);
    section(&mut page, "reset", RESET);
    self::page("docs/phases.md", &page);
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

#[test]
fn errors_page_is_the_known_causes() {
    let mut page = String::from(
        "# Error codes\n\nWritten from the tables in src/diagnose by `UPDATE=1 cargo test docs`; a test compares them.\n\n\
         Where `init` or `join` waits for the kubelet or the control plane in vain and knows the cause, the error ends with it and, in brackets, its code: `[KI-KUBELET-SWAP]`.\n\
         `-o json` has it as `code` in the result's `error` ([output.md](output.md#the-result)). A code keeps its meaning; new ones are added. An error without a code is told in words only,\n\
         a failed pre-flight check by its name.\n\n\
         Where two causes have the same code, the cause in the error says which. `…` is the component, the file or the state that is meant. Below the error stand the evidence, what to do, and the commands, as here.\n\n\
         | code | cause | what to do |\n|---|---|---|\n",
    );
    let mut rows: Vec<String> = known()
        .map(|known| {
            let commands = known.commands.iter().map(|command| format!("`{command}`"));
            let what = std::iter::once(known.remedy.to_owned()).chain(commands).collect::<Vec<_>>().join("; ");
            let [cause, what] = [known.cause, &what].map(|text| {
                text.replace('|', "\\|").replace("{}", "…").replace("COMPONENT", "…").replace("{program}", "kinit")
            });
            format!("| `{}` | {cause} | {what} |\n", known.code)
        })
        .collect();
    rows.sort();
    rows.dedup();
    page.extend(rows);
    self::page("docs/errors.md", &page);
}

#[test]
fn every_code_in_the_source_is_a_known_cause() {
    let known: BTreeSet<String> = known().map(|known| known.code.to_owned()).collect();
    let mut written = BTreeSet::new();
    for file in sources(Utf8Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))) {
        let text = read(&file);
        let codes = text.split("\"KI-").skip(1).filter_map(|rest| Some(format!("KI-{}", rest.split_once('"')?.0)));
        // The first part alone is what unit tests strip from a code.
        written.extend(codes.filter(|code| code.len() > "KI-".len()));
    }
    assert_eq!(written, known);
}

#[expect(clippy::disallowed_methods, reason = "reads the sources that it checks")]
fn read(file: &Utf8Path) -> String {
    std::fs::read_to_string(file).expect("readable")
}

/// All Rust files below a folder.
fn sources(folder: &Utf8Path) -> Vec<Utf8PathBuf> {
    let entries = folder.read_dir_utf8().expect("a folder").map(|entry| entry.expect("readable").into_path());
    let of = |path: Utf8PathBuf| if path.is_dir() { sources(&path) } else { vec![path] };
    entries.flat_map(of).filter(|path| path.extension() == Some("rs")).collect()
}
