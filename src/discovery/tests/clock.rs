//! An API server whose certificate is good at another time: a clock may be about to be set.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Instant;

use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, Stream};
use time::OffsetDateTime;

use super::*;

const ANSWER: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 67\r\n\r\n\
                      {\"data\": {\"kubeconfig\": \"told\", \"jws-kubeconfig-abcdef\": \"signed\"}}";

/// A certificate of a server that trusts itself.
struct Pair {
    pem: String,
    certificate: CertificateDer<'static>,
    key: PrivatePkcs8KeyDer<'static>,
}

impl Pair {
    /// Valid in so many days from now.
    fn valid_in(days: i64) -> Self {
        let mut params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
        params.not_before = OffsetDateTime::now_utc() + time::Duration::days(days);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        Self { pem: certificate.pem(), certificate: certificate.der().clone(), key }
    }

    fn config(&self) -> Arc<ServerConfig> {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let key = self.key.clone_key().into();
        let builder = ServerConfig::builder().with_no_client_auth();
        Arc::new(builder.with_single_cert(vec![self.certificate.clone()], key).unwrap())
    }
}

/// A server that shows one certificate to each client, and its URL.
fn serve(pairs: &[&Pair]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let configs: Vec<Arc<ServerConfig>> = pairs.iter().map(|pair| pair.config()).collect();
    std::thread::spawn(move || {
        for (config, client) in configs.into_iter().zip(listener.incoming()) {
            let (mut connection, mut client) = (ServerConnection::new(config).unwrap(), client.unwrap());
            let mut stream = Stream::new(&mut connection, &mut client);
            // A client that refuses the certificate is gone.
            if stream.read(&mut [0; 4096]).is_ok() {
                let _ = stream.write_all(ANSWER.as_bytes());
            }
        }
    });
    url
}

async fn read(server: &str, trusted: &[&Pair], timeout: Duration) -> Result<Value, DiscoveryError> {
    let pem: String = trusted.iter().map(|pair| pair.pem.as_str()).collect();
    let api = Api::anonymous(server, Some(&pem)).unwrap();
    let reader = Reader { api: &api, server, timeout, silence: timeout, ui: &ui() };
    reader.read(&token(TOKEN)).await
}

#[tokio::test]
async fn a_clock_that_is_set_meanwhile_lets_the_node_join() {
    let (early, good) = (Pair::valid_in(1), Pair::valid_in(-1));
    let server = serve(&[&early, &early, &good]);
    let data = read(&server, &[&early, &good], Duration::from_secs(60)).await.unwrap();
    assert_eq!(data["kubeconfig"], "told");
}

#[tokio::test]
async fn a_clock_that_stays_wrong_is_named_in_the_end() {
    let early = Pair::valid_in(1);
    let server = serve(&[&early; 20]);
    let start = Instant::now();
    let error = read(&server, &[&early], Duration::from_millis(400)).await.unwrap_err();
    assert!(start.elapsed() >= Duration::from_millis(400), "it was tried once");
    assert!(matches!(error, DiscoveryError::Untrusted { .. }) && !error.is_silence(), "{error:?}");
    assert!(error.remedies("kinit")[0].contains("timedatectl"), "{:?}", error.remedies("kinit"));
}

#[tokio::test]
async fn a_server_of_another_cluster_is_refused_at_once() {
    let (ours, theirs) = (Pair::valid_in(-1), Pair::valid_in(-1));
    let error = read(&serve(&[&theirs]), &[&ours], Duration::from_secs(60)).await.unwrap_err();
    assert!(matches!(error, DiscoveryError::Untrusted { .. }), "{error:?}");
    assert!(error.remedies("kinit")[0].contains("check whose server it is"), "{:?}", error.remedies("kinit"));
}
