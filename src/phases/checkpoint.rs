//! Named points at which the crash tests kill kinit. Nothing at all without the feature `checkpoints`.

/// Stops here for ever when `KINIT_CHECKPOINT` names the point, so that a test can send SIGKILL.
#[cfg(feature = "checkpoints")]
#[expect(clippy::disallowed_methods, clippy::print_stderr, reason = "a test hook outside every seam")]
pub(super) fn checkpoint(when: &str, path: &str) {
    let point = format!("{when}:{path}");
    if std::env::var("KINIT_CHECKPOINT").is_ok_and(|wanted| wanted == point) {
        eprintln!("checkpoint {point} reached");
        loop {
            std::thread::park();
        }
    }
}

#[cfg(not(feature = "checkpoints"))]
pub(super) fn checkpoint(_when: &str, _path: &str) {}
