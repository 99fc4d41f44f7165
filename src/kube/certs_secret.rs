//! kubeadm-certs: the certificates and keys that control-plane nodes share, sealed with AES-256-GCM under a key that
//! only people carry. A Secret that ends in two hours owns it, so that it goes with that one.

use std::collections::BTreeMap;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use camino::Utf8PathBuf;
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use super::resource::{Reference, SECRET};
use super::tokens::Grant;
use super::{Api, KUBE_SYSTEM, KubeError, rbac};
use crate::config::token::{NoRandomness, Token};
use crate::config::v1beta4::ClusterConfiguration;
use crate::host::{Changed, Host};

/// The Secret's name.
pub const KUBEADM_CERTS: &str = "kubeadm-certs";
/// How long the sealed certificates are kept.
const LIFE: Duration = Duration::hours(2);
/// With less than this left, they are sealed again.
const ENOUGH: Duration = Duration::hours(1);

/// What seals and opens: 32 bytes.
pub struct CertificateKey(LessSafeKey);

/// What cannot be sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// Not 64 hexadecimal digits.
    #[error("the certificate key is not 64 hexadecimal digits (32 bytes)")]
    BadKey,
    /// Sealed with another key, or damaged.
    #[error("the certificate key does not open {name} of Secret kube-system/kubeadm-certs")]
    WrongKey {
        /// The key in the Secret's data.
        name: String,
    },
    /// The system's cryptography failed.
    #[error("sealing {name} failed")]
    Failed {
        /// The key in the Secret's data.
        name: String,
    },
    /// There was no nonce to be had.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// The cluster failed.
    #[error(transparent)]
    Kube(#[from] KubeError),
}

impl CertificateKey {
    /// Reads 64 hexadecimal digits.
    pub fn parse(text: &str) -> Result<Self, SealError> {
        let digits = text.as_bytes().chunks(2).map(|pair| {
            let pair =
                std::str::from_utf8(pair).ok().filter(|pair| pair.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
            u8::from_str_radix(pair, 16).ok()
        });
        let bytes: Option<Vec<u8>> = digits.collect();
        let bytes = bytes.filter(|bytes| text.len() == 64 && bytes.len() == 32).ok_or(SealError::BadKey)?;
        UnboundKey::new(&AES_256_GCM, &bytes).map(|key| Self(LessSafeKey::new(key))).map_err(|_| SealError::BadKey)
    }

    /// Nonce, cipher text, tag. A nonce must never seal two texts under one key.
    pub fn seal(&self, name: &str, text: &[u8], nonce: [u8; NONCE_LEN]) -> Result<Vec<u8>, SealError> {
        let mut sealed = text.to_vec();
        self.0
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut sealed)
            .map_err(|_| SealError::Failed { name: name.to_owned() })?;
        Ok([&nonce[..], &sealed].concat())
    }

    /// The text that was sealed.
    pub fn open(&self, name: &str, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let wrong = || SealError::WrongKey { name: name.to_owned() };
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_LEN>().ok_or_else(wrong)?;
        let mut text = sealed.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let opened = self.0.open_in_place(nonce, Aad::empty(), &mut text).map_err(|_| wrong())?;
        Ok(opened.to_vec())
    }
}

impl std::fmt::Debug for CertificateKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CertificateKey(<redacted>)")
    }
}

/// The Secret's keys and the files that they hold.
#[must_use]
pub fn files(cluster: &ClusterConfiguration) -> BTreeMap<String, Utf8PathBuf> {
    let dir = Utf8PathBuf::from(&cluster.certificates_dir);
    let own = ["ca.crt", "ca.key", "front-proxy-ca.crt", "front-proxy-ca.key", "sa.key", "sa.pub"];
    let mut files: BTreeMap<String, Utf8PathBuf> =
        own.iter().map(|name| ((*name).to_owned(), dir.join(name))).collect();
    match &cluster.etcd.external {
        None => files.extend(["etcd/ca.crt", "etcd/ca.key"].map(|name| (name.replace('/', "-"), dir.join(name)))),
        Some(etcd) => files.extend([
            ("external-etcd-ca.crt".to_owned(), etcd.ca_file.clone().into()),
            ("external-etcd.crt".to_owned(), etcd.cert_file.clone().into()),
            ("external-etcd.key".to_owned(), etcd.key_file.clone().into()),
        ]),
    }
    files
}

/// One upload, with everything random that it may need.
pub struct Upload<'a> {
    /// Whose files.
    pub cluster: &'a ClusterConfiguration,
    /// What seals them.
    pub key: &'a CertificateKey,
    /// A token that was never used: it will own the Secret.
    pub owner: Token,
    /// The start of the run.
    pub now: OffsetDateTime,
    /// A nonce that was never used, at each call.
    pub nonce: &'a mut dyn FnMut() -> Result<[u8; NONCE_LEN], NoRandomness>,
}

impl Upload<'_> {
    /// Uploads the files, unless the same ones are there, sealed with the same key, for another hour at least.
    pub async fn ensure(self, api: &Api, host: &dyn Host) -> Result<Changed, SealError> {
        let mut texts = BTreeMap::new();
        for (name, path) in files(self.cluster) {
            let text = if path.as_str().is_empty() { None } else { host.read(&path).map_err(KubeError::from)? };
            texts.insert(name, text.unwrap_or_default());
        }
        let readers = rbac::certs_readers();
        let present = api.get(&Reference::new(&SECRET, KUBE_SYSTEM, KUBEADM_CERTS)).await?;
        if let Some(present) = present
            && self.holds(&present, &texts)
            && self.lasts(api, &present).await?
        {
            return Ok(api.ensure_all(&readers).await?);
        }
        let owner = Grant::owner(self.owner, "Proxy for managing TTL for the kubeadm-certs secret", self.now + LIFE);
        let owner = api.create(&owner.secret()).await?;
        let mut data = BTreeMap::new();
        for (name, text) in texts {
            let sealed = if text.is_empty() { text } else { self.key.seal(&name, &text, (self.nonce)()?)? };
            data.insert(name, BASE64.encode(sealed));
        }
        let secret = secret(&owner, &data);
        futures::try_join!(api.ensure(&secret), api.ensure_all(&readers))?;
        Ok(Changed::Yes)
    }

    /// Whether the Secret opens to these texts.
    fn holds(&self, secret: &Value, texts: &BTreeMap<String, Vec<u8>>) -> bool {
        let count = secret["data"].as_object().map_or(0, serde_json::Map::len);
        count == texts.len()
            && texts.iter().all(|(name, text)| {
                let sealed = BASE64.decode(secret["data"][name].as_str().unwrap_or_default()).unwrap_or_default();
                if text.is_empty() {
                    sealed.is_empty()
                } else {
                    self.key.open(name, &sealed).is_ok_and(|it| it == *text)
                }
            })
    }

    /// Whether the Secret's owner has long enough to live.
    async fn lasts(&self, api: &Api, secret: &Value) -> Result<bool, KubeError> {
        let Some(owner) = secret["metadata"]["ownerReferences"][0]["name"].as_str() else { return Ok(false) };
        let owner = api.get(&Reference::new(&SECRET, KUBE_SYSTEM, owner)).await?;
        Ok(owner.as_ref().and_then(Grant::from_secret).is_some_and(|grant| grant.lives(self.now + ENOUGH)))
    }
}

fn secret(owner: &Value, data: &BTreeMap<String, String>) -> Value {
    let metadata = &owner["metadata"];
    json!({
        "apiVersion": "v1", "kind": "Secret", "data": data,
        "metadata": {"name": KUBEADM_CERTS, "namespace": KUBE_SYSTEM, "ownerReferences": [{
            "apiVersion": "v1", "kind": "Secret", "name": metadata["name"], "uid": metadata["uid"],
            "controller": true, "blockOwnerDeletion": true,
        }]},
    })
}
