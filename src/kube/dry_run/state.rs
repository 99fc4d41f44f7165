//! What the server in memory holds, and what writing does to it.

use std::collections::BTreeMap;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::Fault;
use crate::host::Effect;

#[derive(Default)]
pub(super) struct State {
    /// By path; `None` when deleted here.
    pub(super) objects: BTreeMap<String, Option<Value>>,
    pub(super) effects: Vec<Effect>,
    pub(super) faults: Vec<Fault>,
    version: u64,
}

impl State {
    pub(super) fn write(
        &mut self,
        method: &Method,
        path: &str,
        present: Option<Value>,
        document: &Value,
    ) -> (StatusCode, Value) {
        let sent = &document["metadata"]["resourceVersion"];
        let (verb, after) = match (method, present) {
            (&Method::POST, Some(_)) => return refusal(StatusCode::CONFLICT, "AlreadyExists", path),
            (&Method::POST, None) => ("CREATE", document.clone()),
            (_, None) => return refusal(StatusCode::NOT_FOUND, "NotFound", path),
            (&Method::DELETE, Some(_)) => ("DELETE", Value::Null),
            (_, Some(present)) if sent.is_string() && *sent != present["metadata"]["resourceVersion"] => {
                return refusal(StatusCode::CONFLICT, "Conflict", path);
            }
            (&Method::PUT, Some(present)) => {
                let mut after = document.clone();
                after["metadata"]["uid"] = present["metadata"]["uid"].clone();
                ("UPDATE", after)
            }
            // For the few fields that kinit patches, a strategic merge is a plain one.
            (&Method::PATCH, Some(mut present)) => {
                json_patch::merge(&mut present, document);
                ("PATCH", present)
            }
            _ => return refusal(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", path),
        };
        self.effects.push(Effect::Api { verb, object: Box::new(redacted(document)), path: path.to_owned() });
        if after.is_null() {
            self.objects.insert(path.to_owned(), None);
            return (StatusCode::OK, json!({"kind": "Status", "status": "Success"}));
        }
        let after = self.stamped(after);
        self.objects.insert(path.to_owned(), Some(after.clone()));
        (if verb == "CREATE" { StatusCode::CREATED } else { StatusCode::OK }, after)
    }

    /// With what the server adds to every version of an object.
    pub(super) fn stamped(&mut self, mut object: Value) -> Value {
        self.version += 1;
        object["metadata"]["resourceVersion"] = self.version.to_string().into();
        if object["metadata"]["uid"].is_null() {
            object["metadata"]["uid"] = format!("dry-run-{}", self.version).into();
        }
        object
    }
}

/// The object as it may be shown: of a Secret, only that a key is there; of a bootstrap token, all but the secret.
fn redacted(object: &Value) -> Value {
    let mut shown = object.clone();
    if object["kind"] == "Secret" {
        let token = object["type"] == "bootstrap.kubernetes.io/token";
        for (key, value) in shown["data"].as_object_mut().into_iter().flatten() {
            if !token || key == "token-secret" {
                *value = "<redacted>".into();
            }
        }
    }
    shown
}

pub(super) fn refusal(status: StatusCode, reason: &str, path: &str) -> (StatusCode, Value) {
    let mut segments = path.rsplit('/');
    let (name, plural) = (segments.next().unwrap_or_default(), segments.next().unwrap_or_default());
    let message = match reason {
        "NotFound" => format!("{plural} {name:?} not found"),
        "AlreadyExists" => format!("{plural} {name:?} already exists"),
        "Conflict" => format!("Operation cannot be fulfilled on {plural} {name:?}: the object has been modified"),
        other => format!("{other}: {plural} {name:?}"),
    };
    let answer = json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "code": status.as_u16(), "reason": reason, "message": message});
    (status, answer)
}
