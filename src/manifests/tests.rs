use k8s_openapi::api::core::v1::Volume;

use super::*;
use crate::config::v1beta4::{ClusterConfiguration, Etcd, ExternalEtcd, InitConfiguration, LocalEtcd};
use crate::config::{Components, Network, Timeouts};
use crate::host::{Effect, FakeHost};
use crate::versions::{OWN, Version};

pub(super) fn config(version: Version) -> InitConfig {
    let local = LocalEtcd { data_dir: "/var/lib/etcd".into(), ..LocalEtcd::default() };
    let mut init = InitConfiguration::default();
    init.node_registration.name = "cp2".into();
    let cluster = ClusterConfiguration {
        certificates_dir: "/etc/kubernetes/pki".into(),
        etcd: Etcd { local: Some(local), external: None },
        ..ClusterConfiguration::default()
    };
    let network = Network {
        advertise_address: IpAddr::from([10, 0, 0, 2]),
        bind_port: 6443,
        service_subnets: Vec::new(),
        pod_subnets: Vec::new(),
        control_plane_endpoint: String::new(),
    };
    InitConfig {
        init,
        cluster,
        components: Components::default(),
        network,
        generated_token: false,
        version,
        ci: false,
        timeouts: Timeouts::default(),
    }
}

fn flags(component: Component, facts: &Facts) -> Vec<String> {
    let pod = pod(component, &config(OWN), facts);
    serde_json::from_value(pod["spec"]["containers"][0]["command"].clone()).unwrap()
}

#[test]
fn a_member_that_joins_names_the_others() {
    let members = [("cp1", "https://10.0.0.1:2380"), ("cp2", "https://10.0.0.2:2380")];
    let etcd_members = members.map(|(name, peer)| (name.to_owned(), peer.to_owned())).to_vec();
    let flags = flags(Component::Etcd, &Facts { etcd_members, ..Facts::default() });
    assert!(flags.contains(&"--initial-cluster=cp1=https://10.0.0.1:2380,cp2=https://10.0.0.2:2380".to_owned()));
    assert!(flags.contains(&"--initial-cluster-state=existing".to_owned()));
}

#[test]
fn what_the_machine_tells() {
    let host = FakeHost::new()
        .with_file("/etc/pki/tls/certs/x", "")
        .with_file("/usr/share/ca-certificates/x", "")
        .with_file("/etc/kubernetes/pki/ca.crt", "");
    let facts = Facts::gather(&host, &config(OWN), &[]).unwrap();
    assert_eq!(facts.ca_dirs, ["/etc/pki/tls/certs", "/usr/share/ca-certificates"]);
    assert!(facts.external_ca);
    let signing = flags(Component::ControllerManager, &facts);
    assert!(signing.contains(&"--cluster-signing-key-file=".to_owned()), "{signing:?}");
    let old = Facts::gather(&host, &config(Version::new(1, 30, 0)), &[]).unwrap();
    assert_eq!(old.ca_dirs, ["/etc/pki", "/usr/share/ca-certificates"]);
}

#[test]
fn probes_go_where_flags_say() {
    let probed = |component, flag: &str, value: &str| {
        let mut cfg = config(OWN);
        let flags = vec![args::arg(flag, value)];
        cfg.cluster.scheduler.extra_args = flags.clone();
        cfg.cluster.etcd.local = cfg.cluster.etcd.local.map(|etcd| LocalEtcd { extra_args: flags, ..etcd });
        let http = &pod(component, &cfg, &Facts::default())["spec"]["containers"][0]["livenessProbe"]["httpGet"];
        http.get("host").and_then(Value::as_str).map(str::to_owned)
    };
    for (value, host) in [("::1", Some("::1")), ("0.0.0.0", None), ("", None)] {
        assert_eq!(probed(Component::Scheduler, "bind-address", value).as_deref(), host, "{value:?}");
    }
    for (value, host) in [("http://10.0.0.9:1", "10.0.0.9"), ("10.0.0.9:1", "127.0.0.1"), ("5", "127.0.0.1")] {
        assert_eq!(probed(Component::Etcd, "listen-metrics-urls", value).as_deref(), Some(host), "{value:?}");
    }
}

#[test]
fn a_wait_of_no_time_leaves_the_number_of_failures_to_the_kubelet() {
    let probe = |seconds| {
        let mut cfg = config(OWN);
        cfg.timeouts.control_plane_component_health_check = std::time::Duration::from_secs(seconds);
        pod(Component::Scheduler, &cfg, &Facts::default())["spec"]["containers"][0]["startupProbe"].clone()
    };
    assert_eq!((probe(31)["failureThreshold"].as_u64(), probe(0).get("failureThreshold")), (Some(4), None));
}

#[test]
fn a_manifest_is_written_once_and_other_words_for_it_stay() {
    let (host, cfg, patches) = (FakeHost::new(), config(OWN), Patches::default());
    let facts = Facts::default();
    let text = render(Component::Etcd, &cfg, &facts, &patches, &host, &|_| ()).unwrap();
    assert_eq!(ensure(Component::Etcd, &text, &host).unwrap(), Changed::Yes);
    let effects = host.effects();
    assert_eq!(effects[0], Effect::MakeDir(MANIFESTS_DIR.into()));
    assert!(matches!(&effects[1], Effect::WriteFile { mode: 0o600, .. }));
    assert_eq!(ensure(Component::Etcd, &text, &host).unwrap(), Changed::No);

    let as_json = yaml::document(&text).unwrap().to_string();
    let host = FakeHost::new().with_file("/etc/kubernetes/manifests/etcd.yaml", &as_json);
    assert_eq!(ensure(Component::Etcd, &text, &host).unwrap(), Changed::No);
    let host = host.with_file("/etc/kubernetes/manifests/etcd.yaml", &as_json.replace("10.0.0.2", "10.0.0.3"));
    assert_eq!(ensure(Component::Etcd, &text, &host).unwrap(), Changed::Yes);
    let expected = expected(&cfg, &facts, &patches, &host).unwrap();
    assert_eq!(expected.len(), 4);
    assert!(says_the_same(as_json.as_bytes(), &expected[0].1));
}

#[test]
fn directories_of_an_external_etcds_certificates_are_mounted_where_they_lead() {
    let mut cfg = config(OWN);
    let external = ExternalEtcd {
        ca_file: "/etc/kubernetes/../etcd-certs/ca.crt".into(),
        cert_file: "/etc/kubernetes/pki/../etcd//apiserver.crt".into(),
        key_file: "/etc/kubernetes/pki/./etcd/apiserver.key".into(),
        ..ExternalEtcd::default()
    };
    cfg.cluster.etcd = Etcd { local: None, external: Some(external) };
    let pod = pod(Component::Apiserver, &cfg, &Facts::default());
    let volumes: Vec<Volume> = serde_json::from_value(pod["spec"]["volumes"].clone()).unwrap();
    let paths = volumes.into_iter().filter(|volume| volume.name.starts_with("etcd-certs"));
    let paths: Vec<_> = paths.map(|volume| volume.host_path.unwrap().path).collect();
    assert_eq!(paths, ["/etc/etcd-certs", "/etc/kubernetes/etcd"]);
}

#[test]
fn a_patch_that_makes_no_pod_is_refused() {
    let not_a_pod = "the patched manifest of \"etcd\" is not a valid Pod object: ";
    for (patch, why) in [
        ("spec: {hostNetwork: sometimes}", "invalid type: string \"sometimes\", expected a boolean"),
        ("kind: null", "missing field `kind`"),
        ("apiVersion: null", "missing field `apiVersion`"),
        ("kind: Deployment", "invalid value: string \"Deployment\", expected Pod"),
    ] {
        let host = FakeHost::new().with_file("/p/etcd+merge.yaml", patch);
        let patches = Patches::in_directory("/p");
        let result = render(Component::Etcd, &config(OWN), &Facts::default(), &patches, &host, &|_| ());
        assert_eq!(crate::failure::chain(&result.unwrap_err()), format!("{not_a_pod}{why}"), "{patch}");
    }
}
