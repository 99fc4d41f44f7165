//! KubeletConfiguration and KubeProxyConfiguration: what the user wrote, made whole as kubeadm makes it.
//!
//! They stay values, so that fields which this version doesn't know survive. Knows kubeadm's defaults and
//! recommendations, and the empty fields that Go writes; refuses to know where the documents are stored.

use std::collections::BTreeMap;

use aws_lc_rs::digest;
use serde_json::{Map, Value, json};

use super::form::is_empty;
use super::net::{first_subnet_address, parse_ip};
use super::path::{get, put};
use super::v1beta4::ClusterConfiguration;
use super::{Component, Components, zero};
use crate::versions::{KUBE_PROXY_MODE, KUBELET_HAS_FAIL_CGROUP_V1, Version};

/// Where kube-proxy finds the cluster, in its container.
const PROXY_KUBECONFIG: &str = "/var/lib/kube-proxy/kubeconfig.conf";
const STATIC_PODS: &str = crate::paths::MANIFESTS_DIR;
const KUBELET: &str = "KubeletConfiguration";
const KUBE_PROXY: &str = "KubeProxyConfiguration";

/// Both component configurations, from what the user wrote (`None`: nothing), which was checked.
pub(super) fn complete(
    kubelet: Option<Map<String, Value>>,
    kube_proxy: Option<Map<String, Value>>,
    cluster: &ClusterConfiguration,
    advertise_address: &str,
    version: &Version,
    warnings: &mut Vec<String>,
) -> Components {
    let cgroup_driver =
        kubelet.as_ref().and_then(|user| user.get("cgroupDriver")?.as_str()).filter(|driver| !driver.is_empty());
    let cgroup_driver = cgroup_driver.map(str::to_owned);
    let kube_proxy = default_kube_proxy(kube_proxy, cluster, advertise_address, version, warnings);
    let kubelet = default_kubelet(kubelet, cluster, version, warnings);
    Components { cgroup_driver, kubelet, kube_proxy }
}

impl Components {
    /// The cgroup driver that the user asked for; `None` when the container runtime's counts.
    #[must_use]
    pub fn user_cgroup_driver(&self) -> Option<&str> {
        self.cgroup_driver.as_deref()
    }

    /// Gives the kubelet the container runtime's cgroup driver.
    pub fn with_cgroup_driver(&mut self, driver: &str) {
        self.kubelet.set("cgroupDriver", json!(driver));
    }

    /// Gives every node's kubelet a file of name servers, where the user names none.
    pub fn with_resolv_conf(&mut self, path: &str) {
        if self.kubelet.document["resolvConf"].is_null() {
            self.kubelet.set("resolvConf", json!(path));
        }
    }

    /// Lets a kubelet of v1.31 or later start on a host with cgroup v1.
    pub(super) fn allow_cgroup_v1(&mut self, version: &Version) {
        if *KUBELET_HAS_FAIL_CGROUP_V1.at(version) {
            self.kubelet.set("failCgroupV1", json!(false));
        }
    }
}

impl Component {
    fn set(&mut self, field: &str, value: Value) {
        if let Value::Object(map) = &mut self.document {
            map.insert(field.to_owned(), value);
        }
    }
}

/// The annotation `kubeadm.kubernetes.io/component-config.hash` of a ConfigMap that kubeadm generated.
#[must_use]
pub fn component_hash(data: &BTreeMap<String, String>) -> String {
    let mut context = digest::Context::new(&digest::SHA256);
    for value in data.values() {
        context.update(value.as_bytes());
    }
    let digits: String = context.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{digits}")
}

fn default_kubelet(
    user: Option<Map<String, Value>>,
    cluster: &ClusterConfiguration,
    version: &Version,
    warnings: &mut Vec<String>,
) -> Component {
    let user_supplied = user.is_some();
    let mut given = user.unwrap_or_default();
    let dns = first_subnet_address(&cluster.networking.service_subnet, 10)
        .map_or_else(|| "10.96.0.10".to_owned(), |address| address.to_string());
    let ca = crate::paths::clean(&cluster.certificates_dir).join("ca.crt").into_string();
    let domain = cluster.networking.dns_domain.as_str();
    let mut recommend = Recommend { kind: KUBELET, given: &mut given, warnings };
    recommend.field("staticPodPath", json!(STATIC_PODS));
    recommend.warn_unless("clusterDNS", &json!([dns]));
    if !domain.is_empty() {
        recommend.field("clusterDomain", json!(domain));
    }
    recommend.field("authentication.x509.clientCAFile", json!(ca));
    recommend.field("authentication.anonymous.enabled", json!(false));
    recommend.field("authorization.mode", json!("Webhook"));
    recommend.field("authentication.webhook.enabled", json!(true));
    recommend.field("healthzBindAddress", json!("127.0.0.1"));
    recommend.field("healthzPort", json!(10248));
    recommend.warn_unless("readOnlyPort", &json!(0));
    // An empty list is a wish too, for pods without a cluster DNS; Go does not write it.
    match given.get("clusterDNS") {
        Some(Value::Array(wanted)) if wanted.is_empty() => drop(given.remove("clusterDNS")),
        _ => fill(&mut given, "clusterDNS", json!([dns])),
    }
    put(&mut given, "rotateCertificates", json!(true));
    fill(&mut given, "cgroupDriver", json!("systemd"));
    Component { document: over(zero::kubelet(version), given), user_supplied }
}

fn default_kube_proxy(
    user: Option<Map<String, Value>>,
    cluster: &ClusterConfiguration,
    advertise_address: &str,
    version: &Version,
    warnings: &mut Vec<String>,
) -> Component {
    let user_supplied = user.is_some();
    let mut given = user.unwrap_or_default();
    recommend_bind_address(&mut given, advertise_address, warnings);
    let pods = cluster.networking.pod_subnet.as_str();
    let mut recommend = Recommend { kind: KUBE_PROXY, given: &mut given, warnings };
    if !pods.is_empty() {
        recommend.field("clusterCIDR", json!(pods));
    }
    recommend.field("clientConnection.kubeconfig", json!(PROXY_KUBECONFIG));
    if given.get("mode") == Some(&json!("ipvs")) {
        warnings.push(format!(
            "The {KUBE_PROXY:?} field \"mode\" is set to \"ipvs\" which has been deprecated since version v1.35. For \
             newer Linux kernel versions, we recommend using the \"nftables\" mode, which has been GA since v1.33. For \
             older Linux kernel versions, you can use the \"iptables\" mode which is still the default one."
        ));
    }
    fill(&mut given, "mode", json!(KUBE_PROXY_MODE.at(version)));
    Component { document: over(zero::kube_proxy(version), given), user_supplied }
}

/// Any address of this node's family; a wildcard of either family is fine too.
fn recommend_bind_address(given: &mut Map<String, Value>, advertise_address: &str, warnings: &mut Vec<String>) {
    let wildcard = |address: &str| if parse_ip(address).is_some_and(|ip| ip.is_ipv4()) { "0.0.0.0" } else { "::" };
    fill(given, "bindAddress", json!(wildcard(advertise_address)));
    let Some(bind) = given.get("bindAddress").and_then(Value::as_str) else { return };
    if matches!(bind, "0.0.0.0" | "::") {
        return;
    }
    warnings.push(match parse_ip(bind) {
        None => format!("The bindAddress {bind:?} in {KUBE_PROXY:?} is not a valid IP address"),
        Some(_) => recommendation(KUBE_PROXY, "bindAddress", &json!(wildcard(bind)), &json!(bind)),
    });
}

/// Fields that the user may set otherwise, but had better not.
struct Recommend<'a> {
    kind: &'static str,
    given: &'a mut Map<String, Value>,
    warnings: &'a mut Vec<String>,
}

impl Recommend<'_> {
    fn field(&mut self, path: &str, wanted: Value) {
        self.warn_unless(path, &wanted);
        fill(self.given, path, wanted);
    }

    fn warn_unless(&mut self, path: &str, wanted: &Value) {
        match get(self.given, path) {
            Some(found) if (is_set(found) || found.is_array()) && found != wanted => {
                self.warnings.push(recommendation(self.kind, path, wanted, found));
            }
            _ => {}
        }
    }
}

fn recommendation(kind: &str, path: &str, wanted: &Value, found: &Value) -> String {
    let (wanted, found) = (go_text(wanted), go_text(found));
    format!("The recommended value for {path:?} in {kind:?} is: {wanted}; the provided value is: {found}")
}

/// A value as Go's `%v` prints it.
fn go_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => format!("[{}]", items.iter().map(go_text).collect::<Vec<_>>().join(" ")),
        other => other.to_string(),
    }
}

/// Sets a field that isn't set.
fn fill(map: &mut Map<String, Value>, path: &str, value: Value) {
    if !get(map, path).is_some_and(is_set) {
        put(map, path, value);
    }
}

/// Flags and numbers are pointers in Go: false and 0 are set.
fn is_set(value: &Value) -> bool {
    value.is_boolean() || value.is_number() || !is_empty(value)
}

/// The second laid over the first, map by map.
fn over(below: Value, above: Map<String, Value>) -> Value {
    let Value::Object(mut merged) = below else { return Value::Object(above) };
    for (key, value) in above {
        let value = match (merged.remove(&key), value) {
            (Some(below @ Value::Object(_)), Value::Object(above)) => over(below, above),
            (_, value) => value,
        };
        merged.insert(key, value);
    }
    Value::Object(merged)
}
