//! Makes certificates and keys be there: looks, checks what is there, and makes only what is not.
//!
//! The key is written before its certificate. So a run that was cut off leaves at worst a key without certificate,
//! and the next one makes the certificate for that key: nothing that exists is ever written over.

use time::OffsetDateTime;

use super::check;
use super::error::{Difference, PkiError};
use super::inspect::Certificate;
use super::issue::{self, Authority, IssueError};
use super::keys::PrivateKey;
use super::pool::KeyPool;
use super::service_account::SERVICE_ACCOUNT;
use super::spec::Spec;
use super::store::PkiDir;
use super::tree::{CERTIFICATES, Definition};
use crate::config::InitConfig;

/// How a certificate came to be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Made {
    /// It and its key are new.
    New(Spec),
    /// It is new, for a key that was there already.
    ForExistingKey(Spec),
    /// It was there.
    Existing,
    /// It is an authority's and was there, its key is elsewhere.
    ExistingKeyless,
}

/// How a certificate of the tree would come to be there: what [`ensure`] answers, with nothing made yet.
pub fn outlook(
    dir: &PkiDir<'_>,
    definition: &Definition,
    cfg: &InitConfig,
    now: OffsetDateTime,
) -> Result<Made, PkiError> {
    look(dir, definition, cfg, now).map(|(made, _)| made)
}

/// Makes one certificate of the tree and its key be there.
pub fn ensure(
    dir: &PkiDir<'_>,
    definition: &Definition,
    cfg: &InitConfig,
    now: OffsetDateTime,
    keys: &KeyPool,
) -> Result<Made, PkiError> {
    let (made, key) = look(dir, definition, cfg, now)?;
    let (Made::New(spec) | Made::ForExistingKey(spec)) = &made else { return Ok(made) };
    let issue = issuer(dir, definition)?;
    let base_name = definition.base_name;
    let key = match key {
        Some(key) => key,
        None => new_key(dir, base_name, keys)?,
    };
    let path = || dir.certificate_path(base_name);
    let certificate = issue(spec, &key).map_err(|source| PkiError::Issue { path: path(), source })?;
    dir.write_certificate(base_name, &certificate)?;
    Ok(made)
}

/// Checks what is there, and says what is to be made; with the key, where only that is there.
fn look(
    dir: &PkiDir<'_>,
    definition: &Definition,
    cfg: &InitConfig,
    now: OffsetDateTime,
) -> Result<(Made, Option<PrivateKey>), PkiError> {
    let pair = dir.pair(definition)?;
    PkiError::gather(check::differences(dir, definition, &pair, cfg, now)?)?;
    let made = match (pair.chain.is_some(), pair.key.is_some()) {
        (true, true) => Made::Existing,
        (true, false) => Made::ExistingKeyless,
        (false, true) => Made::ForExistingKey(definition.spec(cfg, now)?),
        (false, false) => Made::New(definition.spec(cfg, now)?),
    };
    Ok((made, pair.key))
}

/// How many keys are still to be made: what a [`KeyPool`] may make ahead.
pub fn keys_to_make(dir: &PkiDir<'_>, cfg: &InitConfig) -> Result<usize, PkiError> {
    let certificates = CERTIFICATES.iter().filter(|definition| definition.applies(cfg));
    let mut count = 0;
    for base_name in certificates.map(|definition| definition.base_name).chain([SERVICE_ACCOUNT]) {
        count += usize::from(!dir.has_key(base_name)?);
    }
    Ok(count)
}

/// An authority of the tree, to sign with.
pub fn authority(dir: &PkiDir<'_>, definition: &'static Definition) -> Result<Authority, PkiError> {
    let path = || dir.certificate_path(definition.base_name);
    let pair = dir.pair(definition)?;
    let chain = pair.chain.ok_or_else(|| Difference::NoAuthority { path: path(), name: definition.name })?;
    if let Some(difference) = check::no_authority(&path(), &chain.first) {
        return Err(difference.into());
    }
    let missing = || Difference::KeyMissing { certificate: path(), key: dir.key_path(definition.base_name) };
    let key = pair.key.ok_or_else(missing)?;
    if !chain.first.matches(&key) {
        let (certificate, pin) = (path(), chain.first.pin());
        return Err(Difference::KeyMismatch { certificate, key: dir.key_path(definition.base_name), pin }.into());
    }
    Ok(Authority { certificate: chain.first, key })
}

type Issue = Box<dyn Fn(&Spec, &PrivateKey) -> Result<Certificate, IssueError>>;

/// The way in which a certificate of the tree is signed. Loads the authority before any key is made.
fn issuer(dir: &PkiDir<'_>, definition: &Definition) -> Result<Issue, PkiError> {
    Ok(match definition.authority() {
        None => Box::new(issue::self_signed),
        Some(parent) => {
            let authority = authority(dir, parent)?;
            Box::new(move |spec, key| issue::signed(spec, key, &authority))
        }
    })
}

/// Makes a key, from the pool, and writes it.
pub fn new_key(dir: &PkiDir<'_>, base_name: &str, keys: &KeyPool) -> Result<PrivateKey, PkiError> {
    let key = keys.take().map_err(|source| PkiError::NewKey { path: dir.key_path(base_name), source })?;
    dir.write_key(base_name, &key)?;
    Ok(key)
}
