//! The lab's tests: one table, each on machines of its own, fresh from the base.

mod crash;
mod diagnosis;
mod discovery;
mod init_twice;
pub(crate) mod listed;
mod refusals;
mod reset;
mod rootless;
mod same;
mod two_nodes;

use std::fmt;
use std::time::Instant;

use anyhow::Result;

use crate::artefacts::{Parts, Source};
use crate::cache::Cache;
use crate::cluster::Bootstrapper;
use crate::evidence;
use crate::interrupt::{cleaning, interrupted};
use crate::lab::{Lab, Shape};
use crate::progress::{say, seconds};

/// A test.
struct Case {
    name: &'static str,
    about: &'static str,
    shape: Shape,
    run: fn(&mut Context<'_>) -> Result<()>,
}

/// Why a test can't show on this host what it is there for: it neither passes nor fails.
#[derive(Debug)]
struct Skipped(&'static str);

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Skipped {}

/// What a test works with.
pub(crate) struct Context<'a> {
    pub(crate) lab: &'a mut Lab,
    pub(crate) parts: &'a Parts,
    pub(crate) options: &'a Options,
}

/// How the tests are run.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Run the tests whose name contains this; all without
    pub(crate) filter: Option<String>,
    #[command(flatten)]
    pub(crate) source: Source,
    /// The program under test; kubeadm shows what a test is worth
    #[arg(long, value_enum, default_value_t = Bootstrapper::Kinit)]
    pub(crate) bootstrapper: Bootstrapper,
    /// Of the points that the crash tests kill at, take only so many, evenly spread; of generated configurations, so many
    #[arg(long, value_name = "N")]
    pub(crate) sample: Option<usize>,
    /// The seed of an earlier run generates its configurations again [default: a new one]
    #[arg(long, value_name = "S")]
    pub(crate) seed: Option<u64>,
    /// Leave the machines of the first failed test running, and end
    #[arg(long)]
    keep: bool,
    /// Only list the tests
    #[arg(long)]
    list: bool,
}

const ONE: Shape = Shape { control_planes: 1, workers: 0 };
const TWO: Shape = Shape { control_planes: 1, workers: 1 };

const CASES: &[Case] = &[
    Case {
        name: "two_nodes",
        about: "init and join make a cluster whose pods reach the API and DNS",
        shape: TWO,
        run: two_nodes::run,
    },
    Case { name: "init_twice", about: "a second init changes nothing", shape: ONE, run: init_twice::run },
    Case {
        name: "diagnosis_kubelet",
        about: "init names the cause of a kubelet that dies again and again",
        shape: ONE,
        run: diagnosis::kubelet,
    },
    Case {
        name: "diagnosis_sandbox",
        about: "init names the cause of sandboxes that cannot be made",
        shape: ONE,
        run: diagnosis::sandbox,
    },
    Case {
        name: "diagnosis_image",
        about: "init names an image that cannot be pulled",
        shape: ONE,
        run: diagnosis::image,
    },
    Case {
        name: "diagnosis_static_pod",
        about: "init names the cause of a static pod that exits",
        shape: ONE,
        run: diagnosis::static_pod,
    },
    Case {
        name: "diagnosis_back_off",
        about: "what was mended while the kubelet pauses is started by the next init",
        shape: ONE,
        run: diagnosis::back_off,
    },
    Case {
        name: "diagnosis_join",
        about: "join fails, with the cause, when the kubelet dies again and again",
        shape: TWO,
        run: diagnosis::join,
    },
    Case {
        name: "discovery",
        about: "join refuses a wrong pin, secret or token, and says which of them it is",
        shape: TWO,
        run: discovery::run,
    },
    Case { name: "same_default", about: "kinit makes what kubeadm makes by default", shape: ONE, run: same::default },
    Case {
        name: "same_rich",
        about: "kinit makes what kubeadm makes of a rich configuration",
        shape: ONE,
        run: same::rich,
    },
    Case {
        name: "same_generated",
        about: "kinit makes what kubeadm makes of generated configurations",
        shape: ONE,
        run: same::generated,
    },
    Case {
        name: "same_rootless",
        about: "kinit makes what kubeadm makes of a control plane without root",
        shape: ONE,
        run: rootless::compared,
    },
    Case {
        name: "users_of_rootless",
        about: "a control plane without root runs as users of its own, which reset removes",
        shape: ONE,
        run: rootless::run,
    },
    Case {
        name: "two_inits_at_once",
        about: "the second of two inits at once names the first",
        shape: ONE,
        run: refusals::at_once,
    },
    Case {
        name: "cgroup_v1",
        about: "a cgroup v1 host is refused without the user's choice, which init makes for all nodes and join for one",
        shape: TWO,
        run: refusals::cgroup_v1,
    },
    Case {
        name: "cgroup_driver",
        about: "the kubelet follows the runtime's cgroup driver",
        shape: ONE,
        run: refusals::cgroup_driver,
    },
    Case {
        name: "reset_init_ten_times",
        about: "init works after reset, ten times in a row",
        shape: ONE,
        run: reset::run,
    },
    Case {
        name: "crash_init",
        about: "init finishes after SIGKILL before and after every phase, and after all that it does out of turn",
        shape: ONE,
        run: crash::init,
    },
    Case {
        name: "crash_join",
        about: "join finishes after SIGKILL before and after every phase",
        shape: TWO,
        run: crash::join,
    },
];

/// Runs the tests that the options name; true when none failed.
pub(crate) fn run(cache: &Cache, lab: &mut Lab, options: &Options) -> Result<bool> {
    let wanted = |case: &&Case| options.filter.as_ref().is_none_or(|filter| case.name.contains(filter.as_str()));
    let cases: Vec<&Case> = CASES.iter().filter(wanted).collect();
    if options.list {
        cases.iter().for_each(|case| say(format!("{:22} {}", case.name, case.about)));
        return Ok(true);
    }
    anyhow::ensure!(!cases.is_empty(), "no test has {:?} in its name", options.filter);
    let parts = Parts::get(cache, &options.source)?;
    let (mut passed, mut skipped, mut failed) = (0, 0, Vec::new());
    for case in cases {
        say(format!("\n{}: {}", case.name, case.about));
        let started = Instant::now();
        let result =
            lab.boot(&parts, &case.shape).and_then(|()| (case.run)(&mut Context { lab, parts: &parts, options }));
        let took = seconds(started.elapsed());
        match result {
            Ok(()) => {
                passed += 1;
                say(format!("PASS {} ({took})", case.name));
            }
            Err(error) if error.is::<Skipped>() => {
                skipped += 1;
                say(format!("SKIPPED {}, not passed: {error}", case.name));
            }
            Err(error) => {
                failed.push(case.name);
                say(format!("FAIL {} ({took}): {error:#}", case.name));
                cleaning(|| evidence::keep(lab, case.name, &error));
                if options.keep && !interrupted() {
                    say(format!("     kept: cargo lab --lab {} shell cp1", lab.name));
                    return Ok(false);
                }
            }
        }
        cleaning(|| lab.down())?;
        if interrupted() {
            break;
        }
    }
    if !failed.is_empty() {
        say(format!("\nfailed: {}", failed.join(", ")));
    }
    say(format!("\n{passed} passed, {skipped} skipped, {} failed", failed.len()));
    Ok(failed.is_empty() && !interrupted())
}
