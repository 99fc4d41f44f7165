//! What the manifests that are on the machine already say.

use std::io::ErrorKind;

use serde_json::Value;

use super::Component;
use crate::host::{Host, HostError};
use crate::versions::Version;
use crate::yaml;

/// The version of the control plane that this node has, as the tag of its API server's image tells; `None` without one.
pub fn version_here(host: &dyn Host) -> Result<Option<Version>, HostError> {
    let text = match host.read_text(&Component::Apiserver.path()) {
        // Who may not look is not root, and preflight says so.
        Err(error) if error.io_kind() == Some(ErrorKind::PermissionDenied) => None,
        text => text?,
    };
    let Some(text) = text else { return Ok(None) };
    // One that can't be read as a pod is for preflight to tell of.
    let pod = yaml::document(&text).unwrap_or_default();
    let image = pod.pointer("/spec/containers/0/image").and_then(Value::as_str);
    Ok(image.and_then(|image| Version::parse(image.rsplit_once(':')?.1).ok()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::FakeHost;

    fn version(image: &str) -> Option<Version> {
        let pod = format!("spec: {{containers: [{{image: {image:?}}}]}}\n");
        version_here(&FakeHost::new().with_file("/etc/kubernetes/manifests/kube-apiserver.yaml", &pod)).unwrap()
    }

    #[test]
    fn the_image_tells() {
        assert_eq!(version("registry.k8s.io/kube-apiserver:v1.36.1"), Some(Version::new(1, 36, 1)));
        assert_eq!(version("mirror.example.com:5000/kube-apiserver"), None);
        assert_eq!(version("registry.k8s.io/kube-apiserver@sha256:0123"), None);
        assert_eq!(version_here(&FakeHost::new()).unwrap(), None);
    }
}
