//! Pulls that fail, and what is said of them.

use super::*;
use crate::host::Effects;

#[tokio::test]
async fn without_a_runtime_each_image_is_named_once() {
    let cri = Cri::new("/nowhere.sock", None);
    let ui = Ui::into_writers(Box::new(std::io::sink()), Box::new(std::io::sink()));
    let pulls = Pulls { cri: &cri, policy: Policy::Always, at_once: AT_ONCE, ui: &ui };
    let images = ["registry.example/a:1".to_owned(), "registry.example/b:1".to_owned()];
    let error = pulls.run(&images, |_, _| panic!("nothing can be pulled")).await.unwrap_err();
    let text = error.to_string();
    assert!(text.starts_with("2 of 2 images could not be pulled:\n    failed to pull image registry.example/a:1: "));
    assert!(text.ends_with("no container runtime at unix:///nowhere.sock: the socket does not exist"), "{text}");
}

#[test]
fn what_helps_is_said_once() {
    let error = |image: &str, message: &str| PullError {
        image: image.to_owned(),
        tries: 2,
        source: CriError::Call {
            socket: "unix:///s".to_owned(),
            call: "PullImage",
            code: tonic::Code::Unknown,
            message: message.to_owned(),
        },
    };
    let unknown = "failed to do request: Head \"https://r/v2/\": dial tcp: lookup r: no such host";
    let failed = vec![error("r/a:1", unknown), error("r/b:1", unknown), error("r/c:1", "something new")];
    let failure = PullErrors { failed, of: 3 }.into_failure();
    assert_eq!(failure.hints().len(), 1);
    assert!(failure.hints()[0].starts_with("mend this host's DNS"), "{:?}", failure.hints());
}

async fn pulls_in_a_dry_run_without_a_runtime(policy: Policy) {
    let effects = Effects::default();
    let cri = Cri::new("/nowhere.sock", Some(effects.clone()));
    let ui = Ui::into_writers(Box::new(std::io::sink()), Box::new(std::io::sink()));
    let pulls = Pulls { cri: &cri, policy, at_once: AT_ONCE, ui: &ui };
    pulls.run(&["registry.example/a:1".to_owned()], |_, pulled| assert_eq!(pulled, Pulled::New)).await.unwrap();
    assert_eq!(effects.drain().len(), 1);
}

#[tokio::test]
async fn a_dry_run_tells_of_each() {
    pulls_in_a_dry_run_without_a_runtime(Policy::Always).await;
}

#[tokio::test]
async fn an_image_of_which_the_runtime_cannot_say_whether_it_is_there_is_pulled() {
    pulls_in_a_dry_run_without_a_runtime(Policy::IfNotPresent).await;
}
