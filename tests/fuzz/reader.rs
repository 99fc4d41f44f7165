//! The one fuzz target: feeds a reader of the table, the one that `READER` names.

#![no_main]

use std::sync::LazyLock;

mod readers;

static READER: LazyLock<&readers::Reader> = LazyLock::new(|| {
    let name = std::env::var("READER").expect("READER names a reader");
    readers::READERS.iter().find(|reader| reader.name == name).expect("a reader of the table")
});

libfuzzer_sys::fuzz_target!(|data: &[u8]| (READER.read)(data));
