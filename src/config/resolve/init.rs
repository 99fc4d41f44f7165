//! The configuration of `init`, and of commands that take the same documents.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::super::error::ConfigError;
use super::super::load::{self, InitDocuments};
use super::super::net::{parse_cidrs, parse_host_port, parse_ip};
use super::super::v1beta4::{BootstrapToken, ClusterConfiguration, InitConfiguration, Patches};
use super::super::{InitConfig, Network, authorization, component, defaults, gates, host_port, token, validate};
use super::label::{self, Chosen, Fetch};
use super::{ImagesFlags, InitFlags, Machine, check_mixed, in_file, named, node, read_file, set};
use crate::host::Host;
use crate::versions::Version;

/// What `init` was asked for.
pub async fn init(
    flags: &InitFlags,
    host: &dyn Host,
    machine: &Machine,
    fetch: &impl Fetch,
    warnings: &mut Vec<String>,
) -> Result<InitConfig, ConfigError> {
    let mut config = assemble(flags, Purpose::ThisNode, host, machine, fetch, warnings).await?;
    skipped_addons(&mut config.init, &mut config.cluster);
    node::check_bind_address(&config.init.local_api_endpoint).map_err(in_file(flags.config.as_ref()))?;
    Ok(config)
}

/// What `config images` was asked for. The node needs no usable address, and phases that are skipped leave out no image.
pub async fn images(
    flags: &ImagesFlags,
    host: &dyn Host,
    machine: &Machine,
    fetch: &impl Fetch,
    warnings: &mut Vec<String>,
) -> Result<InitConfig, ConfigError> {
    let flags = InitFlags {
        config: flags.config.clone(),
        cri_socket: flags.cri_socket.clone(),
        feature_gates: flags.feature_gates.clone(),
        image_repository: flags.image_repository.clone(),
        kubernetes_version: flags.kubernetes_version.clone(),
        ..InitFlags::default()
    };
    assemble(&flags, Purpose::Look, host, machine, fetch, warnings).await
}

/// What a configuration is completed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To make this machine a control-plane node: its own addresses count.
    ThisNode,
    /// To see what it says.
    Look,
}

async fn assemble(
    flags: &InitFlags,
    purpose: Purpose,
    host: &dyn Host,
    machine: &Machine,
    fetch: &impl Fetch,
    warnings: &mut Vec<String>,
) -> Result<InitConfig, ConfigError> {
    let gates = gates::parse(flags.feature_gates.as_deref().unwrap_or_default())?;
    check_mixed(flags.config.as_ref(), &flags.set)?;
    let mut documents = match named(flags.config.as_ref()) {
        Some(path) => read_file(host, path, warnings, load::init)?,
        None => InitDocuments {
            init: Some(init_from_flags(flags)?),
            cluster: Some(ClusterConfiguration { feature_gates: gates, ..cluster_from_flags(flags) }),
            ..InitDocuments::default()
        },
    };
    let init = documents.init.get_or_insert_default();
    beside_config(init, flags);
    describe_tokens(init);
    let completed = complete(documents, purpose, machine, fetch, warnings).await;
    let mut config = completed.map_err(in_file(flags.config.as_ref()))?;
    let ignored = &mut config.init.node_registration.ignore_preflight_errors;
    if purpose == Purpose::ThisNode {
        *ignored = validate::ignored_checks(&flags.ignore_preflight_errors, ignored)?;
    }
    authorization::complete(&mut config.cluster.api_server.extra_args, &config.version, warnings);
    if flags.allow_cgroup_v1 {
        config.components.allow_cgroup_v1(&config.version);
    }
    warnings.extend(expired_tokens(&config.init, machine));
    Ok(config)
}

/// Fills in and checks what a file or flags say.
pub(super) async fn complete(
    documents: InitDocuments,
    purpose: Purpose,
    machine: &Machine,
    fetch: &impl Fetch,
    warnings: &mut Vec<String>,
) -> Result<InitConfig, ConfigError> {
    let mut init = documents.init.unwrap_or_default();
    let mut cluster = documents.cluster.unwrap_or_default();
    let timeouts = defaults::init(&mut init)?;
    defaults::cluster(&mut cluster)?;
    let generated_token = random_tokens(&mut init)?;
    node::name(&mut init.node_registration, machine)?;
    node::cri_socket(&mut init.node_registration.cri_socket, machine, warnings)?;
    let service_subnet = &cluster.networking.service_subnet;
    let address_counts = purpose == Purpose::ThisNode || node::gives_address(&init.local_api_endpoint);
    node::advertise_address(&mut init.local_api_endpoint, service_subnet, machine, warnings)?;
    let Chosen { version, ci } = label::choose(&cluster.kubernetes_version, fetch, warnings).await?;
    cluster.kubernetes_version = version.to_string();
    taint(&mut init, &version);
    endpoint_port(&mut cluster, &init)?;
    cluster.api_server.cert_sans.iter_mut().for_each(|san| *san = san.to_lowercase());
    let address = &init.local_api_endpoint.advertise_address;
    let (kubelet, kube_proxy) = (documents.kubelet, documents.kube_proxy);
    let components = component::complete(kubelet, kube_proxy, &cluster, address, &version, warnings);
    validate::init(&init, &cluster, &version, address_counts, warnings)?;
    let network = network(&init, &cluster)?;
    Ok(InitConfig { init, cluster, components, network, generated_token, version, ci, timeouts })
}

fn init_from_flags(flags: &InitFlags) -> Result<InitConfiguration, ConfigError> {
    let mut init = InitConfiguration::default();
    set(&mut init.local_api_endpoint.advertise_address, flags.advertise_address.as_ref());
    init.local_api_endpoint.bind_port = flags.bind_port.unwrap_or_default();
    set(&mut init.certificate_key, flags.certificate_key.as_ref());
    set(&mut init.node_registration.cri_socket, flags.cri_socket.as_ref());
    let mut token = BootstrapToken { description: token::DEFAULT_DESCRIPTION.to_owned(), ..BootstrapToken::default() };
    if let Some(given) = flags.token.as_ref().filter(|token| !token.is_empty()) {
        token.token = given.parse::<token::Token>()?.to_string();
    }
    if let Some(value) = &flags.token_ttl {
        let wrong = |source| ConfigError::Flag { flag: "token-ttl", value: value.clone(), source };
        token.ttl = Some(value.parse::<super::super::duration::GoDuration>().map_err(wrong)?.to_string());
    }
    init.bootstrap_tokens.push(token);
    Ok(init)
}

fn cluster_from_flags(flags: &InitFlags) -> ClusterConfiguration {
    let mut cluster = ClusterConfiguration::default();
    set(&mut cluster.networking.service_subnet, flags.service_cidr.as_ref());
    set(&mut cluster.networking.pod_subnet, flags.pod_network_cidr.as_ref());
    set(&mut cluster.networking.dns_domain, flags.service_dns_domain.as_ref());
    set(&mut cluster.control_plane_endpoint, flags.control_plane_endpoint.as_ref());
    set(&mut cluster.kubernetes_version, flags.kubernetes_version.as_ref());
    set(&mut cluster.certificates_dir, flags.cert_dir.as_ref());
    set(&mut cluster.image_repository, flags.image_repository.as_ref());
    cluster.api_server.cert_sans.clone_from(&flags.cert_extra_sans);
    cluster.api_server.extra_args.clone_from(&flags.extra_args.apiserver);
    cluster.controller_manager.extra_args.clone_from(&flags.extra_args.controller_manager);
    cluster.scheduler.extra_args.clone_from(&flags.extra_args.scheduler);
    cluster
}

/// Flags that count beside a document too.
fn beside_config(init: &mut InitConfiguration, flags: &InitFlags) {
    init.dry_run = flags.dry_run.unwrap_or(init.dry_run);
    if let Some(directory) = flags.patches.as_ref().filter(|directory| !directory.is_empty()) {
        init.patches = Some(Patches { directory: directory.clone() });
    }
    if !flags.skip_phases.is_empty() {
        init.skip_phases.clone_from(&flags.skip_phases);
    }
    let node = &mut init.node_registration;
    set(&mut node.name, flags.node_name.as_ref().filter(|name| !name.is_empty()));
}

/// By its description a later run knows a token that is made up now.
fn describe_tokens(init: &mut InitConfiguration) {
    if init.bootstrap_tokens.is_empty() {
        init.bootstrap_tokens.push(BootstrapToken::default());
    }
    let unnamed = |token: &&mut BootstrapToken| token.token.is_empty() && token.description.is_empty();
    for token in init.bootstrap_tokens.iter_mut().filter(unnamed) {
        token::DEFAULT_DESCRIPTION.clone_into(&mut token.description);
    }
}

/// Makes up tokens that were not given; says whether there were any.
fn random_tokens(init: &mut InitConfiguration) -> Result<bool, ConfigError> {
    let mut any = false;
    for token in init.bootstrap_tokens.iter_mut().filter(|token| token.token.is_empty()) {
        token.token = token::generate_token().map_err(|_| ConfigError::Random("token"))?.to_string();
        any = true;
    }
    Ok(any)
}

/// Tokens that nobody can join with any more.
fn expired_tokens(init: &InitConfiguration, machine: &Machine) -> Vec<String> {
    let ended = |text: &String| OffsetDateTime::parse(text, &Rfc3339).is_ok_and(|end| end <= machine.now);
    let expired = init.bootstrap_tokens.iter().filter_map(|token| token.expires.as_ref().filter(|end| ended(end)));
    expired
        .map(|end| format!("a bootstrap token of the configuration expired at {end}: no node can join with it"))
        .collect()
}

fn taint(init: &mut InitConfiguration, version: &Version) {
    init.node_registration.taints.get_or_insert_with(|| defaults::control_plane_taints(version));
}

/// An endpoint without a port gets this node's: joining control planes may have another one.
fn endpoint_port(cluster: &mut ClusterConfiguration, init: &InitConfiguration) -> Result<(), ConfigError> {
    if cluster.control_plane_endpoint.is_empty() {
        return Ok(());
    }
    let endpoint = cluster.control_plane_endpoint.clone();
    let (host, port) = match parse_host_port(&endpoint) {
        Ok(parts) => parts,
        Err(reason) => return Err(ConfigError::HostPort { endpoint, reason }),
    };
    let bind_port = u16::try_from(init.local_api_endpoint.bind_port).unwrap_or_default();
    cluster.control_plane_endpoint = host_port(host, port.unwrap_or(bind_port));
    Ok(())
}

/// A skipped addon is disabled in the cluster's configuration, and a disabled one is skipped.
fn skipped_addons(init: &mut InitConfiguration, cluster: &mut ClusterConfiguration) {
    let skip = &mut init.skip_phases;
    let all = skip.iter().any(|phase| phase == "addon");
    for (phase, disabled) in
        [("addon/coredns", &mut cluster.dns.disabled), ("addon/kube-proxy", &mut cluster.proxy.disabled)]
    {
        let skipped = all || skip.iter().any(|name| name == phase);
        if *disabled && !skipped {
            skip.push(phase.to_owned());
        }
        *disabled |= skipped;
    }
}

/// Everything was validated before, so that nothing is left to be wrong.
fn network(init: &InitConfiguration, cluster: &ClusterConfiguration) -> Result<Network, ConfigError> {
    let endpoint = &init.local_api_endpoint;
    let wrong = || ConfigError::AdvertiseAddress(endpoint.advertise_address.clone());
    let mut network = Network {
        advertise_address: parse_ip(&endpoint.advertise_address).ok_or_else(wrong)?,
        bind_port: u16::try_from(endpoint.bind_port).unwrap_or_default(),
        service_subnets: parse_cidrs(&cluster.networking.service_subnet).unwrap_or_default(),
        pod_subnets: parse_cidrs(&cluster.networking.pod_subnet).unwrap_or_default(),
        control_plane_endpoint: cluster.control_plane_endpoint.clone(),
    };
    if network.control_plane_endpoint.is_empty() {
        network.control_plane_endpoint = network.local_endpoint();
    }
    Ok(network)
}
