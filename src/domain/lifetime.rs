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

/// A span of time in words, to the nearest of its smaller unit: `2 h 5 min`, `40 s`. What was asked for a moment ago is not a
/// minute less by that.
pub fn in_words(span: SignedDuration) -> String {
    let whole = |part: i64, of: i64| (part + of / 2) / of;
    let seconds = whole(i64::try_from(span.as_millis()).unwrap_or(i64::MAX - 1000).max(0), 1000);
    let minutes = whole(seconds, 60);
    let hours = whole(minutes, 60);
    match (seconds, minutes) {
        (..60, _) => format!("{seconds} s"),
        (_, ..60) => format!("{minutes} min"),
        (_, ..1440) => format!("{} h {} min", minutes / 60, minutes % 60),
        _ => format!("{} d {} h", hours / 24, hours % 24),
    }
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

    #[test]
    fn spans_read_as_a_person_would_say_them() {
        let words = |seconds| in_words(SignedDuration::from_secs(seconds));
        assert_eq!([words(40), words(61), words(7500), words(90_000)], ["40 s", "1 min", "2 h 5 min", "1 d 1 h"]);
        assert_eq!([words(-5), words(59), words(60), words(89)], ["0 s", "59 s", "1 min", "1 min"]);
        // As it is a moment after it was asked for.
        let after = |minutes| in_words(SignedDuration::from_mins(minutes) - SignedDuration::from_millis(2));
        assert_eq!([after(1), after(30), after(60), after(1440)], ["1 min", "30 min", "1 h 0 min", "1 d 0 h"]);
    }
}
