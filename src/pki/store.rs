//! Certificates and keys as files below one directory.
//!
//! Knows names, modes and encodings of the files; refuses to judge what is in them.

use camino::{Utf8Path, Utf8PathBuf};
use zeroize::Zeroizing;

use super::chain::Chain;
use super::error::PkiError;
use super::inspect::Certificate;
use super::keys::{KeyError, PrivateKey};
use super::tree::Definition;
use crate::config::InitConfig;
use crate::host::{Changed, Host, NewFile};
use crate::paths;

/// A directory of certificates and keys.
#[derive(Debug, Clone)]
pub struct PkiDir<'h> {
    host: &'h dyn Host,
    dir: Utf8PathBuf,
}

/// What is there of one certificate.
#[derive(Debug)]
pub struct Pair {
    /// The certificate, with what else is in its file.
    pub chain: Option<Chain>,
    /// Its key.
    pub key: Option<PrivateKey>,
}

impl<'h> PkiDir<'h> {
    /// That directory.
    #[must_use]
    pub fn new(host: &'h dyn Host, dir: &str) -> Self {
        Self { host, dir: paths::clean(dir) }
    }

    /// The directory of a configuration, `certificatesDir`.
    #[must_use]
    pub fn of(host: &'h dyn Host, cfg: &InitConfig) -> Self {
        Self::new(host, &cfg.cluster.certificates_dir)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Utf8Path {
        &self.dir
    }

    /// The file of a certificate.
    #[must_use]
    pub fn certificate_path(&self, base_name: &str) -> Utf8PathBuf {
        self.dir.join(format!("{base_name}.crt"))
    }

    /// The file of a private key.
    #[must_use]
    pub fn key_path(&self, base_name: &str) -> Utf8PathBuf {
        self.dir.join(format!("{base_name}.key"))
    }

    /// The file of a public key.
    #[must_use]
    pub fn public_key_path(&self, base_name: &str) -> Utf8PathBuf {
        self.dir.join(format!("{base_name}.pub"))
    }

    /// A certificate with its key, as far as they are there. A leaf that is there may have a key of any kind.
    pub fn pair(&self, definition: &Definition) -> Result<Pair, PkiError> {
        let base_name = definition.base_name;
        let chain = self.certificate(base_name)?;
        let key = match (&chain, definition.parent) {
            (Some(_), Some(_)) => read_key(self.host, &self.key_path(base_name), PrivateKey::from_pem)?,
            _ => self.key(base_name)?,
        };
        Ok(Pair { chain, key })
    }

    /// A certificate; `None` when there is no file.
    pub fn certificate(&self, base_name: &str) -> Result<Option<Chain>, PkiError> {
        read_certificate(self.host, &self.certificate_path(base_name))
    }

    /// A private key that signs; `None` when there is no file.
    pub fn key(&self, base_name: &str) -> Result<Option<PrivateKey>, PkiError> {
        let signing = |pem: &[u8]| PrivateKey::from_pem(pem)?.that_signs();
        read_key(self.host, &self.key_path(base_name), signing)
    }

    /// Whether a private key's file is there, whatever is in it.
    pub fn has_key(&self, base_name: &str) -> Result<bool, PkiError> {
        let path = self.key_path(base_name);
        self.host.refuse_dangling(&path)?;
        Ok(self.host.exists(&path)?)
    }

    /// The text of a public key file; `None` when there is no file.
    pub(super) fn public_key(&self, base_name: &str) -> Result<Option<String>, PkiError> {
        let path = self.public_key_path(base_name);
        self.host.refuse_dangling(&path)?;
        Ok(self.host.read_text(&path)?)
    }

    /// Writes a certificate.
    pub fn write_certificate(&self, base_name: &str, certificate: &Certificate) -> Result<Changed, PkiError> {
        self.write_chain(base_name, &[certificate])
    }

    /// Writes a certificate and those behind it.
    pub fn write_chain(&self, base_name: &str, chain: &[&Certificate]) -> Result<Changed, PkiError> {
        let pem: String = chain.iter().map(|certificate| certificate.to_pem()).collect();
        self.ensure(&self.certificate_path(base_name), pem.as_bytes(), 0o644, false)
    }

    /// Writes a private key.
    pub fn write_key(&self, base_name: &str, key: &PrivateKey) -> Result<Changed, PkiError> {
        self.ensure(&self.key_path(base_name), key.to_pem().as_bytes(), 0o600, true)
    }

    /// Writes a public key. Not secret, and yet 0600: kubeadm's key writer makes it so.
    pub(super) fn write_public_key(&self, base_name: &str, key: &PrivateKey) -> Result<Changed, PkiError> {
        self.ensure(&self.public_key_path(base_name), key.public_key_pem().as_bytes(), 0o600, false)
    }

    fn ensure(&self, path: &Utf8Path, content: &[u8], mode: u32, secret: bool) -> Result<Changed, PkiError> {
        Ok(self.host.ensure_file(&NewFile { path, content, mode, secret })?)
    }
}

/// A certificate file; `None` when there is none.
pub fn read_certificate(host: &dyn Host, path: &Utf8Path) -> Result<Option<Chain>, PkiError> {
    host.refuse_dangling(path)?;
    let Some(pem) = host.read(path)? else { return Ok(None) };
    let chain = Certificate::chain_from_pem(&pem);
    chain.map(Some).map_err(|source| PkiError::Certificate { path: path.to_owned(), source })
}

/// A private key file; `None` when there is none.
fn read_key(
    host: &dyn Host,
    path: &Utf8Path,
    parse: impl Fn(&[u8]) -> Result<PrivateKey, KeyError>,
) -> Result<Option<PrivateKey>, PkiError> {
    host.refuse_dangling(path)?;
    let Some(pem) = host.read(path)?.map(Zeroizing::new) else { return Ok(None) };
    parse(&pem).map(Some).map_err(|source| PkiError::Key { path: path.to_owned(), source })
}
