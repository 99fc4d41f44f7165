//! The judge: the same input through the real kubeadm and through kinit, each on a small machine of its own, the results compared by value. The input
//! is generated from the shape of the API and of the command line; what differs and is not listed in docs/compatibility.md fails.

pub(crate) mod case;
mod difference;
pub(crate) mod draw;
#[allow(dead_code, unused_imports, reason = "its unit tests run in tests/it: this binary has no test harness")]
pub(crate) mod generate;
pub(crate) mod isolate;
mod judge;
mod listed;
mod observe;
mod regressions;
mod report;
mod run;

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicUsize;

use anyhow::{Context, Result, ensure};

use self::case::Kind;
use self::judge::Judge;
use crate::artefacts::{self, kubeadm};
use crate::cache::Cache;
use crate::progress::say;
use crate::{interrupt, lab};

/// What is judged, and how much of it.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// How many cases to generate for each minor
    #[arg(long, value_name = "N", default_value_t = 300)]
    cases: usize,
    /// The seed of an earlier run makes its cases again [default: a new one]
    #[arg(long, value_name = "S")]
    seed: Option<u64>,
    /// Whose kubeadm judges: a minor (1.37), a version (1.23.1), or all
    #[arg(long, value_name = "X", default_value = "1.37", value_parser = versions)]
    minor: Versions,
    /// Only cases of these kinds
    #[arg(long, value_name = "KIND", value_enum, value_delimiter = ',')]
    only: Vec<Kind>,
    /// How many cases at once [default: one for each processor]
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// Only the case in this file, and tell everything about it
    #[arg(long, value_name = "FILE")]
    replay: Option<PathBuf>,
    /// Directory with kubeadm-1.37 and its like, used instead of a build
    #[arg(long, value_name = "DIR")]
    kubeadms: Option<PathBuf>,
}

/// Versions of kubeadm, with their `v`.
#[derive(Debug, Clone)]
struct Versions(Vec<String>);

fn versions(text: &str) -> Result<Versions, String> {
    let releases = kubeadm::RELEASES;
    if text == "all" {
        return Ok(Versions(releases.map(|(_, version)| version.to_owned()).to_vec()));
    }
    if let Some((_, version)) = releases.iter().find(|(minor, _)| text == format!("1.{minor}")) {
        return Ok(Versions(vec![(*version).to_owned()]));
    }
    let known = format!("1.{} to 1.{}", releases[0].0, releases[releases.len() - 1].0);
    let version = artefacts::version(text).map_err(|_| format!("a minor is wanted ({known}), a version, or all"))?;
    Ok(Versions(vec![version]))
}

/// Judges; true when nothing differs that is not listed.
pub(crate) fn run(cache: &Cache, name: &str, options: &Options) -> Result<bool> {
    let memory = cache.cases();
    isolate::memory(&memory)?;
    let kinit = memory.join("kinit");
    lab::install(&lab::kinit(), &kinit)?;
    let judge = |version: &str| {
        let kubeadm = program(cache, version, options.kubeadms.as_deref())?;
        let (memory, kinit, rows) = (memory.clone(), kinit.clone(), listed::rows()?);
        Ok::<_, anyhow::Error>(Judge { kubeadm, kinit, memory, rows, runs: AtomicUsize::new(0) })
    };
    if let Some(file) = &options.replay {
        let case = regressions::read(file)?;
        let release = kubeadm::RELEASES.iter().find(|(minor, _)| *minor == case.minor);
        let (_, version) = release.with_context(|| format!("there is no kubeadm for 1.{}", case.minor))?;
        return report::replay(&judge(version)?, &case);
    }
    let seed = options.seed.unwrap_or_else(rand_seed);
    say(format!("seed {seed}"));
    let mut passed = true;
    for version in &options.minor.0 {
        let job = run::Job {
            judge: judge(version)?,
            minor: kubeadm::minor(version)?,
            seed,
            count: options.cases,
            only: options.only.clone(),
            jobs: options.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)),
        };
        say(format!("\n{version}"));
        passed &= report::report(name, version, &job.run()?)?;
        if interrupt::interrupted() {
            return Ok(false);
        }
    }
    Ok(passed)
}

/// The time will do: what counts is that it is told.
pub(crate) fn rand_seed() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| since.as_micros() as u64 % 1_000_000_000)
}

fn program(cache: &Cache, version: &str, given: Option<&Path>) -> Result<PathBuf> {
    let Some(folder) = given else { return kubeadm::get(cache, version) };
    let program = folder.join(format!("kubeadm-1.{}", kubeadm::minor(version)?));
    ensure!(program.is_file(), "there is no {}", program.display());
    Ok(program)
}
