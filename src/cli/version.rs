//! `version`: the Kubernetes release that kinit behaves like, in kubeadm's forms, and kinit's own.

use serde_json::{Value, json};

use crate::failure::{Failure, Outcome};
use crate::ui::Ui;
use crate::versions::OWN;
use crate::yaml;

/// `version`.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct VersionArgs {
    /// Output format; available options are 'yaml', 'json' and 'short'
    #[arg(short, long, value_name = "string")]
    output: Option<String>,
}

/// kinit's own release.
const KINIT: &str = env!("CARGO_PKG_VERSION");

/// Prints the version.
pub(super) fn run(args: &VersionArgs, ui: &Ui) -> Outcome {
    let info = info();
    match args.output.as_deref().unwrap_or_default() {
        "" => ui.line(format_args!(
            "{} version: &version.Info{{Major:\"1\", Minor:\"{}\", GitVersion:\"{OWN}\", Platform:{}}} (kinit {KINIT})",
            ui.program,
            OWN.minor(),
            info["clientVersion"]["platform"],
        )),
        "short" => ui.line(OWN),
        "json" => ui.line(serde_json::to_string_pretty(&info)?),
        "yaml" => ui.line(yaml::to_string(&info)?.trim_end()),
        other => return Err(Failure::text(format!("invalid output format: {other}")).hint("use yaml, json or short")),
    }
    Ok(())
}

fn info() -> Value {
    let architecture = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    json!({ "clientVersion": {
        "major": "1",
        "minor": OWN.minor().to_string(),
        "gitVersion": OWN.to_string(),
        "gitTreeState": "clean",
        "compiler": "rustc",
        "platform": format!("linux/{architecture}"),
        "kinitVersion": KINIT,
    } })
}
