//! Pipelines of named phases, as tables.
//!
//! Sub-commands (`init phase certs ca`), `--skip-phases`, help, completion, docs/phases.md and the crash tests are
//! all derived from the tables. A phase is 10 to 40 lines of glue over a domain module.

pub mod init;
pub mod join;
pub mod reset;

mod checkpoint;

use std::future::Future;
use std::pin::Pin;

use crate::failure::{Failure, Outcome};
use checkpoint::checkpoint;

/// A future on the one thread that kinit has.
pub type LocalFuture<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// One row of a pipeline.
pub struct Phase<C: 'static> {
    /// As typed: `certs`, `kube-proxy`.
    pub name: &'static str,
    /// One line for help.
    pub about: &'static str,
    /// Other spellings that kubeadm takes.
    pub aliases: &'static [&'static str],
    /// Not in help and without a sub-command, though it can be skipped by name.
    pub hidden: bool,
    /// The flags that the sub-command takes, without dashes.
    pub flags: &'static [&'static str],
    /// About its `all` child, where it has one: the command that runs every child.
    pub all: Option<&'static str>,
    /// Phases (full paths) that must run too when this one does.
    pub needs: &'static [&'static str],
    /// What a group says before its children.
    pub announce: fn(&C),
    /// Whether it has anything to do.
    pub when: fn(&C) -> bool,
    /// What it does, or its children.
    pub body: Body<C>,
}

/// What a row does.
pub enum Body<C: 'static> {
    /// One step.
    Leaf(for<'a> fn(&'a C) -> LocalFuture<'a, Outcome>),
    /// Steps in order.
    Group(&'static [Phase<C>]),
}

/// A row that does something: `leaf!("name", "about", function, flags: [...])`.
macro_rules! leaf {
    ($name:literal, $about:literal, $run:path $(, flags: $flags:expr)? $(, aliases: $aliases:expr)?
     $(, needs: $needs:expr)? $(, when: $when:expr)? $(, hidden: $hidden:expr)? $(,)?) => {
        $crate::phases::Phase {
            name: $name,
            about: $about,
            body: $crate::phases::Body::Leaf(|context| Box::pin($run(context))),
            $(flags: $flags,)? $(aliases: $aliases,)? $(needs: $needs,)? $(when: $when,)? $(hidden: $hidden,)?
            ..$crate::phases::Phase::EMPTY
        }
    };
}

/// A row with children: `group!("name", "about", all: "about", [leaf!(…), …])`.
macro_rules! group {
    ($name:literal, $about:literal $(, all: $all:literal)? $(, aliases: $aliases:expr)? $(, announce: $announce:expr)?
     $(, when: $when:expr)?, [$($child:expr),* $(,)?]) => {
        $crate::phases::Phase {
            name: $name,
            about: $about,
            body: $crate::phases::Body::Group(&[$($child),*]),
            $(all: Some($all),)? $(aliases: $aliases,)? $(announce: $announce,)? $(when: $when,)?
            ..$crate::phases::Phase::EMPTY
        }
    };
}

pub(crate) use {group, leaf};

impl<C> Phase<C> {
    /// What rows start from.
    const EMPTY: Self = Self {
        name: "",
        about: "",
        aliases: &[],
        hidden: false,
        flags: &[],
        all: None,
        needs: &[],
        announce: |_| (),
        when: |_| true,
        body: Body::Group(&[]),
    };

    fn path(&self, above: &str) -> String {
        if above.is_empty() { self.name.to_owned() } else { format!("{above}/{}", self.name) }
    }
}

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
    fn enters(&self, group: &str) -> bool {
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

/// Visits every row of a table, in order, with its full path.
pub fn walk<C>(table: &'static [Phase<C>], above: &str, visit: &mut dyn FnMut(&str, &'static Phase<C>)) {
    for phase in table {
        let path = phase.path(above);
        visit(&path, phase);
        if let Body::Group(children) = &phase.body {
            walk(children, &path, visit);
        }
    }
}

/// The full paths of a table's leaves, in order.
#[must_use]
pub fn leaves<C>(table: &'static [Phase<C>]) -> Vec<String> {
    let mut paths = Vec::new();
    walk(table, "", &mut |path, phase| {
        if matches!(phase.body, Body::Leaf(_)) {
            paths.push(path.to_owned());
        }
    });
    paths
}

/// What is told of a run.
pub trait Observer {
    /// A leaf begins.
    fn started(&self, path: &str);
    /// A leaf ended well.
    fn finished(&self, path: &str);
}

/// Runs the selected rows of a table in order; stops at the first that fails.
pub fn drive<'a, C>(
    table: &'static [Phase<C>],
    context: &'a C,
    selection: &'a Selection,
    observer: &'a dyn Observer,
) -> LocalFuture<'a, Outcome> {
    below(table, context, selection, observer, String::new())
}

fn below<'a, C>(
    table: &'static [Phase<C>],
    context: &'a C,
    selection: &'a Selection,
    observer: &'a dyn Observer,
    above: String,
) -> LocalFuture<'a, Outcome> {
    Box::pin(async move {
        for phase in table {
            let path = phase.path(&above);
            if !(phase.when)(context) {
                continue;
            }
            match &phase.body {
                Body::Group(children) => {
                    if selection.enters(&path) {
                        (phase.announce)(context);
                    }
                    below(children, context, selection, observer, path).await?;
                }
                Body::Leaf(run) if selection.takes(&path) => {
                    checkpoint("before", &path);
                    observer.started(&path);
                    run(context)
                        .await
                        .map_err(|failure: Failure| failure.within(&format!("error execution phase {path}")))?;
                    observer.finished(&path);
                    checkpoint("after", &path);
                }
                Body::Leaf(_) => {}
            }
        }
        Ok(())
    })
}
