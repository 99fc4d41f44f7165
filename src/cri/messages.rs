//! The messages of CRI v1 that kinit speaks, by hand: no protoc, no generated file.
//!
//! Field numbers are the protocol's; fields that kinit never looks at are left out, which protobuf allows. Knows
//! nothing of connections.

use std::collections::HashMap;

/// A request or an answer without fields of interest.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Empty {}

/// Who the runtime is.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Version {
    /// The runtime's name: `containerd`, `cri-o`.
    #[prost(string, tag = "2")]
    pub runtime_name: String,
    /// Its version.
    #[prost(string, tag = "3")]
    pub runtime_version: String,
    /// The API's version.
    #[prost(string, tag = "4")]
    pub runtime_api_version: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct VersionRequest {
    #[prost(string, tag = "1")]
    pub(super) version: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct StatusRequest {
    #[prost(bool, tag = "1")]
    pub(super) verbose: bool,
}

/// How the runtime is.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Status {
    #[prost(message, optional, tag = "1")]
    status: Option<Conditions>,
    /// What the runtime tells of itself when asked verbosely: `config` is its configuration as JSON.
    #[prost(map = "string, string", tag = "2")]
    pub info: HashMap<String, String>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Conditions {
    #[prost(message, repeated, tag = "1")]
    conditions: Vec<Condition>,
}

/// One of the runtime's conditions.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Condition {
    /// `RuntimeReady`, `NetworkReady`.
    #[prost(string, tag = "1")]
    pub r#type: String,
    /// Whether it holds.
    #[prost(bool, tag = "2")]
    pub status: bool,
    /// Why not, in one word.
    #[prost(string, tag = "3")]
    pub reason: String,
    /// Why not.
    #[prost(string, tag = "4")]
    pub message: String,
}

impl Status {
    /// The conditions.
    #[must_use]
    pub fn conditions(&self) -> &[Condition] {
        self.status.as_ref().map_or(&[], |status| &status.conditions)
    }

    /// The condition of that type.
    #[must_use]
    pub fn condition(&self, r#type: &str) -> Option<&Condition> {
        self.conditions().iter().find(|condition| condition.r#type == r#type)
    }
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct RuntimeConfig {
    #[prost(message, optional, tag = "1")]
    pub(super) linux: Option<LinuxRuntimeConfig>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct LinuxRuntimeConfig {
    /// 0 systemd, 1 cgroupfs.
    #[prost(int32, tag = "1")]
    pub(super) cgroup_driver: i32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Sandboxes {
    #[prost(message, repeated, tag = "1")]
    pub(super) items: Vec<Sandbox>,
}

/// A pod's sandbox.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Sandbox {
    /// Its id.
    #[prost(string, tag = "1")]
    pub id: String,
    #[prost(message, optional, tag = "2")]
    metadata: Option<SandboxMetadata>,
    #[prost(int32, tag = "3")]
    state: i32,
    /// Nanoseconds since 1970.
    #[prost(int64, tag = "4")]
    pub created_at: i64,
    /// Labels, the kubelet's `io.kubernetes.pod.name` among them.
    #[prost(map = "string, string", tag = "5")]
    pub labels: HashMap<String, String>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct SandboxMetadata {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "3")]
    namespace: String,
    #[prost(uint32, tag = "4")]
    attempt: u32,
}

impl Sandbox {
    /// Whether it runs.
    #[must_use]
    pub fn ready(&self) -> bool {
        self.state == 0
    }

    /// The pod's name.
    #[must_use]
    pub fn pod(&self) -> &str {
        self.metadata.as_ref().map_or("", |metadata| &metadata.name)
    }

    /// The pod's namespace.
    #[must_use]
    pub fn namespace(&self) -> &str {
        self.metadata.as_ref().map_or("", |metadata| &metadata.namespace)
    }
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct SandboxRequest {
    #[prost(string, tag = "1")]
    pub(super) pod_sandbox_id: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Containers {
    #[prost(message, repeated, tag = "1")]
    pub(super) containers: Vec<Container>,
}

/// A container in the list of all.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Container {
    /// Its id.
    #[prost(string, tag = "1")]
    pub id: String,
    /// The id of its sandbox.
    #[prost(string, tag = "2")]
    pub pod_sandbox_id: String,
    #[prost(message, optional, tag = "3")]
    metadata: Option<ContainerMetadata>,
    #[prost(int32, tag = "6")]
    state: i32,
    /// Nanoseconds since 1970.
    #[prost(int64, tag = "7")]
    pub created_at: i64,
    /// Labels, the kubelet's `io.kubernetes.pod.name` among them.
    #[prost(map = "string, string", tag = "8")]
    pub labels: HashMap<String, String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ContainerMetadata {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(uint32, tag = "2")]
    attempt: u32,
}

/// What a container is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContainerState {
    /// Made, not started.
    Created,
    /// Running.
    Running,
    /// Over.
    Exited,
    /// The runtime does not know.
    Unknown,
}

impl ContainerState {
    fn from_wire(state: i32) -> Self {
        match state {
            0 => Self::Created,
            1 => Self::Running,
            2 => Self::Exited,
            _ => Self::Unknown,
        }
    }
}

impl Container {
    /// Its name in the pod.
    #[must_use]
    pub fn name(&self) -> &str {
        self.metadata.as_ref().map_or("", |metadata| &metadata.name)
    }

    /// How many times it was started before.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.metadata.as_ref().map_or(0, |metadata| metadata.attempt)
    }

    /// What it is doing.
    #[must_use]
    pub fn state(&self) -> ContainerState {
        ContainerState::from_wire(self.state)
    }

    /// The namespace of its pod.
    #[must_use]
    pub fn namespace(&self) -> &str {
        self.labels.get("io.kubernetes.pod.namespace").map_or("", String::as_str)
    }
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ContainerStatusRequest {
    #[prost(string, tag = "1")]
    pub(super) container_id: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ContainerStatusResponse {
    #[prost(message, optional, tag = "1")]
    pub(super) status: Option<ContainerStatus>,
}

/// One container, closely.
#[derive(Clone, PartialEq, prost::Message)]
pub struct ContainerStatus {
    /// Its id.
    #[prost(string, tag = "1")]
    pub id: String,
    #[prost(int32, tag = "3")]
    state: i32,
    /// Nanoseconds since 1970; 0 when it never started.
    #[prost(int64, tag = "5")]
    pub started_at: i64,
    /// Nanoseconds since 1970; 0 while it runs.
    #[prost(int64, tag = "6")]
    pub finished_at: i64,
    /// Its exit code, once it is over.
    #[prost(int32, tag = "7")]
    pub exit_code: i32,
    /// `Completed`, `Error`, `OOMKilled`.
    #[prost(string, tag = "10")]
    pub reason: String,
    /// More words on the reason.
    #[prost(string, tag = "11")]
    pub message: String,
    /// Its log file on the host.
    #[prost(string, tag = "15")]
    pub log_path: String,
}

impl ContainerStatus {
    /// What it is doing.
    #[must_use]
    pub fn state(&self) -> ContainerState {
        ContainerState::from_wire(self.state)
    }
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ImageSpec {
    #[prost(string, tag = "1")]
    pub(super) image: String,
}

/// Also `PullImageRequest`, whose other fields kinit does not send.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ImageRequest {
    #[prost(message, optional, tag = "1")]
    pub(super) image: Option<ImageSpec>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ImageStatusResponse {
    #[prost(message, optional, tag = "1")]
    pub(super) image: Option<Image>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Images {
    #[prost(message, repeated, tag = "1")]
    pub(super) images: Vec<Image>,
}

/// An image in the runtime's store.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Image {
    /// Its id.
    #[prost(string, tag = "1")]
    pub id: String,
    /// Its names with tags.
    #[prost(string, repeated, tag = "2")]
    pub repo_tags: Vec<String>,
    /// Its names with digests.
    #[prost(string, repeated, tag = "3")]
    pub repo_digests: Vec<String>,
    /// Bytes.
    #[prost(uint64, tag = "4")]
    pub size: u64,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct PullImageResponse {
    #[prost(string, tag = "1")]
    pub(super) image_ref: String,
}
