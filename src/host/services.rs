//! Several services at once, asked of the machine's init system.
//!
//! Knows one question for all of them and how systemd and OpenRC answer it; starts and stops nothing.

use std::collections::BTreeMap;
use std::io::ErrorKind;

use super::init_system::InitSystem;
use super::{Output, Result};
use crate::failure::chain;

/// A service.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Service {
    /// Defined.
    pub exists: bool,
    /// Started at boot.
    pub enabled: bool,
    /// Running, or being started again and again.
    pub active: bool,
    /// Files that its environment is read from, as systemd tells them.
    pub environment_files: Vec<String>,
}

/// The services that were asked for, or why the init system said nothing.
pub type Services = Result<BTreeMap<String, Service>, String>;

/// The commands whose answers tell about the services.
#[must_use]
pub fn questions<'a>(init_system: Option<InitSystem>, services: &[&'a str]) -> Vec<Vec<&'a str>> {
    match init_system {
        Some(InitSystem::Systemd) => {
            let mut show =
                vec!["systemctl", "show", "--property=Id,LoadState,UnitFileState,ActiveState,EnvironmentFiles"];
            show.extend(services);
            vec![show]
        }
        Some(InitSystem::OpenRc) => {
            let status = services.iter().map(|service| vec!["rc-service", *service, "status"]);
            std::iter::once(vec!["rc-update", "show", "default"]).chain(status).collect()
        }
        None => Vec::new(),
    }
}

/// The services, from the answers to [`questions`].
pub fn understand(init_system: Option<InitSystem>, services: &[&str], answers: &[Result<Output>]) -> Services {
    let none = || "no supported init system detected, skipping checking for services".to_owned();
    let mut outputs = Vec::new();
    for answer in answers {
        outputs.push(answer.as_ref().map_err(|error| match error.io_kind() {
            Some(ErrorKind::NotFound) => none(),
            _ => chain(error),
        })?);
    }
    match (init_system, outputs.split_first()) {
        (Some(InitSystem::Systemd), Some((shown, _))) if shown.ok() => Ok(parse_shown(&shown.stdout)),
        (Some(InitSystem::Systemd), Some((shown, _))) => {
            Err(shown.stderr.trim().lines().next().unwrap_or("systemctl show says nothing").to_owned())
        }
        (Some(InitSystem::OpenRc), Some((boot, statuses))) => {
            let at_boot =
                |service: &str| boot.stdout.lines().any(|line| line.split_whitespace().next() == Some(service));
            let parse = |(service, status): (&&str, &&Output)| {
                let text = format!("{}{}", status.stdout, status.stderr);
                let exists = !text.contains("does not exist");
                let active = exists && !text.contains("stopped");
                ((*service).to_owned(), Service { exists, enabled: at_boot(service), active, ..Service::default() })
            };
            Ok(services.iter().zip(statuses).map(parse).collect())
        }
        _ => Err(none()),
    }
}

/// Reads the blocks of `systemctl show`, one for each service.
fn parse_shown(text: &str) -> BTreeMap<String, Service> {
    let parse = |block: &str| {
        let of = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        let id = of("Id")?;
        let service = Service {
            exists: of("LoadState").is_some_and(|state| state != "not-found"),
            // The states for which `systemctl is-enabled` exits with 0.
            enabled: of("UnitFileState").is_some_and(|state| {
                matches!(state, "enabled" | "enabled-runtime" | "static" | "alias" | "indirect" | "generated")
            }),
            active: of("ActiveState").is_some_and(|state| matches!(state, "active" | "activating")),
            environment_files: block
                .lines()
                .filter_map(|line| line.strip_prefix("EnvironmentFiles="))
                .filter_map(|file| file.split(' ').next().map(str::to_owned))
                .collect(),
        };
        Some((id.strip_suffix(".service").unwrap_or(id).to_owned(), service))
    };
    text.split("\n\n").filter_map(parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(status: i32, stdout: &str, stderr: &str) -> Result<Output> {
        Ok(Output { status: Some(status), stdout: stdout.to_owned(), stderr: stderr.to_owned() })
    }

    #[test]
    fn understands_systemd() {
        let shown = "Id=kubelet.service\nLoadState=loaded\nActiveState=activating\nUnitFileState=disabled\n\
                     EnvironmentFiles=/a (ignore_errors=yes)\nEnvironmentFiles=/b (ignore_errors=no)\n\n\
                     Id=firewalld.service\nLoadState=not-found\nActiveState=inactive\nUnitFileState=\n";
        let names = ["kubelet", "firewalld"];
        let services = understand(Some(InitSystem::Systemd), &names, &[said(0, shown, "")]).unwrap();
        let environment_files = vec!["/a".to_owned(), "/b".to_owned()];
        assert_eq!(services["kubelet"], Service { exists: true, enabled: false, active: true, environment_files });
        assert_eq!(services["firewalld"], Service::default());
        let silent =
            said(1, "", "System has not been booted with systemd as init system (PID 1). Can't operate.\nmore");
        let trouble = understand(Some(InitSystem::Systemd), &names, &[silent]).unwrap_err();
        assert_eq!(trouble, "System has not been booted with systemd as init system (PID 1). Can't operate.");
    }

    #[test]
    fn understands_openrc() {
        let answers = [said(0, " kubelet | default\n", ""), said(3, " * status: stopped\n", "")];
        let services = understand(Some(InitSystem::OpenRc), &["kubelet"], &answers).unwrap();
        assert_eq!(services["kubelet"], Service { exists: true, enabled: true, ..Service::default() });
        assert!(understand(None, &["kubelet"], &[]).is_err());
    }
}
