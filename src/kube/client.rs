//! Calls to the API server, tried again while that may help.
//!
//! Objects are JSON documents: typed structs would drop the fields that they don't know. Knows connections, answers
//! and patience; what is called for is in [`super::verbs`].

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use ::kube::client::ClientBuilder;
use ::kube::{Client, Config};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::{Method, Request, Response};
use http_body_util::Limited;
use serde_json::{Value, json};
use tower::util::MapResponseLayer;

use super::dry_run::Recording;
use super::error::{BRIEF, Cause, Hope};
use super::resource::Reference;
use super::{KubeError, compare, endpoint};

/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(100);
/// A connection that takes longer will not come.
const CONNECT: Duration = Duration::from_secs(3);
/// An answer that takes longer is asked for again.
const ANSWER: Duration = Duration::from_secs(15);
/// How long calls are tried, if nothing else is said.
const PATIENCE: Duration = Duration::from_secs(60);
/// Bytes of an answer: several times what etcd lets an object and a list of it have.
const LARGEST: usize = 16 << 20;
/// Stands in a kubeconfig for no proxy.
const NO_PROXY: &str = "http://none/";
/// Field manager of everything that kinit writes.
pub(super) const FIELD_MANAGER: &str = "fieldManager=kubeadm";

/// An API server, as one user.
#[derive(Clone)]
pub struct Api {
    client: Client,
    server: String,
    patience: Duration,
    /// How long a lack of rights may be the server's own delay.
    delay: Duration,
    recording: Option<Recording>,
    writes: Rc<Cell<usize>>,
}

impl Api {
    /// The current context of a kubeconfig, at another server where one is given. `what` names the kubeconfig.
    pub fn from_kubeconfig(what: &str, yaml: &str, server: Option<&str>) -> Result<Self, KubeError> {
        let unusable = |source| KubeError::Kubeconfig { what: what.to_owned(), source };
        let mut kubeconfig = endpoint::parse(yaml).map_err(unusable)?;
        let cluster = endpoint::current_cluster(&kubeconfig).map_err(unusable)?;
        if cluster.proxy_url.as_deref().is_some_and(|url| !url.is_empty()) {
            let problem = "its cluster has a proxy-url, and connections are made without a proxy only: take that out if the \
                           server can be reached so";
            return Err(unusable(problem.into()));
        }
        for cluster in kubeconfig.clusters.iter_mut().filter_map(|named| named.cluster.as_mut()) {
            if let Some(server) = server {
                cluster.server = Some(server.to_owned());
            }
            // Else the environment's proxy is read, and one that is no URL is an error.
            cluster.proxy_url = Some(NO_PROXY.to_owned());
        }
        let mut config = Config::try_from(kubeconfig).map_err(|error| unusable(error.into()))?;
        // A machine's proxy is for the outside; the control plane is inside.
        config.proxy_url = None;
        Self::connect(what, config)
    }

    /// As nobody, at a server that has a certificate of one of these CAs (PEM). Without CAs, at any server: only for
    /// what is public and checked afterwards.
    pub fn anonymous(server: &str, ca_pem: Option<&str>) -> Result<Self, KubeError> {
        let kubeconfig = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "it",
            "clusters": [{"name": "it", "cluster": {"server": server,
                "certificate-authority-data": ca_pem.map(|pem| BASE64.encode(pem)),
                "insecure-skip-tls-verify": ca_pem.is_none()}}],
            "contexts": [{"name": "it", "context": {"cluster": "it", "user": ""}}],
        });
        Self::from_kubeconfig(server, &kubeconfig.to_string(), None)
    }

    /// Any service that answers like an API server.
    pub(super) fn over(client: Client, recording: Option<Recording>) -> Self {
        let server = "https://dry-run".to_owned();
        Self { client, server, patience: PATIENCE, delay: BRIEF, recording, writes: Rc::default() }
    }

    /// How long calls are tried at most (a minute, if nothing is said).
    #[must_use]
    pub fn patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// A lack of rights is final at once: there is another user to try.
    #[must_use]
    pub(super) fn decisive(self) -> Self {
        Self { delay: Duration::ZERO, ..self }
    }

    fn connect(what: &str, mut config: Config) -> Result<Self, KubeError> {
        // Tells when another part of the program was first: then that one is the same.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        config.connect_timeout = Some(CONNECT);
        config.default_retry = false;
        if config.accept_invalid_certs {
            // Else the machine's own CAs are wanted, which it need not have.
            config.root_cert.get_or_insert_default();
        }
        let server = config.cluster_url.to_string().trim_end_matches('/').to_owned();
        let client = ClientBuilder::try_from(config)
            .map_err(|error| KubeError::Kubeconfig { what: what.to_owned(), source: error.into() })?;
        // A server that is not known yet may send anything.
        let bounded = |answer: Response<_>| answer.map(|body| Limited::new(body, LARGEST));
        let client = client.with_layer(&MapResponseLayer::new(bounded)).build();
        Ok(Self { client, server, patience: PATIENCE, delay: BRIEF, recording: None, writes: Rc::default() })
    }

    /// How often this one and its clones changed something.
    #[must_use]
    pub fn writes(&self) -> usize {
        self.writes.get()
    }

    /// The underlying client.
    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// Tries until it works, cannot work or has lasted too long.
    pub(super) async fn persist<T>(
        &self,
        verb: &'static str,
        target: &Reference,
        attempt: impl AsyncFn() -> Result<T, Cause>,
    ) -> Result<T, KubeError> {
        let start = Instant::now();
        loop {
            let answer = tokio::time::timeout(ANSWER, attempt()).await;
            if let Some(recording) = &self.recording {
                recording.flush();
            }
            let source = match answer.unwrap_or(Err(Cause::Silent(ANSWER))) {
                Ok(value) => return Ok(value),
                Err(cause) => cause,
            };
            let tried = start.elapsed();
            let enough = match source.hope() {
                Hope::None => Duration::ZERO,
                Hope::Brief => self.delay.min(self.patience),
                Hope::Lasting => self.patience,
            };
            if tried >= enough {
                let url = format!("{}{}", self.server, target.path());
                return Err(KubeError::Call { verb, object: target.to_string(), url, tried, source });
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    pub(super) async fn fetch(&self, target: &Reference) -> Result<Option<Value>, Cause> {
        match self.send(Method::GET, &target.path(), None).await {
            Ok(object) => Ok(Some(object)),
            Err(cause) if cause.not_found() => Ok(None),
            Err(cause) => Err(cause),
        }
    }

    /// Creates the object; the one that is there when that is so.
    pub(super) async fn post_or_fetch(&self, target: &Reference, wanted: &Value) -> Result<Option<Value>, Cause> {
        match self.post(target, &compare::without_nulls(wanted)).await {
            Ok(_) => Ok(None),
            Err(cause) if cause.may_exist() => self.fetch(target).await?.map(Some).ok_or(cause),
            Err(cause) => Err(cause),
        }
    }

    pub(super) async fn post(&self, target: &Reference, object: &Value) -> Result<Value, Cause> {
        let path = format!("{}?{FIELD_MANAGER}", target.kind.collection(&target.namespace));
        self.send(Method::POST, &path, Some(object)).await.map_err(|cause| match cause {
            // Its namespace: the server makes kube-system and kube-public soon after its start.
            Cause::Refused { code: 404, message, .. } => Cause::NotYet(message),
            other => other,
        })
    }

    pub(super) async fn put(&self, target: &Reference, object: &Value) -> Result<Value, Cause> {
        self.send(Method::PUT, &format!("{}?{FIELD_MANAGER}", target.path()), Some(object)).await
    }

    pub(super) async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, Cause> {
        let content_type = match method {
            Method::PATCH => "application/strategic-merge-patch+json",
            _ => "application/json",
        };
        let reads = method == Method::GET;
        let bytes = body.map(|body| body.to_string().into_bytes()).unwrap_or_default();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(http::header::CONTENT_TYPE, content_type)
            .header(http::header::ACCEPT, "application/json")
            .body(bytes)
            .map_err(|error| Cause::Unreachable(error.into()))?;
        let text = self.client.request_text(request).await.map_err(|error| match error {
            ::kube::Error::Api(status) => {
                Cause::Refused { code: status.code, reason: status.reason, message: status.message }
            }
            ::kube::Error::Service(inner) => Cause::Unreachable(inner),
            ::kube::Error::HyperError(inner) => Cause::Unreachable(inner.into()),
            other => Cause::Unreachable(other.into()),
        })?;
        if !reads {
            self.writes.set(self.writes.get() + 1);
        }
        serde_json::from_str(&text).map_err(Cause::Garbled)
    }
}

impl std::fmt::Debug for Api {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Api").field("server", &self.server).finish_non_exhaustive()
    }
}
