//! The messages of etcd's v3 API that kinit speaks, by hand. Knows nothing of connections.

/// A member of an etcd cluster.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Member {
    /// Its id.
    #[prost(uint64, tag = "1")]
    pub id: u64,
    /// Its name; empty until it was started for the first time.
    #[prost(string, tag = "2")]
    pub name: String,
    /// Where other members reach it.
    #[prost(string, repeated, tag = "3")]
    pub peer_urls: Vec<String>,
    /// Where clients reach it; empty until it was started for the first time.
    #[prost(string, repeated, tag = "4")]
    pub client_urls: Vec<String>,
    /// It learns, and does not vote yet.
    #[prost(bool, tag = "5")]
    pub is_learner: bool,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct MemberListRequest {
    /// Answered by the cluster as a whole rather than from one member's memory.
    #[prost(bool, tag = "1")]
    pub(super) linearizable: bool,
}

/// The answer to every call that concerns members, from its second field on.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Members {
    #[prost(message, repeated, tag = "2")]
    pub(super) members: Vec<Member>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct MemberRequest {
    #[prost(uint64, tag = "1")]
    pub(super) id: u64,
}
