//! Authorities whose keys are kept elsewhere: the certificate is here, the key is not.
//!
//! Whether everything that such an authority should have signed is here, [`super::check_existing`] tells.

use super::error::PkiError;
use super::store::PkiDir;
use super::tree::Definition;
use crate::config::InitConfig;
use crate::host::Host;

/// Whether the cluster's own authority is external.
pub fn external_ca(host: &dyn Host, cfg: &InitConfig) -> Result<bool, PkiError> {
    is_external(host, cfg, "ca")
}

/// Whether the front proxy's authority is external.
pub fn external_front_proxy_ca(host: &dyn Host, cfg: &InitConfig) -> Result<bool, PkiError> {
    is_external(host, cfg, "front-proxy-ca")
}

fn is_external(host: &dyn Host, cfg: &InitConfig, name: &str) -> Result<bool, PkiError> {
    let dir = PkiDir::of(host, cfg);
    let Some(authority) = Definition::named(name) else { return Ok(false) };
    let certificate = match dir.certificate(authority.base_name) {
        // A file that is no certificate is no authority; whoever needs one says so.
        Err(PkiError::Certificate { .. }) => None,
        read => read?,
    };
    Ok(certificate.is_some_and(|chain| chain.first.is_authority) && !dir.has_key(authority.base_name)?)
}
