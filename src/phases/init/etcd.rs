//! `init phase etcd`: the static pod of a local etcd.

use camino::Utf8Path;

use super::{Init, control_plane};
use crate::failure::Outcome;
use crate::manifests::Component;
use crate::paths::MANIFESTS_DIR;

/// Writes the manifest of a local, single-node etcd.
pub(super) async fn local(init: &Init) -> Outcome {
    let Some(etcd) = &init.cfg.cluster.etcd.local else {
        init.ui.verbose(1, "[etcd] External etcd mode. Skipping the creation of a manifest for local etcd");
        return Ok(());
    };
    init.host.ensure_dir(Utf8Path::new(&etcd.data_dir), 0o700)?;
    init.ui.line(format_args!("[etcd] Creating static Pod manifest for local etcd in {MANIFESTS_DIR:?}"));
    control_plane::write(init, Component::Etcd)
}
