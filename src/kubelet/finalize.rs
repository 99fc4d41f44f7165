//! After the kubelet has a certificate of its own: its kubeconfig points to that, which is renewed in place.

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;

use super::restart;
use crate::config::v1beta4::NodeRegistrationOptions;
use crate::host::init_system::InitSystem;
use crate::host::{Changed, Host, HostError, NewFile};
use crate::manifests::args;
use crate::paths::{KUBELET_CONF, KUBELET_DIR};
use crate::ui::Ui;
use crate::yaml::{self, YamlError};

/// A kubelet.conf that cannot be changed.
#[derive(Debug, thiserror::Error)]
pub enum FinalizeError {
    /// The machine does not let us.
    #[error("could not update {KUBELET_CONF:?}")]
    Host(#[from] HostError),
    /// It is not YAML, or cannot be written as such.
    #[error("could not load {KUBELET_CONF:?}")]
    Yaml(#[from] YamlError),
    /// It lacks what a kubeconfig has.
    #[error("the file {KUBELET_CONF:?} is not a valid kubeconfig: {0}")]
    Kubeconfig(String),
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
    let present = host.read(Utf8Path::new(KUBELET_CONF))?;
    let present = present.ok_or_else(|| FinalizeError::Kubeconfig("it does not exist".to_owned()))?;
    let present = yaml::document(yaml::text(&present)?)?;
    let wanted = pointed_to(present.clone(), pem.as_str())?;
    if wanted == present {
        return Ok(Changed::No);
    }
    let content = yaml::to_string(&wanted)?;
    let path = Utf8Path::new(KUBELET_CONF);
    host.write(&NewFile { path, content: content.as_bytes(), mode: 0o600, secret: true })?;
    restart(InitSystem::detect(host)?, host, ui);
    Ok(Changed::Yes)
}

fn certificate(registration: &NodeRegistrationOptions) -> Utf8PathBuf {
    let own = args::last(&registration.kubelet_extra_args, "cert-dir").map(Utf8PathBuf::from);
    own.unwrap_or_else(|| Utf8Path::new(KUBELET_DIR).join("pki")).join("kubelet-client-current.pem")
}

/// The kubeconfig with its current user's certificate and key in that file.
fn pointed_to(mut kubeconfig: Value, pem: &str) -> Result<Value, FinalizeError> {
    let wrong = |text: String| FinalizeError::Kubeconfig(text);
    let context = kubeconfig["current-context"].as_str().unwrap_or_default().to_owned();
    if context.is_empty() {
        return Err(wrong("it does not have current context set".to_owned()));
    }
    let user = named(&mut kubeconfig["contexts"], &context)
        .ok_or_else(|| wrong(format!("{context:?} set as current-context, but not found in context list")))?;
    let user = user["context"]["user"].as_str().unwrap_or_default().to_owned();
    if user.is_empty() {
        return Err(wrong("empty username for current context".to_owned()));
    }
    let entry = named(&mut kubeconfig["users"], &user)
        .ok_or_else(|| wrong(format!("it does not contain authentication for user {user:?}")))?;
    let Value::Object(info) = &mut entry["user"] else {
        return Err(wrong(format!("it does not contain authentication for user {user:?}")));
    };
    for field in ["client-certificate", "client-key"] {
        info.remove(&format!("{field}-data"));
        info.insert(field.to_owned(), pem.into());
    }
    Ok(kubeconfig)
}

fn named<'a>(list: &'a mut Value, name: &str) -> Option<&'a mut Value> {
    list.as_array_mut()?.iter_mut().find(|entry| entry["name"] == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::{Effect, FakeHost};
    use crate::ui::Ui;

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
        let user = &yaml::document(yaml::text(&bytes).unwrap()).unwrap()["users"][0]["user"];
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
        assert_eq!(
            error.to_string(),
            "the file \"/etc/kubernetes/kubelet.conf\" is not a valid kubeconfig: \"x\" set as current-context, but not \
             found in context list"
        );
    }
}
