//! Static pod manifests of whole configurations: `tests/golden/<scenario>/config.yaml` in, the files beside it out.
//!
//! `UPDATE=1` writes the files anew. With `KUBEADM` set to the path of a kubeadm v1.37.2, the scenarios that it can
//! install are also compared with what that makes of the same configuration, by value, and so are the lines it prints.

#![expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test reads its files and fails where it stands")]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::process::Command;
use std::rc::Rc;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use kinit::config::v1beta4::{ClusterConfiguration, InitConfiguration, LocalEtcd};
use kinit::config::{Components, InitConfig, Network, Timeouts, host_port};
use kinit::host::{Host, RealHost};
use kinit::kubelet::{self, Node};
use kinit::manifests::{self, Component, Facts};
use kinit::patches::Patches;
use kinit::versions::{OFFICIAL_REPOSITORY, Version};
use kinit::yaml;
use serde_json::Value;

use crate::support::{kubeadm, update};

const SCENARIOS: [&str; 7] = ["default", "rich", "external-etcd", "ipv6", "patches", "v1.30", "v1.23"];
const PROXIES: [(&str, &str); 2] = [("HTTPS_PROXY", "http://proxy.example.com:3128"), ("no_proxy", "example.com")];

fn dir(scenario: &str) -> Utf8PathBuf {
    Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(scenario)
}

/// The configuration with those defaults that manifests depend on.
pub(crate) fn load(scenario: &str) -> InitConfig {
    let text = fs::read_to_string(dir(scenario).join("config.yaml")).unwrap();
    let documents = yaml::documents(&text).unwrap();
    let mut init: InitConfiguration = serde_json::from_value(documents[0].clone()).unwrap();
    let mut cluster: ClusterConfiguration = serde_json::from_value(documents[1].clone()).unwrap();
    let version = Version::parse(&cluster.kubernetes_version).unwrap();

    let fill = |field: &mut String, default: &str| {
        if field.is_empty() {
            *field = default.to_owned();
        }
    };
    fill(&mut cluster.certificates_dir, "/etc/kubernetes/pki");
    fill(&mut cluster.cluster_name, "kubernetes");
    fill(&mut cluster.image_repository, OFFICIAL_REPOSITORY.at(&version));
    fill(&mut cluster.networking.dns_domain, "cluster.local");
    fill(&mut cluster.networking.service_subnet, "10.96.0.0/12");
    if cluster.etcd.external.is_none() {
        fill(&mut cluster.etcd.local.get_or_insert_with(LocalEtcd::default).data_dir, "/var/lib/etcd");
    }
    if init.local_api_endpoint.bind_port == 0 {
        init.local_api_endpoint.bind_port = 6443;
    }

    let subnets =
        |text: &str| text.split(',').filter(|text| !text.is_empty()).map(|text| text.parse().unwrap()).collect();
    let endpoint = &init.local_api_endpoint;
    let bind_port = u16::try_from(endpoint.bind_port).unwrap();
    let network = Network {
        advertise_address: endpoint.advertise_address.parse().unwrap(),
        bind_port,
        service_subnets: subnets(&cluster.networking.service_subnet),
        pod_subnets: subnets(&cluster.networking.pod_subnet),
        control_plane_endpoint: host_port(&endpoint.advertise_address, bind_port),
    };
    let mut timeouts = Timeouts::default();
    if init.timeouts.is_some() {
        // The one scenario that sets it says 5m1s.
        timeouts.control_plane_component_health_check = Duration::from_secs(301);
    }
    InitConfig {
        init,
        cluster,
        components: Components::default(),
        network,
        generated_token: false,
        version,
        ci: false,
        timeouts,
    }
}

fn proxies(scenario: &str) -> Vec<(String, String)> {
    let mut proxies = Vec::new();
    if scenario == "rich" {
        proxies.extend(PROXIES.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
    proxies
}

fn patches(scenario: &str) -> Patches {
    let dir = dir(scenario).join("patches");
    Patches::in_directory(if dir.exists() { dir.as_str() } else { "" })
}

fn root() -> Rc<dyn Host> {
    Rc::new(RealHost::new(Utf8Path::new("/")))
}

/// Each manifest by file name, and what was said.
fn rendered(scenario: &str, facts: &Facts) -> (BTreeMap<String, String>, Vec<String>) {
    let (cfg, patches, said) = (load(scenario), patches(scenario), RefCell::new(Vec::new()));
    let say = |line: &str| said.borrow_mut().push(line.to_owned());
    let render = |component: Component| {
        let text = manifests::render(component, &cfg, facts, &patches, &*root(), &say).unwrap();
        (component.path().file_name().unwrap().to_owned(), text)
    };
    let files = manifests::components(&cfg).into_iter().map(render).collect();
    (files, said.into_inner())
}

#[test]
fn manifests_are_as_reviewed() {
    let ca_dirs = ["/etc/ca-certificates", "/usr/local/share/ca-certificates", "/usr/share/ca-certificates"];
    for scenario in SCENARIOS {
        let facts = Facts {
            ca_dirs: ca_dirs.map(str::to_owned).to_vec(),
            proxy_env: proxies(scenario),
            external_ca: scenario == "external-etcd",
            etcd_members: Vec::new(),
            accounts: None,
        };
        let golden = dir(scenario).join("etc/kubernetes/manifests");
        let (files, _) = rendered(scenario, &facts);
        if update() {
            fs::create_dir_all(&golden).unwrap();
            for (name, text) in &files {
                fs::write(golden.join(name), text).unwrap();
            }
        }
        for (name, text) in &files {
            let expected = fs::read_to_string(golden.join(name)).unwrap();
            assert_eq!(*text, expected, "{scenario}/{name}: UPDATE=1 if this is meant");
        }
        assert_eq!(golden.read_dir_utf8().unwrap().count(), files.len(), "{scenario}: files too many");
    }
}

#[test]
fn manifests_are_kubeadms() {
    let Some(kubeadm) = kubeadm() else { return };
    for scenario in SCENARIOS.into_iter().filter(|scenario| !scenario.starts_with('v')) {
        let cfg = load(scenario);
        let facts = Facts::gather(&*root(), &cfg, &proxies(scenario)).unwrap();
        let (ours, said) = rendered(scenario, &facts);
        let out = tempfile::tempdir().unwrap();
        let mut lines = Vec::new();
        for phase in [["etcd", "local"], ["control-plane", "all"]] {
            let mut command = Command::new(&kubeadm);
            command.args(["init", "phase"]).args(phase).arg("--dry-run");
            command.args(["--config", config_for_kubeadm(scenario, out.path()).as_str()]);
            command.env_clear().env("PATH", "/usr/bin:/bin").env("KUBEADM_INIT_DRYRUN_DIR", out.path());
            let output = command.envs(proxies(scenario)).output().unwrap();
            assert!(output.status.success(), "{scenario}: {}", String::from_utf8_lossy(&output.stderr));
            let printed = String::from_utf8(output.stdout).unwrap();
            lines.extend(printed.lines().filter(|line| line.starts_with("[patches]")).map(str::to_owned));
        }
        for (name, text) in &ours {
            let theirs = fs::read_to_string(out.path().join(name)).unwrap();
            assert_eq!(value(text), value(&theirs), "{scenario}/{name}");
        }
        // Two processes read the directory twice.
        let mut once: Vec<String> = Vec::new();
        for line in lines {
            if line.starts_with("[patches] Applied") || !once.contains(&line) {
                once.push(line);
            }
        }
        assert_eq!(said, once, "{scenario}");
    }
}

#[test]
fn the_kubelets_files_are_kubeadms() {
    let Some(kubeadm) = kubeadm() else { return };
    let start = |scenario: &str, patched: bool| {
        let out = tempfile::tempdir().unwrap();
        let config = config_for_kubeadm(if patched { scenario } else { "default" }, out.path());
        let mut command = Command::new(&kubeadm);
        command.args(["init", "phase", "kubelet-start", "--dry-run", "--config", config.as_str()]);
        command.env_clear().env("PATH", "/usr/bin:/bin").env("KUBEADM_INIT_DRYRUN_DIR", out.path());
        let output = command.output().unwrap();
        assert!(output.status.success(), "{scenario}: {}", String::from_utf8_lossy(&output.stderr));
        let read = |name: &str| fs::read_to_string(out.path().join(name)).unwrap();
        let files = (read("kubeadm-flags.env"), read("instance-config.yaml"), read("config.yaml"));
        (files, String::from_utf8(output.stdout).unwrap())
    };
    // Paths and subnets differ between scenarios, so the plain document is that of one without such differences.
    let mut plain = value(&start("default", false).0.2);
    plain["containerRuntimeEndpoint"] = "".into();
    for scenario in ["default", "patches", "rich"] {
        let cfg = load(scenario);
        let node = Node {
            registration: &cfg.init.node_registration,
            cluster: &cfg.cluster,
            version: &cfg.version,
            config: &plain,
            taints_by_flag: false,
            serving: None,
        };
        let facts = kubelet::Facts::gather(&*root()).unwrap();
        let ours = kubelet::files(&node, &facts, &patches(scenario), &*root()).unwrap();
        let (theirs, printed) = start(scenario, true);
        assert_eq!(ours.flags_env, theirs.0, "{scenario}");
        assert_eq!(ours.instance_config.unwrap(), theirs.1, "{scenario}");
        if scenario != "rich" {
            assert_eq!(value(&ours.config), value(&theirs.2), "{scenario}");
        }
        let said: Vec<&str> = printed.lines().filter(|line| line.starts_with("[patches]")).collect();
        assert_eq!(ours.notes, said, "{scenario}");
    }
}

/// The scenario's file, with the directory of its patches in it.
fn config_for_kubeadm(scenario: &str, out: &std::path::Path) -> Utf8PathBuf {
    let patches = dir(scenario).join("patches");
    let mut text = fs::read_to_string(dir(scenario).join("config.yaml")).unwrap();
    if patches.exists() {
        text = text.replacen("\n---", &format!("\npatches: {{directory: {patches}}}\n---"), 1);
    }
    let path = Utf8Path::from_path(out).unwrap().join("kubeadm-config.yaml");
    fs::write(&path, text).unwrap();
    path
}

fn value(text: &str) -> Value {
    yaml::document(text).unwrap()
}
