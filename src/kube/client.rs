//! Calls to the API server, tried again while that may help.
//!
//! Objects are JSON documents: typed structs would drop the fields that they don't know. Knows HTTP, answers and
//! patience; refuses to know what any object is for.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use ::kube::config::Kubeconfig;
use ::kube::{Client, Config};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::{Method, Request};
use serde_json::{Value, json};

use super::dry_run::Recording;
use super::error::{BRIEF, Cause, Hope};
use super::resource::{Kind, Reference};
use super::{KubeError, compare};
use crate::host::Changed;

/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(100);
/// A connection that takes longer will not come.
const CONNECT: Duration = Duration::from_secs(3);
/// An answer that takes longer is asked for again.
const ANSWER: Duration = Duration::from_secs(15);
/// How long calls are tried, if nothing else is said.
const PATIENCE: Duration = Duration::from_secs(60);
/// Field manager of everything that kinit writes.
const FIELD_MANAGER: &str = "fieldManager=kubeadm";

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
        let mut kubeconfig = Kubeconfig::from_yaml(yaml).map_err(|error| unusable(error.into()))?;
        for cluster in kubeconfig.clusters.iter_mut().filter_map(|named| named.cluster.as_mut()) {
            if let Some(server) = server {
                cluster.server = Some(server.to_owned());
            }
        }
        let proxied =
            kubeconfig.clusters.iter().any(|named| named.cluster.as_ref().is_some_and(|it| it.proxy_url.is_some()));
        let mut config = Config::try_from(kubeconfig).map_err(|error| unusable(error.into()))?;
        if !proxied {
            // A machine's proxy is for the outside; the control plane is inside.
            config.proxy_url = None;
        }
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
        let server = config.cluster_url.to_string().trim_end_matches('/').to_owned();
        let client = Client::try_from(config)
            .map_err(|error| KubeError::Kubeconfig { what: what.to_owned(), source: error.into() })?;
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

    /// An object; `None` when there is none.
    pub async fn get(&self, target: &Reference) -> Result<Option<Value>, KubeError> {
        self.persist("get", target, async || self.fetch(target).await).await
    }

    /// An object, asked for once.
    pub async fn get_once(&self, target: &Reference) -> Result<Option<Value>, KubeError> {
        self.clone().patience(Duration::ZERO).get(target).await
    }

    /// The objects of a kind in a namespace, by a selector such as `labelSelector=k8s-app=kube-dns`.
    pub async fn list(&self, kind: &'static Kind, namespace: &str, selector: &str) -> Result<Vec<Value>, KubeError> {
        let path = format!("{}?{selector}", kind.collection(namespace));
        let target = Reference::new(kind, namespace, "*");
        let mut answer = self.persist("list", &target, async || self.send(Method::GET, &path, None).await).await?;
        let Value::Array(mut items) = answer["items"].take() else { return Ok(Vec::new()) };
        // The server leaves these out of lists.
        for item in &mut items {
            item["apiVersion"] = kind.api_version.into();
            item["kind"] = kind.name.into();
        }
        Ok(items)
    }

    /// Creates an object, which must not be there.
    pub async fn create(&self, object: &Value) -> Result<Value, KubeError> {
        let target = Reference::of(object)?;
        self.persist("create", &target, async || {
            self.post(&target, object).await.map_err(|cause| match cause {
                Cause::Refused { code: 409, message, .. } => {
                    // Trying again cannot help, unlike with a conflict of two updates.
                    Cause::Refused { code: 422, reason: "AlreadyExists".to_owned(), message }
                }
                other => other,
            })
        })
        .await
    }

    /// Makes an object be as wanted: creates it, or replaces a different one.
    pub async fn ensure(&self, wanted: &Value) -> Result<Changed, KubeError> {
        let target = Reference::of(wanted)?;
        self.persist("create or update", &target, async || {
            let Some(present) = self.post_or_fetch(&target, wanted).await? else { return Ok(Changed::Yes) };
            if compare::difference(wanted, &present).is_none() {
                return Ok(Changed::No);
            }
            let mut update = compare::without_nulls(wanted);
            update["metadata"]["resourceVersion"] = present["metadata"]["resourceVersion"].clone();
            self.put(&target, &update).await?;
            Ok(Changed::Yes)
        })
        .await
    }

    /// Makes several objects that don't need each other be as wanted, at the same time.
    pub async fn ensure_all(&self, wanted: &[Value]) -> Result<Changed, KubeError> {
        let changes = futures::future::try_join_all(wanted.iter().map(|object| self.ensure(object))).await?;
        Ok(changes.into_iter().fold(Changed::No, Changed::or))
    }

    /// Makes an object be there; one that is there stays as it is.
    pub async fn retain(&self, wanted: &Value) -> Result<Changed, KubeError> {
        let target = Reference::of(wanted)?;
        self.persist("create", &target, async || match self.post_or_fetch(&target, wanted).await? {
            Some(_) => Ok(Changed::No),
            None => Ok(Changed::Yes),
        })
        .await
    }

    /// Creates an object, or changes the one that is there. `change` may run again on a fresher object.
    pub async fn mutate(&self, wanted: &Value, change: impl Fn(&mut Value)) -> Result<Changed, KubeError> {
        let target = Reference::of(wanted)?;
        self.persist("create or update", &target, async || {
            let Some(present) = self.post_or_fetch(&target, wanted).await? else { return Ok(Changed::Yes) };
            let mut changed = present.clone();
            change(&mut changed);
            if changed == present {
                return Ok(Changed::No);
            }
            self.put(&target, &changed).await?;
            Ok(Changed::Yes)
        })
        .await
    }

    /// Looks at an object until `patch` has something to say: a strategic merge patch, or nothing to do. An error
    /// of its own tells what is still waited for.
    pub async fn patch(
        &self,
        target: &Reference,
        patch: impl Fn(&Value) -> Result<Option<Value>, String>,
    ) -> Result<Changed, KubeError> {
        self.persist("patch", target, async || {
            let present = self.fetch(target).await?;
            let present = present.ok_or_else(|| Cause::NotYet(format!("there is no {target} yet")))?;
            let Some(patch) = patch(&present).map_err(Cause::NotYet)? else { return Ok(Changed::No) };
            let path = format!("{}?{FIELD_MANAGER}", target.path());
            self.send(Method::PATCH, &path, Some(&patch)).await?;
            Ok(Changed::Yes)
        })
        .await
    }

    /// Makes an object not be there.
    pub async fn delete(&self, target: &Reference) -> Result<Changed, KubeError> {
        self.persist("delete", target, async || match self.send(Method::DELETE, &target.path(), None).await {
            Ok(_) => Ok(Changed::Yes),
            Err(cause) if cause.not_found() => Ok(Changed::No),
            Err(cause) => Err(cause),
        })
        .await
    }

    /// Tries until it works, cannot work or has lasted too long.
    async fn persist<T>(
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

    async fn fetch(&self, target: &Reference) -> Result<Option<Value>, Cause> {
        match self.send(Method::GET, &target.path(), None).await {
            Ok(object) => Ok(Some(object)),
            Err(cause) if cause.not_found() => Ok(None),
            Err(cause) => Err(cause),
        }
    }

    /// Creates the object; the one that is there when that is so.
    async fn post_or_fetch(&self, target: &Reference, wanted: &Value) -> Result<Option<Value>, Cause> {
        match self.post(target, &compare::without_nulls(wanted)).await {
            Ok(_) => Ok(None),
            Err(cause) if cause.may_exist() => self.fetch(target).await?.map(Some).ok_or(cause),
            Err(cause) => Err(cause),
        }
    }

    async fn post(&self, target: &Reference, object: &Value) -> Result<Value, Cause> {
        let path = format!("{}?{FIELD_MANAGER}", target.kind.collection(&target.namespace));
        self.send(Method::POST, &path, Some(object)).await.map_err(|cause| match cause {
            // Its namespace: the server makes kube-system and kube-public soon after its start.
            Cause::Refused { code: 404, message, .. } => Cause::NotYet(message),
            other => other,
        })
    }

    async fn put(&self, target: &Reference, object: &Value) -> Result<Value, Cause> {
        self.send(Method::PUT, &format!("{}?{FIELD_MANAGER}", target.path()), Some(object)).await
    }

    async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, Cause> {
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
