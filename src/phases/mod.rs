//! Pipelines of named phases, as tables.
//!
//! Sub-commands (`init phase certs ca`), `--skip-phases`, help, completion, docs/phases.md and the crash tests are
//! all derived from the tables. A phase is 10 to 40 lines of glue over a domain module.

pub mod init;
pub mod join;
pub mod reset;

mod checkpoint;
mod finished;
mod selection;

use std::future::Future;
use std::pin::Pin;

use crate::failure::{Failure, Outcome};
use checkpoint::checkpoint;
pub use finished::Finished;
pub use selection::{Selection, SelectionError};

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
