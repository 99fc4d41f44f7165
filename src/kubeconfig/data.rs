//! What stands in a kubeconfig itself, as base64.
//!
//! Read as Go reads it: an editor or `base64` without `-w0` puts ends of lines into it, and these mean nothing.

use base64::alphabet::STANDARD as ALPHABET;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};
use base64::{DecodeError, Engine as _};
use serde_json::Value;
use zeroize::Zeroizing;

const GO: GeneralPurpose =
    GeneralPurpose::new(&ALPHABET, GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true));

/// The bytes that a text stands for.
pub fn decode(text: &str) -> Result<Vec<u8>, DecodeError> {
    let letters: Zeroizing<String> =
        Zeroizing::new(text.chars().filter(|letter| !matches!(letter, '\r' | '\n')).collect());
    GO.decode(letters.as_bytes())
}

/// The text that bytes are written as.
#[must_use]
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    GO.encode(bytes)
}

/// Writes all of it in a kubeconfig in the one form that every reader takes; what is no base64 stays.
pub fn normalize(kubeconfig: &mut Value) {
    for (list, inner) in [("clusters", "cluster"), ("users", "user")] {
        let entries = kubeconfig.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten();
        for entry in entries.filter_map(|entry| entry.get_mut(inner)?.as_object_mut()) {
            for (_, value) in entry.iter_mut().filter(|(key, _)| key.ends_with("-data")) {
                if let Some(bytes) = value.as_str().and_then(|text| decode(text).ok()).map(Zeroizing::new) {
                    *value = encode(&*bytes).into();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ends_of_lines_mean_nothing() {
        for text in ["UEVN", "UE\nVN\n", "UEV\r\nN\r\n", "\nU\nE\nV\nN"] {
            assert_eq!(decode(text).unwrap(), b"PEM", "{text:?}");
        }
        // Go does not look at bits that stand for nothing.
        assert_eq!((decode("UEU=").unwrap(), decode("UEV=").unwrap()), (b"PE".to_vec(), b"PE".to_vec()));
        for text in ["UE VN", "UEV", "UE-_", "UEU"] {
            decode(text).unwrap_err();
        }
    }

    #[test]
    fn one_form_for_every_reader() {
        let mut kubeconfig = json!({
            "clusters": [{"name": "a", "cluster": {"certificate-authority-data": "UE\nVN\n", "server": "a\nb"}}, {}],
            "users": [{"user": {"client-key-data": "UEV=", "client-certificate-data": "no base64"}}],
        });
        normalize(&mut kubeconfig);
        let cluster = &kubeconfig["clusters"][0]["cluster"];
        assert_eq!(*cluster, json!({"certificate-authority-data": "UEVN", "server": "a\nb"}));
        let user = &kubeconfig["users"][0]["user"];
        assert_eq!(*user, json!({"client-key-data": "UEU=", "client-certificate-data": "no base64"}));
    }
}
