//! Pulling a list of images into the container runtime: several at once, each with another try where that may help.
//!
//! Knows patience and progress; refuses to know which images there are and why.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashSet};
use std::time::Duration;

use futures::StreamExt;
use indicatif::{ProgressBar, ProgressStyle};
use tokio::time::{Instant, sleep};

use crate::cri::{Cri, CriError};
use crate::diagnose;
use crate::failure::{Failure, chain};
use crate::ui::Ui;

/// How many images are pulled at the same time: more only compete for the same line and disk.
pub const AT_ONCE: usize = 4;
/// How often an image is tried.
const TRIES: u32 = 5;
/// How often when the runtime says that it will end the same way: registries behind mirrors err at times.
const DEFINITIVE_TRIES: u32 = 2;
/// The pause before the second try; it doubles from there.
const PAUSE: Duration = Duration::from_millis(500);

/// When an image is pulled at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// Also when the runtime has one of that name.
    Always,
    /// When the runtime has none of that name.
    IfNotPresent,
    /// Not at all.
    Never,
}

impl Policy {
    /// As `imagePullPolicy` spells it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "Always" => Some(Self::Always),
            "IfNotPresent" | "" => Some(Self::IfNotPresent),
            "Never" => Some(Self::Never),
            _ => None,
        }
    }
}

/// An image that is there now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pulled {
    /// It was pulled.
    New,
    /// It was there before.
    Present,
}

/// An image that could not be pulled.
#[derive(Debug, thiserror::Error)]
#[error("failed to pull image {image}{}", if *tries > 1 { format!(" ({tries} tries)") } else { String::new() })]
pub struct PullError {
    /// Its name.
    pub image: String,
    /// How often it was tried.
    pub tries: u32,
    /// Why not, the last time.
    pub source: CriError,
}

impl PullError {
    /// What to do about it, where the cause is a known one.
    #[must_use]
    pub fn remedy(&self) -> Option<String> {
        self.source.hint().or_else(|| diagnose::pull_remedy(&self.source.to_string()).map(str::to_owned))
    }
}

/// Images that could not be pulled, of a list.
#[derive(Debug, thiserror::Error)]
#[error("{} of {of} images could not be pulled:{}", failed.len(), listed(failed))]
pub struct PullErrors {
    /// Each of them.
    pub failed: Vec<PullError>,
    /// How many there were.
    pub of: usize,
}

impl PullErrors {
    /// As a failure whose hints say what to do, each once.
    #[must_use]
    pub fn into_failure(self) -> Failure {
        let remedies: BTreeSet<String> = self.failed.iter().filter_map(PullError::remedy).collect();
        remedies.into_iter().fold(Failure::from(self), Failure::hint)
    }
}

fn listed(errors: &[PullError]) -> String {
    errors.iter().map(|error| format!("\n    {}", chain(error))).collect()
}

/// How a list is pulled.
#[derive(Debug, Clone, Copy)]
pub struct Pulls<'a> {
    /// Into which runtime.
    pub cri: &'a Cri,
    /// When at all.
    pub policy: Policy,
    /// How many at the same time.
    pub at_once: usize,
    /// For progress on a terminal.
    pub ui: &'a Ui,
}

impl Pulls<'_> {
    /// Pulls all of them, going on past those that fail; tells `done` of each that is there, as it comes.
    pub async fn run(&self, images: &[String], done: impl Fn(&str, Pulled)) -> Result<(), PullErrors> {
        if self.policy == Policy::Never {
            return Ok(());
        }
        let total = self.bar(images.len() as u64, "{pos}/{len} images [{bar:30}] {elapsed}");
        total.tick();
        let given_up = RefCell::default();
        let one = async |image: &String| {
            let pulled = self.one(image, &given_up).await;
            total.inc(1);
            if let Ok(pulled) = &pulled {
                done(image, *pulled);
            }
            pulled.err()
        };
        let pulls = futures::stream::iter(images.iter().map(one)).buffer_unordered(self.at_once.max(1));
        let failed: Vec<PullError> = pulls.filter_map(std::future::ready).collect().await;
        total.finish_and_clear();
        if failed.is_empty() { Ok(()) } else { Err(PullErrors { failed, of: images.len() }) }
    }

    /// Pulls one image. A registry on which one image was given up gets less patience for the others.
    async fn one(&self, image: &str, given_up: &RefCell<HashSet<String>>) -> Result<Pulled, PullError> {
        let registry = image.split('/').next().unwrap_or_default();
        let fail = |tries| move |source| PullError { image: image.to_owned(), tries, source };
        if self.policy == Policy::IfNotPresent && self.has(image).await {
            return Ok(Pulled::Present);
        }
        let bar = self.bar(0, "{spinner} {elapsed:>4} {wide_msg}");
        bar.enable_steady_tick(Duration::from_millis(120));
        bar.set_message(format!("Pulling {image}"));
        let start = Instant::now();
        let mut tries = 1;
        let pulled = loop {
            match self.cri.pull(image).await {
                Ok(_) => break Ok(Pulled::New),
                Err(error) if tries >= most(&error, given_up.borrow().contains(registry)) => {
                    if !error.is_definitive() {
                        given_up.borrow_mut().insert(registry.to_owned());
                    }
                    break Err(fail(tries)(error));
                }
                Err(error) => {
                    bar.set_message(format!("Pulling {image}, try {} after: {}", tries + 1, short(&error)));
                    self.ui.verbose(1, format_args!("pulling {image} again after: {}", chain(&error)));
                }
            }
            sleep(PAUSE * 2_u32.pow(tries - 1)).await;
            tries += 1;
        };
        bar.finish_and_clear();
        self.ui.verbose(1, format_args!("pulling {image} took {:.1} s", start.elapsed().as_secs_f64()));
        pulled
    }

    /// Whether the runtime has the image. One that can't say so now may pull it all the same.
    async fn has(&self, image: &str) -> bool {
        self.cri.image(image).await.map_or_else(
            |error| {
                self.ui.verbose(1, format_args!("cannot tell whether {image} is there: {}", chain(&error)));
                false
            },
            |found| found.is_some(),
        )
    }

    fn bar(&self, len: u64, template: &str) -> ProgressBar {
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        self.ui.bars().add(ProgressBar::new(len).with_style(style))
    }
}

/// The end of a runtime's long sentence, for one line of a terminal.
fn short(error: &CriError) -> String {
    let text = chain(error);
    text.rsplit(": ").next().unwrap_or_default().to_owned()
}

/// How often an image is tried that failed so.
fn most(error: &CriError, given_up: bool) -> u32 {
    match error {
        // No runtime to try again with.
        error if !error.is_answer() && !matches!(error, CriError::Unreachable { .. }) => 1,
        error if given_up || error.is_definitive() => DEFINITIVE_TRIES,
        _ => TRIES,
    }
}

#[cfg(test)]
mod tests;
