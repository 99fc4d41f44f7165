//! An API server in memory: what a dry run writes to, and what tests talk to.
//!
//! Answers GET, POST, PUT, PATCH and DELETE as the real one does for the objects that kinit uses (404, 409, resource
//! versions), over a real server where there is one: then what was not written here is read there. Remembers what
//! was written as effects, secrets redacted. Refuses to know defaults, validation and admission.

mod state;

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use ::kube::Client;
use ::kube::client::Body;
use http::{Method, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::BoxError;

use self::state::{State, refusal};
use super::client::Api;
use super::resource::Kind;
use crate::host::{Effect, Effects};

/// An API server in memory. Clones are the same server.
#[derive(Clone, Default)]
pub struct Memory {
    state: Arc<Mutex<State>>,
    base: Option<Client>,
    /// Whether every node that is asked for has registered.
    nodes_exist: bool,
}

struct Fault {
    method: Method,
    path: String,
    left: usize,
    answer: Answer,
}

/// What becomes of a request that a fault hits.
#[derive(Clone, Copy)]
enum Answer {
    /// It is refused.
    Refusal(StatusCode),
    /// It does not arrive.
    None,
    /// It is done, but nobody hears of it.
    Lost,
}

/// Where an [`Api`] over [`Memory`] hands on what was written.
#[derive(Clone)]
pub(super) struct Recording {
    memory: Memory,
    effects: Effects,
}

impl Recording {
    pub(super) fn flush(&self) {
        for effect in self.memory.drain() {
            self.effects.push(effect);
        }
    }
}

impl Memory {
    /// An empty server, for tests.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The API of a dry run: every node has registered, writing is told to `effects`, reading falls through to a
    /// real cluster where there is one.
    #[must_use]
    pub fn dry_run(effects: Effects, base: Option<&Api>) -> Api {
        let memory = Self { nodes_exist: true, base: base.map(|api| api.client().clone()), ..Self::default() };
        let recording = Recording { memory: memory.clone(), effects };
        Api::over(memory.client(), Some(recording))
    }

    /// An API on this server.
    #[must_use]
    pub fn api(&self) -> Api {
        Api::over(self.client(), None)
    }

    /// The next `count` requests of a method whose path ends so get this answer, or none at all.
    pub fn fail(&self, method: Method, path: &str, count: usize, answer: Option<StatusCode>) {
        let answer = answer.map_or(Answer::None, Answer::Refusal);
        self.lock().faults.push(Fault { method, path: path.to_owned(), left: count, answer });
    }

    /// The next request of a method whose path ends so is done, but its answer is lost.
    pub fn lose(&self, method: Method, path: &str) {
        self.lock().faults.push(Fault { method, path: path.to_owned(), left: 1, answer: Answer::Lost });
    }

    /// An object by its URL path.
    #[must_use]
    pub fn object(&self, path: &str) -> Option<Value> {
        self.lock().objects.get(path).cloned().flatten()
    }

    /// Puts an object at its URL path, as if another had.
    pub fn put(&self, path: &str, object: Value) {
        let mut state = self.lock();
        let object = state.stamped(object);
        state.objects.insert(path.to_owned(), Some(object));
    }

    /// Takes what was written since the last call.
    #[must_use]
    pub fn drain(&self) -> Vec<Effect> {
        std::mem::take(&mut self.lock().effects)
    }

    fn client(&self) -> Client {
        Client::new(self.clone(), "default")
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn answer(&self, request: Request<Body>) -> Result<(StatusCode, Value), BoxError> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await?.to_bytes();
        let path = parts.uri.path().to_owned();
        let fault = self.fault(&parts.method, &path);
        match fault {
            Some(Answer::Refusal(status)) => {
                return Ok(refusal(status, status.canonical_reason().unwrap_or_default(), &path));
            }
            Some(Answer::None) => return Err("injected: connection refused".into()),
            Some(Answer::Lost) | None => {}
        }
        let query = parts.uri.query().unwrap_or_default();
        if parts.method == Method::GET {
            return match collection(&path) {
                Some(_) => Ok((StatusCode::OK, json!({"items": self.list(&path, query).await?}))),
                None => Ok(self.find(&path).await?.map_or_else(
                    || refusal(StatusCode::NOT_FOUND, "NotFound", &path),
                    |found| (StatusCode::OK, found),
                )),
            };
        }
        let document: Value = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body)? };
        let path = match (&parts.method, document["metadata"]["name"].as_str()) {
            (&Method::POST, Some(name)) => format!("{path}/{name}"),
            _ => path,
        };
        let present = self.find(&path).await?;
        let answer = self.lock().write(&parts.method, &path, present, &document);
        if fault.is_some() { Err("injected: connection closed".into()) } else { Ok(answer) }
    }

    fn fault(&self, method: &Method, path: &str) -> Option<Answer> {
        let mut state = self.lock();
        let hit = |fault: &&mut Fault| fault.left > 0 && fault.method == *method && path.ends_with(&fault.path);
        let fault = state.faults.iter_mut().find(hit)?;
        fault.left -= 1;
        Some(fault.answer)
    }

    async fn find(&self, path: &str) -> Result<Option<Value>, BoxError> {
        if let Some(here) = self.lock().objects.get(path) {
            return Ok(here.clone());
        }
        if let Some(real) = self.real(path, "").await? {
            return Ok(Some(real));
        }
        let node = path.strip_prefix("/api/v1/nodes/").filter(|_| self.nodes_exist);
        Ok(node.map(|name| {
            json!({"apiVersion": "v1", "kind": "Node",
                "metadata": {"name": name, "labels": {"kubernetes.io/hostname": name}}, "spec": {}})
        }))
    }

    async fn list(&self, path: &str, query: &str) -> Result<Vec<Value>, BoxError> {
        let mut items = BTreeMap::new();
        if let Some(mut real) = self.real(path, query).await?
            && let Value::Array(found) = real["items"].take()
        {
            items.extend(found.into_iter().map(|item| (format!("{path}/{}", name(&item)), item)));
        }
        for (at, object) in &self.lock().objects {
            if at.rsplit_once('/').is_some_and(|(parent, _)| parent == path) {
                items.remove(at);
                if let Some(object) = object.as_ref().filter(|object| selected(object, query)) {
                    items.insert(at.clone(), object.clone());
                }
            }
        }
        Ok(items.into_values().collect())
    }

    /// What the real server answers to a GET, where there is one.
    async fn real(&self, path: &str, query: &str) -> Result<Option<Value>, BoxError> {
        let Some(base) = &self.base else { return Ok(None) };
        let request = Request::get(format!("{path}?{query}")).body(Vec::new())?;
        match base.request::<Value>(request).await {
            Ok(found) => Ok(Some(found)),
            Err(::kube::Error::Api(status)) if status.code == 404 => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

fn collection(path: &str) -> Option<&str> {
    path.rsplit('/').next().filter(|last| Kind::is_plural(last))
}

fn name(object: &Value) -> &str {
    object["metadata"]["name"].as_str().unwrap_or_default()
}

/// Whether an object answers a query of one `labelSelector=key=value` or `fieldSelector=type=value`.
fn selected(object: &Value, query: &str) -> bool {
    query.split('&').filter_map(|part| part.split_once('=')).all(|(selector, condition)| {
        let Some((key, value)) = condition.split_once('=') else { return true };
        match selector {
            "labelSelector" => object["metadata"]["labels"][key] == value,
            "fieldSelector" => object[key] == value,
            _ => true,
        }
    })
}

impl tower::Service<Request<Body>> for Memory {
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let memory = self.clone();
        Box::pin(async move {
            let (status, answer) = memory.answer(request).await?;
            Ok(Response::builder().status(status).body(Body::from(answer.to_string().into_bytes()))?)
        })
    }
}
