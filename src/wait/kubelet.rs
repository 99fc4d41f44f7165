//! Waiting for the kubelet's health endpoint, with kubeadm's words.

use std::time::Duration;

use serde_json::Value;

use super::{Endpoint, Goal, Trust, WaitError, until};
use crate::config::duration::GoDuration;
use crate::config::host_port;
use crate::diagnose::Watch;
use crate::ui::Ui;

/// Where the kubelet tells of its health.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kubelet {
    /// `healthzBindAddress`.
    pub address: String,
    /// `healthzPort`; 0 is "nowhere".
    pub port: u16,
}

impl Kubelet {
    /// As a KubeletConfiguration says.
    #[must_use]
    pub fn of(config: &Value) -> Self {
        let address = config.get("healthzBindAddress").and_then(Value::as_str).filter(|text| !text.is_empty());
        let port = config.get("healthzPort").and_then(Value::as_u64).and_then(|port| u16::try_from(port).ok());
        Self { address: address.unwrap_or("127.0.0.1").to_owned(), port: port.unwrap_or(10248) }
    }

    /// Its URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/healthz", host_port(&self.address, self.port))
    }
}

/// Waits until the kubelet says that it is well.
pub async fn healthy_kubelet(
    kubelet: &Kubelet,
    timeout: Duration,
    watch: &Watch<'_>,
    ui: &Ui,
) -> Result<(), WaitError> {
    if kubelet.port == 0 {
        ui.line("[kubelet-check] Skipping the kubelet health check because the healthz port is set to 0");
        return Ok(());
    }
    let url = kubelet.url();
    let most = GoDuration::from(timeout);
    ui.line(format_args!("[kubelet-check] Waiting for a healthy kubelet at {url}. This can take up to {most}"));
    let endpoint = Endpoint::new("kubelet", &url, Trust::Anyone)?;
    let last = || vec![format!("The HTTP call equal to 'curl -sSL {url}' returned {}", endpoint.last())];
    let goal = Goal { what: "a healthy kubelet", timeout, last: &last };
    let start = tokio::time::Instant::now();
    match until(&goal, endpoint.answers(), watch, ui).await {
        Ok(after) => {
            watch.kubelet_answered();
            ui.line(format_args!("[kubelet-check] The kubelet is healthy after {}", GoDuration::from(after)));
            Ok(())
        }
        Err(error) => {
            let after = GoDuration::from(start.elapsed());
            ui.line(format_args!("[kubelet-check] The kubelet is not healthy after {after}"));
            Err(error)
        }
    }
}
