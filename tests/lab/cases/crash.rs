//! kill -9 at every phase boundary: the same command, run again, finishes the work.
//!
//! kinit, built with the feature `checkpoints`, stops at the point that KINIT_CHECKPOINT names, says so and sleeps; the lab kills it there.
//! First one machine is killed at every point in a row, each run continuing what the last one left. Then each point gets a fresh machine,
//! a kill, one more run, and has to end with a working cluster.

use std::time::Duration;

use anyhow::{Context as _, Result};
use kinit::phases::init::{INIT, staged};
use kinit::phases::{join::JOIN, leaves};

use super::Context;
use crate::cluster::{Bootstrapper, Joins, network, ready, succeeded};
use crate::machine::Machine;
use crate::progress::{say, step};

/// Init, on a fresh machine for each point.
pub(crate) fn init(context: &mut Context<'_>) -> Result<()> {
    let points = init_points();
    let words = |machine: &Machine, context: &Context<'_>| {
        context.options.bootstrapper.init_words(machine, &context.parts.version, false, &[])
    };
    step(format!("init killed at each of {} points in a row", points.len()), || {
        let first = context.lab.machine("cp1")?;
        points.iter().try_for_each(|point| killed_at(first, point, &words(first, context)?))?;
        finish(context, &words(first, context)?, "cp1")
    })?;
    for point in sample(&points, context.options.sample) {
        context.lab.renew(context.parts, "cp1")?;
        step(format!("init killed {point}, then once more"), || {
            let first = context.lab.machine("cp1")?;
            let words = words(first, context)?;
            killed_at(first, point, &words)?;
            finish(context, &words, "cp1")
        })?;
    }
    Ok(())
}

/// A worker's join, on a fresh worker for each point.
pub(crate) fn join(context: &mut Context<'_>) -> Result<()> {
    let points = points(&leaves(JOIN));
    let bootstrapper = context.options.bootstrapper;
    let first = context.lab.machine("cp1")?.clone();
    let printed =
        step("init on cp1", || succeeded(bootstrapper.init(&first, &context.parts.version, false, &[])?))?.stdout;
    let words = Bootstrapper::join_words(Joins::parse(&printed)?.worker()?, &[]);
    step(format!("join killed at each of {} points in a row", points.len()), || {
        let worker = context.lab.machine("worker1")?;
        points.iter().try_for_each(|point| killed_at(worker, point, &words))?;
        finish(context, &words, "worker1")
    })?;
    for point in sample(&points, context.options.sample) {
        // A node that is still called ready would be refused as somebody else's.
        first.check(["kubectl", "delete", "node", "worker1", "--ignore-not-found"])?;
        context.lab.renew(context.parts, "worker1")?;
        step(format!("join killed {point}, then once more"), || {
            killed_at(context.lab.machine("worker1")?, point, &words)?;
            finish(context, &words, "worker1")
        })?;
    }
    Ok(())
}

/// Before and after each phase of init, and after each piece of work that a whole init does elsewhere than in its phase:
/// while it waits for the control plane.
fn init_points() -> Vec<String> {
    let mut points = points(&leaves(INIT));
    let place = points.iter().position(|point| point == "after:wait-control-plane").unwrap_or(points.len());
    points.splice(place..place, staged::OUT_OF_TURN.iter().map(|phase| format!("done:{phase}")));
    points
}

/// Before and after each leaf of a phase table.
fn points(phases: &[String]) -> Vec<String> {
    phases.iter().flat_map(|phase| [format!("before:{phase}"), format!("after:{phase}")]).collect()
}

/// All points, or so many of them, evenly spread and named.
fn sample(points: &[String], count: Option<usize>) -> Vec<&String> {
    let Some(count) = count.filter(|count| *count < points.len()) else { return points.iter().collect() };
    let chosen: Vec<&String> =
        (0..count).map(|n| &points[n * points.len() / count + points.len() / count / 2]).collect();
    say(format!("  a sample of {count} of {} points: {chosen:?}", points.len()));
    chosen
}

fn killed_at(machine: &Machine, point: &str, words: &[String]) -> Result<()> {
    let mut command = machine.command(words);
    command.env("KINIT_CHECKPOINT", point);
    let mut running = crate::command::Running::start(&mut command)?;
    let reached = running.says(&format!("checkpoint {point} reached"), Duration::from_secs(120));
    let output = running.kill()?;
    machine.record(&output)?;
    reached.with_context(|| format!("waiting for the point {point}"))
}

/// Runs the command to its end and wants a working cluster.
fn finish(context: &Context<'_>, words: &[String], name: &str) -> Result<()> {
    succeeded(context.lab.machine(name)?.run(words)?)?;
    network::apply_all(&context.lab.machines)?;
    ready::wait(&context.lab.machines)
}
