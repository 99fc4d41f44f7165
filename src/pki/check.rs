//! Whether existing certificates and keys are what they should be. They are used and never replaced, so each
//! difference is an error that names it.
//!
//! Only looks. Everything that is wrong is found at once, before anything is changed.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};
use time::OffsetDateTime;

use super::chain::{Chain, Verdict};
use super::error::{Difference, PkiError};
use super::inspect::{Certificate, Usage};
use super::keys::PrivateKey;
use super::service_account;
use super::spec::Spec;
use super::store::{Pair, PkiDir};
use super::tree::{CERTIFICATES, Definition};
use crate::config::InitConfig;
use crate::failure;
use crate::host::Host;

/// Checks every certificate and key that is there already for this configuration, of those whose names are wanted:
/// a certificate's in the tree, `sa` for the service accounts' key.
pub fn check_existing(
    host: &dyn Host,
    cfg: &InitConfig,
    now: OffsetDateTime,
    wanted: impl Fn(&str) -> bool,
) -> Result<(), PkiError> {
    let dir = PkiDir::of(host, cfg);
    let mut problems = Vec::new();
    let looked_at = |definition: &&Definition| definition.applies(cfg) && wanted(definition.name);
    for definition in CERTIFICATES.iter().filter(looked_at) {
        match dir.pair(definition) {
            Ok(pair) => problems.extend(differences(&dir, definition, &pair, cfg, now)?),
            Err(error @ (PkiError::Certificate { .. } | PkiError::Key { .. })) => problems.push(error),
            Err(error) => return Err(error),
        }
    }
    problems.extend(wanted("sa").then(|| service_account::check(&dir).err()).flatten());
    // What is wrong with an authority is found with each certificate that it should have signed.
    let mut told = BTreeSet::new();
    problems.retain(|problem| told.insert(failure::chain(problem)));
    PkiError::gather(problems)
}

/// How a pair differs from what it should be; nothing for one that is still to be made and can be.
pub(super) fn differences(
    dir: &PkiDir<'_>,
    definition: &Definition,
    pair: &Pair,
    cfg: &InitConfig,
    now: OffsetDateTime,
) -> Result<Vec<PkiError>, PkiError> {
    let path = dir.certificate_path(definition.base_name);
    let mut found = Vec::new();
    if let Some(chain) = &pair.chain {
        found.extend(period(&path, &chain.first, now));
        found.extend(key_difference(dir, definition, &chain.first, pair.key.as_ref()));
    }
    let mut absent_key = None;
    if let Some(authority) = definition.authority() {
        let spec = definition.spec(cfg, now)?;
        found.extend(pair.chain.iter().flat_map(|chain| purpose_and_names(&path, &chain.first, &spec)));
        // What is wrong with the authority's own files is told where they are looked at.
        if let Ok(signer) = dir.certificate(authority.base_name) {
            if signer.is_some() && !dir.has_key(authority.base_name)? {
                absent_key = Some(dir.key_path(authority.base_name));
            }
            let by = (dir.certificate_path(authority.base_name), signer.map(|chain| chain.first));
            found.extend(parentage((&path, pair), &spec, by, absent_key.as_deref(), now));
        }
    } else {
        found.extend(pair.chain.iter().filter_map(|chain| no_authority(&path, &chain.first)));
    }
    let told = |source: Difference| match &absent_key {
        Some(key) if source.to_replace() == Some(&path) => PkiError::ExternalAuthority { key: key.clone(), source },
        _ => source.into(),
    };
    Ok(found.into_iter().map(told).collect())
}

/// Why a certificate that should sign others may not.
pub(super) fn no_authority(path: &Utf8Path, certificate: &Certificate) -> Option<Difference> {
    match (certificate.is_authority, certificate.signs_certificates) {
        (false, _) => Some(Difference::NotAuthority { path: path.to_owned() }),
        (true, false) => Some(Difference::NotSigner { path: path.to_owned() }),
        (true, true) => critical(path, certificate),
    }
}

fn critical(path: &Utf8Path, certificate: &Certificate) -> Option<Difference> {
    let oid = certificate.unknown_critical.clone()?;
    Some(Difference::Critical { path: path.to_owned(), oid })
}

/// Whether the key is there, and the certificate's. An authority's may be elsewhere.
fn key_difference(
    dir: &PkiDir<'_>,
    definition: &Definition,
    certificate: &Certificate,
    key: Option<&PrivateKey>,
) -> Option<Difference> {
    let key_path = dir.key_path(definition.base_name);
    let path = dir.certificate_path(definition.base_name);
    match key {
        Some(key) if certificate.matches(key) => None,
        Some(_) => Some(Difference::KeyMismatch { certificate: path, key: key_path, pin: certificate.pin() }),
        None if definition.parent.is_none() => None,
        None => Some(Difference::KeyMissing { certificate: path, key: key_path }),
    }
}

/// Whether a leaf is its authority's, or can still be made by it. `absent_key` is where the authority's key should be, if
/// it is elsewhere.
fn parentage(
    (path, pair): (&Utf8Path, &Pair),
    spec: &Spec,
    (authority, signer): (Utf8PathBuf, Option<Certificate>),
    absent_key: Option<&Utf8Path>,
    now: OffsetDateTime,
) -> Option<Difference> {
    let at = path.to_owned();
    match (&pair.chain, signer) {
        (Some(_), None) => Some(Difference::Orphan { path: at, authority }),
        (Some(chain), Some(signer)) => stray(path, chain, &authority, [&signer], now),
        (None, None) => None,
        (None, Some(signer)) => match absent_key {
            Some(key) => Some(Difference::NoAuthorityKey { path: at, key: key.to_owned() }),
            None => {
                let names = signer.constraints?.forbidden(&spec.dns_names, &spec.ip_addresses);
                (!names.is_empty()).then_some(Difference::NotPermitted { path: at, authority, names })
            }
        },
    }
}

/// Why a certificate is not taken by those who trust the authorities of one file; nothing where one of them is good for it.
pub(crate) fn stray<'a>(
    path: &Utf8Path,
    chain: &Chain,
    authority_path: &Utf8Path,
    authorities: impl IntoIterator<Item = &'a Certificate>,
    now: OffsetDateTime,
) -> Option<Difference> {
    let mut found = critical(path, &chain.first);
    if found.is_some() {
        return found;
    }
    for signer in authorities {
        let unfit = no_authority(authority_path, signer).or_else(|| period(authority_path, signer, now));
        if let Some(difference) = unfit {
            found = found.or(Some(difference));
            continue;
        }
        let (path, authority) = (path.to_owned(), authority_path.to_owned());
        match chain.leads_to(signer, now) {
            Verdict::Hold => return None,
            Verdict::Refused(why) => found = Some(Difference::Refused { path, authority, why }),
            // It may be this one's.
            Verdict::Unchecked(how) => found = Some(Difference::Unchecked { path, authority, how }),
            Verdict::Fail => {
                let why = foreign(&chain.first, signer);
                found = found.or(Some(Difference::Foreign { path, authority, why }));
            }
        }
    }
    found
}

fn foreign(certificate: &Certificate, authority: &Certificate) -> String {
    if certificate.issuer_name() == authority.subject_name() {
        return "it names the CA as its issuer, but another key signed it".to_owned();
    }
    format!("its issuer is {:?}, the CA is {:?}", certificate.issuer, authority.subject)
}

/// Whether a certificate's time has come and not gone.
pub(crate) fn period(path: &Utf8Path, certificate: &Certificate, now: OffsetDateTime) -> Option<Difference> {
    if now > certificate.not_after {
        return Some(Difference::Expired { path: path.to_owned(), until: certificate.not_after });
    }
    let early = now < certificate.not_before;
    early.then(|| Difference::NotYetValid { path: path.to_owned(), from: certificate.not_before, now })
}

fn purpose_and_names(path: &Utf8Path, certificate: &Certificate, spec: &Spec) -> Vec<Difference> {
    let mut found = Vec::new();
    for (usage, purpose) in [(Usage::Server, "TLS servers"), (Usage::Client, "TLS clients")] {
        if spec.usages.contains(&usage) && !certificate.allows(usage) {
            found.push(Difference::Purpose { path: path.to_owned(), purpose });
        }
    }
    let names = spec.dns_names.iter().filter(|name| !certificate.covers_name(name)).cloned();
    let addresses = spec.ip_addresses.iter().filter(|&&address| !certificate.covers_address(address));
    let missing: Vec<String> = names.chain(addresses.map(ToString::to_string)).collect();
    if !missing.is_empty() {
        let present = certificate.dns_names.iter().cloned();
        let present = present.chain(certificate.ip_addresses.iter().map(ToString::to_string)).collect();
        found.push(Difference::Names { path: path.to_owned(), missing, present });
    }
    found
}
