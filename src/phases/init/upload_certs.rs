//! `init phase upload-certs`: seals the shared certificates for other control-plane nodes to fetch.

use aws_lc_rs::rand;

use super::Init;
use super::upload_config::failure;
use crate::config::token::{NoRandomness, generate_token};
use crate::failure::{Failure, Outcome};
use crate::kube::certs_secret::{CertificateKey, Upload};

/// Uploads the certificates, if that was asked for.
pub(super) async fn run(init: &Init) -> Outcome {
    if !init.options.upload_certs {
        init.ui.line("[upload-certs] Skipping phase. Please see --upload-certs");
        return Ok(());
    }
    let api = init.cluster.admin().await.map_err(failure(init))?;
    init.ui
        .line("[upload-certs] Storing the certificates in Secret \"kubeadm-certs\" in the \"kube-system\" Namespace");
    let mut nonce = || {
        let mut nonce = [0; 12];
        rand::fill(&mut nonce).map_err(|_| NoRandomness)?;
        Ok(nonce)
    };
    let key = CertificateKey::parse(&init.once.certificate_key)?;
    let upload = Upload {
        cluster: &init.cfg.cluster,
        key: &key,
        owner: generate_token()?,
        now: init.once.now,
        nonce: &mut nonce,
    };
    upload.ensure(&api, &*init.host).await.map_err(|error| Failure::from(error).within("error uploading certs"))?;
    if !init.options.skip_certificate_key_print {
        init.ui.line(format_args!("[upload-certs] Using certificate key:\n{}", init.once.certificate_key));
    }
    Ok(())
}
