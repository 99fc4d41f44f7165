//! The flags about the form of what is printed, `-o` and its companions.

use serde_json::Value;

use super::context::Invocation;
use crate::failure::{Failure, Outcome};
use crate::output::{Format, OutputError, TAKEN};

const FORMS: &str = "Output format. One of: text|json|yaml|kyaml|go-template|go-template-file|template|templatefile|\
    jsonpath|jsonpath-as-json|jsonpath-file (default \"text\")";

/// Flags of commands that print documents.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct OutputArgs {
    /// Leave out what a template names and a document does not have; otherwise it is an error (default true)
    #[arg(long, value_name = "bool")]
    allow_missing_template_keys: Option<bool>,
    #[arg(short, long, value_name = "string", help = FORMS)]
    output: Option<String>,
    /// Keep the managedFields of objects (accepted, without effect: what is printed here has none)
    #[arg(long)]
    show_managed_fields: bool,
}

/// How documents are printed.
#[derive(Debug, Clone)]
pub(super) struct Printer {
    format: Format,
    missing_fields: bool,
}

impl OutputArgs {
    /// Reads the form, and its template where there is one.
    pub(super) fn printer(&self, invocation: &Invocation) -> Outcome<Printer> {
        let typed = self.output.as_deref().unwrap_or("text");
        let format = Format::parse(typed, &*invocation.host).map_err(|error| with_remedy(error, typed))?;
        Ok(Printer { format, missing_fields: self.allow_missing_template_keys.unwrap_or(true) })
    }
}

fn with_remedy(error: OutputError, typed: &str) -> Failure {
    let remedy = match &error {
        OutputError::Unknown(_) => "for programs: -o json; for people: -o text".to_owned(),
        OutputError::NoTemplate => {
            let form = typed.trim_end_matches('=');
            format!("give it after a '=', such as -o {form}={}", example(form))
        }
        OutputError::TemplateSyntax(_) => TAKEN.to_owned(),
        _ => "-o json prints the whole document, to see what is in it".to_owned(),
    };
    Failure::from(error).hint(remedy)
}

fn example(form: &str) -> &'static str {
    match form {
        file if file.ends_with("file") => "PATH",
        path if path.starts_with("jsonpath") => "'{.kind}'",
        _ => "'{{.kind}}'",
    }
}

impl Printer {
    /// Prints documents; `text` is their form for people.
    pub(super) fn print(&self, documents: &[Value], text: impl FnOnce() -> String, invocation: &Invocation) -> Outcome {
        let written = self.format.write(documents, self.missing_fields).map_err(|error| with_remedy(error, ""))?;
        Ok(invocation.ui.text(written.unwrap_or_else(text))?)
    }
}
