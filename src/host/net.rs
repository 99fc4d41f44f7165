//! The machine's name, interfaces and default routes, and the address that it is known by.
//!
//! Finds them as kubeadm does: the first global address of the interface that a default route leaves by. Refuses to
//! know what an address is for.

use std::net::{IpAddr, Ipv4Addr};

use camino::Utf8Path;
use nix::errno::Errno;
use nix::ifaddrs::getifaddrs;
use nix::net::if_::InterfaceFlags;

use super::{Host, HostError};

const ROUTES_V4: &str = "/proc/net/route";
const ROUTES_V6: &str = "/proc/net/ipv6_route";

/// The address could not be told.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// The kernel did not say which interfaces there are.
    #[error("cannot list the network interfaces")]
    Interfaces(#[source] Errno),
    /// The kernel did not say what the machine is called.
    #[error("cannot read the host name")]
    Hostname(#[source] Errno),
    /// A routing table could not be read.
    #[error(transparent)]
    Host(#[from] HostError),
}

/// A network interface.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Interface {
    /// Name.
    pub name: String,
    /// Switched on.
    pub up: bool,
    /// `lo` and its like.
    pub loopback: bool,
    /// A tunnel.
    pub point_to_point: bool,
    /// Its addresses, in the kernel's order.
    pub addresses: Vec<IpAddr>,
}

/// A way out: the interface that a default route leaves by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefaultRoute {
    /// The interface's name.
    pub interface: String,
    /// Whether it is a route of IPv6.
    pub v6: bool,
}

/// The addresses that this machine is reached by: of the interfaces that default routes leave by, in the order of the
/// routes, IPv4 before IPv6. Without a routing table, of all ordinary interfaces. Empty when there is none.
pub fn default_addresses(host: &dyn Host) -> Result<Vec<IpAddr>, NetError> {
    default_addresses_of(host, &interfaces()?)
}

/// The global addresses of the loopback interface.
pub fn loopback_addresses() -> Result<Vec<IpAddr>, NetError> {
    let interfaces = interfaces()?;
    let on_lo = |v6| interfaces.iter().filter(|it| it.name == "lo").filter_map(move |it| it.global_address(v6));
    Ok(on_lo(false).chain(on_lo(true)).collect())
}

fn default_addresses_of(host: &dyn Host, interfaces: &[Interface]) -> Result<Vec<IpAddr>, NetError> {
    if !host.exists(Utf8Path::new(ROUTES_V4))? {
        let ordinary = |it: &&Interface| !it.loopback && !it.point_to_point;
        let found = |v6| interfaces.iter().filter(ordinary).filter_map(move |it| it.global_address(v6));
        return Ok(found(false).chain(found(true)).collect());
    }
    let v4 = host.read_lossy(Utf8Path::new(ROUTES_V4))?;
    let v6 = host.read_lossy(Utf8Path::new(ROUTES_V6))?;
    let mut addresses = Vec::new();
    for route in default_routes_v4(&v4).iter().chain(&default_routes_v6(&v6)) {
        let direct = interfaces.iter().find(|it| it.name == route.interface);
        // Routers that speak BGP over link-local addresses keep the machine's own address on the loopback interface.
        let on_loopback = || interfaces.iter().filter(|it| it.loopback).find_map(|it| it.global_address(route.v6));
        let address = direct.and_then(|it| it.global_address(route.v6)).or_else(on_loopback);
        addresses.extend(address.filter(|address| !addresses.contains(address)));
    }
    Ok(addresses)
}

/// The default routes of /proc/net/route; lines that are none are left out.
#[must_use]
pub fn default_routes_v4(table: &str) -> Vec<DefaultRoute> {
    let parse = |line: &str| {
        let mut fields = line.split_whitespace();
        let interface = fields.next()?.to_owned();
        let to_anywhere = u32::from_str_radix(fields.next()?, 16).ok()? == 0;
        to_anywhere.then_some(DefaultRoute { interface, v6: false })
    };
    table.lines().filter(|line| !line.starts_with("Iface")).filter_map(parse).collect()
}

/// The default routes of /proc/net/ipv6_route that have a gateway; lines that are none are left out.
#[must_use]
pub fn default_routes_v6(table: &str) -> Vec<DefaultRoute> {
    let parse = |line: &str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let to_anywhere = u128::from_str_radix(fields.first()?, 16).ok()? == 0;
        let has_gateway = u128::from_str_radix(fields.get(4)?, 16).ok()? != 0;
        let interface = (*fields.get(9)?).to_owned();
        (to_anywhere && has_gateway).then_some(DefaultRoute { interface, v6: true })
    };
    table.lines().filter_map(parse).collect()
}

impl Interface {
    /// The first global unicast address of a family, when the interface is up.
    fn global_address(&self, v6: bool) -> Option<IpAddr> {
        let fits = |address: &&IpAddr| address.is_ipv6() == v6 && is_global_unicast(**address);
        self.addresses.iter().find(fits).copied().filter(|_| self.up)
    }
}

/// As Go's `IsGlobalUnicast`: private addresses are global enough.
#[must_use]
pub fn is_global_unicast(address: IpAddr) -> bool {
    let other = match address {
        IpAddr::V4(v4) => v4.is_link_local() || v4 == Ipv4Addr::BROADCAST,
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    };
    !other && !address.is_unspecified() && !address.is_loopback() && !address.is_multicast()
}

/// The machine's interfaces, with their addresses.
pub fn interfaces() -> Result<Vec<Interface>, NetError> {
    let mut interfaces: Vec<Interface> = Vec::new();
    for entry in getifaddrs().map_err(NetError::Interfaces)? {
        let at = interfaces.iter().position(|known| known.name == entry.interface_name).unwrap_or_else(|| {
            interfaces.push(Interface {
                name: entry.interface_name.clone(),
                up: entry.flags.contains(InterfaceFlags::IFF_UP),
                loopback: entry.flags.contains(InterfaceFlags::IFF_LOOPBACK),
                point_to_point: entry.flags.contains(InterfaceFlags::IFF_POINTOPOINT),
                addresses: Vec::new(),
            });
            interfaces.len() - 1
        });
        let Some(address) = entry.address else { continue };
        let v4 = address.as_sockaddr_in().map(|v4| IpAddr::V4(v4.ip()));
        let v6 = || address.as_sockaddr_in6().map(|v6| IpAddr::V6(v6.ip()));
        interfaces[at].addresses.extend(v4.or_else(v6));
    }
    Ok(interfaces)
}

/// What the machine is called.
pub fn hostname() -> Result<String, NetError> {
    let name = nix::unistd::gethostname().map_err(NetError::Hostname)?;
    Ok(name.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::FakeHost;
    use super::*;

    const V4: &str = "Iface\tDestination\tGateway\tFlags\n\
                      eth0\t00000000\t010200C0\t0003\neth0\t000200C0\t00000000\t0001\n";
    const V6: &str = "\
fd000000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 fd000000000000000000000000000001 00000400 00000002 00000000 00000003     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo
";

    fn interface(name: &str, addresses: &[&str]) -> Interface {
        let addresses = addresses.iter().map(|address| address.parse().unwrap()).collect();
        Interface { name: name.to_owned(), up: true, loopback: name == "lo", point_to_point: false, addresses }
    }

    fn addresses(v4: &str, interfaces: &[Interface]) -> Vec<String> {
        let host = FakeHost::new().with_file(ROUTES_V4, v4).with_file(ROUTES_V6, V6);
        default_addresses_of(&host, interfaces).unwrap().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn v4_before_v6_and_only_global_ones() {
        let eth0 = interface("eth0", &["169.254.1.1", "192.0.2.2", "192.0.2.3", "fe80::1", "fd00::2"]);
        let machine = [interface("lo", &["127.0.0.1"]), eth0.clone(), interface("eth1", &["203.0.113.1"])];
        assert_eq!(addresses(V4, &machine), ["192.0.2.2", "fd00::2"]);
        assert_eq!(addresses("", &machine), ["fd00::2"]);
        assert!(addresses(V4, &[Interface { up: false, ..eth0 }]).is_empty());
        let without_table = default_addresses_of(&FakeHost::new(), &machine).unwrap();
        assert_eq!(without_table.len(), 3);
    }

    #[test]
    fn falls_back_to_a_global_address_on_loopback() {
        let bgp = [interface("lo", &["127.0.0.1", "198.51.100.7"]), interface("eth0", &["fe80::1"])];
        assert_eq!(addresses(V4, &bgp), ["198.51.100.7"]);
    }

    proptest! {
        #[test]
        fn any_table_is_read(table in "[\\PC\n\t]*") {
            let _ = default_routes_v4(&table);
            let _ = default_routes_v6(&table);
        }
    }
}
