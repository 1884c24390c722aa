//! Back-off after a sign-in that was denied, failed or ran out of time, so that no loop asks a person again and again.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// The first pause; each further failure doubles it.
const FIRST: Duration = Duration::from_secs(30);
/// The longest pause.
const LONGEST: Duration = Duration::from_secs(30 * 60);

/// The last sign-in of a session, if it did not succeed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackOff {
    /// When it ended.
    pub at: Timestamp,
    /// How many there were in a row.
    pub failures: u32,
    /// How it ended, in words: `was denied in the browser`.
    pub why: String,
    /// What was tried, as the session says it: a sign-in that tries something else is not held back.
    #[serde(default)]
    pub attempt: String,
}

impl BackOff {
    /// What to remember when a sign-in ends badly at `at`, after the `earlier` one that tried the same.
    pub fn after(earlier: Option<&Self>, at: Timestamp, why: &str, attempt: String) -> Self {
        let failures = earlier.map_or(0, |earlier| earlier.failures).saturating_add(1);
        Self { at, failures, why: why.to_owned(), attempt }
    }

    /// How much longer those that nobody asked for have to wait at `now`. A clock that was set back does not prolong it.
    pub fn pause(&self, now: Timestamp) -> Option<SignedDuration> {
        let factor = 2_u32.saturating_pow(self.failures.saturating_sub(1));
        let whole = SignedDuration::try_from(FIRST.saturating_mul(factor).min(LONGEST)).unwrap_or_default();
        let passed = now.duration_since(self.at);
        (!passed.is_negative() && passed < whole).then(|| whole - passed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_half_an_hour_and_end() {
        let at = Timestamp::UNIX_EPOCH;
        let mut back_off = BackOff::after(None, at, "was denied", String::new());
        let mut pauses = Vec::new();
        for _ in 0..40 {
            pauses.push(back_off.pause(at).map(|pause| pause.as_secs()));
            back_off = BackOff::after(Some(&back_off), at, "was denied", String::new());
        }
        assert_eq!(pauses[..8], [30, 60, 120, 240, 480, 960, 1800, 1800].map(Some));
        assert_eq!(pauses[39], Some(1800));
        let once = BackOff::after(None, at, "was denied", String::new());
        assert_eq!(once.pause(at + SignedDuration::from_secs(29)), Some(SignedDuration::from_secs(1)));
        assert_eq!(once.pause(at + SignedDuration::from_secs(30)), None);
        assert_eq!(once.pause(at - SignedDuration::from_secs(5)), None);
    }
}
