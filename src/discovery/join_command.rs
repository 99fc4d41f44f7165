//! The command that joins a node: what a person carries from the cluster to the node.

use crate::kube::Endpoint;
use crate::pki::{Certificate, NotACertificate};

/// A join command.
#[derive(Debug, Clone)]
pub struct JoinCommand<'a> {
    /// What the program is called.
    pub program: &'a str,
    /// The cluster, as in the administrator's kubeconfig.
    pub endpoint: &'a Endpoint,
    /// The pins of its CAs.
    pub pins: &'a [String],
    /// The token; `None` when it is not to be shown.
    pub token: Option<&'a str>,
}

/// How a node joins the control plane.
#[derive(Debug, Clone, Copy)]
pub enum CertificateKey<'a> {
    /// Certificates are copied by hand.
    None,
    /// Opens the uploaded certificates.
    Shown(&'a str),
    /// As above, but not to be shown.
    Withheld,
}

const WITHHELD: &str = "<value withheld>";

impl JoinCommand<'_> {
    /// For a worker: two lines, the last with a blank at its end.
    #[must_use]
    pub fn worker(&self) -> String {
        let pins: String = self.pins.iter().map(|pin| format!("--discovery-token-ca-cert-hash {pin} ")).collect();
        let (program, address, token) = (self.program, self.endpoint.address(), self.token.unwrap_or(WITHHELD));
        format!("{program} join {address} --token {token} \\\n\t{pins}")
    }

    /// For a control-plane node: three lines.
    #[must_use]
    pub fn control_plane(&self, key: CertificateKey<'_>) -> String {
        let key = match key {
            CertificateKey::None => String::new(),
            CertificateKey::Shown(key) => format!("--certificate-key {key}"),
            CertificateKey::Withheld => format!("--certificate-key {WITHHELD}"),
        };
        format!("{}\\\n\t--control-plane {key}", self.worker())
    }
}

/// A join command on one line, as a shell reads it.
#[must_use]
pub fn on_one_line(command: &str) -> String {
    command.replace("\\\n", "").replace('\t', "")
}

/// The pins of all certificates in a PEM text.
pub fn pins(ca_pem: &str) -> Result<Vec<String>, NotACertificate> {
    Ok(Certificate::chain_from_pem(ca_pem.as_bytes())?.iter().map(Certificate::pin).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `kubeadm init` v1.37.2 prints them.
    #[test]
    fn as_kubeadm_prints() {
        let endpoint = Endpoint { server: "https://10.1.2.3:6443".to_owned(), ..Endpoint::default() };
        let pins = ["sha256:6cf4".to_owned(), "sha256:7d05".to_owned()];
        let command = JoinCommand {
            program: "kubeadm",
            endpoint: &endpoint,
            pins: &pins[..1],
            token: Some("abcdef.0123456789abcdef"),
        };
        let worker = "kubeadm join 10.1.2.3:6443 --token abcdef.0123456789abcdef \\\n\t\
                      --discovery-token-ca-cert-hash sha256:6cf4 ";
        assert_eq!(command.worker(), worker);
        let shown = command.control_plane(CertificateKey::Shown("00ff"));
        assert_eq!(shown, format!("{worker}\\\n\t--control-plane --certificate-key 00ff"));
        assert_eq!(command.control_plane(CertificateKey::None), format!("{worker}\\\n\t--control-plane "));
        let withheld = JoinCommand { token: None, pins: &pins, ..command };
        assert_eq!(
            withheld.control_plane(CertificateKey::Withheld),
            "kubeadm join 10.1.2.3:6443 --token <value withheld> \\\n\t\
             --discovery-token-ca-cert-hash sha256:6cf4 --discovery-token-ca-cert-hash sha256:7d05 \\\n\t\
             --control-plane --certificate-key <value withheld>"
        );
    }
}
