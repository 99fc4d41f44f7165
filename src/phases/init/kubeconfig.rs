//! `init phase kubeconfig`: one leaf for each kubeconfig file of a control-plane node.

use super::{Init, staged};
use crate::failure::{Failure, Outcome};
use crate::kubeconfig::{self, Definition, KUBECONFIGS, Written};
use crate::pki;

macro_rules! leaves {
    ($($function:ident: $name:literal),* $(,)?) => {
        $(
            #[doc = concat!("Makes the kubeconfig file of `", $name, "` be there.")]
            pub(super) async fn $function(init: &Init) -> Outcome {
                file(init, $name)
            }
        )*
    };
}

leaves! {
    admin: "admin",
    super_admin: "super-admin",
    kubelet: "kubelet",
    controller_manager: "controller-manager",
    scheduler: "scheduler",
}

/// Says where kubeconfig files are, before the first of them.
pub(super) fn announce(init: &Init) {
    init.ui.line(format_args!("[kubeconfig] Using kubeconfig folder {:?}", init.options.kubeconfig_dir.as_str()));
}

fn file(init: &Init, name: &'static str) -> Outcome {
    let definition = Definition::named(name).ok_or_else(|| Failure::text(format!("no kubeconfig {name:?}")))?;
    if !definition.applies(&init.cfg) {
        return Ok(());
    }
    let program = &init.ui.program;
    let external = pki::external_ca(&*init.host, &init.cfg).map_err(|error| error.into_failure(program))?;
    let dir = &init.options.kubeconfig_dir;
    let written = if staged::puts_off_kubeconfig(init, name) {
        kubeconfig::outlook(&*init.host, definition, dir, &init.cfg, init.once.now)
    } else {
        kubeconfig::ensure(&*init.host, definition, dir, &init.cfg, init.once.now, &init.keys)
    };
    let written = written.map_err(|error| error.into_failure(program))?;
    let file_name = definition.file_name;
    match written {
        Written::New => init.ui.line(format_args!("[kubeconfig] Writing {file_name:?} kubeconfig file")),
        Written::Existing { warning } => {
            if let Some(warning) = warning {
                init.ui.warn(warning);
            }
            if external {
                init.ui.line(format_args!("[kubeconfig] External CA mode: Using user provided {file_name}"));
            } else {
                let path = dir.join(file_name);
                init.ui.line(format_args!("[kubeconfig] Using existing kubeconfig file: {:?}", path.as_str()));
            }
        }
    }
    Ok(())
}

/// Makes every kubeconfig file be there, and says nothing of it.
pub(super) fn make_all(init: &Init) -> Outcome {
    let Init { host, options, cfg, once, keys, ui, .. } = init;
    for definition in KUBECONFIGS.iter().filter(|definition| definition.applies(cfg)) {
        kubeconfig::ensure(&**host, definition, &options.kubeconfig_dir, cfg, once.now, keys)
            .map_err(|error| error.into_failure(&ui.program))?;
        staged::done(&format!("kubeconfig/{}", definition.name));
    }
    Ok(())
}
