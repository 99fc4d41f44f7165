//! etcd, through the calls on members that joining and resetting need.
//!
//! Knows how to reach a cluster over mutual TLS and what it answers; refuses to know where certificates lie and
//! which pods run it.

mod error;
mod messages;

use std::time::Duration;

use prost::Message;
use tokio::time::{Instant, sleep, timeout_at};
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};
use tonic_prost::ProstCodec;

use crate::failure::chain;
pub use error::EtcdError;
#[cfg(test)]
use error::LEARNER;
pub use messages::Member;
use messages::{MemberListRequest, MemberRequest, Members};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// How long one call may take at one endpoint.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);
/// How soon a cluster that could not yet is asked again.
const RETRY: Duration = Duration::from_millis(500);

/// Short for results of this module.
pub type Result<T, E = EtcdError> = std::result::Result<T, E>;

/// Who we are to etcd, and whom we trust.
#[derive(Clone)]
pub struct Credentials {
    /// The CA's certificate, PEM.
    pub ca: Vec<u8>,
    /// Our certificate, PEM.
    pub certificate: Vec<u8>,
    /// Its key, PEM.
    pub key: Vec<u8>,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credentials")
    }
}

/// An etcd cluster: calls go to the first endpoint that answers.
#[derive(Debug)]
pub struct Etcd {
    members: Vec<(String, Channel)>,
}

/// What came of asking for a member to be gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    /// It was removed.
    Removed,
    /// There was none.
    Absent,
    /// It is the only one, and was left.
    Last,
}

impl Etcd {
    /// The cluster at `endpoints` (URLs). Connects at the first call. Without credentials, in the clear.
    pub fn new(endpoints: &[String], credentials: Option<&Credentials>) -> Result<Self> {
        let members = endpoints.iter().map(|endpoint| Ok((endpoint.clone(), channel(endpoint, credentials)?)));
        Ok(Self { members: members.collect::<Result<_>>()? })
    }

    /// Every member, as the cluster agrees on.
    pub async fn members(&self) -> Result<Vec<Member>> {
        let request = MemberListRequest { linearizable: true };
        let list: Members = self.call("/etcdserverpb.Cluster/MemberList", request).await?;
        Ok(list.members)
    }

    /// Makes there be no member with that peer URL; the last one stays. While the cluster answers that it can't now, and for
    /// as long as `patience`, it is asked again; `waiting` is told why, once. One that does not answer at all is given up.
    pub async fn ensure_removed(
        &self,
        peer_url: &str,
        patience: Duration,
        waiting: impl Fn(&EtcdError),
    ) -> Result<Removal> {
        patiently(patience, async || self.remove(peer_url).await, waiting).await
    }

    async fn remove(&self, peer_url: &str) -> Result<Removal> {
        let members = self.members().await?;
        let Some(member) = by_peer_url(&members, peer_url) else { return Ok(Removal::Absent) };
        if members.len() == 1 {
            return Ok(Removal::Last);
        }
        match self.call("/etcdserverpb.Cluster/MemberRemove", MemberRequest { id: member.id }).await {
            Ok(Members { .. }) => Ok(Removal::Removed),
            Err(error) if error.is_member_not_found() => Ok(Removal::Absent),
            Err(error) => Err(error),
        }
    }

    /// Asks endpoint after endpoint until one does it. What was refused for good is not asked elsewhere.
    async fn call<Q, R>(&self, path: &'static str, request: Q) -> Result<R>
    where
        Q: Message + Clone + 'static,
        R: Message + Default + 'static,
    {
        let (mut tried, mut refused) = (Vec::new(), None);
        for (endpoint, channel) in &self.members {
            match one(endpoint, channel, path, request.clone()).await {
                Err(EtcdError::Unreachable { tried: mut more, .. }) => tried.append(&mut more),
                Err(error) if error.is_this_members() => refused = Some(error),
                answer => return answer,
            }
        }
        if let Some(refused) = refused {
            return Err(refused);
        }
        if tried.is_empty() {
            return Err(EtcdError::NoEndpoint);
        }
        Err(EtcdError::Unreachable { call: name(path), tried })
    }
}

/// Tries once, and again while the answer is that it can't be done now and there is time. The last answer counts.
async fn patiently<T>(
    patience: Duration,
    attempt: impl AsyncFn() -> Result<T>,
    waiting: impl Fn(&EtcdError),
) -> Result<T> {
    let until = Instant::now() + patience;
    let mut outcome = attempt().await;
    let mut told = false;
    while let Err(error) = &outcome
        && error.is_passing()
        && Instant::now() + RETRY < until
    {
        if !told {
            waiting(error);
            told = true;
        }
        sleep(RETRY).await;
        let Ok(next) = timeout_at(until, attempt()).await else { break };
        outcome = next;
    }
    outcome
}

fn by_peer_url<'a>(members: &'a [Member], peer_url: &str) -> Option<&'a Member> {
    members.iter().find(|member| member.peer_urls.iter().any(|url| url == peer_url))
}

fn name(path: &'static str) -> &'static str {
    path.rsplit('/').next().unwrap_or(path)
}

fn channel(endpoint: &str, credentials: Option<&Credentials>) -> Result<Channel> {
    let setup = |source| EtcdError::Setup { endpoint: endpoint.to_owned(), source };
    let mut builder = Endpoint::from_shared(endpoint.to_owned()).map_err(setup)?.connect_timeout(CONNECT_TIMEOUT);
    if let Some(Credentials { ca, certificate, key }) = credentials {
        let tls = ClientTlsConfig::new()
            .ca_certificate(Certificate::from_pem(ca))
            .identity(Identity::from_pem(certificate, key));
        builder = builder.tls_config(tls).map_err(setup)?;
    }
    Ok(builder.connect_lazy())
}

async fn one<Q, R>(endpoint: &str, channel: &Channel, path: &'static str, request: Q) -> Result<R>
where
    Q: Message + 'static,
    R: Message + Default + 'static,
{
    let call = name(path);
    let unreachable = |why: String| EtcdError::Unreachable { call, tried: vec![format!("{endpoint} {why}")] };
    let mut grpc = Grpc::new(channel.clone());
    let answer = async {
        grpc.ready().await.map_err(|error| tonic::Status::from_error(error.into()))?;
        let codec = ProstCodec::<Q, R>::default();
        grpc.unary(tonic::Request::new(request), PathAndQuery::from_static(path), codec).await
    };
    let slow = |_| unreachable(format!("did not answer within {} s", CALL_TIMEOUT.as_secs()));
    match tokio::time::timeout(CALL_TIMEOUT, answer).await.map_err(slow)? {
        Ok(answer) => Ok(answer.into_inner()),
        Err(status) => Err(match std::error::Error::source(&status) {
            Some(cause) => unreachable(format!("failed: {}", chain(cause))),
            None => EtcdError::Call {
                endpoint: endpoint.to_owned(),
                call,
                code: status.code(),
                message: status.message().to_owned(),
            },
        }),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use tonic::Code;

    use super::*;

    fn refused(code: Code, message: &str) -> EtcdError {
        EtcdError::Call { endpoint: "e".into(), call: "MemberRemove", code, message: message.into() }
    }

    /// How often it is tried when the first answer is this one, how often that was told, and what comes of it.
    async fn tried(patience: Duration, first: Code, message: &str) -> (usize, usize, Result<()>) {
        let (count, told) = (Cell::new(0), Cell::new(0));
        let attempt = async || {
            count.set(count.get() + 1);
            if count.get() == 1 { Err(refused(first, message)) } else { Ok(()) }
        };
        let outcome = patiently(patience, attempt, |_| told.set(told.get() + 1)).await;
        (count.get(), told.get(), outcome)
    }

    #[tokio::test]
    async fn a_cluster_without_a_leader_is_asked_again_while_there_is_time() {
        let minute = Duration::from_secs(60);
        assert!(matches!(tried(minute, Code::Unavailable, "no leader").await, (2, 1, Ok(()))));
        assert!(matches!(tried(Duration::ZERO, Code::Unavailable, "no leader").await, (1, 0, Err(_))));
        assert!(matches!(tried(minute, Code::FailedPrecondition, "").await, (1, 0, Err(_))));
        assert!(matches!(tried(minute, Code::Unavailable, LEARNER).await, (1, 0, Err(_))));
    }

    #[tokio::test]
    async fn the_last_answer_is_told_when_the_time_is_over() {
        let count = Cell::new(0);
        let attempt = async || {
            count.set(count.get() + 1);
            if count.get() > 1 {
                std::future::pending::<()>().await;
            }
            Err::<(), _>(refused(Code::Unavailable, "etcdserver: no leader"))
        };
        let failed = patiently(Duration::from_millis(1500), attempt, |_| ()).await.unwrap_err();
        assert_eq!(
            (failed.to_string().as_str(), count.get()),
            ("etcd at e failed in MemberRemove: etcdserver: no leader", 2)
        );
    }
}
