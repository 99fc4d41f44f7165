//! Elliptic curves, which certificates and keys name. Some programs write the curve itself instead (explicit parameters),
//! and no program in Go reads that.

use rcgen::{PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ECDSA_P521_SHA512, SignatureAlgorithm};

use super::der;

/// `id-ecPublicKey`.
const ELLIPTIC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
/// Where a SEC 1 key names its curve.
const PARAMETERS: u8 = 0xa0;

/// A named curve.
#[derive(Clone, Copy)]
pub(super) struct Curve {
    /// Its object identifier, in DER.
    pub(super) oid: &'static [u8],
    /// Bytes of a private key.
    pub(super) size: usize,
}

/// The curve of an algorithm of signatures.
pub(super) fn of(algorithm: &SignatureAlgorithm) -> Option<Curve> {
    if *algorithm == PKCS_ECDSA_P256_SHA256 {
        Some(Curve { oid: &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07], size: 32 })
    } else if *algorithm == PKCS_ECDSA_P384_SHA384 {
        Some(Curve { oid: &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22], size: 48 })
    } else if *algorithm == PKCS_ECDSA_P521_SHA512 {
        Some(Curve { oid: &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23], size: 66 })
    } else {
        None
    }
}

/// Whether a public key (SubjectPublicKeyInfo) is an elliptic one that does not name its curve.
pub(super) fn is_unnamed(public_key_info: &[u8]) -> bool {
    let Some(parts) = der::within(public_key_info, der::SEQUENCE) else { return false };
    parts.first().is_some_and(|algorithm| match der::elements(algorithm.content).as_deref() {
        Some([oid, parameters @ ..]) => oid.content == ELLIPTIC && !name(parameters),
        _ => false,
    })
}

/// Whether an elliptic private key, SEC 1 or PKCS#8 around it, names its curve in neither.
pub(super) fn is_unnamed_in_key(key: &[u8]) -> bool {
    let Some(parts) = der::within(key, der::SEQUENCE) else { return false };
    match parts.as_slice() {
        [_, algorithm, key, ..] if algorithm.tag == der::SEQUENCE => {
            let outside = der::elements(algorithm.content).unwrap_or_default();
            !name(outside.get(1..).unwrap_or_default()) && is_unnamed_in_key(key.content)
        }
        _ => {
            let parameters = parts.iter().find(|part| part.tag == PARAMETERS);
            !parameters.is_some_and(|part| name(&der::elements(part.content).unwrap_or_default()))
        }
    }
}

/// Whether parameters are a name.
fn name(parameters: &[der::Element<'_>]) -> bool {
    parameters.first().is_some_and(|parameter| parameter.tag == der::OBJECT_IDENTIFIER)
}
