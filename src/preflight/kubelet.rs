//! The kubelet: whether it can be run, its version against the control plane's, its service, and who makes the
//! cgroups of its pods.

use super::Finding;
use crate::cri::CgroupDriver;
use crate::host::facts::Facts;
use crate::host::init_system::InitSystem;
use crate::paths::KUBELET_FLAGS_ENV;
use crate::versions::Version;

/// Reads the answer of `kubelet --version`.
pub fn version(facts: &Facts) -> Result<Version, String> {
    let said = match &facts.kubelet {
        Some(Ok(said)) => said,
        Some(Err(why)) => return Err(format!("couldn't get kubelet version: {why}")),
        None => return Err("couldn't get kubelet version: it was not asked".to_owned()),
    };
    let text = said.strip_prefix("Kubernetes v").unwrap_or_default();
    Version::parse(text)
        .map_err(|_| format!("couldn't get kubelet version: Unable to parse output from Kubelet: {said:?}"))
}

/// What to do about a kubelet that can't be run.
pub(super) const INSTALL: &str = "install the kubelet of the control plane's version, as a program in PATH and a \
                                  service (https://k8s.io/docs/setup/production-environment/tools/kubeadm/install-kubeadm/)";

/// What a kubelet's version is compared with.
#[derive(Debug, Clone, Copy)]
pub(super) enum ControlPlane<'a> {
    /// A join has not asked yet.
    Unknown,
    /// It runs, with this version.
    Running(&'a Version),
    /// It is to be made, and another version could be chosen for it.
    Wanted(&'a Version),
}

/// The kubelet may be as new as the control plane, and not much older. Without a control plane's version only a kubelet
/// that no supported control plane takes is refused.
pub(super) fn skew(facts: &Facts, compared: ControlPlane<'_>) -> Option<Finding> {
    let control_plane = match compared {
        ControlPlane::Unknown => None,
        ControlPlane::Running(version) | ControlPlane::Wanted(version) => Some(version),
    };
    let kubelet = match version(facts) {
        Ok(kubelet) => kubelet,
        Err(why) => return Some(Finding::error("KubeletVersion", why).fix(INSTALL)),
    };
    let oldest = control_plane.map_or_else(Version::oldest_kubelet_at_all, Version::oldest_kubelet);
    if kubelet < oldest {
        let message = format!(
            "Kubelet version {:?} is lower than kubeadm can support. Please upgrade kubelet",
            kubelet.to_string().trim_start_matches('v')
        );
        let target = control_plane.map_or_else(String::new, |version| format!(" (the control plane is {version})"));
        return Some(
            Finding::error("KubeletVersion", message).fix(format!("install kubelet {oldest} or newer{target}")),
        );
    }
    let control_plane =
        control_plane.filter(|version| (kubelet.major(), kubelet.minor()) > (version.major(), version.minor()))?;
    let bare = |version: &Version| version.to_string().trim_start_matches('v').to_owned();
    let message = format!(
        "the kubelet version is higher than the control plane version. This is not a supported version skew and may \
         lead to a malfunctional cluster. Kubelet version: {:?} Control plane version: {:?}",
        bare(&kubelet),
        bare(control_plane)
    );
    let remedy = match compared {
        ControlPlane::Wanted(_) => {
            format!("install kubelet {control_plane}, or give --kubernetes-version {kubelet}")
        }
        _ => format!("install kubelet {control_plane}"),
    };
    Some(Finding::error("KubeletVersion", message).fix(remedy))
}

pub(super) fn service(facts: &Facts) -> Option<Finding> {
    let name = "Service-kubelet";
    let services = match facts.services.as_ref()? {
        Ok(services) => services,
        Err(why) if facts.init_system.is_none() => return Some(Finding::warning(name, why.clone())),
        Err(why) => {
            let message = format!("the init system does not tell whether there is a kubelet service: {why}");
            return Some(Finding::warning(name, message));
        }
    };
    let kubelet = services.get("kubelet").cloned().unwrap_or_default();
    if !kubelet.exists {
        return Some(Finding::warning(name, "kubelet service does not exist").fix(INSTALL));
    }
    let init_system = facts.init_system.filter(|_| !kubelet.enabled)?;
    let command = init_system.enable_command("kubelet");
    Some(Finding::warning(name, format!("kubelet service is not enabled, please run '{command}'")))
}

/// A service that reads none of the files that are written for it starts a kubelet of no cluster.
pub(super) fn drop_in(facts: &Facts) -> Option<Finding> {
    let systemd = facts.init_system == Some(InitSystem::Systemd);
    let kubelet = facts.services.as_ref().filter(|_| systemd)?.as_ref().ok()?.get("kubelet")?;
    let reads = kubelet.environment_files.iter().any(|file| file == KUBELET_FLAGS_ENV);
    (kubelet.exists && !reads).then(|| {
        let message = format!("the kubelet's service does not read {KUBELET_FLAGS_ENV}: it lacks kubeadm's drop-in");
        Finding::warning("KubeletDropIn", message).fix(
            "install the package kubeadm of the kubelet's version, which brings 10-kubeadm.conf, or write that file; \
             'systemctl cat kubelet' shows what there is",
        )
    })
}

/// The cgroup driver that the user wrote must not contradict the runtime's, where that tells it: no pod could be
/// started.
pub(super) fn cgroup_driver(runtime: Option<CgroupDriver>, user: Option<&str>) -> Option<Finding> {
    let runtime = runtime?;
    let user = user.filter(|user| *user != runtime.as_str())?;
    let message = format!(
        "the KubeletConfiguration has cgroupDriver: {user}, and the container runtime uses {runtime}: no pod could be \
         started"
    );
    let other = match runtime {
        CgroupDriver::Cgroupfs => "set SystemdCgroup = true for runc in /etc/containerd/config.toml",
        CgroupDriver::Systemd => "set SystemdCgroup = false for runc in /etc/containerd/config.toml",
    };
    let remedy = format!(
        "write 'cgroupDriver: {runtime}' into the KubeletConfiguration (or leave the line out), or {other} and restart \
         containerd"
    );
    Some(Finding::error("CgroupDriver", message).fix(remedy))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::services::Service;

    fn facts(said: &str) -> Facts {
        Facts { kubelet: Some(Ok(said.to_owned())), ..Facts::default() }
    }

    fn message(said: &str, control_plane: &Version) -> Option<String> {
        skew(&facts(said), ControlPlane::Wanted(control_plane)).map(|finding| finding.message)
    }

    #[test]
    fn skew_is_kubeadms() {
        let target = Version::new(1, 37, 2);
        assert_eq!(message("Kubernetes v1.37.5", &target), None);
        assert_eq!(message("Kubernetes v1.34.0", &target), None);
        assert_eq!(
            message("Kubernetes v1.33.9", &target).unwrap(),
            "Kubelet version \"1.33.9\" is lower than kubeadm can support. Please upgrade kubelet"
        );
        assert_eq!(
            message("Kubernetes v1.38.0-alpha.1", &target).unwrap(),
            "the kubelet version is higher than the control plane version. This is not a supported version skew and \
             may lead to a malfunctional cluster. Kubelet version: \"1.38.0-alpha.1\" Control plane version: \"1.37.2\""
        );
        assert!(message("flag provided but not defined", &target).unwrap().contains("Unable to parse output"));
    }

    #[test]
    fn only_a_control_plane_that_is_to_be_made_may_have_another_version() {
        let (newer, target) = (facts("Kubernetes v1.37.2"), Version::new(1, 36, 4));
        let remedy = |compared| skew(&newer, compared).unwrap().remedy.unwrap();
        let both = "install kubelet v1.36.4, or give --kubernetes-version v1.37.2";
        assert_eq!(remedy(ControlPlane::Wanted(&target)), both);
        assert_eq!(remedy(ControlPlane::Running(&target)), "install kubelet v1.36.4");
    }

    #[test]
    fn a_missing_kubelet_is_named() {
        let why = "cannot execute 'kubelet --version': executable file not found in $PATH";
        let facts = Facts { kubelet: Some(Err(why.to_owned())), ..Facts::default() };
        let finding = skew(&facts, ControlPlane::Unknown).unwrap();
        assert_eq!(finding.message, format!("couldn't get kubelet version: {why}"));
    }

    #[test]
    fn a_service_that_is_not_enabled() {
        let kubelet = Service { exists: true, enabled: false, ..Service::default() };
        let facts = Facts {
            init_system: Some(InitSystem::Systemd),
            services: Some(Ok([("kubelet".to_owned(), kubelet)].into())),
            ..Facts::default()
        };
        assert_eq!(
            service(&facts).unwrap().message,
            "kubelet service is not enabled, please run 'systemctl enable kubelet.service'"
        );
    }

    #[test]
    fn a_service_without_kubeadms_drop_in() {
        let with = |environment_files: &[&str]| {
            let environment_files = environment_files.iter().map(|&file| file.to_owned()).collect();
            let kubelet = Service { exists: true, enabled: true, environment_files, ..Service::default() };
            let services = Some(Ok([("kubelet".to_owned(), kubelet)].into()));
            drop_in(&Facts { init_system: Some(InitSystem::Systemd), services, ..Facts::default() })
        };
        assert_eq!(with(&["/etc/default/kubelet", KUBELET_FLAGS_ENV]), None);
        assert_eq!(with(&["/etc/default/kubelet"]).unwrap().name, "KubeletDropIn");
    }

    #[test]
    fn a_driver_that_contradicts_the_runtime() {
        use CgroupDriver::{Cgroupfs, Systemd};
        for (runtime, user) in [(Some(Cgroupfs), None), (None, Some("cgroupfs")), (Some(Systemd), Some("systemd"))] {
            assert!(cgroup_driver(runtime, user).is_none(), "{runtime:?} {user:?}");
        }
        let finding = cgroup_driver(Some(Cgroupfs), Some("systemd")).unwrap();
        assert!(finding.remedy.unwrap().contains("write 'cgroupDriver: cgroupfs'"));
    }
}
