//! What is so on the machine, looked at once.
//!
//! Gathers what [`Ask`] names, through the host, without changing anything; refuses to judge it. The slow questions
//! (kubelet, systemd, name lookups, the packed kernel configuration) are asked side by side.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use super::init_system::InitSystem;
use super::kernel::{self, Cgroups, Kernel};
use super::net::{self, Interface, NetError};
use super::ports::{self, Listener};
use super::services::{self, Services};
use super::{Host, HostError, Output, Result, Volume};
use crate::failure::chain;

/// What only the running process can tell, handed in so that tests can say otherwise.
#[derive(Debug, Clone, Default)]
pub struct Own {
    /// User id.
    pub uid: u32,
    /// The machine's interfaces.
    pub interfaces: Vec<Interface>,
    /// `PATH`.
    pub search_path: String,
}

impl Own {
    /// Of this process. Its search path is the one in which the host's commands are found.
    pub fn observe() -> Result<Self, NetError> {
        let search_path = std::env::var_os("PATH").unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self { uid: nix::unistd::getuid().as_raw(), interfaces: net::interfaces()?, search_path })
    }
}

/// What to look at beside the machine itself.
#[derive(Debug, Clone, Default)]
pub struct Ask {
    /// TCP ports that have to be free.
    pub ports: Vec<u16>,
    /// Files and directories whose content matters.
    pub paths: Vec<Utf8PathBuf>,
    /// Directories that will be written below.
    pub volumes: Vec<Utf8PathBuf>,
    /// Programs that have to be in the search path.
    pub programs: Vec<&'static str>,
    /// Services by name.
    pub services: Vec<&'static str>,
    /// Names that have to resolve.
    pub names: Vec<String>,
}

/// What is at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Nothing.
    Nothing,
    /// A file.
    File(Vec<u8>),
    /// A directory, with the names in it.
    Dir(Vec<String>),
    /// Something that could not be read, and why.
    Unreadable(String),
}

/// What is so on the machine.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Who asks.
    pub own: Own,
    /// Processors that this process may run on.
    pub cpus: usize,
    /// Memory in MiB.
    pub memory_mib: u64,
    /// Something can be swapped to.
    pub swap: bool,
    /// The kernel.
    pub kernel: Kernel,
    /// Control groups; `None` when none are mounted.
    pub cgroups: Option<Cgroups>,
    /// What starts services; `None` when it is nothing that is known.
    pub init_system: Option<InitSystem>,
    /// The services that were asked for.
    pub services: Option<Services>,
    /// What `kubelet --version` printed, or why it did not.
    pub kubelet: Option<Result<String, String>>,
    /// Programs asked for that are not in the search path.
    pub missing_programs: BTreeSet<String>,
    /// Listeners on the ports that were asked for.
    pub listeners: Vec<Listener>,
    /// What is at the paths that were asked for.
    pub paths: BTreeMap<Utf8PathBuf, Found>,
    /// The file systems of the directories that were asked for; or why one could not be looked at.
    pub volumes: BTreeMap<Utf8PathBuf, Result<Volume, String>>,
    /// Names asked for that do not resolve.
    pub unresolved: BTreeSet<String>,
}

impl Facts {
    /// Looks at the machine.
    pub fn gather(host: &dyn Host, own: Own, ask: &Ask) -> Result<Self> {
        let text = |path: &str| host.read_lossy(Utf8Path::new(path));
        let has = |program: &str| in_search_path(host, &own.search_path, program);
        let init_system = InitSystem::detect(host)?;
        let mut missing_programs = BTreeSet::new();
        for program in &ask.programs {
            if !has(program)? {
                missing_programs.insert((*program).to_owned());
            }
        }
        let packed = host.exists(Utf8Path::new(kernel::PACKED_CONFIG))?;
        let hosts = text("/etc/hosts")?;
        let unknown: Vec<&str> = ask.names.iter().map(String::as_str).filter(|name| !listed(&hosts, name)).collect();

        let mut questions = services::questions(init_system, &ask.services);
        let about_services = questions.len();
        questions.push(vec!["kubelet", "--version"]);
        questions.extend(unknown.iter().map(|name| vec!["getent", "ahosts", *name]));
        if packed {
            questions.push(vec!["zcat", kernel::PACKED_CONFIG]);
        }
        let mut answers = host.query_all(&questions);
        let about = services::understand(init_system, &ask.services, &answers[..about_services]);
        // A machine without zcat leaves the other places to look in.
        let unpacked = if packed { answers.pop().and_then(Result::ok) } else { None };
        let lookups = answers.split_off(about_services + 1);
        let kubelet = answers.pop().map(kubelet_answer);

        let kernel = kernel::kernel(host, unpacked)?;
        Ok(Self {
            cpus: parse_cpus(&text("/proc/self/status")?),
            memory_mib: parse_memory(&text("/proc/meminfo")?),
            swap: text("/proc/swaps")?.lines().count() > 1,
            cgroups: kernel::cgroups(host, &kernel.release)?,
            kernel,
            init_system,
            services: Some(about),
            kubelet,
            missing_programs,
            listeners: ports::listeners(host, &ask.ports)?,
            paths: ask.paths.iter().map(|path| (path.clone(), look(host, path))).collect(),
            volumes: ask
                .volumes
                .iter()
                .map(|dir| (dir.clone(), host.volume(dir).map_err(|error| chain(&error))))
                .collect(),
            // getent exits with 2 for a name that nobody knows; a machine without getent can't be asked.
            unresolved: unknown
                .iter()
                .zip(&lookups)
                .filter(|(_, answer)| answer.as_ref().is_ok_and(|output| output.status == Some(2)))
                .map(|(name, _)| (*name).to_owned())
                .collect(),
            own,
        })
    }

    /// What is at a path that was asked for.
    #[must_use]
    pub fn at(&self, path: &Utf8Path) -> &Found {
        self.paths.get(path).unwrap_or(&Found::Nothing)
    }
}

impl Found {
    /// Whether anything is there.
    #[must_use]
    pub fn exists(&self) -> bool {
        *self != Self::Nothing
    }

    /// The content of a file.
    #[must_use]
    pub fn content(&self) -> Option<&[u8]> {
        if let Self::File(content) = self { Some(content) } else { None }
    }
}

fn look(host: &dyn Host, path: &Utf8Path) -> Found {
    let found = match host.stat(path) {
        Ok(None) => Ok(Found::Nothing),
        Ok(Some(stat)) if stat.is_dir => host.list(path).map(|entries| {
            Found::Dir(entries.iter().filter_map(|entry| entry.file_name()).map(str::to_owned).collect())
        }),
        Ok(Some(_)) => host.read(path).map(|content| content.map_or(Found::Nothing, Found::File)),
        Err(error) => Err(error),
    };
    found.unwrap_or_else(|error| Found::Unreadable(chain(&error)))
}

/// Whether a program can be found as a shell would.
fn in_search_path(host: &dyn Host, search_path: &str, program: &str) -> Result<bool> {
    for dir in search_path.split(':').filter(|dir| !dir.is_empty()) {
        match host.stat(&Utf8Path::new(dir).join(program)) {
            Ok(Some(stat)) if !stat.is_dir && stat.mode & 0o111 != 0 => return Ok(true),
            Err(HostError::Io { source, .. }) if source.kind() == std::io::ErrorKind::PermissionDenied => {}
            Err(error) => return Err(error),
            Ok(_) => {}
        }
    }
    Ok(false)
}

/// kubeadm's words for a kubelet that can't be asked.
fn kubelet_answer(answer: Result<Output>) -> Result<String, String> {
    let failed = |why: &str| Err(format!("cannot execute 'kubelet --version': {why}"));
    match answer {
        Ok(output) if output.ok() => Ok(output.stdout.trim().to_owned()),
        Ok(output) => {
            let status = output.status.map_or_else(|| "killed".to_owned(), |status| format!("exit status {status}"));
            let said = output.stderr.trim();
            failed(&if said.is_empty() { status } else { format!("{status}: {said}") })
        }
        Err(error) if error.io_kind() == Some(std::io::ErrorKind::NotFound) => {
            failed("executable file not found in $PATH")
        }
        Err(HostError::Spawn { source, .. }) => failed(&source.to_string()),
        Err(error) => failed(&chain(&error)),
    }
}

/// Counts the processors in the mask `Cpus_allowed` of /proc/self/status, as Go's runtime does.
fn parse_cpus(status: &str) -> usize {
    let mask = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed:")).unwrap_or_default();
    mask.chars().filter_map(|digit| digit.to_digit(16)).map(|bits| bits.count_ones() as usize).sum()
}

/// The memory in /proc/meminfo, in MiB.
fn parse_memory(meminfo: &str) -> u64 {
    let total = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:")).unwrap_or_default();
    total.trim().trim_end_matches("kB").trim().parse::<u64>().unwrap_or_default() / 1024
}

/// Whether /etc/hosts has a name.
fn listed(hosts: &str, name: &str) -> bool {
    let names = hosts.lines().filter_map(|line| line.split('#').next()).map(|line| line.split_whitespace().skip(1));
    names.flatten().any(|known| known.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests;
