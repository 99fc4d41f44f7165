//! A containerd store that holds every image, unpacked: made once in a machine of its own, so that machines start with nothing to import.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::binaries::Binaries;
use super::images;
use crate::cache::{Cache, hash};
use crate::command::{check, command};
use crate::lab::{self, Plan};
use crate::machine::Machine;

/// Databases that containerd writes in place. Everything else in a store is written once and can be shared.
const DATABASES: &[&str] =
    &["io.containerd.metadata.v1.bolt/meta.db", "io.containerd.snapshotter.v1.overlayfs/metadata.db"];

/// The store with the images of these binaries.
pub(crate) fn get(cache: &Cache, debian: &Path, binaries: &Binaries) -> Result<PathBuf> {
    let images = images::get(cache, debian, binaries)?;
    let inputs =
        ["1", &images.display().to_string(), &debian.display().to_string(), include_str!("../files/containerd.toml")];
    let made = cache.artefact("store", &inputs, |draft| {
        let store = draft.join("containerd");
        fs::create_dir_all(&store)?;
        let plan = Plan {
            name: format!("store-{}", hash(&inputs)),
            lower: debian.to_owned(),
            shared: vec![(images.clone(), "/opt/lab/images".into())],
            pause: images::pause(&binaries.images).into(),
        };
        lab::temporary(cache, &plan, &store, |machine| import(machine, &images))
    })?;
    Ok(made.join("containerd"))
}

/// Gives `place` a store of its own: hard links, except for what is written in place.
pub(crate) fn copy(store: &Path, place: &Path) -> Result<()> {
    check(command("cp", &["--archive", "--link"]).arg(store).arg(place))?;
    for database in DATABASES {
        let target = place.join(database);
        fs::remove_file(&target).with_context(|| format!("the store has no {database}"))?;
        fs::copy(store.join(database), &target)?;
    }
    Ok(())
}

fn import(machine: &Machine, images: &Path) -> Result<()> {
    let archives: Vec<String> = fs::read_dir(images)?
        .filter_map(Result::ok)
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".tar"))
        .collect();
    std::thread::scope(|scope| {
        let jobs: Vec<_> = archives
            .iter()
            .map(|name| {
                let path = format!("/opt/lab/images/{name}");
                scope.spawn(move || machine.check(["ctr", "-n", "k8s.io", "images", "import", &path]))
            })
            .collect();
        jobs.into_iter()
            .try_for_each(|job| job.join().map_err(|_| anyhow::anyhow!("importing an image panicked"))?.map(drop))
    })?;
    // containerd is stopped so that its databases are whole on disk.
    machine.script("systemctl stop containerd; sync").map(drop)
}
