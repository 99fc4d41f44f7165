//! Bootstrap tokens: `id.secret`, kept in a Secret with what it is for and until when.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};

use super::resource::SECRET;
use super::{Api, KUBE_SYSTEM, KubeError, compare};
use crate::config::duration::{GoDuration, NotADuration};
use crate::config::token::{DEFAULT_DESCRIPTION, DEFAULT_GROUP, NotAToken, Token, USAGES};
use crate::config::v1beta4::BootstrapToken;
use crate::host::Changed;

/// The type of a bootstrap token's Secret.
pub const SECRET_TYPE: &str = "bootstrap.kubernetes.io/token";
/// The usage of tokens that sign cluster-info.
const SIGNING: &str = "signing";

/// A token with what it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The token.
    pub token: Token,
    /// For people.
    pub description: String,
    /// When it ends; `None` is never.
    pub expires: Option<OffsetDateTime>,
    /// Whether a present end in the future is as good as the wanted one: the life of a token that is given as a
    /// length begins when it is first stored.
    pub lasting: bool,
    /// `signing`, `authentication`.
    pub usages: Vec<String>,
    /// Groups that it authenticates as.
    pub groups: Vec<String>,
}

/// A configured token that is none.
#[derive(Debug, thiserror::Error)]
pub enum BadGrant {
    /// Not of a token's form.
    #[error(transparent)]
    Token(#[from] NotAToken),
    /// A life that is no duration.
    #[error("the ttl of bootstrap token {id:?} is no duration")]
    Ttl {
        /// The token's public half.
        id: String,
        /// Why not.
        source: NotADuration,
    },
    /// An end of life that is no moment.
    #[error("the expiration {text:?} of bootstrap token {id:?} is not a time such as 2027-01-02T03:04:05Z")]
    Expires {
        /// The token's public half.
        id: String,
        /// As written.
        text: String,
        /// Why not.
        source: time::error::Parse,
    },
}

impl Grant {
    /// A configured token. Its life, where it has a length, begins now.
    pub fn of(configured: &BootstrapToken, now: OffsetDateTime) -> Result<Self, BadGrant> {
        let token: Token = configured.token.parse()?;
        let id = || token.id.clone();
        let expires = match (&configured.expires, &configured.ttl) {
            (Some(text), _) => Some(OffsetDateTime::parse(text, &Rfc3339).map_err(|source| BadGrant::Expires {
                id: id(),
                text: text.clone(),
                source,
            })?),
            (None, Some(ttl)) => {
                let life: GoDuration = ttl.parse().map_err(|source| BadGrant::Ttl { id: id(), source })?;
                Some(now + life.std()).filter(|end| *end > now)
            }
            (None, None) => None,
        };
        Ok(Self {
            expires,
            lasting: configured.expires.is_none(),
            description: configured.description.clone(),
            usages: configured.usages.clone(),
            groups: configured.groups.clone(),
            token,
        })
    }

    /// The configured tokens. Of several with one id, which is the name of their Secret, the last one counts.
    pub fn all(configured: &[BootstrapToken], now: OffsetDateTime) -> Result<Vec<Self>, BadGrant> {
        let mut grants: Vec<Self> = Vec::new();
        for token in configured {
            let grant = Self::of(token, now)?;
            grants.retain(|earlier| earlier.token.id != grant.token.id);
            grants.push(grant);
        }
        Ok(grants)
    }

    /// A short-lived token that allows nothing: what owns other objects goes with it.
    #[must_use]
    pub fn owner(token: Token, description: &str, expires: OffsetDateTime) -> Self {
        let (usages, groups) = (Vec::new(), Vec::new());
        Self { token, description: description.to_owned(), expires: Some(expires), lasting: false, usages, groups }
    }

    /// Whether it signs cluster-info.
    #[must_use]
    pub fn signs(&self) -> bool {
        self.usages.iter().any(|usage| usage == SIGNING)
    }

    /// The Secret that keeps it.
    #[must_use]
    pub fn secret(&self) -> Value {
        let mut data = BTreeMap::from([
            ("token-id".to_owned(), self.token.id.clone()),
            ("token-secret".to_owned(), self.token.secret.clone()),
        ]);
        if !self.description.is_empty() {
            data.insert("description".to_owned(), self.description.clone());
        }
        if let Some(expires) = self.expires {
            data.insert("expiration".to_owned(), rfc3339(expires));
        }
        for usage in &self.usages {
            data.insert(format!("usage-bootstrap-{usage}"), "true".to_owned());
        }
        if !self.groups.is_empty() {
            data.insert("auth-extra-groups".to_owned(), self.groups.join(","));
        }
        let data: BTreeMap<_, _> = data.into_iter().map(|(key, value)| (key, BASE64.encode(value))).collect();
        json!({
            "apiVersion": "v1", "kind": "Secret", "type": SECRET_TYPE,
            "metadata": {"name": secret_name(&self.token), "namespace": KUBE_SYSTEM}, "data": data,
        })
    }

    /// Reads it back from its Secret.
    #[must_use]
    pub fn from_secret(secret: &Value) -> Option<Self> {
        let text = |key: &str| {
            let bytes = BASE64.decode(secret["data"][key].as_str()?).ok()?;
            String::from_utf8(bytes).ok().filter(|text| !text.is_empty())
        };
        let token: Token = format!("{}.{}", text("token-id")?, text("token-secret")?).parse().ok()?;
        if secret["metadata"]["name"] != secret_name(&token) {
            return None;
        }
        let expires = match text("expiration") {
            Some(end) => Some(OffsetDateTime::parse(&end, &Rfc3339).ok()?),
            None => None,
        };
        let data = secret["data"].as_object()?;
        let usages = data.keys().filter(|key| text(key).as_deref() == Some("true"));
        Some(Self {
            token,
            description: text("description").unwrap_or_default(),
            expires,
            lasting: false,
            usages: usages.filter_map(|key| key.strip_prefix("usage-bootstrap-")).map(str::to_owned).collect(),
            groups: text("auth-extra-groups")
                .map_or_else(Vec::new, |groups| groups.split(',').map(str::to_owned).collect()),
        })
    }

    /// Whether it can be used at a moment.
    #[must_use]
    pub fn lives(&self, now: OffsetDateTime) -> bool {
        self.expires.is_none_or(|end| end > now)
    }

    /// Makes it be stored. A stored one that differs only in when it ends stays, if that is as good.
    pub async fn ensure(&self, api: &Api, now: OffsetDateTime) -> Result<Changed, KubeError> {
        let wanted = self.secret();
        api.mutate(&wanted, |present| {
            let kept = Self::from_secret(present).filter(|kept| self.lasting && kept.lives(now));
            let wanted =
                kept.map_or_else(|| wanted.clone(), |kept| Self { expires: kept.expires, ..self.clone() }.secret());
            if compare::difference(&wanted, present).is_some() || extra_keys(&wanted, present) {
                present["data"] = wanted["data"].clone();
            }
        })
        .await
    }
}

/// The token that an earlier init made and that can still be used: for both purposes, and not expired.
pub async fn find_own_default(api: &Api, now: OffsetDateTime) -> Result<Option<Grant>, KubeError> {
    let secrets = api.list(&SECRET, KUBE_SYSTEM, &format!("fieldSelector=type={SECRET_TYPE}")).await?;
    let grants = secrets.iter().filter_map(Grant::from_secret);
    let own = grants.filter(|grant| {
        grant.description == DEFAULT_DESCRIPTION
            && grant.lives(now)
            && USAGES.iter().all(|usage| grant.usages.iter().any(|has| has == usage))
            && grant.groups.iter().any(|group| group == DEFAULT_GROUP)
    });
    // The one that lasts longest; for ever is longest of all.
    Ok(own.max_by_key(|grant| (grant.expires.is_none(), grant.expires)))
}

/// The name of a token's Secret.
#[must_use]
pub fn secret_name(token: &Token) -> String {
    format!("bootstrap-token-{}", token.id)
}

/// A usage or group that is no longer wanted is a key too many.
fn extra_keys(wanted: &Value, present: &Value) -> bool {
    let count = |secret: &Value| secret["data"].as_object().map_or(0, serde_json::Map::len);
    count(present) > count(wanted)
}

/// Go's RFC 3339: whole seconds, UTC.
fn rfc3339(moment: OffsetDateTime) -> String {
    let at = moment.to_offset(UtcOffset::UTC);
    let (year, month, day) = (at.year(), u8::from(at.month()), at.day());
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", at.hour(), at.minute(), at.second())
}
