//! Checks before anything is changed.
//!
//! [`init::ask`] and [`join::ask`] say what to look at, [`crate::host::facts::Facts`] looks, and pure functions turn
//! facts into [`Finding`]s with kubeadm's names. [`judge`] shows them as kubeadm does, each with what to do about it.
//! Refuses to repair anything.

pub mod common;
pub mod etcd;
pub mod files;
pub mod images;
pub mod init;
pub mod join;
pub mod kubelet;
pub mod network;
pub mod proxy;
pub mod runtime;
pub mod system;
#[cfg(test)]
mod tests;
pub mod tolerance;
pub mod verification;

use camino::Utf8Path;

use crate::events::Event;
use crate::failure::called_by;
use crate::ui::Ui;

/// The names of checks that are the same on every machine, and the usual ones of those that have a port, a service or a
/// path in theirs. For completion: `--ignore-preflight-errors` takes any.
pub const NAMES: [&str; 28] = [
    "CRI",
    "CgroupDriver",
    "ContainerRuntimeVersion",
    "DirAvailable--var-lib-etcd",
    "ExternalEtcdVersion",
    "FileAvailable--etc-kubernetes-kubelet.conf",
    "FileAvailable--etc-kubernetes-pki-ca.crt",
    "FileContent--proc-sys-net-ipv4-ip_forward",
    "Firewalld",
    "HTTPProxy",
    "HTTPProxyCIDR",
    "Hostname",
    "ImagePull",
    "IsPrivilegedUser",
    "KubeletDropIn",
    "KubeletVersion",
    "KubernetesVersion",
    "Mem",
    "NumCPU",
    "Port-10250",
    "Port-10257",
    "Port-10259",
    "Port-2379",
    "Port-2380",
    "Port-6443",
    "Service-kubelet",
    "Swap",
    "SystemVerification",
];

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// An earlier run of ours left it so: the run goes on from there.
    Ours,
    /// May go wrong later.
    Warning,
    /// Nothing is begun, unless told to ignore it.
    Error,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The check's name, which `--ignore-preflight-errors` takes.
    pub name: String,
    /// How bad it is.
    pub severity: Severity,
    /// What is so.
    pub message: String,
    /// What to do about it.
    pub remedy: Option<String>,
}

impl Finding {
    fn new(severity: Severity, name: &str, message: impl Into<String>) -> Self {
        Self { name: name.to_owned(), severity, message: message.into(), remedy: None }
    }

    /// One that stops the run.
    #[must_use]
    pub fn error(name: &str, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, name, message)
    }

    /// One that does not.
    #[must_use]
    pub fn warning(name: &str, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, name, message)
    }

    /// What an earlier run of ours left.
    #[must_use]
    pub fn ours(name: &str, message: impl Into<String>) -> Self {
        Self::new(Severity::Ours, name, message)
    }

    /// Says what to do about it, as a command to type where there is one. [`PROGRAM`](crate::failure::PROGRAM) in it is kinit.
    #[must_use]
    pub fn fix(self, remedy: impl Into<String>) -> Self {
        Self { remedy: Some(remedy.into()), ..self }
    }

    /// With the name that kinit was called by in its remedy.
    fn told_by(&self, program: &str) -> Self {
        Self { remedy: self.remedy.as_ref().map(|remedy| called_by(program, remedy)), ..self.clone() }
    }
}

/// The name of a check on a path: every slash becomes a dash.
#[must_use]
pub fn path_name(prefix: &str, path: &Utf8Path) -> String {
    format!("{prefix}-{}", path.as_str().replace('/', "-"))
}

/// Some checks failed; their findings were shown.
#[derive(Debug, thiserror::Error)]
#[error("preflight checks failed")]
pub struct ChecksFailed {
    /// The names of the checks, in order.
    pub names: Vec<String>,
}

/// Shows a group of findings; an error that is not ignored fails the group, after all of it was shown.
///
/// `ignored` are names in any case, or `all`.
pub fn judge(ui: &Ui, findings: &[Finding], ignored: &[String]) -> Result<(), ChecksFailed> {
    let ignores = |name: &str| ignored.iter().any(|word| word == "all" || word.eq_ignore_ascii_case(name));
    let fatal = |finding: &&Finding| finding.severity == Severity::Error && !ignores(&finding.name);
    let findings: Vec<Finding> = findings.iter().map(|finding| finding.told_by(&ui.program)).collect();
    for finding in &findings {
        let ignored = finding.severity == Severity::Error && !fatal(&finding);
        Event::of_finding(finding, ignored).iter().for_each(|event| ui.event(event));
        match finding.severity {
            Severity::Ours => ui.verbose(1, format_args!("[preflight] {}: {}", finding.name, finding.message)),
            _ if fatal(&finding) => {}
            Severity::Warning | Severity::Error => show(ui, "WARNING", finding),
        }
    }
    let errors: Vec<&Finding> = findings.iter().filter(fatal).collect();
    if errors.is_empty() {
        return Ok(());
    }
    ui.note("[preflight] Some fatal errors occurred:");
    for finding in &errors {
        show(ui, "ERROR", finding);
    }
    ui.note(
        "[preflight] If you know what you are doing, you can make a check non-fatal with \
         `--ignore-preflight-errors=...`",
    );
    Err(ChecksFailed { names: errors.iter().map(|finding| finding.name.clone()).collect() })
}

fn show(ui: &Ui, word: &str, Finding { name, message, remedy, .. }: &Finding) {
    ui.note(format_args!("\t[{word} {name}]: {message}"));
    if let Some(remedy) = remedy {
        ui.note(format_args!("\t\thelp: {remedy}"));
    }
}

#[cfg(test)]
mod engine_tests {
    use std::cell::RefCell;
    use std::io::Write;
    use std::rc::Rc;

    use super::*;

    #[derive(Clone, Default)]
    struct Shared(Rc<RefCell<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.borrow_mut().extend(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn judged(findings: &[Finding], ignored: &[&str]) -> (String, Vec<String>) {
        let err = Shared::default();
        let ui = Ui::into_writers(Box::new(std::io::sink()), Box::new(err.clone()));
        let ignored: Vec<String> = ignored.iter().map(|&word| word.to_owned()).collect();
        let outcome = judge(&ui, findings, &ignored);
        let text = String::from_utf8(err.0.take()).unwrap();
        (text, outcome.err().map(|failed| failed.names).unwrap_or_default())
    }

    #[test]
    fn shows_as_kubeadm_does() {
        let findings = [
            Finding::error("NumCPU", "the number of available CPUs 1 is less than the required 2"),
            Finding::ours("Port-6443", "held by kube-apiserver (pid 7)"),
            Finding::warning("Swap", "swap is on").fix("swapoff -a"),
            Finding::error("Port-10250", "Port 10250 is in use"),
        ];
        let (text, failed) = judged(&findings, &["port-10250"]);
        assert_eq!(failed, ["NumCPU"]);
        assert_eq!(
            text,
            "\t[WARNING Swap]: swap is on\n\t\thelp: swapoff -a\n\t[WARNING Port-10250]: Port 10250 is in use\n\
             [preflight] Some fatal errors occurred:\n\
             \t[ERROR NumCPU]: the number of available CPUs 1 is less than the required 2\n\
             [preflight] If you know what you are doing, you can make a check non-fatal with \
             `--ignore-preflight-errors=...`\n"
        );
        assert!(judged(&findings, &["all"]).1.is_empty());
    }

    #[test]
    fn names_of_paths_keep_the_first_slash() {
        assert_eq!(path_name("DirAvailable", Utf8Path::new("/var/lib/etcd")), "DirAvailable--var-lib-etcd");
        assert_eq!(path_name("FileExisting", Utf8Path::new("mount")), "FileExisting-mount");
    }
}
