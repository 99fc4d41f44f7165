//! `kubelet.conf` after the kubelet has got a certificate that it renews itself: it names that file instead of
//! holding a certificate that will run out.

use camino::Utf8Path;
use serde_json::json;

use super::error::KubeconfigError;
use super::file::{self, FormatError};
use crate::host::{Changed, Host, NewFile};
use crate::yaml;

/// Makes the current user of a kubeconfig file use the certificate and key in another file. All else in it stays.
pub fn point_to_rotated_certificate(
    host: &dyn Host,
    path: &Utf8Path,
    certificate: &Utf8Path,
) -> Result<Changed, KubeconfigError> {
    let format = |source| KubeconfigError::Format { path: path.to_owned(), source };
    let text = host.read_text(path)?.unwrap_or_default();
    let mut document = file::read(&text).map_err(format)?;
    let user = file::string(file::current_context(&document).map_err(format)?, "user").to_owned();
    let users = document.get_mut("users").and_then(|users| users.as_array_mut());
    let entry = users.and_then(|users| users.iter_mut().find(|entry| file::string(entry, "name") == user));
    let info = entry.and_then(|entry| entry.get_mut("user")).and_then(|info| info.as_object_mut());
    let info = info.ok_or_else(|| format(FormatError::Missing { what: "user", name: user }))?;

    let before = info.clone();
    info.retain(|key, _| key != "client-certificate-data" && key != "client-key-data");
    info.insert("client-certificate".to_owned(), json!(certificate.as_str()));
    info.insert("client-key".to_owned(), json!(certificate.as_str()));
    if *info == before {
        return Ok(Changed::No);
    }
    let yaml = |source| KubeconfigError::Yaml { path: path.to_owned(), source };
    let text = yaml::to_string(&document).map_err(yaml)?;
    // Whatever else is in the file may be secret.
    Ok(host.ensure_file(&NewFile { path, content: text.as_bytes(), mode: 0o600, secret: true })?)
}
