//! Runtimes that do not answer.

use super::*;
use crate::failure::chain;

#[tokio::test]
async fn a_missing_socket_is_named() {
    let error = Cri::new("/nowhere/containerd.sock", None).version().await.unwrap_err();
    assert_eq!(chain(&error), "no container runtime at unix:///nowhere/containerd.sock: the socket does not exist");
    let hint = error.hint().unwrap();
    assert!(KNOWN_SOCKETS.iter().all(|socket| hint.contains(socket)), "{hint}");
}

#[tokio::test]
async fn a_socket_without_a_listener_is_unreachable() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("dead.sock");
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    let error = Cri::new(path.to_str().unwrap(), None).status(true).await.unwrap_err();
    assert!(matches!(error, CriError::Unreachable { .. }), "{error:?}");
    assert!(chain(&error).contains("Connection refused"), "{}", chain(&error));
}

#[tokio::test]
async fn other_schemes_are_refused() {
    let error = Cri::new("tcp://127.0.0.1:1", None).version().await.unwrap_err();
    assert!(matches!(error, CriError::NotASocket { .. }), "{error:?}");
}

#[tokio::test]
async fn a_dry_run_pulls_and_stops_nothing() {
    let effects = Effects::default();
    let cri = Cri::new("/nowhere.sock", Some(effects.clone()));
    cri.pull("registry.example/pause:3.10.2").await.unwrap();
    cri.stop_sandbox("abc").await.unwrap();
    let noted = |text: &str| Effect::Note(text.to_owned());
    assert_eq!(
        effects.drain(),
        [noted("Would pull image registry.example/pause:3.10.2"), noted("Would stop pod sandbox abc")]
    );
}
