//! How long something with an end is good, and when it is time to renew it.

use jiff::{SignedDuration, Timestamp};

use crate::domain::text;

/// How long before their end tokens and role credentials are renewed (as botocore does).
pub const RENEW_AHEAD: SignedDuration = SignedDuration::from_mins(15);

/// How long before its end something is renewed that was made at a moment, if that is known: one that is short-lived from
/// its start would otherwise be renewed by every call.
pub fn renewal_lead(made_at: Option<Timestamp>, expires_at: Timestamp) -> SignedDuration {
    made_at.map_or(RENEW_AHEAD, |made_at| RENEW_AHEAD.min(expires_at.duration_since(made_at) / 4))
}

/// How long a role may be used at most where it has an end, and how long at least.
const SPANS: std::ops::RangeInclusive<SignedDuration> = SignedDuration::from_mins(1)..=SignedDuration::from_hours(12);

/// Reads the time of `--for`, such as `30m`.
///
/// # Errors
/// In words, for anything that is no time, and for less than a minute and more than twelve hours.
pub fn use_span(text: &str) -> Result<SignedDuration, String> {
    let span = text::duration(text).and_then(|span| SignedDuration::try_from(span).ok());
    let span = span.ok_or("it is a number with a unit, such as 30m or 2h")?;
    if SPANS.contains(&span) { Ok(span) } else { Err("it is at least 1m and at most 12h".to_owned()) }
}

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
    fn what_lives_for_minutes_is_renewed_in_its_last_quarter() {
        let now = Timestamp::from_second(1_800_000_000).expect("time");
        let lead = |minutes| renewal_lead(Some(now), now + SignedDuration::from_mins(minutes));
        assert_eq!(lead(12), SignedDuration::from_mins(3));
        assert_eq!(lead(60), RENEW_AHEAD);
        assert_eq!(renewal_lead(None, now), RENEW_AHEAD);
    }

    #[test]
    fn fresh_means_more_than_the_margin_is_left() {
        let now = Timestamp::from_second(1_800_000_000).expect("time");
        let end = now + RENEW_AHEAD;
        assert!(!fresh(end, now, RENEW_AHEAD));
        assert!(fresh(end + SignedDuration::from_secs(1), now, RENEW_AHEAD));
    }
}
