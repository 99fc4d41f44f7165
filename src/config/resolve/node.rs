//! What a node is by itself: its name, its container runtime's socket, its address.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::IpNet;

use super::super::defaults::CRI_SOCKET;
use super::super::error::ConfigError;
use super::super::net::{parse_cidrs, parse_ip};
use super::super::v1beta4::{ApiEndpoint, NodeRegistrationOptions};
use super::Machine;
use crate::host::net::is_global_unicast;

/// The name, as given or the host's; in small letters.
pub(super) fn name(node: &mut NodeRegistrationOptions, machine: &Machine) -> Result<(), ConfigError> {
    let name = if node.name.is_empty() { &machine.hostname } else { &node.name }.trim().to_lowercase();
    if name.is_empty() {
        return Err(ConfigError::NoHostname);
    }
    node.name = name;
    Ok(())
}

/// The container runtime's socket: the one given, or the one that answers.
pub(super) fn cri_socket(
    socket: &mut String,
    machine: &Machine,
    warnings: &mut Vec<String>,
) -> Result<(), ConfigError> {
    if socket.is_empty() {
        *socket = match machine.cri_sockets.as_slice() {
            [] => CRI_SOCKET.to_owned(),
            [only] => only.clone(),
            several => return Err(ConfigError::ManyRuntimes(several.to_vec())),
        };
    } else if !socket.starts_with("unix") {
        warnings.push(format!(
            "Usage of CRI endpoints without URL scheme is deprecated and can cause kubelet errors in the future. \
             Automatically prepending scheme \"unix\" to the \"criSocket\" with value {socket:?}. Please update your \
             configuration!"
        ));
        *socket = format!("unix://{socket}");
    }
    Ok(())
}

/// Whether an address is given, and not to be found on the machine.
pub(super) fn gives_address(endpoint: &ApiEndpoint) -> bool {
    parse_ip(&endpoint.advertise_address).is_some_and(|ip| !ip.is_unspecified())
}

/// The address that the API server tells others: the one given, or that of the default route. `127.0.0.1` and the
/// like ask for a global address on the loopback interface, `0.0.0.0` and `::` for a default one of their family.
pub(super) fn advertise_address(
    endpoint: &mut ApiEndpoint,
    service_subnet: &str,
    machine: &Machine,
    warnings: &mut Vec<String>,
) -> Result<(), ConfigError> {
    let given = endpoint.advertise_address.as_str();
    let address = match parse_ip(given) {
        None if !given.is_empty() => return Err(ConfigError::AdvertiseAddress(given.to_owned())),
        Some(address) if address.is_loopback() => {
            *machine.loopback_addresses.first().ok_or(ConfigError::NoLoopbackAddress)?
        }
        Some(address) if !address.is_unspecified() => address,
        unspecified => default_address(unspecified.or_else(|| of_subnet(service_subnet)), machine, warnings),
    };
    endpoint.advertise_address = address.to_string();
    Ok(())
}

/// Refuses addresses that nobody can reach.
pub(super) fn check_bind_address(endpoint: &ApiEndpoint) -> Result<(), ConfigError> {
    let usable = parse_ip(&endpoint.advertise_address).is_some_and(|ip| ip.is_loopback() || is_global_unicast(ip));
    if usable { Ok(()) } else { Err(ConfigError::BindAddress(endpoint.advertise_address.clone())) }
}

/// The address of the first subnet.
fn of_subnet(subnets: &str) -> Option<IpAddr> {
    parse_cidrs(subnets)?.first().map(IpNet::network)
}

/// The default address, of the family of another one where there is one, else of IPv4.
fn default_address(like: Option<IpAddr>, machine: &Machine, warnings: &mut Vec<String>) -> IpAddr {
    let wants_v4 = like.is_none_or(|like| like.is_ipv4());
    let addresses = &machine.default_addresses;
    if let Some(address) = addresses.iter().find(|address| address.is_ipv4() == wants_v4).or_else(|| addresses.first())
    {
        return *address;
    }
    let unspecified = Ipv4Addr::UNSPECIFIED;
    warnings.push(format!(
        "WARNING: could not obtain a bind address for the API Server: no default routes found; using: {unspecified}"
    ));
    IpAddr::V4(unspecified)
}
