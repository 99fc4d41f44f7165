//! The commands of `cargo lab`.

use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use clap::{Parser, Subcommand};

use crate::artefacts::{Parts, Source};
use crate::cache::Cache;
use crate::cluster::Bootstrapper;
use crate::conformance::isolate::inside;
use crate::interrupt::{cleaned, cleaning};
use crate::lab::{self, Lab, Shape};
use crate::machine::{Machine, nspawn};
use crate::progress::{say, step};
use crate::{bench, cases, cluster, conformance, evidence, interrupt, prerequisites, progress};

/// Real machines with real Kubernetes on this computer.
#[derive(Debug, Parser)]
#[command(name = "cargo lab", bin_name = "cargo lab", disable_help_subcommand = true)]
pub(crate) struct Cli {
    /// Which lab: labs of different names run side by side. `test`, `bench` and `conformance` use NAME-test and the like [default: $KINIT_LAB_NAME, else main]
    #[arg(long, global = true, value_name = "NAME")]
    lab: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Boots machines, makes a cluster of them and waits until it is ready
    Up {
        #[command(flatten)]
        shape: Shape,
        #[command(flatten)]
        source: Source,
        /// The program that makes the cluster
        #[arg(long, value_enum, default_value_t = Bootstrapper::Kinit)]
        bootstrapper: Bootstrapper,
        /// Leave the machines bare: booted, containerd running with every image, no cluster
        #[arg(long)]
        no_bootstrap: bool,
    },
    /// Opens a shell on a machine
    Shell { node: String },
    /// Runs a command on a machine
    Run {
        node: String,
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<String>,
    },
    /// Lists the machines and, when there is a cluster, its nodes and pods
    Status,
    /// Shows a machine's journal
    Logs {
        node: String,
        /// Of this unit only
        #[arg(short, long)]
        unit: Option<String>,
        /// Go on as lines arrive
        #[arg(short, long)]
        follow: bool,
    },
    /// Runs kubectl on the first control plane
    Kubectl {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Ends the machines and removes what the lab made
    Down {
        /// Every lab
        #[arg(long)]
        all: bool,
        /// Forget what was built, too
        #[arg(long, requires = "all")]
        cache: bool,
    },
    /// Runs the tests
    Test(cases::Options),
    /// Measures
    Bench(bench::Options),
    /// Gives the same generated input to kubeadm and to kinit, and compares what they make of it
    Conformance(conformance::Options),
    /// Becomes a machine
    #[command(hide = true)]
    Machine { description: PathBuf },
    /// Becomes a program on a case
    #[command(hide = true)]
    Inside { description: PathBuf },
}

/// Does what the command line asks for.
pub(crate) fn run(cli: &Cli) -> Result<ExitCode> {
    if let Command::Machine { description } = &cli.command {
        nspawn::become_machine(description)?;
    }
    if let Command::Inside { description } = &cli.command {
        return Ok(inside::start(description));
    }
    prerequisites::ensure()?;
    let cache = Cache::open()?;
    let named = cli.lab.clone().or_else(|| std::env::var("KINIT_LAB_NAME").ok().filter(|name| !name.is_empty()));
    let name = named.as_deref().unwrap_or("main");
    match &cli.command {
        Command::Up { shape, source, bootstrapper, no_bootstrap } => {
            interrupt::listen()?;
            let mut lab = Lab::open(&cache, name)?;
            let started = Instant::now();
            // Before anything of an earlier cluster is touched.
            let parts = Parts::get(&cache, source)?;
            if let Err(error) = up(&mut lab, &parts, shape, (!no_bootstrap).then_some(*bootstrapper), started) {
                cleaning(|| evidence::keep(&lab, "up", &error));
                cleaned(Err(error), || lab.down())?;
            }
            tell(cli.lab.as_deref(), !no_bootstrap);
        }
        Command::Shell { node } => {
            let machines = lab::look(&cache, name)?;
            return become_command(lab::find(&machines, node)?, &["bash", "-l"]);
        }
        Command::Run { node, command } => {
            let machines = lab::look(&cache, name)?;
            let words: Vec<&str> = command.iter().map(String::as_str).collect();
            return become_command(lab::find(&machines, node)?, &words);
        }
        Command::Status => status(&lab::look(&cache, name)?)?,
        Command::Logs { node, unit, follow } => {
            let machines = lab::look(&cache, name)?;
            let mut words = vec!["journalctl", "--no-pager", "-b"];
            words.extend(unit.iter().flat_map(|unit| ["-u", unit.as_str()]));
            words.extend(follow.then_some("-f"));
            return become_command(lab::find(&machines, node)?, &words);
        }
        Command::Kubectl { args } => {
            let machines = lab::look(&cache, name)?;
            let mut words = vec!["kubectl"];
            words.extend(args.iter().map(String::as_str));
            return become_command(lab::find(&machines, "cp1")?, &words);
        }
        Command::Down { all, cache: forget } => {
            let names = if *all { cache.labs()? } else { vec![name.to_owned()] };
            for name in names {
                let mut lab = Lab::open(&cache, &name)?;
                step(format!("remove lab {name}"), || lab.down())?;
                std::fs::remove_dir_all(&lab.folder)?;
            }
            if *forget {
                cache.clear()?;
            }
        }
        Command::Test(options) => {
            interrupt::listen()?;
            let mut lab = Lab::open(&cache, &format!("{name}-test"))?;
            if !cases::run(&cache, &mut lab, options)? {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Bench(options) => {
            interrupt::listen()?;
            let mut lab = Lab::open(&cache, &format!("{name}-bench"))?;
            cleaned(bench::run(&cache, &mut lab, options), || lab.down())?;
        }
        Command::Conformance(options) => {
            interrupt::listen()?;
            // It has no machines, and the lock: of two runs, each would remove the other's evidence.
            let _lab = Lab::open(&cache, &format!("{name}-conformance"))?;
            if !conformance::run(&cache, name, options)? {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Machine { .. } | Command::Inside { .. } => bail!("a machine cannot come back"),
    }
    Ok(ExitCode::SUCCESS)
}

fn up(lab: &mut Lab, parts: &Parts, shape: &Shape, bootstrapper: Option<Bootstrapper>, started: Instant) -> Result<()> {
    lab.boot(parts, shape)?;
    if let Some(bootstrapper) = bootstrapper {
        cluster::bootstrap(lab, bootstrapper, &parts.version)?;
        say(format!("\nThe cluster is ready ({}). It is reached with:", progress::seconds(started.elapsed())));
    } else {
        say("\nThe machines are up and bare: kinit, kubeadm, kubelet and every image are there, no cluster is.");
    }
    Ok(())
}

/// What to type next, in the lab that was named on the command line.
fn tell(lab: Option<&str>, cluster: bool) {
    let lab = lab.map_or("cargo lab".to_owned(), |lab| format!("cargo lab --lab {lab}"));
    let kubectl = ["kubectl get nodes,pods -A"].into_iter().filter(|_| cluster);
    let others = ["status", "shell cp1", "run cp1 kinit version", "logs cp1 -u kubelet", "down"];
    kubectl.chain(others).for_each(|words| say(format!("  {lab} {words}")));
}

fn status(machines: &[Machine]) -> Result<()> {
    for machine in machines {
        let state = machine.run(["systemctl", "is-system-running"])?;
        println!("{:10} {:12} {}", machine.name, machine.address, state.stdout.trim());
    }
    let first = lab::find(machines, "cp1")?;
    if first.has("/etc/kubernetes/admin.conf") {
        println!(
            "\n{}",
            first.run(["kubectl", "get", "nodes,pods", "-A", "-o", "wide", "--request-timeout=5s"])?.both()
        );
    }
    Ok(())
}

/// Turns this process into the command on the machine, so that the terminal and the exit code are the command's own.
fn become_command(machine: &Machine, words: &[&str]) -> Result<ExitCode> {
    Err(machine.command(words).exec()).with_context(|| format!("cannot run {words:?} on {}", machine.name))
}
