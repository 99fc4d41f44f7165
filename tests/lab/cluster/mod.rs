//! From booted machines to a cluster: init, join, a pod network, and the wait until everything is ready.

pub(crate) mod bootstrapper;
pub(crate) mod network;
pub(crate) mod ready;

use anyhow::{Context, Result};

pub(crate) use self::bootstrapper::{Bootstrapper, Joins};
use crate::command::Output;
use crate::lab::Lab;
use crate::machine::Machine;
use crate::progress::step;

/// Makes a cluster of all machines of the lab: the first control plane, then the others one by one, then all workers at once.
pub(crate) fn bootstrap(lab: &Lab, bootstrapper: Bootstrapper, version: &str) -> Result<()> {
    let first = lab.machine("cp1")?;
    let (control_planes, workers): (Vec<&Machine>, Vec<&Machine>) =
        lab.machines.iter().filter(|machine| machine.name != "cp1").partition(|machine| machine.name.starts_with("cp"));
    let program = bootstrapper.program();
    let init = step(format!("{program} init on cp1"), || {
        succeeded(bootstrapper.init(first, version, !control_planes.is_empty(), &[])?)
    })?;
    let joins = Joins::parse(&init.stdout)?;
    for machine in control_planes {
        let name = &machine.name;
        step(format!("{program} join on {name} (control plane)"), || {
            succeeded(bootstrapper.join(machine, joins.control_plane()?, &[])?)
        })?;
    }
    std::thread::scope(|scope| {
        let joins = &joins;
        let mut jobs: Vec<_> = workers
            .into_iter()
            .map(|machine| {
                scope.spawn(move || {
                    step(format!("{program} join on {}", machine.name), || {
                        succeeded(bootstrapper.join(machine, joins.worker()?, &[])?).map(drop)
                    })
                })
            })
            .collect();
        // Its own node needs no other to become ready, and CoreDNS can start while the workers join.
        jobs.push(scope.spawn(|| network::apply(&lab.machines, &["cp1"])));
        jobs.into_iter().try_for_each(|job| job.join().map_err(|_| anyhow::anyhow!("a join panicked"))?)
    })?;
    step("pod network, every node and kube-system pod ready", || {
        network::apply_all(&lab.machines)?;
        ready::wait(&lab.machines)
    })
}

/// The output of a bootstrapper that must have succeeded.
pub(crate) fn succeeded(output: Output) -> Result<Output> {
    output.clone().ok().context("the bootstrap failed")?;
    Ok(output)
}
