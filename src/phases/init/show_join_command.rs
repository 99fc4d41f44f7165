//! `init phase show-join-command`: what to do next, and what other nodes join with.

use serde_json::{Value, json};

use super::Init;
use super::upload_config::failure;
use crate::discovery::join_command::{self, CertificateKey, JoinCommand};
use crate::failure::{Failure, Outcome};
use crate::kube::Endpoint;

/// Prints it all, once for each token.
pub(super) async fn run(init: &Init) -> Outcome {
    let kubeconfig = init.cluster.admin_kubeconfig().map_err(failure(init))?;
    let endpoint = Endpoint::of(init.options.kubeconfig.as_str(), &kubeconfig, &*init.host)?;
    let pins = join_command::pins(&endpoint.ca_pem)
        .map_err(|error| Failure::from(error).within("failed to print join command"))?;
    let mut told = Vec::new();
    for token in &init.cfg.init.bootstrap_tokens {
        let token = (!init.options.skip_token_print).then_some(token.token.as_str());
        let command = JoinCommand { program: &init.ui.program, endpoint: &endpoint, pins: &pins, token };
        init.ui.line(text(init, &command));
        told.push(fact(init, &command));
    }
    init.ui.fact("join", told);
    Ok(())
}

/// The same for programs.
fn fact(init: &Init, command: &JoinCommand<'_>) -> Value {
    let on_one_line = |command: String| join_command::on_one_line(&command).trim_end().to_owned();
    let mut fact = json!({
        "endpoint": command.endpoint.address(),
        "caCertHashes": command.pins,
        "worker": on_one_line(command.worker()),
    });
    if let Some(token) = command.token {
        fact["token"] = token.into();
    }
    if let Some(command) = control_plane_command(init, command) {
        fact["controlPlane"] = on_one_line(command).into();
    }
    if let CertificateKey::Shown(key) = certificate_key(init) {
        fact["certificateKey"] = key.into();
    }
    fact
}

fn text(init: &Init, command: &JoinCommand<'_>) -> String {
    let (kubeconfig, worker) = (&init.options.kubeconfig, command.worker());
    let control_plane = control_plane(init, command);
    format!(
        "
Your Kubernetes control-plane has initialized successfully!

To start using your cluster, you need to run the following as a regular user:

  mkdir -p $HOME/.kube
  sudo cp -i {kubeconfig} $HOME/.kube/config
  sudo chown $(id -u):$(id -g) $HOME/.kube/config

Alternatively, if you are the root user, you can run:

  export KUBECONFIG=/etc/kubernetes/admin.conf

You should now deploy a pod network to the cluster.
Run \"kubectl apply -f [podnetwork].yaml\" with one of the options listed at:
  https://kubernetes.io/docs/concepts/cluster-administration/addons/

{control_plane}Then you can join any number of worker nodes by running the following on each as root:

{worker}"
    )
}

fn certificate_key(init: &Init) -> CertificateKey<'_> {
    match init.once.certificate_key.as_str() {
        _ if init.options.skip_certificate_key_print => CertificateKey::Withheld,
        "" => CertificateKey::None,
        key => CertificateKey::Shown(key),
    }
}

/// How nodes join the control plane; only where they could all reach it.
fn control_plane_command(init: &Init, command: &JoinCommand<'_>) -> Option<String> {
    // Only kubeadm can join a node to the control plane so far; a command that is printed has to work.
    let command = JoinCommand { program: "kubeadm", ..*command };
    let reachable = !init.cfg.cluster.control_plane_endpoint.is_empty();
    reachable.then(|| command.control_plane(certificate_key(init)))
}

fn control_plane(init: &Init, command: &JoinCommand<'_>) -> String {
    let Some(command) = control_plane_command(init, command) else { return String::new() };
    let program = &init.ui.program;
    if init.options.upload_certs {
        format!(
            "You can now join any number of control-plane nodes running the following command on each as root:

  {command}

Please note that the certificate-key gives access to cluster sensitive data, keep it secret!
As a safeguard, uploaded-certs will be deleted in two hours; If necessary, you can use
\"{program} init phase upload-certs --upload-certs\" to reload certs afterward.

"
        )
    } else {
        format!(
            "You can now join any number of control-plane nodes by copying certificate authorities
and service account keys on each node and then running the following as root:

  {command}

"
        )
    }
}
