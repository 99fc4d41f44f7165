//! The key pair that signs service account tokens: `sa.key` and `sa.pub`, no certificate.

use super::ensure::new_key;
use super::error::{Difference, PkiError};
use super::pool::KeyPool;
use super::store::PkiDir;

/// Both files, without ending.
pub const SERVICE_ACCOUNT: &str = "sa";

/// How the key pair came to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceAccountKey {
    /// Both files are new.
    New,
    /// Both files were there.
    Existing,
    /// The private key was there, the public key is written from it.
    PublicRestored,
}

/// How the key pair would come to be there: what [`ensure`] answers, with nothing made yet.
pub fn outlook(dir: &PkiDir<'_>) -> Result<ServiceAccountKey, PkiError> {
    check(dir)?;
    Ok(match dir.has_key(SERVICE_ACCOUNT)? {
        false => ServiceAccountKey::New,
        true if dir.public_key(SERVICE_ACCOUNT)?.is_some() => ServiceAccountKey::Existing,
        true => ServiceAccountKey::PublicRestored,
    })
}

/// Makes the key pair be there.
pub fn ensure(dir: &PkiDir<'_>, keys: &KeyPool) -> Result<ServiceAccountKey, PkiError> {
    let made = outlook(dir)?;
    if made != ServiceAccountKey::Existing {
        let key = match dir.key(SERVICE_ACCOUNT)? {
            Some(key) => key,
            None => new_key(dir, SERVICE_ACCOUNT, keys)?,
        };
        dir.write_public_key(SERVICE_ACCOUNT, &key)?;
    }
    Ok(made)
}

/// Checks the files that are there: a public key must be the private key's, which must be there, too.
///
/// The file may hold more keys, of a rotation; one of them is the one that signs.
pub(super) fn check(dir: &PkiDir<'_>) -> Result<(), PkiError> {
    let key = dir.key(SERVICE_ACCOUNT)?;
    let Some(text) = dir.public_key(SERVICE_ACCOUNT)? else { return Ok(()) };
    let (public, private) = (dir.public_key_path(SERVICE_ACCOUNT), dir.key_path(SERVICE_ACCOUNT));
    // No run that was cut off leaves it so: the private key is written first.
    let Some(key) = key else { return Err(Difference::PrivateKeyMissing { public, key: private }.into()) };
    let own = words(&key.public_key_pem());
    // What is no plain public key (a certificate is allowed too) is left to the API server to judge.
    if words(&text).contains(&own) || !text.contains("BEGIN PUBLIC KEY") {
        return Ok(());
    }
    Err(Difference::PublicKeyMismatch { public, key: private }.into())
}

/// Without blanks and line ends, which PEM leaves to taste.
fn words(pem: &str) -> String {
    pem.split_whitespace().collect()
}
