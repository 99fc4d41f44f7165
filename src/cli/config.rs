//! `config`: images, printed defaults, migration and validation.

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};

use super::args::ImageArgs;
use super::config_file;
use super::context::Invocation;
use super::output::OutputArgs;
use crate::config::resolve::{self, ImagesFlags, Internet};
use crate::config::{InitConfig, print};
use crate::cri::{Cri, CriError};
use crate::failure::{Failure, Outcome};
use crate::host::net;
use crate::images;
use crate::images_pull::{AT_ONCE, Policy, PullErrors, Pulls};

/// The command tree of `config`.
#[must_use]
pub(super) fn command() -> Command {
    let socket =
        Arg::new("cri_socket").long("cri-socket").value_name("string").help("Path to the CRI socket to connect");
    let images = Command::new("images")
        .about("Interact with container images used by kubeadm")
        .subcommand_required(true)
        .subcommand(OutputArgs::augment_args(ImageArgs::augment_args(Command::new("list"))).about(
            "Print a list of images kubeadm will use. The configuration file is used in case any images or image \
             repositories are customized",
        ))
        .subcommand(
            ImageArgs::augment_args(Command::new("pull").arg(socket))
                .about("Pull images used by kubeadm, several at a time"),
        );
    let kinds =
        Arg::new("component_configs").long("component-configs").value_name("strings").action(ArgAction::Append).help(
            "Component config kinds to print the default values of: KubeProxyConfiguration, KubeletConfiguration",
        );
    let print = Command::new("print").about("Print configuration").subcommand_required(true).subcommands([
        Command::new("init-defaults").about("Print default init configuration").arg(kinds),
        Command::new("join-defaults").about("Print default join configuration"),
        Command::new("reset-defaults").about("Print default reset configuration"),
        Command::new("upgrade-defaults").about("Print default upgrade configuration"),
    ]);
    let kubeconfig = Arg::new("kubeconfig").long("kubeconfig").value_name("string").global(true).help(
        "The kubeconfig file to use when talking to the cluster; no command here does (default \
         \"/etc/kubernetes/admin.conf\")",
    );
    Command::new("config")
        .about("Manage configuration for a kubeadm cluster persisted in a ConfigMap in the cluster")
        .subcommand_required(true)
        .arg(kubeconfig)
        .subcommand(images)
        .subcommand(print)
        .subcommands(config_file::commands())
}

/// Runs one of them.
pub(super) async fn run(words: &[&str], args: &ArgMatches, invocation: Invocation) -> Outcome {
    match words {
        ["images", "list"] => list(args, &invocation).await,
        ["images", "pull"] => pull(args, &invocation).await,
        ["print", "init-defaults"] => init_defaults(args, &invocation),
        ["print", "join-defaults"] => shown(&print::join_defaults(&net::hostname()?)?, &invocation),
        ["print", "reset-defaults"] => shown(&print::reset_defaults()?, &invocation),
        ["print", "upgrade-defaults"] => shown(&print::upgrade_defaults()?, &invocation),
        ["migrate"] => config_file::migrate(args, &invocation).await,
        ["validate"] => config_file::validate(args, &invocation).await,
        _ => Err(Failure::text(super::SUBCOMMAND_REQUIRED)),
    }
}

fn shown(text: &str, invocation: &Invocation) -> Outcome {
    Ok(invocation.ui.text(format_args!("{}\n", text.trim_end()))?)
}

fn init_defaults(args: &ArgMatches, invocation: &Invocation) -> Outcome {
    let kinds: Vec<String> =
        args.get_many("component_configs").map(|kinds| kinds.cloned().collect()).unwrap_or_default();
    let text = invocation.resolved(print::init_defaults(&kinds), &[])?;
    shown(&text, invocation)
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
    let printer = OutputArgs::from_arg_matches(args)?.printer(invocation)?;
    let cfg = wanted(args, invocation, false).await?;
    let images = images::all(&cfg.cluster, &cfg.version, cfg.ci);
    let document = serde_json::json!({
        "apiVersion": "output.kubeadm.k8s.io/v1alpha3", "kind": "Images", "images": images,
    });
    printer.print(&[document], || images.join("\n") + "\n", invocation)
}

async fn wanted(args: &ArgMatches, invocation: &Invocation, sockets: bool) -> Outcome<InitConfig> {
    let machine = invocation.machine(sockets).await?;
    let mut warnings = Vec::new();
    let resolved = resolve::images(&flags(args)?, &*invocation.host, &machine, &Internet, &mut warnings).await;
    invocation.resolved(resolved, &warnings)
}

async fn pull(args: &ArgMatches, invocation: &Invocation) -> Outcome {
    let cfg = wanted(args, invocation, true).await?;
    let cri = Cri::new(&cfg.init.node_registration.cri_socket, None);
    let ui = &invocation.ui;
    // Without a runtime no image has a trouble of its own.
    cri.version().await.map_err(unreached)?;
    let pulls = Pulls { cri: &cri, policy: Policy::Always, at_once: AT_ONCE, ui };
    let pulled = |image: &str, _| ui.line(format_args!("[config/images] Pulled {image}"));
    pulls.run(&images::all(&cfg.cluster, &cfg.version, cfg.ci), pulled).await.map_err(PullErrors::into_failure)
}

fn unreached(error: CriError) -> Failure {
    let hint = error.hint();
    hint.into_iter().fold(Failure::from(error).within("could not connect to the container runtime"), Failure::hint)
}
