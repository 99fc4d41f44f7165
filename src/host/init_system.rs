//! Services, through systemd or OpenRC.
//!
//! Knows the commands and what they answer; refuses to know which service is meant and why. Asking is done for
//! real in a dry run, starting and stopping is recorded.

mod journal;
mod unit;

use camino::Utf8Path;

pub use self::journal::{JournalLine, Since, journal};
pub use self::unit::{UnitState, unit_state};
use super::{Changed, Host, Result};

/// What runs the services of a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InitSystem {
    /// systemd.
    Systemd,
    /// OpenRC.
    OpenRc,
}

/// Where programs may be: the search path of a root shell.
const PROGRAM_DIRS: [&str; 6] = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

impl InitSystem {
    /// The machine's; `None` when it has neither, or (OpenRC) not all of its commands.
    pub fn detect(host: &dyn Host) -> Result<Option<Self>> {
        if has_program(host, "systemctl")? {
            return Ok(Some(Self::Systemd));
        }
        let openrc =
            has_program(host, "openrc")? && has_program(host, "rc-service")? && has_program(host, "rc-update")?;
        Ok(openrc.then_some(Self::OpenRc))
    }

    /// Whether it runs or tries to: a service that dies and is started again counts.
    pub fn is_active(self, host: &dyn Host, service: &str) -> Result<bool> {
        match self {
            Self::Systemd => {
                let state = systemd_state(host, service)?;
                Ok(matches!(state.as_str(), "active" | "activating" | "reloading"))
            }
            Self::OpenRc => {
                let status = openrc_status(host, service)?;
                Ok(!status.contains("stopped") && !status.contains("does not exist"))
            }
        }
    }

    /// Whether it runs at this moment: a service that died and waits for its next start does not.
    pub fn is_running(self, host: &dyn Host, service: &str) -> Result<bool> {
        match self {
            Self::Systemd => Ok(systemd_state(host, service)? == "active"),
            Self::OpenRc => Ok(openrc_status(host, service)?.contains("started")),
        }
    }

    /// Makes it not run, nor try to.
    pub fn ensure_stopped(self, host: &dyn Host, service: &str) -> Result<Changed> {
        if !self.is_active(host, service)? {
            return Ok(Changed::No);
        }
        self.act(host, "stop", service)
    }

    /// Starts it anew, with its unit read anew where the file changed.
    pub fn restart(self, host: &dyn Host, service: &str) -> Result<Changed> {
        self.act(host, "restart", service)
    }

    /// The command that makes it start with the machine.
    #[must_use]
    pub fn enable_command(self, service: &str) -> String {
        match self {
            Self::Systemd => format!("systemctl enable {service}.service"),
            Self::OpenRc => format!("rc-update add {service} default"),
        }
    }

    fn act(self, host: &dyn Host, verb: &str, service: &str) -> Result<Changed> {
        match self {
            Self::Systemd => {
                if verb != "stop" && needs_reload(host, service)? {
                    host.act(&["systemctl", "daemon-reload"])?;
                }
                host.act(&["systemctl", verb, service])?;
            }
            Self::OpenRc => {
                host.act(&["rc-service", service, verb])?;
            }
        }
        Ok(Changed::Yes)
    }
}

fn systemd_state(host: &dyn Host, service: &str) -> Result<String> {
    Ok(host.query(&["systemctl", "is-active", service])?.stdout.trim().to_owned())
}

/// systemd's own word on whether the unit's files are newer than what it has read.
fn needs_reload(host: &dyn Host, service: &str) -> Result<bool> {
    let output = host.query(&["systemctl", "show", "--property=NeedDaemonReload", "--value", service])?;
    Ok(output.stdout.trim() != "no")
}

fn openrc_status(host: &dyn Host, service: &str) -> Result<String> {
    let output = host.query(&["rc-service", service, "status"])?;
    Ok(output.stdout + &output.stderr)
}

fn has_program(host: &dyn Host, name: &str) -> Result<bool> {
    for dir in PROGRAM_DIRS {
        if host.exists(&Utf8Path::new(dir).join(name))? {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests;
