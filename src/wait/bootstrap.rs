//! Waiting for a joining node's kubelet: until it has its certificate, its node is registered, and it has stayed up.
//!
//! A kubelet that dies and dies again answers its health endpoint now and then; only a registered node and a
//! process that stays show that the node has joined.

use std::cell::RefCell;
use std::time::Duration;

use camino::Utf8Path;
use reqwest::StatusCode;
use tokio::time::{Instant, sleep};

use super::endpoint::{Identity, refusal};
use super::{Endpoint, Goal, Trust, WaitError, until};
use crate::diagnose::Watch;
use crate::failure::chain;
use crate::host::Host;
use crate::ui::Ui;

/// How often files, the API server and the kubelet's process are looked at.
const POLL: Duration = Duration::from_millis(150);
/// How long a kubelet must have run that never died.
const STEADY: Duration = Duration::from_secs(3);
/// How long a kubelet must have run that died while it was waited for: longer than systemd waits before it starts it
/// again, and the kubelet needs to die again.
const STEADY_AGAIN: Duration = Duration::from_secs(15);
/// How long a kubelet that has its certificate may take to register its node.
const REGISTRATION: Duration = Duration::from_millis(500);
/// After each refusal the kubelet pauses twice as long before it registers its node, up to 7 s. From this age on that is
/// longer than a start takes.
const PAUSING: Duration = Duration::from_secs(4);

/// A kubelet on its way to a certificate and a node.
#[derive(Debug, Clone, Copy)]
pub struct Bootstrap<'a> {
    /// The machine.
    pub host: &'a dyn Host,
    /// The kubeconfig that the kubelet writes.
    pub kubelet_conf: &'a Utf8Path,
    /// The node's name.
    pub node: &'a str,
}

impl Bootstrap<'_> {
    /// Waits until the kubelet has its certificate, its node is registered, and it has stayed up. One whose certificate
    /// took long is started `anew`, so that it registers its node without the pause that it has come to.
    pub async fn done(
        &self,
        timeout: Duration,
        watch: &Watch<'_>,
        ui: &Ui,
        anew: impl FnOnce(),
    ) -> Result<(), WaitError> {
        let stage = RefCell::new("the kubelet has no client certificate yet".to_owned());
        let last = || vec![stage.borrow().clone()];
        let goal = Goal { what: "the kubelet's TLS bootstrap", timeout, last: &last };
        until(&goal, self.reached(watch, &stage, anew), watch, ui).await
    }

    async fn reached(&self, watch: &Watch<'_>, stage: &RefCell<String>, anew: impl FnOnce()) {
        let mut known: Option<(Identity, Endpoint)> = None;
        let (mut certified, mut anew) = (None, Some(anew));
        loop {
            // A file that is only half there is "not yet".
            match self.present(known.take()) {
                Ok(present) => known = present,
                Err(error) => {
                    stage.replace(chain(&error));
                }
            }
            if let Some((_, endpoint)) = &known {
                if !endpoint.ask().await {
                    stage.replace(format!("GET {} as the kubelet: {}", endpoint.url, endpoint.last()));
                    let since = *certified.get_or_insert_with(Instant::now);
                    if pauses(&endpoint.last(), since.elapsed(), watch.kubelet_steady()) {
                        anew.take().into_iter().for_each(|anew| anew());
                    }
                } else if steady(watch) {
                    return;
                } else {
                    stage.replace(format!("node {} is registered; its kubelet does not stay up", self.node));
                }
            }
            sleep(POLL).await;
        }
    }

    /// The node's URL, asked as who the kubelet is by now.
    fn present(&self, known: Option<(Identity, Endpoint)>) -> Result<Option<(Identity, Endpoint)>, WaitError> {
        let Some(identity) = Identity::read(self.host, self.kubelet_conf)? else { return Ok(None) };
        if known.as_ref().is_some_and(|(same, _)| *same == identity) {
            return Ok(known);
        }
        let url = format!("{}/api/v1/nodes/{}", identity.server.trim_end_matches('/'), self.node);
        let endpoint = Endpoint::new("the API server", &url, Trust::Mutual(&identity))?;
        Ok(Some((identity, endpoint)))
    }
}

/// Whether it is the kubelet's long pause that is waited for: it has had its certificate for a while, the API server
/// knows it and not its node, and it has run for long and never died.
fn pauses(answer: &str, certified: Duration, kubelet: Option<(Duration, u32)>) -> bool {
    answer == refusal(StatusCode::NOT_FOUND)
        && certified >= REGISTRATION
        && matches!(kubelet, Some((up, 0)) if up >= PAUSING)
}

/// Whether the kubelet has stayed up. Without systemd nothing can tell, and the registered node must do.
fn steady(watch: &Watch<'_>) -> bool {
    match watch.kubelet_steady() {
        None => true,
        Some((up, 0)) => up >= STEADY,
        Some((up, _)) => up >= STEADY_AGAIN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_kubelet_that_waits_to_register_its_node_is_started_anew() {
        let (soon, late) = (Duration::from_millis(100), Duration::from_secs(1));
        let (young, old) = (Some((Duration::from_secs(2), 0)), Some((Duration::from_secs(7), 0)));
        let died = Some((Duration::from_secs(7), 1));
        let no_node = &refusal(StatusCode::NOT_FOUND);
        assert!(pauses(no_node, late, old));
        assert!(!pauses("error: connection refused", late, old) && !pauses("status code: 401", late, old));
        assert!(!pauses(no_node, soon, old) && !pauses(no_node, late, young));
        assert!(!pauses(no_node, late, died) && !pauses(no_node, late, None));
    }
}
