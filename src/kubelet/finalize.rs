//! After the kubelet has a certificate of its own: its kubeconfig points to that, which is renewed in place.

use camino::{Utf8Path, Utf8PathBuf};

use super::restart;
use crate::config::last_arg;
use crate::config::v1beta4::NodeRegistrationOptions;
use crate::host::init_system::InitSystem;
use crate::host::{Changed, Host, HostError};
use crate::kubeconfig::{self, KubeconfigError};
use crate::paths::{KUBELET_CONF, KUBELET_PKI_DIR};
use crate::ui::Ui;

/// A kubelet.conf that cannot be changed.
#[derive(Debug, thiserror::Error)]
pub enum FinalizeError {
    /// The machine does not answer.
    #[error("could not update {KUBELET_CONF:?}")]
    Host(#[from] HostError),
    /// The file can't be used, or written.
    #[error("could not update {KUBELET_CONF:?}")]
    Kubeconfig(#[from] KubeconfigError),
}

/// Points kubelet.conf to the kubelet's rotated certificate, where there is one, and starts the kubelet anew with it.
pub fn finalize(registration: &NodeRegistrationOptions, host: &dyn Host, ui: &Ui) -> Result<Changed, FinalizeError> {
    let pem = certificate(registration);
    if !host.exists(&pem)? {
        ui.verbose(
            1,
            format_args!("[kubelet-finalize] no {pem:?}: kubelet client certificate rotation is taken for disabled"),
        );
        return Ok(Changed::No);
    }
    ui.line(format_args!(
        "[kubelet-finalize] Updating {KUBELET_CONF:?} to point to a rotatable kubelet client certificate and key"
    ));
    let changed = kubeconfig::point_to_rotated_certificate(host, Utf8Path::new(KUBELET_CONF), &pem)?;
    if changed.yes() {
        restart(InitSystem::detect(host)?, host, ui);
    }
    Ok(changed)
}

fn certificate(registration: &NodeRegistrationOptions) -> Utf8PathBuf {
    let own = last_arg(&registration.kubelet_extra_args, "cert-dir").map(Utf8PathBuf::from);
    own.unwrap_or_else(|| KUBELET_PKI_DIR.into()).join("kubelet-client-current.pem")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::{Effect, FakeHost};
    use crate::ui::Ui;
    use crate::yaml;

    const CONF: &str = "\
apiVersion: v1
clusters: [{cluster: {server: https://10.0.0.1:6443}, name: kubernetes}]
contexts: [{context: {cluster: kubernetes, user: 'system:node:cp1'}, name: system:node:cp1@kubernetes}]
current-context: system:node:cp1@kubernetes
kind: Config
users: [{name: 'system:node:cp1', user: {client-certificate-data: QQ==, client-key-data: Qg==}}]
";

    fn ui() -> Ui {
        Ui::into_writers(Box::new(Vec::new()), Box::new(Vec::new()))
    }

    fn machine(conf: &str) -> FakeHost {
        FakeHost::new()
            .with_file("/usr/bin/systemctl", "")
            .with_answer("systemctl show --property=NeedDaemonReload --value kubelet", 0, "no\n")
            .with_file("/var/lib/kubelet/pki/kubelet-client-current.pem", "x")
            .with_file(KUBELET_CONF, conf)
    }

    #[test]
    fn points_to_the_certificate_once() {
        let host = machine(CONF);
        let node = NodeRegistrationOptions::default();
        assert_eq!(finalize(&node, &host, &ui()).unwrap(), Changed::Yes);
        let bytes = host.read(Utf8Path::new(KUBELET_CONF)).unwrap().unwrap();
        let user = &yaml::document(&yaml::text(&bytes).unwrap()).unwrap()["users"][0]["user"];
        let pem = "/var/lib/kubelet/pki/kubelet-client-current.pem";
        assert_eq!(*user, serde_json::json!({"client-certificate": pem, "client-key": pem}));
        assert!(host.effects().contains(&Effect::Act(vec!["systemctl".into(), "restart".into(), "kubelet".into()])));
        assert_eq!(finalize(&node, &host, &ui()).unwrap(), Changed::No);
        assert_eq!(host.effects(), []);
    }

    #[test]
    fn a_kubelet_without_rotation_is_left_alone() {
        let host = FakeHost::new().with_file(KUBELET_CONF, CONF);
        assert_eq!(finalize(&NodeRegistrationOptions::default(), &host, &ui()).unwrap(), Changed::No);
        assert_eq!(host.effects(), []);
    }

    #[test]
    fn a_spoilt_file_is_named() {
        let host = machine(&CONF.replace("current-context: system:node:cp1@kubernetes", "current-context: x"));
        let error = finalize(&NodeRegistrationOptions::default(), &host, &ui()).unwrap_err();
        let told = crate::failure::chain(&error);
        assert!(told.contains("kubelet.conf") && told.contains("no context named \"x\""), "{told}");
    }
}
