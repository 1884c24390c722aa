//! How long something with an end is good, and when it is time to renew it.

use jiff::{SignedDuration, Timestamp};

/// How long before their end tokens and role credentials are renewed (as botocore does).
pub const RENEW_AHEAD: SignedDuration = SignedDuration::from_mins(15);

/// A moment without its fraction, as formats that count seconds have it.
pub fn whole_second(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

/// Whether something with an end is still good at a moment.
pub fn fresh(expires_at: Timestamp, now: Timestamp, ahead: SignedDuration) -> bool {
    expires_at.duration_since(now) > ahead
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fresh_means_more_than_the_margin_is_left() {
        let now = Timestamp::from_second(1_800_000_000).expect("time");
        let end = now + RENEW_AHEAD;
        assert!(!fresh(end, now, RENEW_AHEAD));
        assert!(fresh(end + SignedDuration::from_secs(1), now, RENEW_AHEAD));
    }
}
