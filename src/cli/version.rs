//! `version`: the Kubernetes release that kinit behaves like, in kubeadm's forms, and kinit's own.

use serde_json::{Map, Value, json};

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
pub(super) const KINIT: &str = env!("CARGO_PKG_VERSION");

/// Prints the version.
pub(super) fn run(args: &VersionArgs, ui: &Ui) -> Outcome {
    match args.output.as_deref().unwrap_or_default() {
        "" => ui.line(format_args!("{} version: {} (kinit {KINIT})", ui.program, as_go(&info()))),
        "short" => ui.line(OWN),
        "json" => ui.line(serde_json::to_string_pretty(&json!({ "clientVersion": fields() }))?),
        "yaml" => ui.line(yaml::to_string(&json!({ "clientVersion": fields() }))?.trim_end()),
        other => return Err(Failure::text(format!("invalid output format: {other}")).hint("use yaml, json or short")),
    }
    Ok(())
}

/// The fields of kubeadm's version, in its order, by their names in Go. What says how kubeadm itself was built is empty:
/// kinit is another program.
fn info() -> [(&'static str, String); 13] {
    let architecture = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    [
        ("Major", OWN.major().to_string()),
        ("Minor", OWN.minor().to_string()),
        ("EmulationMajor", String::new()),
        ("EmulationMinor", String::new()),
        ("MinCompatibilityMajor", String::new()),
        ("MinCompatibilityMinor", String::new()),
        ("GitVersion", OWN.to_string()),
        ("GitCommit", String::new()),
        ("GitTreeState", String::new()),
        ("BuildDate", String::new()),
        ("GoVersion", String::new()),
        ("Compiler", "rustc".to_owned()),
        ("Platform", format!("linux/{architecture}")),
    ]
}

/// As Go's `%#v` writes them.
fn as_go(info: &[(&str, String)]) -> String {
    let fields: Vec<String> = info.iter().map(|(name, value)| format!("{name}:{value:?}")).collect();
    format!("&version.Info{{{}}}", fields.join(", "))
}

/// As JSON has them: the emulated and oldest compatible versions only where there are such.
fn fields() -> Map<String, Value> {
    let optional = |name: &str| name.starts_with("Emulation") || name.starts_with("MinCompatibility");
    let info = info().into_iter().filter(|(name, value)| !optional(name) || !value.is_empty());
    let own = ("KinitVersion", KINIT.to_owned());
    info.chain([own]).map(|(name, value)| (name[..1].to_lowercase() + &name[1..], value.into())).collect()
}
