//! A lab: a few machines on one bridge, whose state is in one directory, so that a later command (or the clean-up after a crash) finds them.

pub(crate) mod shape;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

pub(crate) use self::shape::Shape;
use crate::artefacts::{Parts, store};
use crate::cache::Cache;
use crate::interrupt::cleaned;
use crate::lock::{self, Lock};
use crate::machine::nspawn::Spec;
use crate::machine::{Machine, cgroup, files, network};
use crate::prerequisites;
use crate::progress::step;

/// A lab that this process works on, alone.
pub(crate) struct Lab {
    pub(crate) name: String,
    pub(crate) folder: PathBuf,
    pub(crate) machines: Vec<Machine>,
    _lock: Lock,
}

/// What all machines of a lab have in common.
pub(crate) struct Plan {
    pub(crate) name: String,
    pub(crate) lower: PathBuf,
    pub(crate) shared: Vec<(PathBuf, String)>,
    pub(crate) pause: String,
}

impl Lab {
    /// Takes hold of the lab `name`: its lock, and the machines that run in it.
    pub(crate) fn open(cache: &Cache, name: &str) -> Result<Self> {
        if name.is_empty()
            || name.len() > 32
            || !name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        {
            bail!("{name:?} cannot name a lab: small letters, digits and dashes, 32 at the most");
        }
        let folder = cache.lab(name);
        fs::create_dir_all(&folder)?;
        let lock = lock::take(&folder.join("lock"))?;
        Ok(Self { name: name.into(), machines: machines(&folder)?, folder, _lock: lock })
    }

    /// Boots the machines of `shape` side by side. Whatever was there before is removed.
    pub(crate) fn boot(&mut self, parts: &Parts, shape: &Shape) -> Result<()> {
        self.down()?;
        install_kinit(&self.folder)?;
        let hosts = shape.hosts();
        prerequisites::inotify(hosts.len());
        let names: Vec<&str> = hosts.iter().map(|host| host.1.as_str()).collect();
        step(format!("boot {}", names.join(", ")), || {
            network::create(&namespace(&self.name))?;
            let booted = std::thread::scope(|scope| {
                let jobs: Vec<_> =
                    hosts.iter().map(|host| scope.spawn(|| self.boot_one(parts, host, &hosts))).collect();
                jobs.into_iter()
                    .try_for_each(|job| job.join().map_err(|_| anyhow::anyhow!("booting a machine panicked"))?)
            });
            // Also those beside one that failed: what they say is evidence.
            self.machines = machines(&self.folder)?;
            booted
        })
    }

    /// Ends one machine and boots a new one in its place.
    pub(crate) fn renew(&mut self, parts: &Parts, name: &str) -> Result<()> {
        let hosts: Vec<_> =
            self.machines.iter().map(|machine| (machine.address.clone(), machine.name.clone())).collect();
        let machine = self.machine(name)?;
        let link = machine.check(["cat", "/sys/class/net/host0/iflink"])?;
        machine.kill()?;
        // The kernel takes a dead machine's network apart in its own time, and the new one gets links of the same names.
        network::unlink(&namespace(&self.name), link.trim())?;
        cgroup::remove(&format!("{}/{name}", cgroup_of(&self.name)))?;
        forget(&unique(&self.name, name));
        fs::remove_dir_all(self.folder.join("machines").join(name))?;
        let booted = self.boot_one(parts, &(machine.address.clone(), name.to_owned()), &hosts);
        self.machines = machines(&self.folder)?;
        booted
    }

    fn boot_one(&self, parts: &Parts, host: &(String, String), hosts: &[(String, String)]) -> Result<()> {
        let shared =
            vec![(self.folder.join("bin"), files::OWN.into()), (parts.kubernetes.clone(), files::KUBERNETES.into())];
        let pause = parts.pause().to_owned();
        let plan = Plan { name: self.name.clone(), lower: parts.debian.clone(), shared, pause };
        let (address, name) = host;
        let folder = self.folder.join("machines").join(name);
        fs::create_dir_all(&folder)?;
        let own_store = folder.join("containerd");
        store::copy(&parts.store, &own_store)?;
        boot(&plan, &folder, &own_store, name, address, hosts).map(drop)
    }

    /// The machine of that name.
    pub(crate) fn machine(&self, name: &str) -> Result<&Machine> {
        find(&self.machines, name)
    }

    /// Ends the machines and removes everything that the lab made outside and inside its directory.
    pub(crate) fn down(&mut self) -> Result<()> {
        self.machines.clear();
        clear(&self.name, &self.folder)
    }
}

/// The machines of a lab, without taking hold of it: to look at them, or to enter one.
pub(crate) fn look(cache: &Cache, name: &str) -> Result<Vec<Machine>> {
    let folder = cache.lab(name);
    let found = machines(&folder)?;
    if found.is_empty() {
        bail!("no machine runs in the lab {name:?}: `cargo lab up` boots them");
    }
    install_kinit(&folder)?;
    Ok(found)
}

/// The machine of that name among `machines`.
pub(crate) fn find<'a>(machines: &'a [Machine], name: &str) -> Result<&'a Machine> {
    machines.iter().find(|machine| machine.name == name).with_context(|| {
        let names: Vec<&str> = machines.iter().map(|machine| machine.name.as_str()).collect();
        format!("no machine {name:?} runs here, only {}", names.join(", "))
    })
}

/// A lab of one machine with `store` as its containerd's, for the time of `work`.
pub(crate) fn temporary(
    cache: &Cache,
    plan: &Plan,
    store: &Path,
    work: impl FnOnce(&Machine) -> Result<()>,
) -> Result<()> {
    let root = cache.lab(&plan.name);
    fs::create_dir_all(&root)?;
    let _lock = lock::take(&root.join("lock"))?;
    clear(&plan.name, &root)?;
    let done = || {
        let folder = root.join("machines/store");
        fs::create_dir_all(&folder)?;
        network::create(&namespace(&plan.name))?;
        let hosts = [("10.77.0.10".to_owned(), "store".to_owned())];
        work(&boot(plan, &folder, store, "store", "10.77.0.10", &hosts)?)
    };
    cleaned(done(), || {
        clear(&plan.name, &root)?;
        fs::remove_dir_all(&root).with_context(|| format!("cannot remove {}", root.display()))
    })
}

/// Puts kinit where the machines of a lab see it. The move makes it whole at every moment, and programs that run keep the file they started from.
fn install_kinit(folder: &Path) -> Result<()> {
    let own = folder.join("bin");
    fs::create_dir_all(&own)?;
    install(&kinit(), &own.join("kinit"))
}

/// The kinit that cargo has just built; `KINIT_LAB_KINIT` names another one, a released one for instance.
pub(crate) fn kinit() -> PathBuf {
    let given = std::env::var_os("KINIT_LAB_KINIT").map(PathBuf::from);
    given.unwrap_or_else(|| env!("CARGO_BIN_EXE_kinit").into())
}

/// Copies a program, in one move.
pub(crate) fn install(source: &Path, place: &Path) -> Result<()> {
    let draft = place.with_extension(format!("{}", std::process::id()));
    fs::copy(source, &draft).with_context(|| format!("cannot copy {}", source.display()))?;
    fs::rename(&draft, place).map_err(Into::into)
}

fn boot(
    plan: &Plan,
    folder: &Path,
    store: &Path,
    name: &str,
    address: &str,
    hosts: &[(String, String)],
) -> Result<Machine> {
    files::write(&folder.join("upper"), name, address, hosts, &plan.pause)?;
    let mut shared = plan.shared.clone();
    for (_, inside) in &mut shared {
        fs::create_dir_all(folder.join("upper").join(&inside[1..]))?;
    }
    let spec = Spec {
        name: name.into(),
        unique: unique(&plan.name, name),
        folder: folder.into(),
        lower: plan.lower.clone(),
        store: store.into(),
        shared,
        namespace: namespace(&plan.name),
        cgroup: format!("{}/{name}", cgroup_of(&plan.name)),
    };
    Machine::boot(&spec, address)
}

fn machines(folder: &Path) -> Result<Vec<Machine>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder.join("machines")).into_iter().flatten() {
        if let Ok(machine) = Machine::load(&entry?.path())
            && machine.alive()
        {
            found.push(machine);
        }
    }
    found.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(found)
}

fn clear(name: &str, folder: &Path) -> Result<()> {
    for machine in machines(folder)? {
        machine.kill()?;
    }
    cgroup::remove(&cgroup_of(name))?;
    network::remove(&namespace(name))?;
    let machines = folder.join("machines");
    if machines.exists() {
        for entry in fs::read_dir(&machines)? {
            forget(&unique(name, &entry?.file_name().to_string_lossy()));
        }
        fs::remove_dir_all(&machines).with_context(|| format!("cannot remove {}", machines.display()))?;
    }
    Ok(())
}

/// Removes what nspawn makes for a machine and leaves when it is killed.
fn forget(unique: &str) {
    for part in ["propagate", "unix-export"] {
        let _ = fs::remove_dir_all(Path::new("/run/systemd/nspawn").join(part).join(unique));
    }
}

/// What nspawn calls a machine. As a whole it is no other lab's; its beginning may be, such as `lab-main-` of the labs `main` and `main-test`.
fn unique(lab: &str, machine: &str) -> String {
    format!("lab-{lab}-{machine}")
}

fn namespace(name: &str) -> String {
    format!("kinit-lab-{name}")
}

fn cgroup_of(name: &str) -> String {
    format!("kinit-lab-{name}")
}
