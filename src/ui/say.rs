//! Words for people, on stderr. Escapes what it did not write itself.

use jiff::{SignedDuration, Timestamp};

use crate::domain::text;
use crate::ports::World;

/// How much a command says, from the global options.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Voice {
    /// `-q`: results and errors only.
    pub quiet: bool,
    /// `-v`: one for each.
    pub verbose: u8,
    /// Called as `kubectl eksso`: so are the commands that are named.
    pub as_plugin: bool,
}

impl Voice {
    /// One line about what was done, unless quiet.
    pub fn say(self, world: &World, line: &str) {
        if !self.quiet {
            world.terminal.words(&format!("{}\n", text::escape(&text::as_called(line, self.as_plugin))));
        }
    }

    /// One line that matters even when quiet.
    pub fn warn(self, world: &World, line: &str) {
        world.terminal.words(&format!("eksso: warning: {}\n", text::escape(&text::as_called(line, self.as_plugin))));
    }

    /// One line of how it is done, with `-v`.
    pub fn detail(self, world: &World, line: &str) {
        if self.verbose > 0 {
            world.terminal.words(&format!("eksso: {}\n", text::escape(&text::as_called(line, self.as_plugin))));
        }
    }
}

/// A span of time in words, to the nearest of its smaller unit: `2 h 5 min`, `40 s`. What was asked for a moment ago is not a
/// minute less by that.
pub fn span(duration: SignedDuration) -> String {
    let whole = |part: i64, of: i64| (part + of / 2) / of;
    let seconds = whole(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX - 1000).max(0), 1000);
    let minutes = whole(seconds, 60);
    let hours = whole(minutes, 60);
    match (seconds, minutes) {
        (..60, _) => format!("{seconds} s"),
        (_, ..60) => format!("{minutes} min"),
        (_, ..1440) => format!("{} h {} min", minutes / 60, minutes % 60),
        _ => format!("{} d {} h", hours / 24, hours % 24),
    }
}

/// `for another 50 min` or `ended 2 h 3 min ago`.
pub fn until(end: Timestamp, now: Timestamp) -> String {
    let left = end.duration_since(now);
    if left.is_positive() { format!("for another {}", span(left)) } else { format!("ended {} ago", span(-left)) }
}

/// `1 cluster`, `2 clusters`.
pub fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_as_a_person_would_say_them() {
        let words = |seconds| span(SignedDuration::from_secs(seconds));
        assert_eq!([words(40), words(61), words(7500), words(90_000)], ["40 s", "1 min", "2 h 5 min", "1 d 1 h"]);
        assert_eq!([words(-5), words(59), words(60), words(89)], ["0 s", "59 s", "1 min", "1 min"]);
        // As it is a moment after it was asked for.
        let after = |minutes| span(SignedDuration::from_mins(minutes) - SignedDuration::from_millis(2));
        assert_eq!([after(1), after(30), after(60), after(1440)], ["1 min", "30 min", "1 h 0 min", "1 d 0 h"]);
    }
}
