//! A rate that all calls of a service share: evenly spaced turns, so that no second has more of them than the service
//! takes, however it counts; slower after each refusal, faster again with time.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Turns a second at most. The portal takes 20 from everybody together (protocols.md B); the rest is for other programs.
const FASTEST: f64 = 19.0;
const SLOWEST: f64 = 1.0;
/// What a refusal leaves of the rate, and what each turn gives back.
const SLOWED: f64 = 0.7;
const REGAINED: f64 = 0.1;
/// Nobody waits longer than this for a turn, whatever the clock did.
const LONGEST: f64 = 120.0;
/// Refusals this near to each other are one.
const SAME_REFUSAL: SignedDuration = SignedDuration::from_secs(1);

/// When the next turn is due, and how fast they come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TokenBucket {
    due: Timestamp,
    rate: f64,
    refused: Option<Timestamp>,
    #[serde(default = "fastest")]
    fastest: f64,
}

fn fastest() -> f64 {
    FASTEST
}

impl TokenBucket {
    /// At full speed from now on.
    pub fn new(now: Timestamp) -> Self {
        Self::with_rate(now, FASTEST)
    }

    /// The same for a service that takes so many a second.
    pub fn with_rate(now: Timestamp, fastest: f64) -> Self {
        Self { due: now, rate: fastest, refused: None, fastest }
    }

    /// Takes the next turn; answers how long to wait for it.
    pub fn take(&mut self, now: Timestamp) -> SignedDuration {
        let fastest = if self.fastest.is_finite() { self.fastest.max(SLOWEST) } else { FASTEST };
        self.rate = if self.rate.is_finite() { (self.rate + REGAINED).clamp(SLOWEST, fastest) } else { SLOWEST };
        let latest = now + seconds(LONGEST);
        let due = if self.due > latest { now } else { self.due.max(now) };
        self.due = due + seconds(1.0 / self.rate);
        due.duration_since(now)
    }

    /// After a refusal: nobody has a turn for `pause`, and turns come slower.
    pub fn slow(&mut self, now: Timestamp, pause: SignedDuration) {
        if self.refused.is_none_or(|last| now.duration_since(last) > SAME_REFUSAL) {
            self.rate = (self.rate * SLOWED).max(SLOWEST);
        }
        self.refused = Some(now);
        let pause = pause.min(seconds(LONGEST / 2.0));
        self.due = self.due.max(now + pause);
    }
}

fn seconds(seconds: f64) -> SignedDuration {
    SignedDuration::from_secs_f64(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(1_800_000_000_000 + millis).expect("a time")
    }

    /// Takes turns as soon as they come; answers the milliseconds of each.
    fn turns(bucket: &mut TokenBucket, number: usize, from: i64) -> Vec<i64> {
        let mut now = from;
        let turn = |_| {
            now += i64::try_from(bucket.take(at(now)).as_millis()).expect("a short wait");
            now
        };
        (0..number).map(turn).collect()
    }

    #[test]
    fn no_second_has_more_than_nineteen() {
        let mut bucket = TokenBucket::new(at(0));
        let turns = turns(&mut bucket, 200, 0);
        assert_eq!(turns[0], 0, "one call alone does not wait");
        for (first, last) in turns.iter().zip(&turns[20..]) {
            assert!(last - first >= 1000, "20 turns within {} ms", last - first);
        }
        assert!(turns[190] <= 10_100, "190 turns in 10 s, not {} ms", turns[190]);
    }

    #[test]
    fn a_refusal_stops_everybody_and_slows_down_until_it_goes_well_again() {
        let mut bucket = TokenBucket::new(at(0));
        turns(&mut bucket, 20, 0);
        bucket.slow(at(1000), SignedDuration::from_secs(3));
        let slow = turns(&mut bucket, 40, 1000);
        assert!(slow[0] >= 4000, "{slow:?}");
        assert!(slow[9] - slow[0] > 600, "slower: {slow:?}");
        let later = turns(&mut bucket, 200, slow[39]);
        assert!(later[199] - later[100] < 5400, "as fast as before");
    }

    #[test]
    fn a_clock_that_was_set_back_keeps_nobody_waiting() {
        let mut bucket = TokenBucket::new(at(3_600_000));
        turns(&mut bucket, 50, 3_600_000);
        assert_eq!(bucket.take(at(0)), SignedDuration::ZERO);
    }

    #[test]
    fn many_refusals_at_once_are_one() {
        let (mut one, mut many) = (TokenBucket::new(at(0)), TokenBucket::new(at(0)));
        one.slow(at(0), SignedDuration::from_secs(1));
        (0..10).for_each(|ms| many.slow(at(ms), SignedDuration::from_secs(1)));
        assert!((one.rate - many.rate).abs() < f64::EPSILON);
    }
}
