//! What a node that has joined knows of its cluster: the kubeconfig of its kubelet.

use camino::Utf8Path;
use time::OffsetDateTime;

use super::{Discovered, current_entry, file, join_command};
use crate::config::v1beta4::Discovery;
use crate::host::{Host, HostError};
use crate::kubeconfig;
use crate::paths::KUBELET_CONF;
use crate::pki::{self, Certificate};

/// The cluster that this node is a member of, with its kubelet's credentials. `None` where it has none that are good at
/// that moment: until its certificate is issued, when that is gone, and when it has expired.
pub fn membership(host: &dyn Host, now: OffsetDateTime) -> Result<Option<Discovered>, HostError> {
    let Some(text) = host.read_text(Utf8Path::new(KUBELET_CONF))? else { return Ok(None) };
    // A kubeconfig that can't be used is none to the kubelet either: it asks for a new certificate.
    let member = file::understand(KUBELET_CONF, &text, host).ok();
    Ok(member.filter(|member| member.has_certificate(now)))
}

impl Discovered {
    /// Whether this is the cluster that is asked for, as far as the pins of its CA tell: nobody is asked.
    pub(super) fn is_pinned(&self, discovery: &Discovery) -> bool {
        let pinned = |pin: &String| {
            let wanted = discovery.bootstrap_token.iter().flat_map(|token| &token.ca_cert_hashes);
            wanted.into_iter().any(|wanted| wanted.eq_ignore_ascii_case(pin))
        };
        join_command::pins(&self.endpoint.ca_pem).is_ok_and(|pins| pins.iter().any(pinned))
    }

    /// The name of the Node that the client certificate is for.
    #[must_use]
    pub fn node(&self) -> Option<String> {
        self.certificate()?.common_name.strip_prefix(kubeconfig::NODE_USER).map(str::to_owned)
    }

    /// Whether the client certificate is good at a moment.
    fn has_certificate(&self, now: OffsetDateTime) -> bool {
        let certificate = self.certificate();
        certificate.is_some_and(|certificate| pki::period(Utf8Path::new(KUBELET_CONF), &certificate, now).is_none())
    }

    fn certificate(&self) -> Option<Certificate> {
        let data = current_entry(&self.kubeconfig, "user")?["client-certificate-data"].as_str()?;
        Some(Certificate::chain_from_pem(&kubeconfig::decode(data).ok()?).ok()?.first)
    }
}
