//! Rules for subnets and the DNS domain, and how they fit each other.

use std::net::IpAddr;

use ipnet::IpNet;

use super::super::last_arg;
use super::super::net::{dns_subdomain_errors, parse_cidr, parse_cidrs, parse_ip, range_size};
use super::super::v1beta4::{Arg, ClusterConfiguration};
use super::Found;

const LEAST_SERVICE_ADDRESSES: i64 = 10;
const LEAST_POD_ADDRESSES: i64 = 14;
/// The API server keeps a bitmap of service addresses: at most 2^20 of them.
const MOST_SERVICE_BITS: u8 = 20;
/// The controller manager keeps a bitmap of node subnets.
const MOST_NODE_BITS: u8 = 16;

impl Found {
    pub(super) fn networking(&mut self, config: &ClusterConfiguration, warnings: &mut Vec<String>) {
        let networking = &config.networking;
        for detail in dns_subdomain_errors(&networking.dns_domain) {
            self.invalid("networking.dnsDomain", &networking.dns_domain, detail);
        }
        let services =
            self.subnets("networking.serviceSubnet", &networking.service_subnet, LEAST_SERVICE_ADDRESSES, warnings);
        self.service_subnet_size(&services);
        let pods = self.subnets("networking.podSubnet", &networking.pod_subnet, LEAST_POD_ADDRESSES, warnings);
        if last_arg(&config.controller_manager.extra_args, "allocate-node-cidrs") != Some("false") {
            self.pod_subnet_node_mask(&pods, &config.controller_manager.extra_args);
        }
        self.overlap(&pods, &services);
    }

    /// The API server refuses an address of another family than its first service subnet's.
    pub(super) fn same_family(&mut self, address: &str, service_subnet: &str) {
        let first = parse_cidrs(service_subnet).and_then(|subnets| subnets.first().copied());
        let (Some(ip), Some(first)) = (parse_ip(address), first) else { return };
        if ip.is_ipv4() != matches!(first, IpNet::V4(_)) {
            let detail = format!(
                "an {} address needs a first service subnet of its family, but networking.serviceSubnet is \
                 \"{service_subnet}\"; give one with --service-cidr or networking.serviceSubnet, or another address",
                family(ip)
            );
            self.invalid("localAPIEndpoint.advertiseAddress", address, detail);
        }
    }

    /// The subnets of a field, with whatever is wrong with them noted.
    fn subnets(&mut self, path: &str, text: &str, least: i64, warnings: &mut Vec<String>) -> Vec<IpNet> {
        let Some(subnets) = parse_cidrs(text) else {
            self.invalid(path, text, "couldn't parse subnet");
            return Vec::new();
        };
        let v4 = subnets.iter().filter(|subnet| matches!(subnet, IpNet::V4(_))).count();
        if subnets.len() > 2 || (subnets.len() == 2 && v4 != 1) {
            let detail = "expected one (IPv4 or IPv6) CIDR or two CIDRs from each family for dual-stack networking";
            self.invalid(path, text, detail);
        }
        for subnet in &subnets {
            let size = range_size(subnet);
            if size < least {
                let detail = format!("subnet with {size} address(es) is too small, the minimum is {least}");
                self.invalid(path, &subnet.to_string(), detail);
            }
            if parse_cidr("fec0::/10").is_some_and(|site_local| overlap(&site_local, subnet)) {
                warnings.push(format!(
                    "the subnet {subnet} contains IPv6 site-local addresses that belong to fec0::/10 which has been \
                     deprecated by rfc3879"
                ));
            }
        }
        subnets
    }

    fn service_subnet_size(&mut self, services: &[IpNet]) {
        for subnet in services {
            let bits = subnet.max_prefix_len();
            if bits - subnet.prefix_len() > MOST_SERVICE_BITS {
                let least = bits - MOST_SERVICE_BITS;
                let detail = format!(
                    "specified service subnet is too large; for {bits}-bit addresses, the mask must be >= {least}"
                );
                self.invalid("networking.serviceSubnet", &subnet.to_string(), detail);
            }
        }
    }

    /// Every node gets a part of the pod subnet.
    fn pod_subnet_node_mask(&mut self, pods: &[IpNet], controller_manager: &[Arg]) {
        let path = "networking.podSubnet";
        for subnet in pods {
            let (flag, usual) = match subnet {
                IpNet::V4(_) => ("node-cidr-mask-size-ipv4", 24),
                IpNet::V6(_) => ("node-cidr-mask-size-ipv6", 64),
            };
            let given = last_arg(controller_manager, flag).filter(|mask| !mask.is_empty());
            let (mask, text) = (subnet.prefix_len(), subnet.to_string());
            match given.map_or(Ok(usual), |mask| mask.parse::<u8>().map_err(|_| mask)) {
                Err(wrong) => {
                    let detail = format!(
                        "could not parse the value of the kube-controller-manager flag {flag} as an integer: \
                         strconv.Atoi: parsing {wrong:?}: invalid syntax"
                    );
                    self.invalid(path, &text, detail);
                }
                Ok(node) if mask > node => {
                    let detail = format!(
                        "the size of pod subnet with mask {mask} is smaller than the size of node subnet with mask {node}"
                    );
                    self.invalid(path, &text, detail);
                }
                Ok(node) if node - mask > MOST_NODE_BITS => {
                    let detail = format!(
                        "pod subnet mask ({mask}) and node-mask ({node}) difference is greater than {MOST_NODE_BITS}"
                    );
                    self.invalid(path, &text, detail);
                }
                Ok(_) => {}
            }
        }
    }

    /// A pod with a service's address can't be reached; kubeadm doesn't look.
    fn overlap(&mut self, pods: &[IpNet], services: &[IpNet]) {
        for pod in pods {
            if let Some(service) = services.iter().find(|service| overlap(pod, service)) {
                let detail = format!("it overlaps the service subnet {service}; choose subnets apart from each other");
                self.invalid("networking.podSubnet", &pod.to_string(), detail);
            }
        }
    }
}

fn overlap(one: &IpNet, other: &IpNet) -> bool {
    one.contains(other) || other.contains(one)
}

fn family(ip: IpAddr) -> &'static str {
    if ip.is_ipv4() { "IPv4" } else { "IPv6" }
}
