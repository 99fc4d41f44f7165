//! Sandboxes and containers.

use std::collections::HashMap;

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::cri) struct Sandboxes {
    #[prost(message, repeated, tag = "1")]
    pub(in crate::cri) items: Vec<Sandbox>,
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
pub(in crate::cri) struct SandboxRequest {
    #[prost(string, tag = "1")]
    pub(in crate::cri) pod_sandbox_id: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::cri) struct Containers {
    #[prost(message, repeated, tag = "1")]
    pub(in crate::cri) containers: Vec<Container>,
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
struct ContainerMetadata {
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
    /// Of all containers those of one in a namespace's pods, oldest first.
    #[must_use]
    pub fn named<'a>(all: &'a [Self], namespace: &str, name: &str) -> Vec<&'a Self> {
        let mut named: Vec<&Self> = all.iter().filter(|it| it.namespace() == namespace && it.name() == name).collect();
        named.sort_by_key(|container| (container.created_at, container.attempt()));
        named
    }

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
pub(in crate::cri) struct ContainerStatusRequest {
    #[prost(string, tag = "1")]
    pub(in crate::cri) container_id: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::cri) struct ContainerStatusResponse {
    #[prost(message, optional, tag = "1")]
    pub(in crate::cri) status: Option<ContainerStatus>,
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
