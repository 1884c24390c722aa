//! The device authorization flow (RFC 8628) as a state machine over time: when to ask again, when to stop.

use std::time::Duration;

use crate::domain::secret::SecretString;

/// The interval to use when the service names none.
const DEFAULT_INTERVAL: u64 = 5;
/// What each `slow_down` adds, for good.
const SLOW_DOWN_STEP: Duration = Duration::from_secs(5);

/// What a person needs to approve, and what we need to learn of it.
#[derive(Debug)]
pub struct DeviceCode {
    /// Ours; a secret.
    pub device_code: SecretString,
    /// What the person compares.
    pub user_code: String,
    /// Where they go, with the code in it already.
    pub verification_uri_complete: String,
    /// Seconds.
    pub expires_in: i32,
    /// Seconds; absent: the protocol's default.
    pub interval: Option<i32>,
}

/// What the token endpoint answered to one poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// `authorization_pending`.
    Pending,
    /// `slow_down`.
    SlowDown,
    /// `expired_token`.
    Expired,
    /// `access_denied`.
    Denied,
    /// `invalid_grant`: the service does not know the code, or does not know it any more.
    Spent,
    /// No usable answer (network, 5xx): worth another try while the code lives.
    Lost,
}

/// What to do after an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Wait this long, then poll again.
    Wait(Duration),
    /// The code is dead: nobody approved it in time.
    Expired,
    /// The person said no.
    Denied,
    /// The service does not know the code; whether an answer had been lost before, which may have been the tokens.
    Spent {
        /// An answer had been lost.
        lost: bool,
    },
}

/// One device code's life, told by readings of a clock that nobody sets: a clock that is set forward while a person is in
/// the browser must not end the sign-in, one that is set back must not prolong it.
#[derive(Debug, Clone)]
pub struct DeviceFlow {
    interval: Duration,
    deadline: Duration,
    lost: bool,
}

impl DeviceFlow {
    /// Starts at the reading `now`; `interval` and `expires_in` are seconds as the service gave them, kept within reason.
    pub fn new(now: Duration, interval: Option<i32>, expires_in: i32) -> Self {
        let interval = interval.and_then(|s| u64::try_from(s).ok()).unwrap_or(DEFAULT_INTERVAL).clamp(1, 60);
        let life = Duration::from_secs(u64::try_from(expires_in).unwrap_or_default().clamp(1, 3600));
        Self { interval: Duration::from_secs(interval), deadline: now + life, lost: false }
    }

    /// How long the code still lives at the reading `now`.
    pub fn left(&self, now: Duration) -> Duration {
        self.deadline.saturating_sub(now)
    }

    /// Decides what follows an answer that arrived at the reading `now`.
    pub fn next(&mut self, answer: Answer, now: Duration) -> Step {
        match answer {
            Answer::Expired => return Step::Expired,
            Answer::Denied => return Step::Denied,
            Answer::Spent => return Step::Spent { lost: self.lost },
            Answer::SlowDown => self.interval += SLOW_DOWN_STEP,
            Answer::Pending => {}
            Answer::Lost => self.lost = true,
        }
        if now >= self.deadline { Step::Expired } else { Step::Wait(self.interval) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Readings begin anywhere.
    const T0: Duration = Duration::from_secs(1_000_000);

    fn after(seconds: u64) -> Duration {
        T0 + Duration::from_secs(seconds)
    }

    #[test]
    fn slow_down_lengthens_the_interval_for_good() {
        let mut flow = DeviceFlow::new(T0, Some(2), 600);
        assert_eq!(flow.next(Answer::Pending, after(0)), Step::Wait(Duration::from_secs(2)));
        assert_eq!(flow.next(Answer::SlowDown, after(2)), Step::Wait(Duration::from_secs(7)));
        assert_eq!(flow.next(Answer::SlowDown, after(9)), Step::Wait(Duration::from_secs(12)));
        assert_eq!(flow.next(Answer::Pending, after(21)), Step::Wait(Duration::from_secs(12)));
    }

    #[test]
    fn it_stops_at_expires_in_even_if_the_service_never_says_so() {
        let mut flow = DeviceFlow::new(T0, None, 600);
        assert_eq!(flow.next(Answer::Lost, after(599)), Step::Wait(Duration::from_secs(5)));
        assert_eq!(flow.next(Answer::Pending, after(600)), Step::Expired);
    }

    #[test]
    fn denied_and_expired_end_it_at_once() {
        assert_eq!(DeviceFlow::new(T0, Some(1), 600).next(Answer::Denied, T0), Step::Denied);
        assert_eq!(DeviceFlow::new(T0, Some(1), 600).next(Answer::Expired, T0), Step::Expired);
    }

    #[test]
    fn a_code_that_the_service_forgot_may_have_been_redeemed_by_an_answer_that_was_lost() {
        let mut flow = DeviceFlow::new(T0, Some(1), 600);
        assert_eq!(flow.next(Answer::Spent, T0), Step::Spent { lost: false });
        flow.next(Answer::Lost, T0);
        assert_eq!(flow.next(Answer::Spent, after(1)), Step::Spent { lost: true });
    }

    #[test]
    fn absurd_numbers_are_kept_within_reason() {
        let mut flow = DeviceFlow::new(T0, Some(-3), i32::MAX);
        assert_eq!(flow.next(Answer::Pending, T0), Step::Wait(Duration::from_secs(5)));
        assert_eq!(flow.next(Answer::Pending, after(3600)), Step::Expired);
        assert_eq!(DeviceFlow::new(T0, Some(0), 60).next(Answer::Pending, T0), Step::Wait(Duration::from_secs(1)));
    }
}
