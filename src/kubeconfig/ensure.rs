//! Makes kubeconfig files be there: looks, checks what is there, and makes only what is not.

use camino::{Utf8Path, Utf8PathBuf};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use super::error::KubeconfigError;
use super::file::{Cluster, Credentials, Kubeconfig, Source};
use super::spec::{Definition, KUBECONFIGS};
use crate::config::InitConfig;
use crate::host::{Host, NewFile};
use crate::pki::{self, Certificate, Chain, Difference, KeyPool, PkiDir, PkiError, PrivateKey, Spec, Usage};

/// How a kubeconfig file came to be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// It is new.
    New,
    /// It was there; and what is odd about it, though it is used.
    Existing {
        /// A warning for the person.
        warning: Option<String>,
    },
}

/// How a kubeconfig file in `dir` would come to be there: what [`ensure`] answers, with nothing made yet.
pub fn outlook(
    host: &dyn Host,
    definition: &Definition,
    dir: &Utf8Path,
    cfg: &InitConfig,
    now: OffsetDateTime,
) -> Result<Written, KubeconfigError> {
    let path = dir.join(definition.file_name);
    let pki_dir = PkiDir::of(host, cfg);
    let pki_error = |source| KubeconfigError::Pki { path: path.clone(), source };
    host.refuse_dangling(&path)?;
    if let Some(text) = host.read_text(&path)?.map(Zeroizing::new) {
        let authorities = authorities(&pki_dir).map_err(pki_error)?;
        return check(host, &path, &text, &definition.server(cfg), &authorities, now, &pki_dir)
            .map(|warning| Written::Existing { warning })
            .map_err(|error| told(definition, path, &pki_dir, error));
    }
    if pki_dir.certificate(CA).map_err(pki_error)?.is_some() && !pki_dir.has_key(CA).map_err(pki_error)? {
        let key = pki_dir.key_path(CA);
        return Err(KubeconfigError::NotProvided { file_name: definition.file_name, path, key });
    }
    Ok(Written::New)
}

/// Makes one kubeconfig file be there, in `dir`.
pub fn ensure(
    host: &dyn Host,
    definition: &Definition,
    dir: &Utf8Path,
    cfg: &InitConfig,
    now: OffsetDateTime,
    keys: &KeyPool,
) -> Result<Written, KubeconfigError> {
    let written = outlook(host, definition, dir, cfg, now)?;
    if written == Written::New {
        let path = dir.join(definition.file_name);
        let kubeconfig = build(definition, &PkiDir::of(host, cfg), cfg, now, keys)
            .map_err(|source| KubeconfigError::Pki { path: path.clone(), source })?;
        let text = kubeconfig.to_yaml().map_err(|source| KubeconfigError::Yaml { path: path.clone(), source })?;
        let text = Zeroizing::new(text);
        host.ensure_file(&NewFile { path: &path, content: text.as_bytes(), mode: 0o600, secret: true })?;
    }
    Ok(written)
}

/// Checks every kubeconfig file that is there already, before anything is changed. With an external authority, all
/// of them must be.
pub fn check_existing(
    host: &dyn Host,
    dir: &Utf8Path,
    cfg: &InitConfig,
    now: OffsetDateTime,
    wanted: impl Fn(&str) -> bool,
) -> Result<(), KubeconfigError> {
    let pki_dir = PkiDir::of(host, cfg);
    // What is wrong with the authority itself, pki::check_existing tells.
    let (Ok(authorities), Ok(has_key)) = (authorities(&pki_dir), pki_dir.has_key(CA)) else { return Ok(()) };
    let external = !has_key;
    let mut problems = Vec::new();
    let looked_at = |definition: &&Definition| definition.applies(cfg) && wanted(definition.name);
    for definition in KUBECONFIGS.iter().filter(looked_at) {
        let path = dir.join(definition.file_name);
        host.refuse_dangling(&path)?;
        match host.read_text(&path)?.map(Zeroizing::new) {
            Some(text) => {
                let server = definition.server(cfg);
                let problem = check(host, &path, &text, &server, &authorities, now, &pki_dir).err();
                problems.extend(problem.map(|error| told(definition, path, &pki_dir, error)));
            }
            None if external => {
                let key = pki_dir.key_path(CA);
                problems.push(KubeconfigError::NotProvided { file_name: definition.file_name, path, key });
            }
            None => {}
        }
    }
    KubeconfigError::gather(problems)
}

/// How many keys are still to be made: what a [`KeyPool`] may make ahead.
pub fn keys_to_make(host: &dyn Host, dir: &Utf8Path, cfg: &InitConfig) -> Result<usize, KubeconfigError> {
    let mut count = 0;
    for definition in KUBECONFIGS.iter().filter(|definition| definition.applies(cfg)) {
        count += usize::from(!host.exists(&dir.join(definition.file_name))?);
    }
    Ok(count)
}

const CA: &str = "ca";

fn authorities(dir: &PkiDir<'_>) -> Result<Chain, PkiError> {
    let missing = || Difference::NoAuthority { path: dir.certificate_path(CA), name: CA };
    Ok(dir.certificate(CA)?.ok_or_else(missing)?)
}

/// What is wrong with a file, as it is told: where the authority's key is elsewhere, no good one can be made here.
fn told(definition: &Definition, path: Utf8PathBuf, dir: &PkiDir<'_>, error: KubeconfigError) -> KubeconfigError {
    if !error.is_mended_by_another() || dir.has_key(CA).unwrap_or(true) {
        return error;
    }
    let (file_name, key) = (definition.file_name, dir.key_path(CA));
    KubeconfigError::NotValid { file_name, path, key, source: Box::new(error) }
}

fn build(
    definition: &Definition,
    dir: &PkiDir<'_>,
    cfg: &InitConfig,
    now: OffsetDateTime,
    keys: &KeyPool,
) -> Result<Kubeconfig, PkiError> {
    let missing = || Difference::NoAuthority { path: dir.certificate_path(CA), name: CA };
    let authority = pki::authority(dir, pki::Definition::named(CA).ok_or_else(missing)?)?;
    let user = definition.user(cfg);
    let spec = Spec {
        common_name: user.clone(),
        organization: definition.organization(cfg).map(str::to_owned),
        dns_names: Vec::new(),
        ip_addresses: Vec::new(),
        usages: vec![Usage::Client],
        is_authority: false,
        // kubeadm's, though other leaves are dated from now.
        not_before: authority.certificate.not_before,
        not_after: pki::leaf_expiry(cfg, now)?,
    };
    let path = Utf8PathBuf::from(definition.file_name);
    let key = keys.take().map_err(|source| PkiError::NewKey { path: path.clone(), source })?;
    let certificate = pki::signed(&spec, &key, &authority).map_err(|source| PkiError::Issue { path, source })?;
    let cluster = Cluster {
        name: cfg.cluster.cluster_name.clone(),
        server: definition.server(cfg),
        authority: Some(Source::Data(Zeroizing::new(authority.certificate.to_pem().into_bytes()))),
    };
    Ok(Kubeconfig::with_certificate(cluster, &user, &certificate.to_pem(), &key.to_pem()))
}

/// Checks an existing file. Another server than the expected is odd but may be meant, and so only a warning.
fn check(
    host: &dyn Host,
    path: &Utf8Path,
    text: &str,
    server: &str,
    authorities: &Chain,
    now: OffsetDateTime,
    dir: &PkiDir<'_>,
) -> Result<Option<String>, KubeconfigError> {
    let format = |source| KubeconfigError::Format { path: path.to_owned(), source };
    let existing = Kubeconfig::parse(text).map_err(format)?;
    trusts(host, path, &existing.cluster, authorities, dir)?;
    if let Credentials::Certificate { certificate: Source::Data(certificate), key: Source::Data(key) } =
        &existing.credentials
    {
        client(path, certificate, key, authorities, now, dir)?;
    }
    let got = &existing.cluster.server;
    Ok((got != server).then(|| {
        format!(
            "a kubeconfig file {:?} exists already but has an unexpected API Server URL: expected: {server}, got: {got}",
            path.as_str()
        )
    }))
}

/// Whether a file trusts the cluster's authority. Of several certificates only the first counts, as in kubeadm.
fn trusts(
    host: &dyn Host,
    path: &Utf8Path,
    cluster: &Cluster,
    authorities: &Chain,
    dir: &PkiDir<'_>,
) -> Result<(), KubeconfigError> {
    let pem = match &cluster.authority {
        Some(Source::Data(pem)) => pem.to_vec(),
        Some(Source::File(file)) => host.read(file)?.unwrap_or_default(),
        None => Vec::new(),
    };
    let trusted = Certificate::chain_from_pem(&pem)
        .map_err(|source| KubeconfigError::Authority { path: path.to_owned(), source })?
        .first;
    if authorities.iter().any(|authority| *authority == trusted) {
        return Ok(());
    }
    let name = |certificate: &Certificate| format!("{:?} {}", certificate.subject, certificate.pin());
    Err(KubeconfigError::OtherAuthority {
        path: path.to_owned(),
        found: name(&trusted),
        wanted: name(&authorities.first),
        authority: dir.certificate_path(CA),
    })
}

/// Whether the API server will take a client certificate.
fn client(
    path: &Utf8Path,
    certificate: &[u8],
    key: &[u8],
    authorities: &Chain,
    now: OffsetDateTime,
    dir: &PkiDir<'_>,
) -> Result<(), KubeconfigError> {
    let damaged = |source| KubeconfigError::ClientDamaged { path: path.to_owned(), source };
    let at = || path.to_owned();
    let chain = Certificate::chain_from_pem(certificate)
        .map_err(|source| damaged(PkiError::Certificate { path: at(), source }))?;
    let key = PrivateKey::from_pem(key).map_err(|source| damaged(PkiError::Key { path: at(), source }))?;
    let mismatch = || Difference::KeyMismatch { certificate: at(), key: at(), pin: chain.first.pin() };
    let difference = (!chain.first.matches(&key))
        .then(mismatch)
        .or_else(|| pki::stray(path, &chain, &dir.certificate_path(CA), authorities.iter(), now))
        .or_else(|| pki::period(path, &chain.first, now));
    match difference {
        Some(source) => Err(KubeconfigError::Client { path: at(), source }),
        None => Ok(()),
    }
}
