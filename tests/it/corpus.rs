//! Everything that fuzzing found worth keeping is read again: the corpus of each reader, every finding in it.

#![expect(clippy::disallowed_methods, reason = "a test reads its own files")]

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};

#[path = "../fuzz/readers/mod.rs"]
mod readers;

use readers::READERS;

/// Many times what any file takes, also without optimisation on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

fn entries(dir: &Utf8Path) -> Vec<Utf8PathBuf> {
    dir.read_dir_utf8().expect("a directory").map(|entry| entry.expect("readable").into_path()).collect()
}

fn corpus() -> Utf8PathBuf {
    Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus")
}

#[test]
fn every_file_is_read_and_soon() {
    for reader in READERS {
        let files = entries(&corpus().join(reader.name));
        assert!(!files.is_empty(), "{} has no corpus", reader.name);
        for file in files {
            let data = std::fs::read(&file).expect("readable");
            let start = Instant::now();
            (reader.read)(&data);
            assert!(start.elapsed() < PATIENCE, "{file} took {:?}", start.elapsed());
        }
    }
}

#[test]
fn no_corpus_is_forgotten() {
    let names: BTreeSet<&str> = READERS.iter().map(|reader| reader.name).collect();
    assert_eq!(names.len(), READERS.len(), "a name stands twice");
    for dir in entries(&corpus()) {
        assert!(dir.file_name().is_some_and(|name| names.contains(name)), "{dir} belongs to no reader");
    }
}
