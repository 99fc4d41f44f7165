//! What can go wrong with etcd.

use tonic::Code;

/// A failure of etcd or of the way to it.
#[derive(Debug, thiserror::Error)]
pub enum EtcdError {
    /// Nothing to ask.
    #[error("no etcd endpoint is known")]
    NoEndpoint,
    /// The endpoint or the certificates cannot be used.
    #[error("cannot prepare a connection to etcd at {endpoint}")]
    Setup {
        /// Its URL.
        endpoint: String,
        /// What is wrong.
        source: tonic::transport::Error,
    },
    /// No endpoint answered.
    #[error("no etcd member answers {call}: {}", tried.join("; "))]
    Unreachable {
        /// What was asked.
        call: &'static str,
        /// Each endpoint and why it did not answer.
        tried: Vec<String>,
    },
    /// The cluster refused.
    #[error("etcd at {endpoint} failed in {call}: {message}")]
    Call {
        /// Which member said so.
        endpoint: String,
        /// What was asked.
        call: &'static str,
        /// Its gRPC code.
        code: Code,
        /// Its words.
        message: String,
    },
}

impl EtcdError {
    /// The cluster has no such member.
    #[must_use]
    pub fn is_member_not_found(&self) -> bool {
        matches!(self, Self::Call { code: Code::NotFound, .. })
    }

    /// A member answers that it can't now: the cluster elects a leader, or has not enough members that are well.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Call { code: Code::Unavailable, .. }) && !self.is_learners()
    }

    /// Another member may do what this one can't.
    #[must_use]
    pub(super) fn is_this_members(&self) -> bool {
        self.is_passing() || self.is_learners()
    }

    /// A learner answers nobody: `Unavailable` in etcd 3.5, `FailedPrecondition` since 3.6.
    fn is_learners(&self) -> bool {
        matches!(self, Self::Call { message, .. } if message.contains(LEARNER))
    }
}

/// What a learner says to every call.
pub(super) const LEARNER: &str = "rpc not supported for learner";
