//! `ImagePull`: every image is there, or is pulled. One that can't be does not hide another.

use super::Finding;
use crate::config::v1beta4::NodeRegistrationOptions;
use crate::cri::Cri;
use crate::failure::chain;
use crate::images_pull::{AT_ONCE, Policy, Pulled, Pulls};
use crate::ui::Ui;

const NAME: &str = "ImagePull";

/// Makes the images be there, as the node's configuration says; answers a finding for each that is not.
pub async fn pull(cri: &Cri, ui: &Ui, node: &NodeRegistrationOptions, images: &[String]) -> Vec<Finding> {
    let Some(policy) = Policy::parse(&node.image_pull_policy) else {
        let message = format!("unsupported pull policy {:?}", node.image_pull_policy);
        return vec![Finding::error(NAME, message).fix("write Always, IfNotPresent or Never as imagePullPolicy")];
    };
    let at_once = if node.image_pull_serial == Some(true) { 1 } else { AT_ONCE };
    let tell = |image: &str, pulled: Pulled| match pulled {
        Pulled::New => ui.verbose(1, format_args!("done pulling: {image}")),
        Pulled::Present => ui.verbose(1, format_args!("image exists: {image}")),
    };
    let outcome = Pulls { cri, policy, at_once, ui }.run(images, tell).await;
    let failed = outcome.err().map(|errors| errors.failed).unwrap_or_default();
    failed.iter().map(|error| Finding { remedy: error.remedy(), ..Finding::error(NAME, chain(error)) }).collect()
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
    use super::*;

    async fn pulled(policy: &str) -> Vec<String> {
        let ui = Ui::into_writers(Box::new(std::io::sink()), Box::new(std::io::sink()));
        let node = NodeRegistrationOptions { image_pull_policy: policy.into(), ..NodeRegistrationOptions::default() };
        let images = ["registry.example/a:1".to_owned(), "registry.example/b:1".to_owned()];
        let findings = pull(&Cri::new("/nowhere.sock", None), &ui, &node, &images).await;
        findings.into_iter().map(|finding| finding.message).collect()
    }

    #[tokio::test]
    async fn each_image_is_a_finding_of_its_own() {
        let mut messages = pulled("IfNotPresent").await;
        messages.sort();
        assert_eq!(messages.len(), 2);
        assert!(messages[0].starts_with("failed to pull image registry.example/a:1: no container runtime at"));
        assert!(pulled("Never").await.is_empty());
        assert_eq!(pulled("Maybe").await, ["unsupported pull policy \"Maybe\""]);
    }

    #[test]
    fn another_pause_image_is_said() {
        assert_eq!(sandbox_mismatch(None, "pause:3.10.2"), None);
        assert_eq!(sandbox_mismatch(Some("pause:3.10.2"), "pause:3.10.2"), None);
        assert!(sandbox_mismatch(Some("pause:3.6"), "pause:3.10.2").is_some());
    }
}
