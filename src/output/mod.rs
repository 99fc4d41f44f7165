//! Documents in the forms that `-o` names: JSON, YAML, KYAML, JSONPath and Go templates.
//!
//! Knows forms; refuses to know documents.

mod go;
mod jsonpath;
mod kyaml;
mod template;

use camino::Utf8Path;
use serde::Serialize;
use serde_json::Value;
use serde_json::ser::{PrettyFormatter, Serializer};

use crate::host::{Host, HostError};
use crate::yaml;
pub use jsonpath::JsonPath;
pub use template::{TAKEN, Template};

/// A form of output.
#[derive(Debug, Clone)]
pub enum Format {
    /// For people.
    Text,
    /// Indented by four blanks.
    Json,
    /// One document after the other, `---` between them.
    Yaml,
    /// YAML with braces and quotes (KEP-5295); each document begins with `---`.
    Kyaml,
    /// The values that paths yield.
    JsonPath(JsonPath),
    /// The same, as JSON lists.
    JsonPathAsJson(JsonPath),
    /// A Go template.
    Template(Template),
}

/// What a template can't do with a document, or why it can't be written.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// `-o` names no form.
    #[error(
        "could not construct output printer: unable to match a printer suitable for the output format {0:?}, allowed \
         formats are: {formats}",
        formats = FORMATS.join(",")
    )]
    Unknown(String),
    /// The template's file can't be read.
    #[error("could not construct output printer: error reading --template")]
    Unreadable(#[from] HostError),
    /// There is no such file.
    #[error("could not construct output printer: error reading --template {0}: no such file or directory")]
    NoFile(String),
    /// A form that needs a template.
    #[error("could not construct output printer: template format specified but no template given")]
    NoTemplate,
    /// A JSONPath that can't be read.
    #[error("could not construct output printer")]
    JsonPathSyntax(#[from] jsonpath::SyntaxError),
    /// A Go template that can't be read.
    #[error("could not construct output printer")]
    TemplateSyntax(#[from] template::SyntaxError),
    /// A JSONPath that does not fit.
    #[error(transparent)]
    JsonPath(#[from] jsonpath::EvaluationError),
    /// A Go template that does not fit.
    #[error(transparent)]
    Template(#[from] template::ExecutionError),
    /// YAML has no form for it.
    #[error(transparent)]
    Yaml(#[from] yaml::YamlError),
}

/// Every form, as `-o` has it, sorted as kubeadm lists them.
pub const FORMATS: [&str; 11] = [
    "go-template",
    "go-template-file",
    "json",
    "jsonpath",
    "jsonpath-as-json",
    "jsonpath-file",
    "kyaml",
    "template",
    "templatefile",
    "text",
    "yaml",
];

impl Format {
    /// Reads what was typed after `-o`: `json`, `jsonpath={.a}`, `go-template-file=PATH`.
    pub fn parse(typed: &str, host: &dyn Host) -> Result<Self, OutputError> {
        let (name, given) = typed.split_once('=').unwrap_or((typed, ""));
        let bare = !typed.contains('=');
        let lower = name.to_lowercase();
        let name = if ["json", "yaml", "kyaml"].contains(&lower.as_str()) { &lower } else { name };
        match name {
            "text" if bare => return Ok(Self::Text),
            "json" if bare => return Ok(Self::Json),
            "yaml" if bare => return Ok(Self::Yaml),
            "kyaml" if bare => return Ok(Self::Kyaml),
            "text" | "json" | "yaml" | "kyaml" => return Err(OutputError::Unknown(typed.to_owned())),
            known if !FORMATS.contains(&known) => return Err(OutputError::Unknown(typed.to_owned())),
            _ if given.is_empty() => return Err(OutputError::NoTemplate),
            _ => {}
        }
        let template = if name.ends_with("file") { file(given, host)? } else { given.to_owned() };
        Ok(match name {
            "jsonpath" | "jsonpath-file" => Self::JsonPath(JsonPath::parse(&template)?),
            "jsonpath-as-json" => Self::JsonPathAsJson(JsonPath::parse(&template)?),
            _ => Self::Template(Template::parse(&template)?),
        })
    }

    /// Writes documents, newline and all; `None` for [`Format::Text`], which only their owner can write. A template may
    /// name fields that are not there if `missing_fields` is set.
    pub fn write(&self, documents: &[Value], missing_fields: bool) -> Result<Option<String>, OutputError> {
        let mut written = String::new();
        for (number, document) in documents.iter().enumerate() {
            match self {
                Self::Text => return Ok(None),
                Self::Json => written.push_str(&json(document)),
                Self::Yaml => {
                    written.push_str(if number > 0 { "---\n" } else { "" });
                    written.push_str(&yaml::to_string(document)?);
                }
                Self::Kyaml => written.push_str(&kyaml::document(document)),
                Self::JsonPath(path) => written.push_str(&path.text(document, missing_fields)?),
                Self::JsonPathAsJson(path) => written.push_str(&path.json(document, missing_fields)?),
                Self::Template(template) => written.push_str(&template.execute(document, missing_fields)?),
            }
        }
        Ok(Some(written))
    }
}

fn file(path: &str, host: &dyn Host) -> Result<String, OutputError> {
    host.read_text(Utf8Path::new(path))?.ok_or_else(|| OutputError::NoFile(path.to_owned()))
}

/// JSON as Kubernetes' tools indent it, with its newline.
fn json(value: &Value) -> String {
    let mut bytes = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut bytes, PrettyFormatter::with_indent(b"    "));
    // Writing a value into memory has nothing to fail at.
    let written = value.serialize(&mut serializer).ok().and_then(|()| String::from_utf8(bytes).ok());
    written.unwrap_or_else(|| value.to_string()) + "\n"
}

#[cfg(test)]
mod tests;
