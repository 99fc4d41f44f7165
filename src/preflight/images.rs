//! `ImagePull`: every image is there, or is pulled.
//!
//! Knows the policies and that one failure does not hide another; how an image is pulled is handed in.

use futures::future::join_all;

use super::Finding;

const NAME: &str = "ImagePull";

/// When an image is pulled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// Always.
    Always,
    /// When the runtime does not have it.
    IfNotPresent,
    /// Never, whether it is there or not.
    Never,
}

impl Policy {
    /// As the configuration spells it; empty is the default.
    pub fn parse(text: &str) -> Result<Self, Finding> {
        match text {
            "Always" => Ok(Self::Always),
            "IfNotPresent" | "" => Ok(Self::IfNotPresent),
            "Never" => Ok(Self::Never),
            other => Err(Finding::error(NAME, format!("unsupported pull policy {other:?}"))
                .fix("write Always, IfNotPresent or Never as imagePullPolicy")),
        }
    }
}

/// Makes the images be there, one after the other or all at once; answers a finding for each that is not.
///
/// `present` tells whether the runtime has an image; one that can't tell counts as not present. `pull` pulls,
/// retries included, and fails with words.
pub async fn ensure(
    images: &[String],
    policy: Policy,
    serial: bool,
    present: impl AsyncFn(&str) -> bool,
    pull: impl AsyncFn(&str) -> Result<(), String>,
) -> Vec<Finding> {
    let one = async |image: &String| {
        if policy == Policy::Never || (policy == Policy::IfNotPresent && present(image).await) {
            return None;
        }
        let why = pull(image).await.err()?;
        Some(Finding::error(NAME, format!("failed to pull image {image}: {why}")))
    };
    if !serial {
        return join_all(images.iter().map(one)).await.into_iter().flatten().collect();
    }
    let mut findings = Vec::new();
    for image in images {
        findings.extend(one(image).await);
    }
    findings
}

/// A runtime that starts pods from another pause image than the control plane's works, and pulls one image more.
#[must_use]
pub fn sandbox_mismatch(runtime: Option<&str>, wanted: &str) -> Option<String> {
    let runtime = runtime.filter(|image| *image != wanted)?;
    Some(format!(
        "detected that the sandbox image {runtime:?} of the container runtime is inconsistent with that used by \
         kubeadm. It is recommended to use {wanted:?} as the CRI sandbox image."
    ))
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    async fn pulled(policy: &str, serial: bool) -> (Vec<String>, Vec<Finding>) {
        let log = RefCell::new(Vec::new());
        let images: Vec<String> = ["a:1", "b:1", "c:1"].map(str::to_owned).to_vec();
        let findings = ensure(
            &images,
            Policy::parse(policy).unwrap(),
            serial,
            async |image| image == "a:1",
            async |image| {
                log.borrow_mut().push(image.to_owned());
                if image == "b:1" { Err("manifest unknown".to_owned()) } else { Ok(()) }
            },
        )
        .await;
        (log.into_inner(), findings)
    }

    #[tokio::test]
    async fn policies() {
        for serial in [true, false] {
            let (log, findings) = pulled("IfNotPresent", serial).await;
            assert_eq!(log, ["b:1", "c:1"]);
            assert_eq!(findings.len(), 1);
            assert_eq!(findings[0].message, "failed to pull image b:1: manifest unknown");
            assert_eq!(pulled("Always", serial).await.0.len(), 3);
            assert_eq!(pulled("Never", serial).await, (Vec::new(), Vec::new()));
        }
        assert_eq!(Policy::parse("Maybe").unwrap_err().message, "unsupported pull policy \"Maybe\"");
    }

    #[test]
    fn another_pause_image_is_said() {
        assert_eq!(sandbox_mismatch(None, "pause:3.10.2"), None);
        assert_eq!(sandbox_mismatch(Some("pause:3.10.2"), "pause:3.10.2"), None);
        assert!(sandbox_mismatch(Some("pause:3.6"), "pause:3.10.2").is_some());
    }
}
