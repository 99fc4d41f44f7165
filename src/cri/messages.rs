//! The messages of CRI v1 that kinit speaks, by hand: no protoc, no generated file.
//!
//! Field numbers are the protocol's; fields that kinit never looks at are left out, which protobuf allows. Knows
//! nothing of connections.

mod image;
mod pod;

use std::collections::HashMap;

pub use image::Image;
pub(super) use image::{ImageRequest, ImageSpec, ImageStatusResponse, Images, PullImageResponse};
pub use pod::{Container, ContainerState, ContainerStatus, Sandbox};
pub(super) use pod::{ContainerStatusRequest, ContainerStatusResponse, Containers, SandboxRequest, Sandboxes};

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
