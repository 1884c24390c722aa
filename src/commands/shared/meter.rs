//! How far long work is: a bar on a terminal, else a line now and then.

use std::cell::Cell;

use jiff::{SignedDuration, Timestamp};

use crate::commands::shared::call::Call;
use crate::ports::ProgressBar;

/// How often a line is written where there is no terminal.
const LINE_EVERY: SignedDuration = SignedDuration::from_secs(10);
/// How often a bar is drawn.
const DRAWN_EVERY: SignedDuration = SignedDuration::from_millis(50);

/// Shows how far something is, no more often than is of use.
pub struct Meter<'c> {
    call: &'c Call<'c>,
    terminal: bool,
    last: Cell<Timestamp>,
}

impl<'c> Meter<'c> {
    /// One that shows nothing yet.
    pub fn new(call: &'c Call<'c>, terminal: bool) -> Self {
        Self { call, terminal, last: Cell::new(call.world.clock.now()) }
    }

    /// Whether it is time to show something; if so, the next time is counted from now.
    pub fn is_due(&self) -> bool {
        let now = self.call.world.clock.now();
        let every = if self.terminal { DRAWN_EVERY } else { LINE_EVERY };
        if self.call.voice.quiet || now.duration_since(self.last.get()) < every {
            return false;
        }
        self.last.set(now);
        true
    }

    /// Shows it: so many of so many, of what. A line begins with `verb`.
    pub fn show(&self, verb: &str, (done, total): (usize, usize), words: &str) {
        let terminal = &self.call.world.terminal;
        if self.terminal {
            terminal.progress(Some(ProgressBar { done, total, words }));
        } else {
            terminal.words(&format!("eksso: {verb}{done} of {total} {words}\n"));
        }
    }
}
