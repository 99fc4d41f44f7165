//! An HTTP endpoint that tells health. Knows how to ask and what went wrong; refuses to know whose health it is.

use std::cell::RefCell;
use std::error::Error;
use std::fmt;
use std::time::Duration;

use camino::Utf8Path;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use tokio::time::{Instant, sleep};
use zeroize::Zeroizing;

use super::WaitError;
use crate::host::Host;
use crate::kubeconfig::{Credentials, Kubeconfig, Source};

/// How often a local endpoint is asked.
const POLL: Duration = Duration::from_millis(25);
/// How long one question may take.
const ANSWER: Duration = Duration::from_secs(5);

/// An HTTP endpoint that tells health by answering 200.
#[derive(Debug)]
pub struct Endpoint {
    /// Whose it is: `kube-scheduler`, `kubelet`.
    pub name: String,
    /// Its URL.
    pub url: String,
    client: reqwest::Client,
    last: RefCell<String>,
}

/// How an endpoint is spoken to.
#[derive(Debug, Clone, Copy)]
pub enum Trust<'a> {
    /// Any certificate will do: the endpoint's own, self-signed one on loopback.
    Anyone,
    /// One of the CA's, showing who we are.
    Mutual(&'a Identity),
}

/// Whom we trust and who we are, out of a kubeconfig.
pub struct Identity {
    /// The API server's URL.
    pub server: String,
    /// The CA's certificate, PEM.
    ca: Vec<u8>,
    proof: Proof,
}

#[derive(PartialEq)]
enum Proof {
    /// Our certificate and key, PEM one after the other.
    Pair(Zeroizing<Vec<u8>>),
    /// A bearer token.
    Token(Zeroizing<String>),
}

impl Identity {
    /// Reads a kubeconfig and the files that it names; `None` while one of them is missing.
    pub fn read(host: &dyn Host, path: &Utf8Path) -> Result<Option<Self>, WaitError> {
        let unusable = |source: Box<dyn Error>| WaitError::Credentials { path: path.to_owned(), source };
        let Some(text) = host.read_text(path)? else { return Ok(None) };
        let kubeconfig = Kubeconfig::parse(&text).map_err(|error| unusable(error.into()))?;
        let Some(authority) = &kubeconfig.cluster.authority else {
            return Err(unusable("it holds no certificate of the cluster's CA".into()));
        };
        let proof = match &kubeconfig.credentials {
            Credentials::Certificate { certificate, key } => pair(host, certificate, key)?.map(Proof::Pair),
            Credentials::Token(token) => Some(Proof::Token(Zeroizing::new(token.clone()))),
            Credentials::Other => return Err(unusable("it holds neither a client certificate nor a token".into())),
        };
        let (Some(ca), Some(proof)) = (pem(host, authority)?, proof) else { return Ok(None) };
        Ok(Some(Self { server: kubeconfig.cluster.server, ca: ca.to_vec(), proof }))
    }
}

impl PartialEq for Identity {
    fn eq(&self, other: &Self) -> bool {
        self.server == other.server && self.ca == other.ca && self.proof == other.proof
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({})", self.server)
    }
}

/// Certificate and key one after the other; the kubelet keeps both in one file.
fn pair(host: &dyn Host, certificate: &Source, key: &Source) -> Result<Option<Zeroizing<Vec<u8>>>, WaitError> {
    let Some(mut pair) = pem(host, certificate)? else { return Ok(None) };
    if certificate != key {
        let Some(key) = pem(host, key)? else { return Ok(None) };
        pair.push(b'\n');
        pair.extend_from_slice(&key);
    }
    Ok(Some(pair))
}

fn pem(host: &dyn Host, source: &Source) -> Result<Option<Zeroizing<Vec<u8>>>, WaitError> {
    match source {
        Source::Data(data) => Ok(Some(data.clone())),
        Source::File(path) => Ok(host.read(path)?.map(Zeroizing::new)),
    }
}

/// How the words begin that tell of no answer at all.
const UNREACHED: &str = "error: ";

impl Endpoint {
    /// An endpoint; nothing is sent yet.
    pub fn new(name: &str, url: &str, trust: Trust<'_>) -> Result<Self, WaitError> {
        let failed = |source| WaitError::Client { url: url.to_owned(), source };
        let builder = reqwest::Client::builder().no_proxy().timeout(ANSWER).connect_timeout(ANSWER);
        let builder = match trust {
            Trust::Anyone => builder.tls_danger_accept_invalid_certs(true),
            Trust::Mutual(identity) => {
                let roots = reqwest::Certificate::from_pem_bundle(&identity.ca).map_err(failed)?;
                let builder = builder.tls_certs_only(roots);
                match &identity.proof {
                    Proof::Pair(pair) => builder.identity(reqwest::Identity::from_pem(pair).map_err(failed)?),
                    Proof::Token(token) => builder.default_headers(bearer(token)),
                }
            }
        };
        let client = builder.build().map_err(failed)?;
        Ok(Self { name: name.to_owned(), url: url.to_owned(), client, last: RefCell::default() })
    }

    /// Asks until the answer is 200; answers how long that took.
    pub async fn answers(&self) -> Duration {
        let start = Instant::now();
        while !self.ask().await {
            sleep(POLL).await;
        }
        start.elapsed()
    }

    /// Asks until there is an answer, whatever it says.
    pub async fn responds(&self) {
        while !self.ask().await && self.last().starts_with(UNREACHED) {
            sleep(POLL).await;
        }
    }

    /// Asks once.
    pub async fn ask(&self) -> bool {
        let answer = self.client.get(&self.url).send().await;
        let text = match &answer {
            Ok(response) if response.status() == reqwest::StatusCode::OK => String::new(),
            Ok(response) => refusal(response.status()),
            Err(error) => format!("{UNREACHED}{}", innermost(error)),
        };
        let well = text.is_empty();
        self.last.replace(text);
        well
    }

    /// The last answer that was not 200, in words; empty after a 200.
    #[must_use]
    pub fn last(&self) -> String {
        self.last.borrow().clone()
    }
}

/// An answer that is not 200, in words.
pub(super) fn refusal(status: reqwest::StatusCode) -> String {
    format!("status code: {}", status.as_u16())
}

fn bearer(token: &str) -> HeaderMap {
    // A token that no header can hold is none; the server will say so.
    let value = HeaderValue::try_from(format!("Bearer {token}"));
    value.map(|value| HeaderMap::from_iter([(AUTHORIZATION, value)])).unwrap_or_default()
}

/// The layers of the HTTP client say the same in other words; what went wrong is at the bottom.
fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}
