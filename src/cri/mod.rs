//! The container runtime, through the few calls of CRI v1 that kinit needs.
//!
//! Knows how to reach a runtime and what it answers; refuses to know what images and containers are for. In a dry
//! run it asks for real, and acting is recorded.

pub mod config;
mod error;
mod messages;

use std::cell::OnceCell;
use std::time::Duration;

use prost::Message;
use serde_json::Value;
use tokio::time::{Instant, sleep, timeout};
use tonic::Code;
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::{Channel, Endpoint};
use tonic_prost::ProstCodec;

use crate::host::{Effect, Effects};
pub use config::CgroupDriver;
pub use error::CriError;
pub use messages::{Condition, Container, ContainerState, ContainerStatus, Image, Sandbox, Status, Version};
use messages::{
    ContainerStatusRequest, ContainerStatusResponse, Containers, Empty, ImageRequest, ImageSpec, ImageStatusResponse,
    Images, PullImageResponse, RuntimeConfig, SandboxRequest, Sandboxes, StatusRequest, VersionRequest,
};

/// The sockets that runtimes usually have, in kubeadm's order. The first is the default.
pub const KNOWN_SOCKETS: [&str; 3] = [
    "unix:///var/run/containerd/containerd.sock",
    "unix:///var/run/crio/crio.sock",
    "unix:///var/run/cri-dockerd.sock",
];

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// How long a question may take.
const ASK: Duration = Duration::from_secs(10);
/// How long stopping and removing may take: the runtime waits for processes to end.
const STOP: Duration = Duration::from_secs(60);
/// How much an answer may hold: the kubelet's limit.
const MAX_ANSWER: usize = 16 << 20;
/// What containerd says between the moment that it listens and the moment that it is ready.
const STARTS: &str = "server is not initialized yet";
/// For so long at most: it takes less than a second.
const STARTING: Duration = Duration::from_secs(5);
/// So often it is asked again.
const AGAIN: Duration = Duration::from_millis(50);

/// Short for results of this module.
pub type Result<T, E = CriError> = std::result::Result<T, E>;

/// A container runtime; connected to at the first call, and again after the runtime was restarted.
#[derive(Debug)]
pub struct Cri {
    socket: String,
    effects: Option<Effects>,
    channel: OnceCell<Channel>,
}

impl Cri {
    /// The runtime at `socket` (`unix:///…`, or a bare path). With `effects`, acting is recorded there instead.
    #[must_use]
    pub fn new(socket: &str, effects: Option<Effects>) -> Self {
        Self { socket: with_scheme(socket), effects, channel: OnceCell::new() }
    }

    /// Its address, with `unix://`.
    #[must_use]
    pub fn socket(&self) -> &str {
        &self.socket
    }

    /// Who it is.
    pub async fn version(&self) -> Result<Version> {
        self.call("/runtime.v1.RuntimeService/Version", VersionRequest { version: String::new() }, ASK).await
    }

    /// How it is; with `verbose`, its configuration too.
    pub async fn status(&self, verbose: bool) -> Result<Status> {
        self.call("/runtime.v1.RuntimeService/Status", StatusRequest { verbose }, ASK).await
    }

    /// Who makes the cgroups of pods: what RuntimeConfig says or, where the runtime has no such call (containerd
    /// 1.x), its configuration. `None` when neither tells.
    pub async fn cgroup_driver(&self) -> Result<Option<CgroupDriver>> {
        match self.runtime_config().await {
            Err(error) if error.is_unimplemented() => {}
            Ok(config) => {
                return Ok(config.linux.map(|linux| match linux.cgroup_driver {
                    0 => CgroupDriver::Systemd,
                    _ => CgroupDriver::Cgroupfs,
                }));
            }
            Err(error) => return Err(error),
        }
        Ok(self.config().await?.as_ref().and_then(config::cgroup_driver))
    }

    /// Whether it can tell the kubelet its cgroup driver.
    pub async fn tells_cgroup_driver(&self) -> Result<bool> {
        match self.runtime_config().await {
            Err(error) if error.is_unimplemented() => Ok(false),
            answer => answer.map(|_| true),
        }
    }

    /// The image of the pause container, when the runtime tells.
    pub async fn sandbox_image(&self) -> Result<Option<String>> {
        Ok(self.config().await?.as_ref().and_then(config::sandbox_image))
    }

    /// Every pod sandbox.
    pub async fn sandboxes(&self) -> Result<Vec<Sandbox>> {
        let list: Sandboxes = self.call("/runtime.v1.RuntimeService/ListPodSandbox", Empty {}, ASK).await?;
        Ok(list.items)
    }

    /// Every container, also those that are over.
    pub async fn containers(&self) -> Result<Vec<Container>> {
        let list: Containers = self.call("/runtime.v1.RuntimeService/ListContainers", Empty {}, ASK).await?;
        Ok(list.containers)
    }

    /// One container, closely; `None` when it is gone.
    pub async fn container_status(&self, id: &str) -> Result<Option<ContainerStatus>> {
        let request = ContainerStatusRequest { container_id: id.to_owned() };
        match self.call("/runtime.v1.RuntimeService/ContainerStatus", request, ASK).await {
            Ok(ContainerStatusResponse { status }) => Ok(status),
            Err(CriError::Call { code: Code::NotFound, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Stops all containers of a sandbox and takes its network away.
    pub async fn stop_sandbox(&self, id: &str) -> Result<()> {
        self.end_sandbox("Would stop", "/runtime.v1.RuntimeService/StopPodSandbox", id).await
    }

    /// Removes a sandbox and its containers.
    pub async fn remove_sandbox(&self, id: &str) -> Result<()> {
        self.end_sandbox("Would remove", "/runtime.v1.RuntimeService/RemovePodSandbox", id).await
    }

    /// The image of that name; `None` when the runtime does not have it.
    pub async fn image(&self, name: &str) -> Result<Option<Image>> {
        let answer: ImageStatusResponse =
            self.call("/runtime.v1.ImageService/ImageStatus", image_request(name), ASK).await?;
        Ok(answer.image)
    }

    /// Every image.
    pub async fn images(&self) -> Result<Vec<Image>> {
        let list: Images = self.call("/runtime.v1.ImageService/ListImages", Empty {}, ASK).await?;
        Ok(list.images)
    }

    /// Pulls an image; answers its reference. As long as it takes: the runtime watches progress itself.
    pub async fn pull(&self, name: &str) -> Result<String> {
        if let Some(effects) = &self.effects {
            effects.push(Effect::Note(format!("Would pull image {name}")));
            return Ok(name.to_owned());
        }
        let answer: PullImageResponse =
            self.call("/runtime.v1.ImageService/PullImage", image_request(name), Duration::MAX).await?;
        Ok(answer.image_ref)
    }

    async fn end_sandbox(&self, would: &str, path: &'static str, id: &str) -> Result<()> {
        if let Some(effects) = &self.effects {
            effects.push(Effect::Note(format!("{would} pod sandbox {id}")));
            return Ok(());
        }
        match self.call(path, SandboxRequest { pod_sandbox_id: id.to_owned() }, STOP).await {
            // It is gone already.
            Ok(Empty {}) | Err(CriError::Call { code: Code::NotFound, .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn runtime_config(&self) -> Result<RuntimeConfig> {
        self.call("/runtime.v1.RuntimeService/RuntimeConfig", Empty {}, ASK).await
    }

    async fn config(&self) -> Result<Option<Value>> {
        let status = self.status(true).await?;
        let Some(text) = status.info.get("config") else { return Ok(None) };
        let info = |source| CriError::Info { socket: self.socket.clone(), source };
        serde_json::from_str(text).map(Some).map_err(info)
    }

    /// Asks, and asks again while the runtime says that it has only just started.
    async fn call<Q, R>(&self, path: &'static str, request: Q, limit: Duration) -> Result<R>
    where
        Q: Message + Clone + 'static,
        R: Message + Default + 'static,
    {
        let call = path.rsplit('/').next().unwrap_or(path);
        let slow = |_| CriError::Slow { socket: self.socket.clone(), call, seconds: limit.as_secs() };
        let given_up = Instant::now() + STARTING;
        loop {
            let mut grpc = Grpc::new(self.channel()?.clone()).max_decoding_message_size(MAX_ANSWER);
            let request = tonic::Request::new(request.clone());
            let answer = async {
                grpc.ready().await.map_err(|error| tonic::Status::from_error(error.into()))?;
                let codec = ProstCodec::<Q, R>::default();
                grpc.unary(request, PathAndQuery::from_static(path), codec).await
            };
            let answer = timeout(limit, answer).await.map_err(slow)?.map(tonic::Response::into_inner);
            match answer {
                Err(status) if status.message().contains(STARTS) && Instant::now() < given_up => sleep(AGAIN).await,
                answer => return answer.map_err(|status| CriError::from_status(&self.socket, call, &status)),
            }
        }
    }

    fn channel(&self) -> Result<&Channel> {
        if let Some(channel) = self.channel.get() {
            return Ok(channel);
        }
        let bad = || CriError::NotASocket { socket: self.socket.clone() };
        if !self.socket.starts_with("unix:///") {
            return Err(bad());
        }
        let endpoint = Endpoint::from_shared(self.socket.clone()).map_err(|_| bad())?;
        Ok(self.channel.get_or_init(|| endpoint.connect_timeout(CONNECT_TIMEOUT).connect_lazy()))
    }
}

fn image_request(name: &str) -> ImageRequest {
    ImageRequest { image: Some(ImageSpec { image: name.to_owned() }) }
}

fn with_scheme(socket: &str) -> String {
    if socket.contains("://") { socket.to_owned() } else { format!("unix://{socket}") }
}

/// Those of [`KNOWN_SOCKETS`] at which something listens. A file without a listener does not count.
pub async fn detect_sockets() -> Vec<String> {
    let mut found = Vec::new();
    for socket in KNOWN_SOCKETS {
        let path = socket.trim_start_matches("unix://");
        let dialled = timeout(CONNECT_TIMEOUT, tokio::net::UnixStream::connect(path)).await;
        if matches!(dialled, Ok(Ok(_))) {
            found.push(socket.to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests;
