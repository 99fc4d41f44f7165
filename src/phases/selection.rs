//! Which phases of a table a run has.
//!
//! Knows names and what needs what; refuses to know what a phase does.

use super::{Phase, walk};

/// Which rows of a table run.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Only this phase, with its children.
    pub only: Option<String>,
    /// Not these, with their children.
    pub skip: Vec<String>,
}

/// A selection that names what does not exist or leaves out what is needed.
#[derive(Debug, thiserror::Error)]
pub enum SelectionError {
    /// No such phase.
    #[error("invalid phase name: {0}")]
    Unknown(String),
    /// A phase runs without another that it builds on.
    #[error("unresolved dependencies:\n\tmissing [{missing}] phase(s) needed by {phase:?} phase")]
    Missing {
        /// What runs.
        phase: String,
        /// What does not.
        missing: String,
    },
}

impl Selection {
    /// All but what a configuration or a flag skips. A phase alone that is asked for runs, whatever the configuration says.
    #[must_use]
    pub fn new(only: Option<&str>, skip: &[String]) -> Self {
        let skip = if only.is_some() { Vec::new() } else { skip.to_vec() };
        Self { only: only.map(str::to_owned), skip }
    }

    /// Whether a row is run.
    #[must_use]
    pub fn takes(&self, path: &str) -> bool {
        self.only.as_deref().is_none_or(|only| within(path, only)) && !self.skip.iter().any(|skip| within(path, skip))
    }

    /// Whether all of these are run, with all their children.
    #[must_use]
    pub fn takes_whole(&self, paths: &[&str]) -> bool {
        paths.iter().all(|path| self.takes(path) && !self.skip.iter().any(|skip| within(skip, path)))
    }

    /// Whether a group is run, or something in it alone.
    pub(super) fn enters(&self, group: &str) -> bool {
        let inside = self.only.as_deref().is_none_or(|only| within(group, only) || within(only, group));
        inside && !self.skip.iter().any(|skip| within(group, skip))
    }

    /// Checks every name against a table, before anything runs.
    pub fn check<C>(&self, table: &'static [Phase<C>]) -> Result<(), SelectionError> {
        let mut known = Vec::new();
        walk(table, "", &mut |path, phase| known.push((path.to_owned(), phase)));
        for name in self.skip.iter().chain(&self.only) {
            if !known.iter().any(|(path, _)| path == name) {
                return Err(SelectionError::Unknown(name.clone()));
            }
        }
        for (path, phase) in known.iter().filter(|(path, _)| self.takes(path)) {
            let missing: Vec<&str> = phase.needs.iter().filter(|needed| !self.takes(needed)).copied().collect();
            if !missing.is_empty() {
                return Err(SelectionError::Missing { phase: path.clone(), missing: missing.join(" ") });
            }
        }
        Ok(())
    }
}

fn within(path: &str, whole: &str) -> bool {
    path.strip_prefix(whole).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::super::init::INIT;
    use super::*;

    #[test]
    fn a_phase_alone_runs_whatever_is_skipped() {
        let skip = ["certs".to_owned(), "nonsense".to_owned()];
        let alone = Selection::new(Some("certs/ca"), &skip);
        assert!(alone.check(INIT).is_ok() && alone.takes("certs/ca") && !alone.takes("certs/sa"));
        let all = Selection::new(None, &skip);
        assert!(all.takes("preflight") && !all.takes("certs/ca"));
        assert_eq!(all.check(INIT).unwrap_err().to_string(), "invalid phase name: nonsense");
    }
}
