//! The one door to standard output and standard error.
//!
//! Standard output carries kubeadm's `[phase] text` lines, which tools grep. Standard error carries warnings,
//! notes and, on a terminal, progress. For programs (`-o json`) the lines of standard output become events.

use std::cell::RefCell;
use std::fmt::Display;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::rc::Rc;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::Value;

use crate::events::{Event, Problem, Report};

/// Where words for people go. A clone writes to the same place.
#[derive(Clone)]
pub struct Ui {
    out: Rc<RefCell<Box<dyn Write>>>,
    err: Rc<RefCell<Box<dyn Write>>>,
    bars: MultiProgress,
    /// What is told of the run, where programs read.
    report: Option<Rc<Report>>,
    /// `-v`: kubeadm's klog level.
    pub verbosity: i32,
    /// What the program calls itself: `kinit`, or `kubeadm` when run under that name.
    pub program: String,
}

impl Ui {
    /// The process's own streams.
    #[must_use]
    pub fn stdio(program: &str, verbosity: i32) -> Self {
        let live = io::stderr().is_terminal() && verbosity <= 0;
        let target = if live { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        Self {
            out: Rc::new(RefCell::new(Box::new(io::stdout()))),
            err: Rc::new(RefCell::new(Box::new(io::stderr()))),
            bars: MultiProgress::with_draw_target(target),
            report: None,
            verbosity,
            program: program.to_owned(),
        }
    }

    /// Into buffers, for tests.
    #[must_use]
    pub fn into_writers(out: Box<dyn Write>, err: Box<dyn Write>) -> Self {
        Self {
            out: Rc::new(RefCell::new(out)),
            err: Rc::new(RefCell::new(err)),
            bars: MultiProgress::with_draw_target(ProgressDrawTarget::hidden()),
            report: None,
            verbosity: 0,
            program: "kinit".to_owned(),
        }
    }

    /// With events on standard output in place of lines.
    #[must_use]
    pub fn with_events(self) -> Self {
        Self { report: Some(Rc::default()), ..self }
    }

    /// Whether events are told.
    #[must_use]
    pub fn tells_events(&self) -> bool {
        self.report.is_some()
    }

    /// A line on standard output. A reader that went away is not our failure.
    pub fn line(&self, text: impl Display) {
        if self.tells_events() {
            return self.event(&Event::Message { text: &text.to_string() });
        }
        self.bars.suspend(|| {
            let _ = writeln!(self.out.borrow_mut(), "{text}");
        });
    }

    /// Something that happened, for programs.
    pub fn event(&self, event: &Event<'_>) {
        if let Some(line) = self.report.as_ref().and_then(|report| report.line(event)) {
            let _ = writeln!(self.out.borrow_mut(), "{line}");
        }
    }

    /// What is told of a run that ends before it has begun to change anything.
    pub fn nothing_done_yet(&self, dry_run: bool) {
        self.fact("dryRun", dry_run);
        self.fact("changed", false);
    }

    /// Something that the result will say, for programs.
    pub fn fact(&self, name: &str, value: impl Into<Value>) {
        if let Some(report) = &self.report {
            report.fact(name, value.into());
        }
    }

    /// How it ended, for programs.
    pub fn result(&self, problem: Option<Problem>) {
        if let Some(line) = self.report.as_ref().and_then(|report| report.result(problem)) {
            let _ = writeln!(self.out.borrow_mut(), "{line}");
        }
    }

    /// Text on standard output as it is: what the command is for, or a question whose answer follows on the same line.
    /// It has to get there; but a reader that went away has what it wanted.
    pub fn text(&self, text: impl Display) -> Result<(), NotWritten> {
        let mut out = self.out.borrow_mut();
        match write!(out, "{text}").and_then(|()| out.flush()) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(NotWritten(error)),
            _ => Ok(()),
        }
    }

    /// A line on standard error.
    pub fn note(&self, text: impl Display) {
        self.bars.suspend(|| {
            let _ = writeln!(self.err.borrow_mut(), "{text}");
        });
    }

    /// `W … text` on standard error, for what may go wrong later.
    pub fn warn(&self, text: impl Display) {
        self.note(format_args!("warning: {text}"));
        if self.tells_events() {
            self.event(&Event::Warning { text: &text.to_string() });
        }
    }

    /// A line on standard error at `-v level` and above.
    pub fn verbose(&self, level: i32, text: impl Display) {
        if self.verbosity >= level {
            self.note(text);
        }
    }

    /// A spinner with elapsed time, on a terminal only; gone when dropped.
    pub fn spinner(&self, text: impl Display) -> Spinner {
        let bar = self.bars.add(ProgressBar::new_spinner());
        let style = ProgressStyle::with_template("{spinner} {elapsed:>4} {wide_msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.set_message(text.to_string());
        bar.enable_steady_tick(Duration::from_millis(120));
        Spinner(bar)
    }

    /// The columns of the terminal at standard output; none where there is no terminal.
    #[must_use]
    pub fn width(&self) -> Option<usize> {
        terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| width.0.into())
    }

    /// The progress bars' canvas (image pulls).
    #[must_use]
    pub fn bars(&self) -> &MultiProgress {
        &self.bars
    }
}

impl std::fmt::Debug for Ui {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ui").field("program", &self.program).finish_non_exhaustive()
    }
}

/// Standard output does not take what the command is for.
#[derive(Debug, thiserror::Error)]
#[error("cannot write to standard output")]
pub struct NotWritten(#[source] io::Error);

/// A spinner; gone when dropped.
#[derive(Debug)]
pub struct Spinner(ProgressBar);

impl Spinner {
    /// Changes its text.
    pub fn set(&self, text: impl Display) {
        self.0.set_message(text.to_string());
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
