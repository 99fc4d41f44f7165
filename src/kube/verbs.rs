//! The verbs on objects: they look, compare and write only on difference. A call that fails for now is tried again.

use std::time::Duration;

use http::Method;
use serde_json::Value;

use super::client::FIELD_MANAGER;
use super::resource::{Kind, Reference};
use super::{Api, Cause, KubeError, compare};
use crate::host::Changed;

impl Api {
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

    /// Creates an object, which must not be there. One that is there just so was made by an earlier attempt, whose answer
    /// was lost: names of what is created so are random.
    pub async fn create(&self, object: &Value) -> Result<Value, KubeError> {
        let target = Reference::of(object)?;
        self.persist("create", &target, async || match self.post(&target, object).await {
            Err(Cause::Refused { code: 409, message, .. }) => match self.fetch(&target).await? {
                Some(present) if compare::difference(object, &present).is_none() => Ok(present),
                // Trying again cannot help, unlike with a conflict of two updates.
                _ => Err(Cause::Refused { code: 422, reason: "AlreadyExists".to_owned(), message }),
            },
            answer => answer,
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
            same_type(wanted, &present)?;
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
}

/// Refuses a Secret of another type than the wanted: it would stay of that type, and so be of no use.
fn same_type(wanted: &Value, present: &Value) -> Result<(), Cause> {
    let Some(wanted) = wanted["type"].as_str() else { return Ok(()) };
    // A Secret that doesn't say is opaque.
    let present = present["type"].as_str().unwrap_or("Opaque");
    if present == wanted {
        return Ok(());
    }
    Err(Cause::OtherType { present: present.to_owned(), wanted: wanted.to_owned() })
}
