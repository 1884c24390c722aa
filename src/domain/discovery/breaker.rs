//! A circuit breaker: what does not answer is left alone for a while, then tried once more, so that a blip closes nothing.

use jiff::{SignedDuration, Timestamp};

/// Failures in a row that open it.
const FAILURES: u32 = 4;
/// For how long it stays open at first; twice as long after each trial that fails.
const FIRST_PAUSE: SignedDuration = SignedDuration::from_secs(2);
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_secs(8);

/// The breaker of one endpoint.
#[derive(Debug, Default)]
pub struct Breaker {
    failures: u32,
    open_until: Option<Timestamp>,
    trials: u32,
    /// One call is under way that decides whether it closes again.
    trying: bool,
}

impl Breaker {
    /// Whether a call may be made now. While it is half open, one may.
    pub fn lets_through(&mut self, now: Timestamp) -> bool {
        match self.open_until {
            None => true,
            Some(until) if now < until || self.trying => false,
            Some(_) => {
                self.trying = true;
                true
            }
        }
    }

    /// Whether calls may be made freely.
    pub fn is_closed(&self) -> bool {
        self.open_until.is_none()
    }

    /// For how long no call may be made.
    pub fn pause(&self, now: Timestamp) -> SignedDuration {
        self.open_until.map_or(SignedDuration::ZERO, |until| until.duration_since(now).max(SignedDuration::ZERO))
    }

    /// A call was answered.
    pub fn worked(&mut self) {
        *self = Self::default();
    }

    /// A call was not answered.
    pub fn failed(&mut self, now: Timestamp) {
        self.failures += 1;
        // Calls that were under way when it opened say nothing new.
        let opens = self.trying || (self.open_until.is_none() && self.failures >= FAILURES);
        if opens {
            let pause = (FIRST_PAUSE * (1 << self.trials.min(8))).min(LONGEST_PAUSE);
            self.open_until = Some(now + pause);
            self.trials += 1;
            self.trying = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).expect("a time")
    }

    #[test]
    fn after_a_pause_one_call_decides() {
        let mut breaker = Breaker::default();
        for _ in 0..FAILURES {
            assert!(breaker.lets_through(at(0)));
            breaker.failed(at(0));
        }
        assert!(!breaker.lets_through(at(1)), "open");
        assert!(breaker.lets_through(at(2)), "half open");
        assert!(!breaker.lets_through(at(2)), "for one call only");
        breaker.failed(at(2));
        assert_eq!(breaker.pause(at(2)), SignedDuration::from_secs(4));
        assert!(!breaker.lets_through(at(5)) && breaker.lets_through(at(6)));
        breaker.worked();
        assert!(breaker.lets_through(at(6)) && breaker.lets_through(at(6)));
    }
}
