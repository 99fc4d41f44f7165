//! The kubeconfig format: the part of it that its current context names, read and written.
//!
//! Knows the fields; refuses to know which files there should be, and opens none.

use std::fmt;

use camino::Utf8PathBuf;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::data::{decode, encode};
use crate::yaml::{self, YamlError};

/// What a kubeconfig's current context comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kubeconfig {
    /// The cluster.
    pub cluster: Cluster,
    /// The user's name in the file.
    pub user: String,
    /// How the user proves who he is.
    pub credentials: Credentials,
}

/// A cluster of a kubeconfig.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    /// Its name in the file.
    pub name: String,
    /// The API server's URL.
    pub server: String,
    /// The certificates of the authorities that the API server's certificate is checked against.
    pub authority: Option<Source>,
}

/// Something that stands in the file itself, or in another.
#[derive(Clone, PartialEq, Eq)]
pub enum Source {
    /// In the file, decoded: PEM.
    Data(Zeroizing<Vec<u8>>),
    /// In another file.
    File(Utf8PathBuf),
}

/// How a user proves who he is.
#[derive(Clone, PartialEq, Eq)]
pub enum Credentials {
    /// A certificate and its key.
    Certificate {
        /// PEM.
        certificate: Source,
        /// PEM.
        key: Source,
    },
    /// A bearer token.
    Token(String),
    /// In a way that kinit makes no use of, or not at all.
    Other,
}

/// A text that is no kubeconfig, or lacks what its current context names.
#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    /// Not YAML.
    #[error("it is not YAML")]
    Yaml(#[from] YamlError),
    /// Another kind of document.
    #[error("it is not a kubeconfig: its kind is {0}, not Config")]
    Kind(Value),
    /// It doesn't say which context is to be used.
    #[error("it does not have current-context set")]
    NoContext,
    /// A name leads nowhere.
    #[error("it has no {what} named {name:?}, which its current context needs")]
    Missing {
        /// context, cluster or user.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// A field that should be base64 is not.
    #[error("its {0} is not base64")]
    Base64(&'static str),
}

impl Kubeconfig {
    /// A kubeconfig of one cluster and one user with a client certificate, all within the file.
    #[must_use]
    pub fn with_certificate(cluster: Cluster, user: &str, certificate: &str, key: &str) -> Self {
        let data = |pem: &str| Source::Data(Zeroizing::new(pem.as_bytes().to_vec()));
        let credentials = Credentials::Certificate { certificate: data(certificate), key: data(key) };
        Self { cluster, user: user.to_owned(), credentials }
    }

    /// A kubeconfig of one cluster and one user with a token.
    #[must_use]
    pub fn with_token(cluster: Cluster, user: &str, token: &str) -> Self {
        Self { cluster, user: user.to_owned(), credentials: Credentials::Token(token.to_owned()) }
    }

    /// Reads what the current context of a file comes to.
    pub fn parse(text: &str) -> Result<Self, FormatError> {
        let document = read(text)?;
        let context = current_context(&document)?;
        let cluster_name = string(context, "cluster");
        let user = string(context, "user");
        let missing = |what, name: &str| FormatError::Missing { what, name: name.to_owned() };
        let cluster =
            entry(&document, "clusters", "cluster", cluster_name).ok_or_else(|| missing("cluster", cluster_name))?;
        let info = entry(&document, "users", "user", user).ok_or_else(|| missing("user", user))?;
        Ok(Self {
            cluster: Cluster::read(cluster_name, cluster)?,
            user: user.to_owned(),
            credentials: Credentials::read(info)?,
        })
    }

    /// As a document, equal by value to the one that kubeadm writes.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let context = format!("{}@{}", self.user, self.cluster.name);
        let mut cluster = json!({"server": self.cluster.server});
        put(&mut cluster, "certificate-authority", self.cluster.authority.as_ref());
        let mut user = json!({});
        match &self.credentials {
            Credentials::Certificate { certificate, key } => {
                put(&mut user, "client-certificate", Some(certificate));
                put(&mut user, "client-key", Some(key));
            }
            Credentials::Token(token) => user["token"] = json!(token),
            Credentials::Other => {}
        }
        json!({
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": self.cluster.name, "cluster": cluster}],
            "contexts": [{"name": context, "context": {"cluster": self.cluster.name, "user": self.user}}],
            "current-context": context,
            "users": [{"name": self.user, "user": user}],
        })
    }

    /// As the text of a file.
    pub fn to_yaml(&self) -> Result<String, YamlError> {
        yaml::to_string(&self.to_value())
    }
}

impl Cluster {
    /// Reads the cluster alone: the one without a name, as in `cluster-info`, else the current context's.
    pub fn parse(text: &str) -> Result<Self, FormatError> {
        let document = read(text)?;
        if let Some(cluster) = entry(&document, "clusters", "cluster", "") {
            return Self::read("", cluster);
        }
        let name = string(current_context(&document)?, "cluster");
        let missing = || FormatError::Missing { what: "cluster", name: name.to_owned() };
        Self::read(name, entry(&document, "clusters", "cluster", name).ok_or_else(missing)?)
    }

    fn read(name: &str, cluster: &Value) -> Result<Self, FormatError> {
        Ok(Self {
            name: name.to_owned(),
            server: string(cluster, "server").to_owned(),
            authority: source(cluster, "certificate-authority", "certificate-authority-data")?,
        })
    }
}

impl Credentials {
    fn read(user: &Value) -> Result<Self, FormatError> {
        let certificate = source(user, "client-certificate", "client-certificate-data")?;
        let key = source(user, "client-key", "client-key-data")?;
        Ok(match (certificate, key, string(user, "token")) {
            (Some(certificate), Some(key), _) => Self::Certificate { certificate, key },
            (_, _, "") => Self::Other,
            (_, _, token) => Self::Token(token.to_owned()),
        })
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Data(data) => write!(f, "Data({} bytes)", data.len()),
            Self::File(path) => write!(f, "File({path})"),
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Certificate { .. } => "Certificate",
            Self::Token(_) => "Token",
            Self::Other => "Other",
        })
    }
}

/// The document, if it is a kubeconfig.
pub(super) fn read(text: &str) -> Result<Value, FormatError> {
    let document = yaml::without_nulls(yaml::document(text)?);
    // client-go takes a file without kind too.
    match document.get("kind") {
        None => Ok(document),
        Some(kind) if kind == "Config" => Ok(document),
        Some(kind) => Err(FormatError::Kind(kind.clone())),
    }
}

/// What the current context names.
pub(super) fn current_context(document: &Value) -> Result<&Value, FormatError> {
    match string(document, "current-context") {
        "" => Err(FormatError::NoContext),
        name => entry(document, "contexts", "context", name)
            .ok_or_else(|| FormatError::Missing { what: "context", name: name.to_owned() }),
    }
}

pub(super) fn string<'a>(object: &'a Value, key: &str) -> &'a str {
    object.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// The `inner` part of the entry of a list that has the name.
fn entry<'a>(document: &'a Value, list: &str, inner: &str, name: &str) -> Option<&'a Value> {
    document.get(list)?.as_array()?.iter().find(|entry| string(entry, "name") == name)?.get(inner)
}

fn source(object: &Value, file: &str, data: &'static str) -> Result<Option<Source>, FormatError> {
    // What is in the file itself counts more, as in client-go.
    match (string(object, data), string(object, file)) {
        ("", "") => Ok(None),
        ("", path) => Ok(Some(Source::File(path.into()))),
        (data_text, _) => {
            let decoded = decode(data_text).map_err(|_| FormatError::Base64(data))?;
            Ok(Some(Source::Data(Zeroizing::new(decoded))))
        }
    }
}

fn put(object: &mut Value, key: &str, source: Option<&Source>) {
    match source {
        Some(Source::Data(data)) => object[format!("{key}-data")] = json!(encode(data.as_slice())),
        Some(Source::File(path)) => object[key] = json!(path.as_str()),
        None => {}
    }
}
