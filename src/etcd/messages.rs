//! The messages of etcd's v3 API that kinit speaks, by hand. Knows nothing of connections.

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Header {
    #[prost(uint64, tag = "2")]
    pub(super) member_id: u64,
}

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
pub(super) struct MemberAddRequest {
    #[prost(string, repeated, tag = "1")]
    pub(super) peer_urls: Vec<String>,
    #[prost(bool, tag = "2")]
    pub(super) is_learner: bool,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct MemberAddResponse {
    #[prost(message, optional, tag = "2")]
    pub(super) member: Option<Member>,
    #[prost(message, repeated, tag = "3")]
    pub(super) members: Vec<Member>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct MemberRequest {
    #[prost(uint64, tag = "1")]
    pub(super) id: u64,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Empty {}

/// How one member is.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Status {
    #[prost(message, optional, tag = "1")]
    header: Option<Header>,
    /// The server's version.
    #[prost(string, tag = "2")]
    pub version: String,
    /// Bytes of the database file.
    #[prost(int64, tag = "3")]
    pub db_size: i64,
    /// The leader's id; 0 when there is none.
    #[prost(uint64, tag = "4")]
    pub leader: u64,
    /// The last entry of the log.
    #[prost(uint64, tag = "5")]
    pub raft_index: u64,
    /// The last entry that was applied.
    #[prost(uint64, tag = "7")]
    pub raft_applied_index: u64,
    /// Alarms and the like.
    #[prost(string, repeated, tag = "8")]
    pub errors: Vec<String>,
    /// It learns, and does not vote yet.
    #[prost(bool, tag = "10")]
    pub is_learner: bool,
}

impl Status {
    /// The id of the member that answered.
    #[must_use]
    pub fn member_id(&self) -> u64 {
        self.header.as_ref().map_or(0, |header| header.member_id)
    }
}
