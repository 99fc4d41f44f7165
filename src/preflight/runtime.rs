//! The container runtime: whether it answers, speaks CRI and is ready.

use camino::Utf8Path;

use super::Finding;
use crate::cri::{self, CgroupDriver, Condition, Cri, CriError};
use crate::failure::chain;
use crate::host::facts::Facts;

pub(super) const CONTAINERD_CONFIG: &str = "/etc/containerd/config.toml";
/// The names that the CRI plugin has had in containerd's configuration.
const CRI_PLUGINS: [&str; 4] =
    ["cri", "io.containerd.grpc.v1.cri", "io.containerd.cri.v1.runtime", "io.containerd.cri.v1.images"];

/// What the runtime said of itself.
#[derive(Debug)]
pub struct Answers {
    /// Its conditions.
    pub conditions: Result<Vec<Condition>, CriError>,
    /// Whether it has the call RuntimeConfig.
    pub tells_cgroup_driver: Result<bool, CriError>,
    /// Its cgroup driver, if it can be known.
    pub cgroup_driver: Option<CgroupDriver>,
    /// Usual sockets at which a runtime answers; asked only when the configured one does not.
    pub elsewhere: Vec<String>,
}

/// Asks the runtime.
pub async fn ask(cri: &Cri) -> Answers {
    let (status, tells_cgroup_driver, driver) =
        futures::join!(cri.status(false), cri.tells_cgroup_driver(), cri.cgroup_driver());
    let conditions = status.map(|status| status.conditions().to_vec());
    let silent = conditions.as_ref().is_err_and(|error| !error.is_answer());
    let elsewhere = if silent { cri::detect_sockets().await } else { Vec::new() };
    // A runtime that can't be asked is a finding of its own.
    let cgroup_driver = driver.ok().flatten();
    Answers { conditions, tells_cgroup_driver, cgroup_driver, elsewhere }
}

pub(super) fn ready(facts: &Facts, answers: &Answers) -> Option<Finding> {
    let conditions = match &answers.conditions {
        Ok(conditions) => conditions,
        Err(error) => {
            let finding = Finding::error("CRI", trouble(error, "container runtime is not running"));
            let remedy = remedy(facts, answers, error).or_else(|| error.hint());
            return Some(Finding { remedy, ..finding });
        }
    };
    // A network that is not ready is what the first node of a cluster has.
    let Condition { reason, message, .. } = conditions.iter().find(|it| it.r#type == "RuntimeReady" && !it.status)?;
    let message =
        format!("container runtime condition \"RuntimeReady\" is not true. reason: {reason}, message: {message}");
    Some(Finding::error("CRI", message).fix("see what the runtime says: journalctl -u containerd"))
}

pub(super) fn version(answers: &Answers) -> Option<Finding> {
    let name = "ContainerRuntimeVersion";
    match &answers.tells_cgroup_driver {
        Ok(true) => None,
        Ok(false) => {
            let message = "You must update your container runtime to a version that supports the CRI method \
                           RuntimeConfig. Falling back to using cgroupDriver from kubelet config will be removed in \
                           1.38. For more information, see \
                           https://git.k8s.io/enhancements/keps/sig-node/4033-group-driver-detection-over-cri";
            Some(Finding::warning(name, message))
        }
        Err(error) => Some(Finding::error(name, trouble(error, "could not check if the runtime config is available"))),
    }
}

fn trouble(error: &CriError, of_an_answer: &str) -> String {
    let connected = error.is_answer() && !matches!(error, CriError::Disabled { .. });
    let place = if connected { of_an_answer } else { "could not connect to the container runtime" };
    format!("{place}: {}", chain(error))
}

/// Words that fit this machine better than the error's own hint.
fn remedy(facts: &Facts, answers: &Answers, error: &CriError) -> Option<String> {
    if matches!(error, CriError::Disabled { .. }) {
        let config = std::str::from_utf8(facts.at(Utf8Path::new(CONTAINERD_CONFIG)).content()?).ok()?;
        let (number, line) = disabled_plugin(config)?;
        return Some(format!(
            "{CONTAINERD_CONFIG}:{number} has the line {} -- take the CRI plugin out of disabled_plugins there, then run: \
             systemctl restart containerd",
            line.trim()
        ));
    }
    let other = answers.elsewhere.first()?;
    Some(format!("a container runtime answers at {other}: give --cri-socket {other}"))
}

/// The line (counted from 1) of a containerd configuration that switches CRI off.
fn disabled_plugin(config: &str) -> Option<(usize, &str)> {
    let mut inside = false;
    for (at, line) in config.lines().enumerate() {
        let code = line.split('#').next().unwrap_or_default();
        let starts =
            code.trim_start().strip_prefix("disabled_plugins").is_some_and(|rest| rest.trim_start().starts_with('='));
        inside |= starts;
        let named = |plugin: &&str| code.contains(&format!("\"{plugin}\"")) || code.contains(&format!("'{plugin}'"));
        if inside && CRI_PLUGINS.iter().any(named) {
            return Some((at + 1, line));
        }
        inside &= !code.contains(']');
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::Severity;
    use super::*;
    use crate::host::facts::Found;

    fn disabled() -> Answers {
        let error = || CriError::Disabled { socket: "unix:///s".into(), message: "unknown service".into() };
        Answers {
            conditions: Err(error()),
            tells_cgroup_driver: Err(error()),
            cgroup_driver: None,
            elsewhere: Vec::new(),
        }
    }

    #[test]
    fn a_disabled_cri_is_found_in_the_file() {
        let config = "version = 2\n# disabled_plugins = [\"cri\"]\nimports = []\ndisabled_plugins = [\n  \"aufs\", # x\n  'cri',\n]\n";
        let mut facts = Facts::default();
        facts.paths.insert(CONTAINERD_CONFIG.into(), Found::File(config.as_bytes().to_vec()));
        let finding = ready(&facts, &disabled()).unwrap();
        assert!(finding.message.starts_with("could not connect to the container runtime: CRI v1 is disabled"));
        assert!(finding.remedy.unwrap().starts_with("/etc/containerd/config.toml:6 has the line 'cri', -- take"));
        assert_eq!(disabled_plugin("disabled_plugins = []\nx = [\"cri\"]\n"), None);
        assert_eq!(disabled_plugin("disabled_plugins=[\"io.containerd.grpc.v1.cri\"]").unwrap().0, 1);
        assert!(ready(&Facts::default(), &disabled()).unwrap().remedy.unwrap().contains("disabled_plugins"));
    }

    #[test]
    fn another_socket_is_offered() {
        let absent = || CriError::Absent { socket: "unix:///s".into() };
        let elsewhere = vec!["unix:///var/run/crio/crio.sock".to_owned()];
        let answers =
            Answers { conditions: Err(absent()), tells_cgroup_driver: Err(absent()), cgroup_driver: None, elsewhere };
        let finding = ready(&Facts::default(), &answers).unwrap();
        assert_eq!(
            finding.message,
            "could not connect to the container runtime: no container runtime at unix:///s: the socket does not exist"
        );
        assert!(finding.remedy.unwrap().ends_with("give --cri-socket unix:///var/run/crio/crio.sock"));
        assert_eq!(version(&answers).unwrap().severity, Severity::Error);
    }

    #[test]
    fn only_the_runtime_itself_has_to_be_ready() {
        let condition = |r#type: &str| Condition {
            r#type: r#type.to_owned(),
            status: false,
            reason: "R".to_owned(),
            message: "m".to_owned(),
        };
        let answers = |kind| Answers {
            conditions: Ok(vec![condition(kind)]),
            tells_cgroup_driver: Ok(false),
            cgroup_driver: None,
            elsewhere: Vec::new(),
        };
        assert_eq!(ready(&Facts::default(), &answers("NetworkReady")), None);
        assert_eq!(
            ready(&Facts::default(), &answers("RuntimeReady")).unwrap().message,
            "container runtime condition \"RuntimeReady\" is not true. reason: R, message: m"
        );
        assert_eq!(version(&answers("NetworkReady")).unwrap().severity, Severity::Warning);
    }
}
