//! What a run that came to its end has left to the administrator, who may have changed it since: another run of the same
//! command must not undo that.
//!
//! A record on the node names the phases. It goes with the kubelet's directory when the node is reset, and counts only
//! beside the CA that it was made with.

use std::collections::BTreeSet;

use camino::Utf8Path;
use tokio::sync::OnceCell;

use super::Selection;
use crate::failure::Outcome;
use crate::host::{Host, HostError, NewFile};
use crate::paths;
use crate::pki::Certificate;
use crate::ui::Ui;

/// The record: the pin of the CA, then the phases, a line for each.
const RECORD: &str = "/var/lib/kubelet/kinit-finished";
/// The phase, of init and of join, that configures the kubelet.
pub(super) const KUBELET_START: &str = "kubelet-start";

/// The phases whose work was left to the administrator.
#[derive(Debug, Clone, Default)]
pub struct Finished {
    phases: BTreeSet<String>,
    /// Whether the cluster was there before anything was written into it; asked once.
    pub(super) cluster: OnceCell<bool>,
}

impl Finished {
    /// What was left before this run: a phase alone is asked for, and leaves nothing.
    pub fn before(selection: &Selection, host: &dyn Host, ca: &Utf8Path) -> Result<Self, HostError> {
        if selection.only.is_some() { Ok(Self::default()) } else { Self::read(host, ca) }
    }

    /// What the record says, as long as the CA is the one that it was made with.
    fn read(host: &dyn Host, ca: &Utf8Path) -> Result<Self, HostError> {
        let record = host.read_lossy(Utf8Path::new(RECORD))?;
        let mut lines = record.lines();
        let (made_with, present) = (lines.next(), pin(host, ca)?);
        let same = present.is_some() && made_with == present.as_deref();
        let phases = lines.filter(|_| same).map(str::to_owned).collect();
        Ok(Self { phases, ..Self::default() })
    }

    /// Notes which of these phases the selection took, now that a whole run has come to its end, beside those of runs
    /// before.
    pub fn record(
        &self,
        phases: &[&str],
        selection: &Selection,
        host: &dyn Host,
        ca: &Utf8Path,
    ) -> Result<(), HostError> {
        let Some(pin) = pin(host, ca)? else { return Ok(()) };
        let mut all = self.phases.clone();
        all.extend(phases.iter().filter(|phase| selection.takes(phase)).map(|&phase| phase.to_owned()));
        let lines: String = std::iter::once(&pin).chain(&all).map(|line| format!("{line}\n")).collect();
        let file = NewFile { path: Utf8Path::new(RECORD), content: lines.as_bytes(), mode: 0o644, secret: false };
        host.ensure_file(&file).map(drop)
    }

    /// Whether nothing was left to anybody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.phases.is_empty()
    }

    /// Whether the work of a phase was left.
    #[must_use]
    pub fn leaves(&self, phase: &str) -> bool {
        self.phases.contains(phase)
    }

    /// Whether the kubelet's configuration stays as it is, in a run of `command`; said in that case.
    pub(super) fn kubelet_stays(&self, command: &str, host: &dyn Host, ui: &Ui) -> Outcome<bool> {
        let stays = self.leaves(KUBELET_START) && host.exists(Utf8Path::new(paths::KUBELET_CONFIG))?;
        if stays {
            tell(command, KUBELET_START, "The kubelet's configuration stays", ui);
        }
        Ok(stays)
    }
}

/// Says that something stays, and how it is made anew.
pub(super) fn tell(command: &str, phase: &str, what: &str, ui: &Ui) {
    let (group, program) = (phase.split('/').next().unwrap_or(phase), &ui.program);
    ui.line(format_args!(
        "[{group}] {what} as it is: {command} was finished here before; to write it anew, with the same flags: {program} {command} phase {}",
        phase.replace('/', " ")
    ));
}

fn pin(host: &dyn Host, ca: &Utf8Path) -> Result<Option<String>, HostError> {
    // Whoever needs a CA that can be read says what is wrong with this one.
    let chain = Certificate::chain_from_pem(&host.read(ca)?.unwrap_or_default());
    Ok(chain.ok().map(|chain| chain.first.pin()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::FakeHost;
    use crate::pki::tests::{config, ensure_all, now};

    #[test]
    fn a_record_counts_beside_the_ca_that_it_was_made_with() {
        let (host, ca) = (FakeHost::new(), Utf8Path::new("/pki/ca.crt"));
        let all = Selection::default();
        let none = Finished::read(&host, ca).unwrap();
        none.record(&["a"], &all, &host, ca).unwrap();
        assert!(Finished::read(&host, ca).unwrap().is_empty(), "no CA, no cluster");

        ensure_all(&host, &config(), now()).unwrap();
        let some = Selection::new(None, &["b".to_owned()]);
        none.record(&["a", "b"], &some, &host, ca).unwrap();
        let finished = Finished::read(&host, ca).unwrap();
        assert!(finished.leaves("a") && !finished.leaves("b"));
        finished.record(&["b"], &all, &host, ca).unwrap();
        let both = Finished::read(&host, ca).unwrap();
        assert!(both.leaves("a") && both.leaves("b"), "{both:?}");
        let alone = Selection::new(Some("a"), &[]);
        assert!(
            Finished::before(&alone, &host, ca).unwrap().is_empty()
                && !Finished::before(&all, &host, ca).unwrap().is_empty()
        );

        host.remove(Utf8Path::new("/pki")).unwrap();
        ensure_all(&host, &config(), now()).unwrap();
        assert!(Finished::read(&host, ca).unwrap().is_empty(), "another CA");
    }
}
