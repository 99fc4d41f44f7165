//! `config`: images, printed defaults, migration and validation.

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};

use super::args::ImageArgs;
use super::context::Invocation;
use crate::config::resolve::{self, ImagesFlags, Internet};
use crate::config::{InitConfig, print};
use crate::cri::Cri;
use crate::failure::{Failure, Outcome};
use crate::host::net;
use crate::images_pull::{AT_ONCE, Policy, Pulls};
use crate::{images, yaml};

/// The command tree of `config`.
#[must_use]
pub(super) fn command() -> Command {
    let output = Arg::new("output")
        .short('o')
        .long("output")
        .value_name("string")
        .default_value("text")
        .help("Output format. One of: text|json|yaml");
    let socket =
        Arg::new("cri_socket").long("cri-socket").value_name("string").help("Path to the CRI socket to connect");
    let images = Command::new("images")
        .about("Interact with container images used by kubeadm")
        .subcommand_required(true)
        .subcommand(ImageArgs::augment_args(Command::new("list").arg(output)).about(
            "Print a list of images kubeadm will use. The configuration file is used in case any images or image \
             repositories are customized",
        ))
        .subcommand(
            ImageArgs::augment_args(Command::new("pull").arg(socket))
                .about("Pull images used by kubeadm, several at a time"),
        );
    let kinds = Arg::new("component_configs")
        .long("component-configs")
        .value_name("strings")
        .value_delimiter(',')
        .action(ArgAction::Append)
        .help("Component config kinds to print the default values of: KubeProxyConfiguration, KubeletConfiguration");
    let print = Command::new("print").about("Print configuration").subcommand_required(true).subcommands([
        Command::new("init-defaults").about("Print default init configuration").arg(kinds.clone()),
        Command::new("join-defaults").about("Print default join configuration").arg(kinds),
        Command::new("reset-defaults").about("Print default reset configuration"),
    ]);
    Command::new("config")
        .about("Manage configuration for a kubeadm cluster persisted in a ConfigMap in the cluster")
        .subcommand_required(true)
        .subcommand(images)
        .subcommand(print)
}

/// Runs one of them.
pub(super) async fn run(matches: &ArgMatches, invocation: Invocation) -> Outcome {
    match matches.subcommand() {
        Some(("images", below)) => match below.subcommand() {
            Some(("list", args)) => list(args, &invocation).await,
            Some(("pull", args)) => pull(args, &invocation).await,
            _ => Err(Failure::text(super::SUBCOMMAND_REQUIRED)),
        },
        Some(("print", below)) => print_defaults(below, &invocation),
        _ => Err(Failure::text(super::SUBCOMMAND_REQUIRED)),
    }
}

fn flags(args: &ArgMatches) -> Outcome<ImagesFlags> {
    let images = ImageArgs::from_arg_matches(args)?;
    Ok(ImagesFlags {
        config: images.config,
        cri_socket: args.try_get_one::<String>("cri_socket").ok().flatten().cloned(),
        feature_gates: images.feature_gates,
        image_repository: images.image_repository,
        kubernetes_version: images.kubernetes_version,
    })
}

async fn list(args: &ArgMatches, invocation: &Invocation) -> Outcome {
    let cfg = wanted(args, invocation, false).await?;
    let images = images::all(&cfg.cluster, &cfg.version);
    let document = serde_json::json!({
        "apiVersion": "output.kubeadm.k8s.io/v1alpha3", "kind": "Images", "images": images,
    });
    match args.get_one::<String>("output").map_or("text", String::as_str) {
        "text" => images.iter().for_each(|image| invocation.ui.line(image)),
        "json" => invocation.ui.line(serde_json::to_string_pretty(&document)?),
        "yaml" => invocation.ui.line(yaml::to_string(&document)?.trim_end()),
        other => return Err(Failure::text(format!("invalid output format: {other}")).hint("use text, json or yaml")),
    }
    Ok(())
}

async fn wanted(args: &ArgMatches, invocation: &Invocation, sockets: bool) -> Outcome<InitConfig> {
    let machine = invocation.machine(sockets).await?;
    let resolved = resolve::images(&flags(args)?, &*invocation.host, &machine, &Internet)
        .await
        .map_err(|error| error.into_failure(&invocation.ui.program))?;
    resolved.warnings.iter().for_each(|warning| invocation.ui.warn(warning));
    Ok(resolved.value)
}

async fn pull(args: &ArgMatches, invocation: &Invocation) -> Outcome {
    let cfg = wanted(args, invocation, true).await?;
    let cri = Cri::new(&cfg.init.node_registration.cri_socket, None);
    let ui = &invocation.ui;
    let pulls = Pulls { cri: &cri, policy: Policy::Always, at_once: AT_ONCE, ui };
    let pulled = |image: &str, _| ui.line(format_args!("[config/images] Pulled {image}"));
    pulls.run(&images::all(&cfg.cluster, &cfg.version), pulled).await?;
    Ok(())
}

fn print_defaults(below: &ArgMatches, invocation: &Invocation) -> Outcome {
    let kinds = |args: &ArgMatches| -> Vec<String> {
        args.get_many("component_configs").map(|kinds| kinds.cloned().collect()).unwrap_or_default()
    };
    let text = match below.subcommand() {
        Some(("init-defaults", args)) => print::init_defaults(&kinds(args))?,
        Some(("join-defaults", _)) => print::join_defaults(&net::hostname()?)?,
        Some(("reset-defaults", _)) => print::reset_defaults()?,
        _ => return Err(Failure::text(super::SUBCOMMAND_REQUIRED)),
    };
    invocation.ui.line(text.trim_end());
    Ok(())
}
