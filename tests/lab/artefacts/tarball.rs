//! docker-archive files, written without a container engine: `manifest.json`, a configuration an image, and one layer that they share.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use anyhow::{Context, Result};
use aws_lc_rs::digest;
use serde_json::json;
use tar::{Builder, EntryType, Header};

use crate::cache::hex;

/// An image: its reference, and the program it starts when a pod names none.
pub(crate) struct Image<'a> {
    pub(crate) reference: &'a str,
    pub(crate) entrypoint: &'a str,
}

/// Writes `images`, all on the one layer, to `place`.
pub(crate) fn write(place: &Path, layer: &Path, images: &[Image<'_>]) -> Result<()> {
    let digest = sha256(layer)?;
    let layer_name = format!("{digest}/layer.tar");
    let mut tar = Builder::new(File::create(place).with_context(|| format!("cannot write {}", place.display()))?);
    tar.append_path_with_name(layer, &layer_name)?;
    let mut manifest = Vec::new();
    for image in images {
        let config = json!({
            "architecture": architecture(),
            "os": "linux",
            "config": {
                "Entrypoint": [image.entrypoint],
                "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
            },
            "rootfs": { "type": "layers", "diff_ids": [format!("sha256:{digest}")] },
            "history": [{ "created_by": "kinit lab" }],
        });
        let config = serde_json::to_vec(&config)?;
        let name = format!("{}.json", hex(digest::digest(&digest::SHA256, &config).as_ref()));
        // Two images with the same entry point have the same configuration; the archive holds it once.
        if !manifest.iter().any(|entry: &serde_json::Value| entry["Config"] == name) {
            append(&mut tar, &name, &config)?;
        }
        manifest.push(json!({ "Config": name, "RepoTags": [image.reference], "Layers": [layer_name] }));
    }
    append(&mut tar, "manifest.json", &serde_json::to_vec(&manifest)?)?;
    tar.into_inner()?.flush().map_err(Into::into)
}

/// The name that images have for this computer's architecture.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

fn append(tar: &mut Builder<File>, name: &str, bytes: &[u8]) -> Result<()> {
    let mut header = Header::new_ustar();
    header.set_entry_type(EntryType::Regular);
    header.set_mode(0o644);
    header.set_size(bytes.len() as u64);
    tar.append_data(&mut header, name, bytes).map_err(Into::into)
}

fn sha256(file: &Path) -> Result<String> {
    let mut context = digest::Context::new(&digest::SHA256);
    let mut source = File::open(file)?;
    let mut buffer = vec![0; 1 << 20];
    loop {
        let read = source.read(&mut buffer)?;
        if read == 0 {
            return Ok(hex(context.finish().as_ref()));
        }
        context.update(&buffer[..read]);
    }
}
