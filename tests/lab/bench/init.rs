//! kinit and kubeadm in turn. Every run has a machine that was booted for it: no reset cleans as well, and neither program profits from
//! what the other left.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;

use super::{Options, median, rest};
use crate::artefacts::Parts;
use crate::cache::Cache;
use crate::cluster::{Bootstrapper, network, ready, succeeded};
use crate::lab::{Lab, Shape, install};
use crate::progress::{say, step};

pub(crate) fn run(cache: &Cache, lab: &mut Lab, options: &Options, kinit: &Path) -> Result<()> {
    let parts = Parts::get(cache, &options.source)?;
    let mut times: [Vec<Duration>; 2] = [Vec::new(), Vec::new()];
    for round in 1..=options.runs {
        for (place, bootstrapper) in [Bootstrapper::Kinit, Bootstrapper::Kubeadm].into_iter().enumerate() {
            lab.boot(&parts, &Shape { control_planes: 1, workers: 0 })?;
            install(kinit, &lab.folder.join("bin/kinit"))?;
            let machine = lab.machine("cp1")?;
            rest::wait(machine)?;
            let words = bootstrapper.init_words(machine, &parts.version, false, &[])?;
            let output =
                step(format!("{} init, run {round}", bootstrapper.program()), || succeeded(machine.run(words)?))?;
            times[place].push(output.took);
            // What was fast must also work.
            if round == 1 {
                network::apply_all(&lab.machines)?;
                step("ready", || ready::wait(&lab.machines))?;
            }
        }
    }
    lab.down()?;
    let [kinit, kubeadm] = times.map(|mut times| {
        let all: Vec<String> = times.iter().map(|time| format!("{:.2}", time.as_secs_f64())).collect();
        (median(&mut times), all.join(" "))
    });
    say(format!("\nkinit init    median {:6.2} s   ({})", kinit.0.as_secs_f64(), kinit.1));
    say(format!("kubeadm init  median {:6.2} s   ({})", kubeadm.0.as_secs_f64(), kubeadm.1));
    say(format!("ratio         {:.2}", kinit.0.as_secs_f64() / kubeadm.0.as_secs_f64()));
    Ok(())
}
