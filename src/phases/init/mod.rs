//! The pipeline of `init`.

use std::rc::Rc;

use time::OffsetDateTime;

use crate::config::InitConfig;
use crate::host::Host;
use crate::ui::Ui;

/// What a phase of `init` may look at. Nothing here changes after `resolve`.
pub struct Init {
    /// What was asked for.
    pub cfg: InitConfig,
    /// Everything random or read off the clock.
    pub once: Once,
    /// The machine: real or recording.
    pub host: Rc<dyn Host>,
    /// Words.
    pub ui: Ui,
}

/// Everything random or read off the clock, fixed before the first phase.
#[derive(Debug, Clone)]
pub struct Once {
    /// The start of the run.
    pub now: OffsetDateTime,
}
