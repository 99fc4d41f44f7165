//! `init phase certs`: one leaf for each certificate of the tree, and the service account key.

use super::{Init, staged};
use crate::failure::{Failure, Outcome};
use crate::pki::{self, Definition, Made, PkiDir, PkiError, ServiceAccountKey, Spec, Usage};

macro_rules! leaves {
    ($($function:ident: $name:literal),* $(,)?) => {
        $(
            #[doc = concat!("Makes the certificate `", $name, "` be there.")]
            pub(super) async fn $function(init: &Init) -> Outcome {
                certificate(init, $name)
            }
        )*
    };
}

leaves! {
    ca: "ca",
    apiserver: "apiserver",
    apiserver_kubelet_client: "apiserver-kubelet-client",
    front_proxy_ca: "front-proxy-ca",
    front_proxy_client: "front-proxy-client",
    etcd_ca: "etcd-ca",
    etcd_server: "etcd-server",
    etcd_peer: "etcd-peer",
    etcd_healthcheck_client: "etcd-healthcheck-client",
    apiserver_etcd_client: "apiserver-etcd-client",
}

/// Makes the service account key pair be there.
pub(super) async fn sa(init: &Init) -> Outcome {
    let made = if init.options.staged {
        pki::service_account_outlook(&dir(init))
    } else {
        pki::ensure_service_account_key(&dir(init), &init.keys)
    };
    let made = made.map_err(failure(init))?;
    let external = pki::external_ca(&*init.host, &init.cfg).map_err(failure(init))?;
    init.ui.line(match made {
        ServiceAccountKey::New => "[certs] Generating \"sa\" key and public key",
        ServiceAccountKey::PublicRestored => "[certs] Writing the public key of the existing \"sa\" key",
        ServiceAccountKey::Existing if external => "[certs] Using existing sa keys",
        ServiceAccountKey::Existing => "[certs] Using the existing \"sa\" key",
    });
    Ok(())
}

/// Says where certificates are, before the first of them.
pub(super) fn announce(init: &Init) {
    init.ui.line(format_args!("[certs] Using certificateDir folder {:?}", init.cfg.cluster.certificates_dir));
}

fn certificate(init: &Init, name: &'static str) -> Outcome {
    let definition = Definition::named(name).ok_or_else(|| Failure::text(format!("no certificate {name:?}")))?;
    let base_name = definition.base_name;
    let authority = definition.parent.is_none();
    if !definition.applies(&init.cfg) {
        let what = if authority { "certificate authority" } else { "certificate" };
        init.ui.line(format_args!("[certs] External etcd mode: Skipping {base_name} {what} generation"));
        return Ok(());
    }
    let made = if staged::puts_off_certificate(init, name) {
        pki::outlook(&dir(init), definition, &init.cfg, init.once.now)
    } else {
        pki::ensure(&dir(init), definition, &init.cfg, init.once.now, &init.keys)
    };
    let made = made.map_err(failure(init))?;
    match &made {
        Made::New(_) => init.ui.line(format_args!("[certs] Generating {base_name:?} certificate and key")),
        Made::ForExistingKey(_) => {
            init.ui.line(format_args!("[certs] Generating {base_name:?} certificate for the existing key"));
        }
        Made::Existing if authority => {
            init.ui.line(format_args!("[certs] Using existing {base_name} certificate authority"));
        }
        Made::Existing => init.ui.line(format_args!("[certs] Using existing {base_name} certificate and key on disk")),
        Made::ExistingKeyless => {
            init.ui.line(format_args!("[certs] Using existing {base_name} keyless certificate authority"));
        }
    }
    if let Made::New(spec) | Made::ForExistingKey(spec) = &made {
        tell_names(init, base_name, spec);
    }
    Ok(())
}

fn tell_names(init: &Init, base_name: &str, spec: &Spec) {
    if spec.usages.contains(&Usage::Server) {
        let addresses: Vec<String> = spec.ip_addresses.iter().map(ToString::to_string).collect();
        init.ui.line(format_args!(
            "[certs] {base_name} serving cert is signed for DNS names [{}] and IPs [{}]",
            spec.dns_names.join(" "),
            addresses.join(" ")
        ));
    }
}

fn dir(init: &Init) -> PkiDir<'_> {
    PkiDir::of(&*init.host, &init.cfg)
}

/// Makes these certificates and their keys be there, and says nothing of it.
pub(super) fn make(init: &Init, wanted: impl Fn(&Definition) -> bool) -> Outcome {
    for definition in pki::CERTIFICATES.iter().filter(|definition| wanted(definition) && definition.applies(&init.cfg))
    {
        pki::ensure(&dir(init), definition, &init.cfg, init.once.now, &init.keys).map_err(failure(init))?;
        staged::done(&format!("certs/{}", definition.name));
    }
    Ok(())
}

/// Makes the service account key pair be there, and says nothing of it.
pub(super) fn make_service_account_key(init: &Init) -> Outcome {
    pki::ensure_service_account_key(&dir(init), &init.keys).map_err(failure(init))?;
    staged::done("certs/sa");
    Ok(())
}

fn failure(init: &Init) -> impl Fn(PkiError) -> Failure {
    |error| error.into_failure(&init.ui.program)
}
