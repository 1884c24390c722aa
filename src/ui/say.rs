//! Words for people, on stderr. Escapes what it did not write itself.

use jiff::Timestamp;

use crate::domain::invocation::Invocation;
pub use crate::domain::lifetime::in_words as span;
pub use crate::domain::text::count;
use crate::ports::World;
use crate::ui::lines::{room_for_words, words};

/// How much a command says, from the global options.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Voice {
    /// `-q`: results and errors only.
    pub quiet: bool,
    /// `-v`: one for each.
    pub verbose: u8,
    /// How this call is made: so are the commands that are named.
    pub called: Invocation,
}

impl Voice {
    /// One line about what was done, unless quiet.
    pub fn say(&self, world: &World, line: &str) {
        if !self.quiet {
            self.put(world, "", line);
        }
    }

    /// One line that matters even when quiet.
    pub fn warn(&self, world: &World, line: &str) {
        self.put(world, "eksso: warning: ", line);
    }

    /// One line of how it is done, with `-v`.
    pub fn detail(&self, world: &World, line: &str) {
        if self.verbose > 0 {
            self.put(world, "eksso: ", line);
        }
    }

    fn put(&self, world: &World, start: &str, line: &str) {
        world.terminal.words(&words(start, &self.called.words(line), room_for_words(world)));
    }
}

/// `for another 50 min` or `ended 2 h 3 min ago`.
pub fn until(end: Timestamp, now: Timestamp) -> String {
    let left = end.duration_since(now);
    if left.is_positive() { format!("for another {}", span(left)) } else { format!("ended {} ago", span(-left)) }
}
