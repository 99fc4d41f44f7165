//! Discovery by bootstrap token.
//!
//! cluster-info is read from a server that nothing is known of. Its signature proves that it was written by somebody
//! who knows the token; the pin of the CA in it, that the cluster is the one that was meant; a second reading with
//! that CA, that the server at the address belongs to it.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::{Discovered, DiscoveryError, join_command};
use crate::config::token::{Token, parse_pin};
use crate::config::v1beta4::BootstrapTokenDiscovery;
use crate::host::Host;
use crate::kube::cluster_info::{self, KUBECONFIG, SIGNATURE};
use crate::kube::{Api, Endpoint, jws};
use crate::ui::Ui;

/// Between two readings of a cluster-info that is not yet as it must be.
const PAUSE: Duration = Duration::from_millis(250);
/// A token that is younger than its signature: the controller manager is about to sign.
const SIGNING: Duration = Duration::from_secs(10);
/// A controller manager that has not signed anything yet: it is about to start.
const STARTING: Duration = Duration::from_secs(60);

/// Finds the cluster and makes sure of it.
pub async fn discover(
    wanted: &BootstrapTokenDiscovery,
    timeout: Duration,
    host: &dyn Host,
    ui: &Ui,
) -> Result<Discovered, DiscoveryError> {
    let token: Token = wanted.token.parse()?;
    let pins = parse_pins(&wanted.ca_cert_hashes)?;
    let server = super::server(wanted);
    let silence = super::silence(timeout, host);

    let untrusted = Api::anonymous(&server, None)?;
    let first = Reader { api: &untrusted, server: &server, timeout, silence, ui }.read(&token).await?;
    let endpoint = judge(&first, &token, &pins, host)?;
    if !pins.is_empty() {
        let trusted = Api::anonymous(&server, Some(&endpoint.ca_pem))?;
        let second = Reader { api: &trusted, server: &server, timeout, silence, ui }.read(&token).await?;
        if second[KUBECONFIG] != first[KUBECONFIG] {
            return Err(DiscoveryError::Different);
        }
    }
    let kubeconfig = super::with_token(&endpoint, &wanted.token);
    Ok(Discovered { endpoint, warnings: Vec::new(), kubeconfig })
}

/// What cluster-info's data proves, or why it proves nothing.
pub fn judge(data: &Value, token: &Token, pins: &[String], host: &dyn Host) -> Result<Endpoint, DiscoveryError> {
    let text = data[KUBECONFIG].as_str().filter(|text| !text.is_empty()).ok_or(DiscoveryError::NoKubeconfig)?;
    if !signature(data, token).is_some_and(|signature| jws::verify(signature, text, token)) {
        return Err(DiscoveryError::ForeignSignature { id: token.id.clone() });
    }
    let malformed = |error: Box<dyn std::error::Error + Send + Sync>| DiscoveryError::Malformed(error);
    let endpoint = Endpoint::of("in cluster-info", text, host).map_err(|error| malformed(error.into()))?;
    if !pins.is_empty() {
        let found = join_command::pins(&endpoint.ca_pem).map_err(|error| malformed(error.into()))?;
        if !found.iter().any(|pin| pins.contains(pin)) {
            return Err(DiscoveryError::WrongPin { found, expected: pins.to_vec() });
        }
    }
    Ok(endpoint)
}

fn signature<'a>(data: &'a Value, token: &Token) -> Option<&'a str> {
    data[format!("{SIGNATURE}{}", token.id)].as_str().filter(|text| !text.is_empty())
}

/// Reads cluster-info until it is there and signed.
pub(super) struct Reader<'a> {
    pub(super) api: &'a Api,
    pub(super) server: &'a str,
    pub(super) timeout: Duration,
    /// How long a server is asked that does not answer at all.
    pub(super) silence: Duration,
    pub(super) ui: &'a Ui,
}

impl Reader<'_> {
    /// Its data, with the token's signature. An unreachable server may be starting; one that does not sign for this
    /// token for a while will not begin to.
    pub(super) async fn read(&self, token: &Token) -> Result<Value, DiscoveryError> {
        let start = Instant::now();
        let mut unsigned_since = None;
        let mut told = String::new();
        let spinner = self.ui.spinner(format_args!("Asking {} for its cluster-info", self.server));
        loop {
            let problem = match self.api.get_once(&cluster_info::reference()).await {
                Ok(Some(mut found)) if signature(&found["data"], token).is_some() => return Ok(found["data"].take()),
                Ok(Some(found)) => {
                    let data = &found["data"];
                    if data[KUBECONFIG].is_null() {
                        return Err(DiscoveryError::NoKubeconfig);
                    }
                    let since = *unsigned_since.get_or_insert_with(Instant::now);
                    let unknown =
                        DiscoveryError::UnknownToken { id: token.id.clone(), program: self.ui.program.clone() };
                    if since.elapsed() >= if signs_others(data) { SIGNING } else { STARTING } {
                        return Err(unknown);
                    }
                    unknown
                }
                Ok(None) => DiscoveryError::NoClusterInfo { server: self.server.to_owned() },
                Err(source) if source.is_untrusted() => {
                    return Err(DiscoveryError::Untrusted { server: self.server.to_owned(), source });
                }
                Err(source) if source.is_out_of_time() => {
                    DiscoveryError::Untrusted { server: self.server.to_owned(), source }
                }
                Err(source) => DiscoveryError::Unreachable { server: self.server.to_owned(), source },
            };
            if start.elapsed() >= if problem.is_silence() { self.silence } else { self.timeout } {
                return Err(problem);
            }
            let text = crate::failure::chain(&problem);
            if text != told {
                self.ui.verbose(1, format_args!("[discovery] Retrying due to error: {text}"));
                spinner.set(&text);
                told = text;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

fn signs_others(data: &Value) -> bool {
    data.as_object().is_some_and(|data| data.keys().any(|key| key.starts_with(SIGNATURE)))
}

/// Pins as they are compared.
pub(super) fn parse_pins(pins: &[String]) -> Result<Vec<String>, DiscoveryError> {
    let parse = |pin: &String| parse_pin(pin).map_err(|reason| DiscoveryError::BadPin { pin: pin.clone(), reason });
    pins.iter().map(parse).collect()
}
