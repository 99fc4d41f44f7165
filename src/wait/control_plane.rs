//! Waiting for the control plane's components, with kubeadm's words.
//!
//! Where each one listens is read from its manifest's command line, so that extraArgs and patches count.

use std::error::Error;
use std::time::Duration;

use camino::Utf8Path;
use serde_json::Value;

use super::endpoint::Identity;
use super::{Endpoint, Goal, Trust, WaitError, until};
use crate::config::duration::GoDuration;
use crate::config::host_port;
use crate::diagnose::Watch;
use crate::host::Host;
use crate::ui::Ui;
use crate::versions::{SCHEDULER_PROBES, Version};
use crate::yaml;

/// A component that answers for its health.
struct Component {
    name: &'static str,
    address_flag: &'static str,
    port: u16,
    path: fn(&Version) -> &'static str,
}

const API_SERVER: &str = "kube-apiserver";
const API: Component =
    Component { name: API_SERVER, address_flag: "--advertise-address", port: 6443, path: |_| "/livez" };

const COMPONENTS: [Component; 3] = [
    API,
    Component { name: "kube-controller-manager", address_flag: "--bind-address", port: 10257, path: |_| "/healthz" },
    Component {
        name: "kube-scheduler",
        address_flag: "--bind-address",
        port: 10259,
        path: |version| SCHEDULER_PROBES.at(version).liveness,
    },
];

/// Where the components' manifests are, and how the API server is reached.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The machine.
    pub host: &'a dyn Host,
    /// The folder of the manifests.
    pub dir: &'a Utf8Path,
    /// Where the API server is asked, unless its manifest tells another.
    pub address: &'a str,
    /// The kubeconfig of the client that it is asked as.
    pub admin: &'a Utf8Path,
    /// The components' version: it decides where they tell their health.
    pub version: &'a Version,
}

/// The API server while it starts, before anybody asks whether it is well.
#[derive(Debug)]
pub struct StartingApiServer(Endpoint);

impl StartingApiServer {
    /// As its manifest says.
    pub fn read(place: &Place<'_>) -> Result<Self, WaitError> {
        Ok(Self(place.endpoint(&API, &place.identity()?)?))
    }

    /// Waits until it answers at all, well or not.
    pub async fn answers(&self, timeout: Duration, watch: &Watch<'_>, ui: &Ui) -> Result<(), WaitError> {
        until(&self.goal(timeout, &|| self.last()), self.0.responds(), watch, ui).await
    }

    fn goal<'a>(&self, timeout: Duration, last: &'a dyn Fn() -> Vec<String>) -> Goal<'a> {
        Goal { what: "the API server", timeout, last }
    }

    fn last(&self) -> Vec<String> {
        vec![format!("{API_SERVER} check failed at {}: {}", self.0.url, self.0.last())]
    }
}

/// The components' endpoints on this node.
#[derive(Debug)]
pub struct ControlPlane {
    endpoints: Vec<Endpoint>,
}

impl ControlPlane {
    /// As the manifests say.
    pub fn read(place: &Place<'_>) -> Result<Self, WaitError> {
        let identity = place.identity()?;
        let endpoints = COMPONENTS.iter().map(|component| place.endpoint(component, &identity));
        Ok(Self { endpoints: endpoints.collect::<Result<_, _>>()? })
    }

    /// Waits until all of them say that they are well.
    pub async fn healthy(&self, timeout: Duration, watch: &Watch<'_>, ui: &Ui) -> Result<(), WaitError> {
        ui.line(format_args!(
            "[control-plane-check] Waiting for healthy control plane components. This can take up to {}",
            GoDuration::from(timeout)
        ));
        for Endpoint { name, url, .. } in &self.endpoints {
            ui.line(format_args!("[control-plane-check] Checking {name} at {url}"));
        }
        let one = async |endpoint: &Endpoint| {
            let after = endpoint.answers().await;
            watch.healthy(&endpoint.name);
            let Endpoint { name, .. } = endpoint;
            ui.line(format_args!("[control-plane-check] {name} is healthy after {}", GoDuration::from(after)));
        };
        let unwell = || self.endpoints.iter().filter(|endpoint| !endpoint.last().is_empty());
        let last = || unwell().map(|it| format!("{} check failed at {}: {}", it.name, it.url, it.last())).collect();
        let goal = Goal { what: "healthy control plane components", timeout, last: &last };
        let start = tokio::time::Instant::now();
        let all = futures::future::join_all(self.endpoints.iter().map(one));
        until(&goal, all, watch, ui).await.map(|_| ()).inspect_err(|_| {
            let after = GoDuration::from(start.elapsed());
            unwell().for_each(|it| {
                ui.line(format_args!("[control-plane-check] {} is not healthy after {after}", it.name));
            });
        })
    }
}

impl Place<'_> {
    fn identity(&self) -> Result<Identity, WaitError> {
        let missing = || WaitError::Credentials { path: self.admin.to_owned(), source: "it does not exist".into() };
        Identity::read(self.host, self.admin)?.ok_or_else(missing)
    }

    fn endpoint(&self, component: &Component, admin: &Identity) -> Result<Endpoint, WaitError> {
        let trust = if component.name == API_SERVER { Trust::Mutual(admin) } else { Trust::Anyone };
        Endpoint::new(component.name, &self.url(component)?, trust)
    }

    fn url(&self, component: &Component) -> Result<String, WaitError> {
        let path = self.dir.join(format!("{}.yaml", component.name));
        let wrong = |source: Box<dyn Error>| WaitError::Manifest {
            component: component.name.to_owned(),
            path: path.clone(),
            source,
        };
        let text = self.host.read_text(&path)?.ok_or_else(|| wrong("the file does not exist".into()))?;
        let pod = yaml::document(&text).map_err(|error| wrong(error.into()))?;
        let command = command(&pod, component.name)
            .ok_or_else(|| wrong(format!("no container's command starts with {}", component.name).into()))?;
        let default = if component.name == API_SERVER { self.address } else { "127.0.0.1" };
        let address = flag(&command, component.address_flag).unwrap_or(default);
        let port = flag(&command, "--secure-port").and_then(|port| port.parse().ok()).unwrap_or(component.port);
        Ok(format!("https://{}{}", host_port(address, port), (component.path)(self.version)))
    }
}

/// The command line of the container that starts the program.
fn command<'a>(pod: &'a Value, program: &str) -> Option<Vec<&'a str>> {
    let words = |container: &'a Value| -> Option<Vec<&'a str>> {
        Some(container.get("command")?.as_array()?.iter().filter_map(Value::as_str).collect())
    };
    let containers = pod.get("spec")?.get("containers")?.as_array()?;
    containers.iter().filter_map(words).find(|command| command.first() == Some(&program))
}

/// The last value of a flag: the one that counts.
fn flag<'a>(command: &[&'a str], name: &str) -> Option<&'a str> {
    let value = |word: &&'a str| word.trim().strip_prefix(name)?.strip_prefix(['=', ' ']);
    command.iter().rev().find_map(value).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::FakeHost;

    static VERSION: Version = crate::versions::OWN;

    fn manifest(name: &str, flags: &[&str]) -> String {
        let flags: String = flags.iter().map(|flag| format!("    - {flag}\n")).collect();
        format!("spec:\n  containers:\n  - command:\n    - {name}\n{flags}    name: {name}\n")
    }

    fn host(apiserver: &[&str], scheduler: &[&str]) -> FakeHost {
        FakeHost::new()
            .with_file("/m/kube-apiserver.yaml", &manifest("kube-apiserver", apiserver))
            .with_file("/m/kube-controller-manager.yaml", &manifest("kube-controller-manager", &[]))
            .with_file("/m/kube-scheduler.yaml", &manifest("kube-scheduler", scheduler))
    }

    fn place(host: &FakeHost) -> Place<'_> {
        let (dir, admin) = (Utf8Path::new("/m"), Utf8Path::new("/admin.conf"));
        Place { host, dir, address: "192.0.2.9", admin, version: &VERSION }
    }

    #[test]
    fn the_manifests_say_where_components_listen() {
        let host = host(
            &["--advertise-address=192.0.2.1", "--secure-port=6443", "--secure-port=7443"],
            &["--bind-address=::1", "--secure-port=20259"],
        );
        let urls: Vec<String> = COMPONENTS.iter().map(|it| place(&host).url(it).unwrap()).collect();
        assert_eq!(
            urls,
            ["https://192.0.2.1:7443/livez", "https://127.0.0.1:10257/healthz", "https://[::1]:20259/livez"]
        );
        let old = Place { version: &Version::new(1, 30, 0), ..place(&host) };
        assert_eq!(old.url(&COMPONENTS[2]).unwrap(), "https://[::1]:20259/healthz");
    }

    #[test]
    fn a_manifest_without_the_program_is_named() {
        let host = host(&[], &[]).with_file("/m/kube-scheduler.yaml", &manifest("sh", &[]));
        let error = place(&host).url(&COMPONENTS[2]).unwrap_err();
        assert_eq!(
            crate::failure::chain(&error),
            "could not parse the address and port of kube-scheduler in /m/kube-scheduler.yaml: \
             no container's command starts with kube-scheduler"
        );
    }
}
